"""What Podman's Docker-compatible API says in another way than Docker, and what it leaves out.

Found with Podman 4.3; where a later one tells what this one leaves out, that is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.facts import Facts

PODMAN = Provenance("default", "Podman")

_LEFT_OUT = (
    ("annotations", "Annotations"),
    ("cgroup", "CgroupnsMode"),
    ("device_cgroup_rules", "DeviceCgroupRules"),
    ("init", "Init"),
    ("sysctls", "Sysctls"),
)
_DEFAULTS = (
    ("pids_limit", "PidsLimit", 2048),
    ("runtime", "Runtime", "oci"),
    ("shm_size", "ShmSize", 65_536_000),
)
"""What it writes down where nothing was asked for: https://docs.podman.io/en/v4.3/markdown/podman-run.1.html"""

_USUAL = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
"""The capabilities that Docker gives: https://github.com/moby/moby/blob/master/oci/caps/defaults.go"""

_WITHHELD = frozenset(("AUDIT_WRITE", "MKNOD", "NET_RAW"))
"""Those of them that Podman does not give."""


def mend(facts: Facts, container: Node) -> None:
    """Bring a container that was read as Docker's into the words that Docker would have for it."""
    host = container["HostConfig"]
    for field, key in _LEFT_OUT:
        if facts[field] is None:
            facts.put(field, _untold(field), host[key].at)
    for field, key, default in _DEFAULTS:
        if host[key].value == default:
            facts.how((field,), PODMAN)
    if host["IpcMode"].text == "shareable":  # said of --ipc host and of --ipc private as well
        facts.put("ipc", _untold("ipc"), host["IpcMode"].at)
    facts.leave_open("security_opt", _untold("security_opt"))
    _mend_capabilities(facts, host)


def _untold(field: str) -> Unknown:
    return Unknown(f"container.{field}", "Podman's Docker-compatible API does not tell it")


def _mend_capabilities(facts: Facts, host: Node) -> None:
    """Podman tells what differs from Docker's capabilities, not what was asked for.

    Of the two ways to ask for a difference the shorter is told: some dropped, or all dropped and some added.
    """
    dropped, added = (_texts(facts[field]) for field in ("cap_drop", "cap_add"))
    if not set(dropped) <= _USUAL:
        return
    kept = sorted(_USUAL - set(dropped))
    if set(dropped) == _WITHHELD:
        facts.how(("cap_drop",), PODMAN)
    elif len(kept) + 1 <= len(set(dropped) - _WITHHELD):
        facts.put("cap_drop", ["ALL"], host["CapDrop"].at)
        facts.put("cap_add", [*kept, *added] or None, host["CapAdd"].at)


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
