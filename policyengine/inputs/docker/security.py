"""What confines a container: privileges, capabilities, security options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs import normal
from policyengine.inputs.docker.config import ENGINE
from policyengine.inputs.docker.engine import security_options
from policyengine.inputs.docker.image import WINDOWS

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.inputs.facts import Facts

_NO_NEW = "no-new-privileges"
_NO_LABELS = "label=disable"


def put_security(facts: Facts, container: Node, snapshot: Snapshot) -> None:
    """Privileged, read-only root, capabilities and security options. Windows has no read-only root filesystem."""
    host = container["HostConfig"]
    for field, key in (("privileged", "Privileged"), ("read_only", "ReadonlyRootfs")):
        node = host[key]
        left_out = node.value is None
        if key == "ReadonlyRootfs" and not node.value and container["Platform"].text == WINDOWS:
            continue
        facts.put(field, False if left_out else node.value, node.at, ENGINE if left_out else None)
    for field, key in (("cap_add", "CapAdd"), ("cap_drop", "CapDrop")):
        node = host[key]
        facts.put(field, _capabilities(node), node.at)
    _put_options(facts, host, snapshot)


def _capabilities(node: Node) -> object:
    """Upper case without ``CAP_``, as the engine reads them; a value of another type as it is, to be reported."""
    named = [normal.capability(text) for text in node.texts]
    return named or node.value or None


def _put_options(facts: Facts, host: Node, snapshot: Snapshot) -> None:
    asked = host["SecurityOpt"]
    options: list[str] = []
    for item in asked.items():
        spelt = option(item.text)
        if spelt != _NO_LABELS or not _unlabelled(host):
            facts.place(("security_opt", len(options)), item.at)
            options.append(spelt)
    if _unmasked(host):
        facts.place(("security_opt", len(options)), host["MaskedPaths"].at)
        options.append("systempaths=unconfined")
    daemon = _NO_NEW in security_options(snapshot.info)
    if daemon and not any(option.startswith(_NO_NEW) for option in options):
        facts.place(("security_opt", len(options)), host.at)
        facts.how(("security_opt", len(options)), ENGINE)
        options.append(f"{_NO_NEW}:true")
    facts.put("security_opt", options or (None if asked.texts else asked.value or None), asked.at)


def option(text: str) -> str:
    """One spelling for the two that the engine takes: ``no-new-privileges:true``, ``seccomp=...``."""
    equals, colon = text.find("="), text.find(":")
    cut = equals if equals >= 0 else colon
    name, value = (text[:cut], text[cut + 1 :]) if cut >= 0 else (text, "")
    if name == _NO_NEW:
        return f"{name}:{value or 'true'}"
    return f"{name}={value}" if cut >= 0 else text


def _unlabelled(host: Node) -> bool:
    """Whether the engine switches SELinux's labels off by itself, and writes that down as if it had been asked to."""
    return host["Privileged"].true or "host" in (host["PidMode"].text, host["IpcMode"].text)


def _unmasked(host: Node) -> bool:
    """``--security-opt systempaths=unconfined``, which the docker command turns into empty lists of paths.

    A privileged container has no lists.
    """
    return host["MaskedPaths"].value == [] and host["ReadonlyPaths"].value == [] and not host["Privileged"].true
