"""The accounts of a root as a whole: its files of settings, and what is odd about lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.accounts import login_defs
from policyengine.authentication.accounts.database import (
    GROUP,
    GSHADOW,
    LOGIN_DEFS,
    PASSWD,
    SECURETTY,
    SHADOW,
    SHELLS,
    USERADD,
)
from policyengine.authentication.accounts.lines import NAME, PASSWORD, Table
from policyengine.authentication.accounts.passwords import is_shadowed
from policyengine.inputs.authentication.accounts.told import Told, clean, of_field
from policyengine.model.kinds import accounts as kind
from policyengine.model.location import Location
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.authentication.accounts.lines import Line
    from policyengine.authentication.accounts.listed import Named
    from policyengine.authentication.accounts.login_defs import Setting
    from policyengine.authentication.files import Root
    from policyengine.inputs.authentication.accounts.joined import Joined
    from policyengine.model.types import Field

DEFAULTS: Mapping[str, str] = {
    "CREATE_HOME": "no",
    "FAIL_DELAY": "1",
    "GID_MIN": "1000",
    "LOGIN_RETRIES": "5",
    "LOGIN_TIMEOUT": "60",
    "UID_MIN": "1000",
    "UMASK": "022",
    "USERGROUPS_ENAB": "no",
}
"""What counts where login.defs says nothing, or no number: useradd.c, login.c."""

_DEFAULT = Provenance("default", "shadow-utils")
_USERADD = ("/usr/sbin/useradd", "/sbin/useradd")
_MASK = 0o777
_MODES = {"umask": 3, "home_mode": 4}
"""Items that are masks or modes, and how many digits they have."""


def whole(root: Root, name: str, joined: Joined, users: Sequence[Told], groups: Sequence[Told]) -> Told:
    """All that is told of the accounts together."""
    told = Told(Location(root.where(PASSWD), 1, 1, 1, 1))
    told.put("name", name)
    files = joined.files
    for field, parts, table in (("users", users, files.passwd), ("groups", groups, files.group)):
        told.put(field, table if isinstance(table, Unknown) else [one.facts for one in parts])
        for number, one in enumerate(parts):
            told.take((field, number), one)
    _tell_settings(root, joined, told)
    for field, names, path in (("shells", files.shells, SHELLS), ("securetty", files.securetty, SECURETTY)):
        told.places[(field,)] = Location(root.where(path))
        _tell_names(field, names, told)
    _tell_lines(joined, told)
    _tell_passwords(joined, told)
    return told


def _tell_names(field: str, names: Sequence[Named] | Unknown | None, told: Told) -> None:
    if names is None or isinstance(names, Unknown):
        told.put(field, names)
        return
    told.put(field, [clean(one.name) for one in names])
    told.places |= {(field, number): one.where for number, one in enumerate(names)}


def _tell_settings(root: Root, joined: Joined, told: Told) -> None:
    files = joined.files
    written: list[object] = []
    unknown: Unknown | None = None
    for name, settings in (("login.defs", files.login_defs), ("useradd", files.useradd)):
        if isinstance(settings, Unknown):
            unknown = unknown or settings
            continue
        for one in settings or ():
            told.places["settings", len(written)] = one.where
            written.append({"file": name, "name": clean(one.name), "value": clean(one.value)})
    told.put("settings", written if unknown is None else OpenList(written, unknown))
    _tell_items("login_defs", _found(root, files.login_defs), kind.LOGIN_DEFS, told)
    _tell_items("useradd", _found(root, files.useradd), kind.USERADD, told)
    for field, path in ("login_defs", LOGIN_DEFS), ("useradd", USERADD):
        told.places[(field,)] = Location(root.where(path), 1, 1, 1, 1)


def _found(root: Root, settings: Sequence[Setting] | Unknown | None) -> Sequence[Setting] | Unknown | None:
    """The settings; none where there is no file, but programs that would read it."""
    if settings is not None:
        return settings
    return () if any(root.entry(path) for path in _USERADD) else None


def _tell_items(
    field: str, settings: Sequence[Setting] | Unknown | None, fields: Mapping[str, Field], told: Told
) -> None:
    if settings is None or isinstance(settings, Unknown):
        told.put(field, settings)
        return
    counted = login_defs.effective(settings)
    items: dict[str, object] = {}
    for name, declared in fields.items():
        setting = counted.get(name.upper())
        value = None if setting is None else _typed(setting.value, name, declared)
        if setting is not None:
            told.places[field, name] = setting.where
        if value is None and field == "login_defs":
            value = _default(name, declared, items)
            told.how |= {} if value is None else {(field, name): _DEFAULT}
        if value is not None:
            items[name] = value
    told.put(field, items)


def _typed(value: str, name: str, declared: Field) -> object:
    """A value as the model has it; None for what is taken for none, or is no value."""
    if declared.type.name == "boolean":
        return login_defs.is_yes(value)
    if name in _MODES:
        found = login_defs.number(value)
        return None if found is None else f"{found & _MASK:0{_MODES[name]}o}"
    if declared.type.name == "integer":
        found = login_defs.number(value)
        return None if found is None or found < 0 else found
    return clean(value) or None


def _default(name: str, declared: Field, items: Mapping[str, object]) -> object:
    """What counts without a value; home_mode hangs on umask, which useradd takes off 0777."""
    if name == "home_mode":
        return f"{_MASK & ~int(str(items['umask']), 8):04o}"
    default = DEFAULTS.get(name.upper())
    return None if default is None else _typed(default, name, declared)


def _tell_lines(joined: Joined, told: Told) -> None:
    """Lines that are odd. NIS is taken in by passwd, shadow and group only: nsswitch.conf(5)."""
    files = joined.files
    tables = {PASSWD: files.passwd, SHADOW: files.shadow, GROUP: files.group, GSHADOW: files.gshadow}
    legacy = [
        ({"file": path, "entry": clean(one.text.partition(":")[0].strip())}, one)
        for path, table in tables.items()
        for one in (table.legacy if isinstance(table, Table) and path != GSHADOW else ())
    ]
    malformed = [
        ({"file": path, "line": one.number}, one)
        for path, table in tables.items()
        for one in (table.malformed if isinstance(table, Table) else ())
    ]
    unknown = [table for table in tables.values() if isinstance(table, Unknown)]
    of_nis = [table for table in unknown if table is not files.gshadow]
    _tell_list("legacy", legacy, of_nis, told)
    _tell_list("malformed", malformed, unknown, told)
    _tell_list("orphans", list(_orphans(joined)), unknown, told)


def _tell_list(
    field: str, found: Sequence[tuple[Mapping[str, object], Line]], unknown: Sequence[Unknown], told: Told
) -> None:
    """A list about lines, which is open where a file cannot be read."""
    told.places |= {(field, number): line.place(NAME) for number, (_, line) in enumerate(found)}
    facts: list[object] = [fact for fact, _ in found]
    told.put(field, OpenList(facts, unknown[0]) if unknown else facts)


def _tell_passwords(joined: Joined, told: Told) -> None:
    """The fields of passwords; a field of passwd that only says that shadow has it is none."""
    files = joined.files
    tables = ((PASSWD, files.passwd), (SHADOW, files.shadow))
    unknown = next((table for _, table in tables if isinstance(table, Unknown)), None)
    facts: list[object] = []
    for path, table in tables:
        for entry in table.entries if isinstance(table, Table) else ():
            if path == SHADOW or not is_shadowed(entry.name, entry.password):
                told.places["passwords", len(facts)] = entry.line.place(PASSWORD)
                facts.append({"file": path, "name": clean(entry.name), **of_field(entry.password)})
    told.put("passwords", facts if unknown is None else OpenList(facts, unknown))


def _orphans(joined: Joined) -> Iterator[tuple[dict[str, object], Line]]:
    """Entries of shadow without a user, and of gshadow without a group."""
    files = joined.files
    for path, table, owners in ((SHADOW, files.shadow, files.passwd), (GSHADOW, files.gshadow, files.group)):
        if isinstance(table, Table) and not isinstance(owners, Unknown):
            names = {one.name for one in owners.entries} if owners is not None else set()
            for entry in table.entries:
                if entry.name not in names:
                    yield {"file": path, "name": clean(entry.name)}, entry.line
