"""The fields of a service that stand for themselves.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose import sizes
from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_TEXTS = """
    cgroup cgroup_parent cpuset domainname hostname isolation mac_address platform pull_policy runtime stop_signal uts
    working_dir
"""
_LISTS = "device_cgroup_rules dns dns_opt dns_search group_add links profiles volumes_from"
_NUMBERS: dict[str, Callable[[object], object]] = {
    "cpu_shares": sizes.whole,
    "mem_swappiness": sizes.whole,
    "oom_score_adj": sizes.whole,
    "memswap_limit": sizes.swap,
    "shm_size": sizes.memory,
    "stop_grace_period": sizes.seconds,
}
_WINDOWS = re.compile(r"(?i)windows(?:[/(].*)?").fullmatch
"""A platform: ``windows/amd64``, ``windows(10.0.17763)/amd64``."""
_DEFAULTS = {"oom_kill_disable": False, "oom_score_adj": 0, "stdin_open": False, "tty": False}


def fill(facts: Facts, node: Node) -> None:
    """Give a container those of the fields that its service writes, and the defaults of those that have one."""
    for key in node.keys:
        if key in _FILLERS:
            _FILLERS[key](facts, node, key)
    _windows(facts, node)
    for key, default in _DEFAULTS.items():
        if facts[key] is None:
            facts.put(key, default, (*node.at, key), DEFAULT)


def _windows(facts: Facts, node: Node) -> None:
    platform = node.get("platform")
    unknown = platform if isinstance(platform, Unknown) else None
    is_windows = isinstance(platform, str) and _WINDOWS(platform) is not None
    facts.put("windows", unknown or is_windows, (*node.at, "platform"), None if platform else DEFAULT)


def _text(facts: Facts, node: Node, key: str) -> None:
    written = node.get(key)
    node.put(facts, key, None if written == "" else written)


def _flag(facts: Facts, node: Node, key: str) -> None:
    node.put(facts, key, flag(node.get(key)))


def _number(facts: Facts, node: Node, key: str) -> None:
    node.put(facts, key, node.read(node.get(key), _NUMBERS[key], key))


def _list(facts: Facts, node: Node, key: str) -> None:
    """A single value is a list of one."""
    written = node.get(key)
    if isinstance(written, list):
        node.mark_items(facts, key)
    elif isinstance(written, str | int | float | Unknown):
        written = [written]
        node.mark(facts, (key, 0), (*node.at, key))
    node.put(facts, key, written)


def _expose(facts: Facts, node: Node, key: str) -> None:
    """Ports with their protocol."""
    written = node.get(key)
    if isinstance(written, list):
        node.mark_items(facts, key)
        written = [_exposed(item) for item in written]
    node.put(facts, key, written)


def _exposed(item: object) -> object:
    text = None if isinstance(item, Unknown) else scalar_text(item)
    return item if text is None else text.lower() if "/" in text else f"{text}/tcp"


def _extra_hosts(facts: Facts, node: Node, key: str) -> None:
    """``NAME=ADDRESS`` from a list of that, or with a colon, or from a mapping of names to one or several addresses."""
    written = node.get(key)
    if isinstance(written, list):
        node.mark_items(facts, key)
        written = [_host(item) for item in written]
    elif isinstance(written, dict):
        found: list[object] = []
        for name, addresses in written.items():
            for address in addresses if isinstance(addresses, list) else [addresses]:
                node.mark(facts, (key, len(found)), (*node.at, key, name))
                found.append(address if isinstance(address, Unknown) else f"{name}={_bare(scalar_text(address) or '')}")
        written = found
    node.put(facts, key, written)


def _host(item: object) -> object:
    if not isinstance(item, str):
        return item
    name, _, address = item.partition("=" if "=" in item else ":")
    return f"{name}={_bare(address)}"


def _bare(address: str) -> str:
    return address[1:-1] if address.startswith("[") and address.endswith("]") else address


def _ulimits(facts: Facts, node: Node, key: str) -> None:
    """One number stands for both limits."""
    written = node.get(key)
    if isinstance(written, dict):
        written = {name: _ulimit(facts, node, name, limit) for name, limit in written.items()}
    node.put(facts, key, written)


def _ulimit(facts: Facts, node: Node, name: str, limit: object) -> object:
    if isinstance(limit, dict):
        return {part: node.read(limit.get(part), sizes.whole, "ulimits", name, part) for part in ("soft", "hard")}
    number = node.read(limit, sizes.whole, "ulimits", name)
    for part in ("soft", "hard"):
        node.mark(facts, ("ulimits", name, part), (*node.at, "ulimits", name))
    return {"soft": number, "hard": number}


def _logging(facts: Facts, node: Node, key: str) -> None:
    written = node.get(key)
    if isinstance(written, dict):
        written = {part: written.get(part) for part in ("driver", "options")}
    node.put(facts, key, written)


def _gpus(facts: Facts, node: Node, key: str) -> None:
    """``all`` stands for all GPUs."""
    written = node.get(key)
    if written == "all":
        written = [{"count": "all", "capabilities": ["gpu"]}]
        node.mark(facts, (key, 0), (*node.at, key))
    else:
        node.mark_items(facts, key)
    node.put(facts, key, gpus(written))


def gpus(written: object) -> object:
    """Requests for devices, with the keys of the model only."""
    if not isinstance(written, list):
        return written
    keys = ("driver", "count", "device_ids", "capabilities")
    return [{key: item.get(key) for key in keys} if isinstance(item, dict) else item for item in written]


def _credential_spec(facts: Facts, node: Node, key: str) -> None:
    written = node.get(key)
    if isinstance(written, dict):
        found = ((scheme, node.text(key, scheme)) for scheme in ("file", "registry", "config"))
        said = [text if isinstance(text, Unknown) else f"{scheme}://{text}" for scheme, text in found if text]
        written = said[0] if said else None
    node.put(facts, key, written)


_FILLERS: dict[str, Callable[[Facts, Node, str], None]] = {
    **dict.fromkeys(_TEXTS.split(), _text),
    **dict.fromkeys(("init", "oom_kill_disable", "stdin_open", "tty"), _flag),
    **dict.fromkeys(_NUMBERS, _number),
    **dict.fromkeys(_LISTS.split(), _list),
    "credential_spec": _credential_spec,
    "expose": _expose,
    "extra_hosts": _extra_hosts,
    "gpus": _gpus,
    "logging": _logging,
    "ulimits": _ulimits,
}
