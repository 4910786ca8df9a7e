"""What else files of a root decide on: services, boot, sessions, banners and cards, as one resource."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.resolving import entry
from policyengine.authentication.system import authselect, banners, firewalld, grub, opensc, sessions, sssd, tmux, units
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.model.kinds import system as kind
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED
from policyengine.model.resource import Resource
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.authentication.system.sections import Line
    from policyengine.model.paths import FieldPath
    from policyengine.model.provenance import Provenance
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {"system": frozenset(kind.KIND.fields)}

_SULOGIN = re.compile(
    r"[-@:+!|]*(?:/bin/sh -c [\"'])?(?:/usr)?(?:/lib/systemd/systemd-sulogin-shell|/s?bin/sulogin)\b.*"
)
_SINGLE_USER = ("rescue", "emergency")
_SCHEDULERS = {"cron": ("/etc/crontab", "/etc/cron.d", "/usr/bin/crontab"), "at": ("/usr/bin/at", "/usr/sbin/atd")}
_BACKENDS = ("nftables", "iptables")


def resources(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],
) -> Iterator[Resource]:
    """The system, where its files say anything. Nothing is refused: what a program does not understand it ignores."""
    del refused
    made = _Made(root)
    for field, (path, tell) in _FIELDS.items():
        tell(made, field, path)
    if made.facts:
        made.facts.setdefault("systemd", False)
        how: dict[FieldPath, Provenance] = {(field,): DECLARED for field in ("name", *made.facts)}
        origins = WrittenOrigins(root.where("/"), made.places, how, {})
        yield Resource("system", name, origin, scope, {"name": name, **made.facts}, origins)


class _Made:
    """Collects the facts, and where they are written."""

    def __init__(self, root: Root) -> None:
        self.root = root
        self.facts: dict[str, object] = {}
        self.places: dict[FieldPath, Location] = {}

    def put(self, field: str, value: object, path: str) -> None:
        """A fact of the file at a path; None is none."""
        if value is not None:
            self.facts[field] = value
            self.places[(field,)] = Location(self.root.where(path))

    def at(self, field: str, key: str, line: Line | None) -> None:
        """Where a part of a fact is written."""
        if line is not None:
            self.places[(field, key)] = line.where


def _systemd(made: _Made, field: str, path: str) -> None:
    told = units.units(made.root)
    if told:
        made.put(field, told if isinstance(told, Unknown) else [_unit(one) for one in told], path)
    there = sessions.has_manager(made.root)
    if there:
        made.put("systemd", there, "/etc/systemd")
        made.put("ctrl_alt_del_burst", sessions.burst_action(made.root), "/etc/systemd/system.conf")
    for mode in _SINGLE_USER:
        run = units.commands(made.root, f"{mode}.service")
        asks = isinstance(run, list) and all(map(_SULOGIN.fullmatch, run))
        told_of_mode = {"commands": run, "asks_password": asks} if isinstance(run, list) else run
        made.put(mode, told_of_mode, f"{path}/{mode}.service")


def _unit(one: units.Unit) -> dict[str, object]:
    enabled = bool(one.wanted_by) and not one.masked
    return {"name": one.name, "enabled": enabled, "masked": one.masked, "wanted_by": list(one.wanted_by)}


def _logind(made: _Made, field: str, path: str) -> None:
    if not sessions.has_logind(made.root):
        return
    found = sessions.sessions(made.root)
    if isinstance(found, Unknown):
        made.put(field, found, path)
        return
    told = {"stop_idle_session": found.stop_idle_seconds, "kill_user_processes": found.kills_processes}
    made.put(field, told, path)
    made.at(field, "stop_idle_session", found.stop_idle)
    made.at(field, "kill_user_processes", found.kill_processes)


def _boot(made: _Made, field: str, path: str) -> None:
    found = grub.boot(made.root)
    if isinstance(found, grub.Boot):
        parameters = found.parameters
        made.put(field, parameters if isinstance(parameters, Unknown) else list(parameters), path)
        made.put("recovery_entries", found.recovery, path)
    else:
        made.put(field, found, path)
        made.put("recovery_entries", found, path)


def _boot_password(made: _Made, field: str, path: str) -> None:
    made.put(field, grub.has_password(made.root), path)


def _banners(made: _Made, _field: str, path: str) -> None:
    """Told where there is a system to log in to: where it has /etc/passwd or one of them."""
    found = banners.banners(made.root)
    shown = any(isinstance(one, Unknown) or one.exists or one.text for one in found.values())
    if not shown and entry(made.root, path) is None:
        return
    for name, one in found.items():
        made.put(name, one if isinstance(one, Unknown) else _banner(one), banners.BANNERS[name][0])


def _banner(one: banners.Banner) -> dict[str, object]:
    told: dict[str, object] = {"exists": one.exists, "discloses": list(one.discloses)}
    return {**told, "text": one.text} if one.exists or one.text else told


def _smart_cards(made: _Made, field: str, path: str) -> None:
    found = opensc.cards(made.root)
    if not isinstance(found, opensc.Cards):
        made.put(field, found, path)
        return
    told: dict[str, object] = {"path": found.path}
    if found.drivers is not None:
        told["drivers"] = list(found.drivers)
    made.put(field, told if found.forced is None else {**told, "forced_driver": found.forced}, found.path)


def _firewalld(made: _Made, field: str, path: str) -> None:
    found = firewalld.settings(made.root)
    if found is None or isinstance(found, Unknown):
        made.put(field, found, path)
        return
    backend = found.get("FirewallBackend", "").lower()
    told = {
        "backend": backend if backend in _BACKENDS else _BACKENDS[0],
        "default_zone": found.get("DefaultZone", "public"),
        "settings": dict(found),
    }
    made.put(field, told, path)


def _authselect(made: _Made, field: str, path: str) -> None:
    found = authselect.selected(made.root)
    if isinstance(found, authselect.Selected):
        told = {"profile": found.profile, "features": list(found.features), "changed": list(found.changed)}
        made.put(field, told, path)
    else:
        made.put(field, found, path)


def _tmux(made: _Made, field: str, path: str) -> None:
    found = tmux.locking(made.root)
    if not isinstance(found, tmux.Locking):
        made.put(field, found, path)
        return
    told: dict[str, object] = {"lock_after_time": found.after or 0, "lock_keys": list(found.keys)}
    told["readable"] = found.readable
    made.put(field, told if found.command is None else {**told, "lock_command": found.command}, path)


def _schedulers(made: _Made, _field: str, _path: str) -> None:
    for name, signs in _SCHEDULERS.items():
        if all(entry(made.root, sign) is None for sign in signs):
            continue
        lists = {key: entry(made.root, f"/etc/{name}.{key}") for key in ("allow", "deny")}
        told = {key: one if isinstance(one, Unknown) else one is not None for key, one in lists.items()}
        made.put(name, told, f"/etc/{name}.allow")


def _sssd(made: _Made, field: str, path: str) -> None:
    found = sssd.settings(made.root)
    if found is None or isinstance(found, Unknown):
        made.put(field, found, path)
        return
    made.put(field, [{"section": one.section, "key": one.key, "value": one.value} for one in found.lines], path)
    made.places |= {(field, number): one.where for number, one in enumerate(found.lines)}


_FIELDS: Mapping[str, tuple[str, Callable[[_Made, str, str], None]]] = {
    "units": ("/etc/systemd/system", _systemd),
    "logind": ("/etc/systemd/logind.conf", _logind),
    "kernel_parameters": ("/etc/default/grub", _boot),
    "boot_password": ("/boot/grub/grub.cfg", _boot_password),
    "issue": ("/etc/passwd", _banners),
    "smart_cards": ("/etc/opensc.conf", _smart_cards),
    "firewalld": (firewalld.PATH, _firewalld),
    "authselect": (authselect.PATH, _authselect),
    "tmux": (tmux.PATH, _tmux),
    "cron": ("/etc", _schedulers),
    "sssd": (sssd.PATH, _sssd),
}
"""Who tells of a field, or of several, the first of which is named; and the path of the file."""
