"""When sessions end, and what the keys Ctrl-Alt-Del do: logind.conf(5), systemd-system.conf(5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import entry
from policyengine.authentication.system.sections import Stacked, stacked
from policyengine.authentication.system.spans import seconds
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root
    from policyengine.authentication.system.sections import Line

_SYSTEMD = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
_YES = frozenset(("1", "yes", "y", "true", "t", "on"))


class Sessions(Struct, frozen=True):
    """The lines that count; None: not set."""

    stop_idle: Line | None = None
    kill_processes: Line | None = None

    @property
    def stop_idle_seconds(self) -> int:
        """0 for never, which is the default, and for what is no span of time."""
        return (self.stop_idle and seconds(self.stop_idle.value)) or 0

    @property
    def kills_processes(self) -> bool:
        """No by default."""
        return self.kill_processes is not None and self.kill_processes.value.lower() in _YES


def sessions(root: Root) -> Sessions | Unknown:
    """What logind.conf and what is put over it say."""
    found = stacked(root, "logind.conf")
    if not isinstance(found, Stacked):
        return found or Sessions()
    return Sessions(found.last("Login", "StopIdleSessionSec"), found.last("Login", "KillUserProcesses"))


def burst_action(root: Root) -> str | Unknown:
    """What pressing the keys often does; reboot-force by default."""
    found = stacked(root, "system.conf")
    if isinstance(found, Unknown):
        return found
    line = found.last("Manager", "CtrlAltDelBurstAction") if found else None
    return line.value if line and line.value else "reboot-force"


def has_logind(root: Root) -> bool | Unknown:
    """Whether there is a logind to be configured; images have directories of systemd that have nothing to run."""
    return _is_there(root, (*_SYSTEMD, "/etc/systemd/logind.conf", "/etc/systemd/logind.conf.d"))


def has_manager(root: Root) -> bool | Unknown:
    """The same of systemd itself."""
    return _is_there(root, (*_SYSTEMD, "/etc/systemd/system.conf", "/etc/systemd/system.conf.d"))


def _is_there(root: Root, signs: tuple[str, ...]) -> bool | Unknown:
    found = [entry(root, sign) for sign in signs]
    unknown = next((one for one in found if isinstance(one, Unknown)), None)
    return any(one is not None and not isinstance(one, Unknown) for one in found) or unknown or False
