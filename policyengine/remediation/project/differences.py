"""In what the files of a project say otherwise than what runs: where Compose itself is not there to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.unknown import first_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.resource import Resource

_EMPTY: tuple[object, ...] = (None, False, "", [], {})


def differences(said: Resource, live: Mapping[str, object]) -> list[str]:
    """The fields that the files write and that run otherwise, and those of danger that they do not write.

    Not compared is what an engine tells otherwise than it is written: names of volumes and networks, what variables
    decide that are not known here.
    """
    return [name for name in (*_PLAIN, *_LISTS, *_PARTS) if not _agrees(name, said, live)]


_PLAIN = (
    "privileged",
    "read_only",
    "user",
    "pid",
    "ipc",
    "uts",
    "userns_mode",
    "cgroup_parent",
    "command",
    "entrypoint",
    "working_dir",
    "hostname",
    "init",
    "restart",
    "tty",
    "stdin_open",
    "mem_limit",
    "mem_reservation",
    "pids_limit",
    "oom_kill_disable",
    "oom_score_adj",
    "stop_signal",
)
_LISTS = ("cap_add", "cap_drop", "security_opt", "devices", "dns", "dns_search", "group_add", "ports")
_PARTS = ("image", "environment", "labels", "sysctls", "network_mode")

_WRITTEN_ONLY = frozenset(
    {"user", "pid", "ipc", "uts", "command", "entrypoint", "working_dir", "hostname", "restart", "stop_signal", "init"}
)
"""What an image or an engine gives where nothing is written."""


def _agrees(name: str, said: Resource, live: Mapping[str, object]) -> bool:
    theirs, ours = said.facts.get(name), live.get(name)
    if first_unknown(theirs) is not None or first_unknown(ours) is not None:
        return True
    is_written = said.provenance((name,)).how == "declared"
    if (name in _WRITTEN_ONLY or name in _PARTS) and not is_written:
        return True
    if name in _LISTS:
        return _sorted(theirs) == _sorted(ours)
    if name == "network_mode":
        return isinstance(theirs, str) and (theirs.startswith("service:") or theirs == ours)
    if name == "image":
        return _part(theirs, "reference") == _part(ours, "reference")
    if name in _PARTS:
        return isinstance(theirs, dict) and all(_part(ours, key) == value for key, value in theirs.items())
    return theirs == ours or (theirs in _EMPTY and ours in _EMPTY)


def _sorted(items: object) -> list[str]:
    """Items in one order. A port that is bound everywhere is one, however an engine tells its two addresses."""
    listed = items if isinstance(items, list) else []
    return sorted({_spelt(item) for item in listed})


def _spelt(item: object) -> str:
    if not isinstance(item, dict):
        return str(item)
    everywhere = item.get("host_ip") in ("0.0.0.0", "::")  # noqa: S104 - what is compared
    return str(sorted((key, str(value)) for key, value in item.items() if not (everywhere and key == "host_ip")))


def _part(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
