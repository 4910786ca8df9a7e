"""A settings file as a layer: read, checked, and its paths made ready for the working directory."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol, cast

from msgspec import Struct

from policyengine.documents.load import MAX_BYTES, decoded
from policyengine.documents.scalars import LegacyBoolean
from policyengine.documents.shape import shortened
from policyengine.errors import DocumentError, UsageError
from policyengine.model.enforcement import EnforcementRule
from policyengine.model.location import is_file
from policyengine.policy import cache
from policyengine.settings import remediating
from policyengine.settings.discovery import no_file, shown
from policyengine.settings.layer import Layer
from policyengine.settings.schema import LISTS, RULE_LISTS, SCHEMA, SWITCHES
from policyengine.settings.settings import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from policyengine.documents.shape import DataPath
    from policyengine.model.report import Enforcement

MAX_ERRORS = 50
"""How many errors of one file are told."""

_PATHS = ("policies", "packs")
_HINT = "begin with version: 1"


class InvalidSettingsError(UsageError):
    """Everything that is wrong with one settings file."""

    def __init__(self, errors: list[UsageError]) -> None:
        first = errors[0]
        super().__init__(first.message, path=first.path, line=first.line, column=first.column, hint=first.hint)
        self.errors = errors


class _Text(Protocol):
    """A file's data, and where in it each value stands."""

    data: Any

    def place(self, path: DataPath, *, key: bool = False) -> tuple[int, int]:
        """The line and column of a value, or of its key."""


def layer(path: Path, name: str | None = None, home: Path | None = None) -> Layer:
    """What a settings file says. Raises :class:`UsageError`, for all that is wrong with it at once.

    ``name`` is what reports call it. ``home`` is the directory that stands for its own, where that is not in the
    working tree: for what is judged, left out and written. Policies, packs and exceptions are what lies beside it.
    """
    name = name or shown(path)
    text = _read(path, name)
    written = _toml(name, text) if path.suffix == ".toml" else _yaml(name, text)
    if not isinstance(written.data, dict):
        raise UsageError("settings are a mapping", path=name, line=1, column=1, hint=_HINT)
    data = eased(written.data)
    _check(name, text, data, written)
    base = path.absolute().parent
    return _Reading(name, base, home or base, data, written).layer()


def _read(path: Path, name: str) -> str:
    try:
        if not path.is_file():
            raise UsageError(no_file(path), path=name, hint="--config takes a settings file")
        with path.open("rb") as file:
            return decoded(name, file.read(MAX_BYTES + 1))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path=name) from None
    except DocumentError as error:
        raise _usage(error) from None


def _usage(error: DocumentError) -> UsageError:
    return UsageError(error.message, path=error.path, line=error.line, column=error.column, hint=error.hint)


def _yaml(name: str, text: str) -> _Text:
    from policyengine.documents.yaml import YamlDocument

    try:
        document = YamlDocument(name, text)
    except DocumentError as error:
        raise _usage(error) from None
    if len(document.values) > 1:
        line = document.span((1,)).line
        raise UsageError("a second document: settings are one", path=name, line=line, column=1)

    class Yaml:
        data: Any = document.values[0] if document.values else None

        def place(self, path: DataPath, *, key: bool = False) -> tuple[int, int]:
            span = document.key_span((0, *path)) if key else document.span((0, *path))
            return span.line, span.column

    return Yaml()


def _toml(name: str, text: str) -> _Text:
    from policyengine.documents.toml import TomlDocument

    try:
        document = TomlDocument(name, text)
    except DocumentError as error:
        raise _usage(error) from None
    tool: Any = document.values.get("tool")
    if not isinstance(tool, dict) or "policyengine" not in tool:
        raise UsageError("there is no table [tool.policyengine]", path=name)

    class Toml:
        data: Any = tool["policyengine"]

        def place(self, path: DataPath, *, key: bool = False) -> tuple[int, int]:
            return document.place(("tool", "policyengine", *path), key=key)

    return Toml()


def eased(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with one text made a list where lists are taken, and ``yes`` a boolean where a switch is."""
    found = {key: _switch(value) if key in SWITCHES or key == "cache" else value for key, value in data.items()}
    found |= {key: [found[key]] for key in LISTS & found.keys() if isinstance(found[key], str)}
    section = found.get(remediating.NAME)
    if isinstance(section, dict):
        found[remediating.NAME] = remediating.eased(section, _switch)
    zones = found.get("zones")
    if isinstance(zones, dict):
        found["zones"] = {name: [one] if isinstance(one, str) else one for name, one in zones.items()}
    rules = found.get("enforcement")
    if isinstance(rules, list):
        found["enforcement"] = [_eased_rule(rule) if isinstance(rule, dict) else rule for rule in rules]
    return found


def _eased_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {**rule, **{key: [rule[key]] for key in RULE_LISTS if isinstance(rule.get(key), str)}}


def _switch(value: object) -> object:
    return value.value if isinstance(value, LegacyBoolean) else value


def _check(name: str, text: str, data: Mapping[str, Any], written: _Text) -> None:
    """Raise what is wrong. What was found to be right is remembered: loading Cerberus takes longer than a check."""
    key = sha256(f"settings\0{cache.tool_digest()}\0{name.endswith('.toml')}\0{text}".encode()).hexdigest()
    if cache.read(key) == "right":
        return
    errors = list(_errors(name, data, written))
    if errors:
        raise InvalidSettingsError(errors[:MAX_ERRORS])
    cache.write(key, "right")


def _errors(name: str, data: Mapping[str, Any], written: _Text) -> Iterator[UsageError]:
    from policyengine.documents.shape import misfits

    found = []
    for misfit in dict.fromkeys(misfits(data, SCHEMA)):
        line, column = written.place(misfit.path, key=misfit.at_key)
        found.append(UsageError(misfit.message, path=name, line=line, column=column, hint=misfit.hint))
    yield from sorted(found, key=lambda error: (error.line or 0, error.column or 0))


class _Reading(Struct, frozen=True):
    """A checked file on its way to a layer.

    ``base`` is the directory that policies, packs and exceptions are relative to, ``home`` that of all other paths.
    """

    name: str
    base: Path
    home: Path
    data: Mapping[str, Any]
    written: _Text

    def layer(self) -> Layer:
        self._check_policies()
        values = {key: self._value(key, value) for key, value in self.data.items() if key != "version"}
        if "exclude" in values:
            values["exclusions"] = ((str(self.home), values.pop("exclude")),)
        if "cache" in values and isinstance(self.data["cache"], str):
            values |= {"cache": True, "cache_directory": self._at_home(self.data["cache"])}
        return Layer(values, dict(self._origins(values)))

    def _check_policies(self) -> None:
        for number, item in enumerate(self.data.get("policies", ())):
            if not (self.base / item).exists():
                where = self._origin(("policies", number))
                raise where.error(f'there is no "{shortened(item)}" here', "name a policy file or a directory")

    def _value(self, key: str, value: Any) -> Any:
        if key == "enforcement":
            return tuple(self._rule(number, rule) for number, rule in enumerate(value))
        if key == remediating.NAME:
            return remediating.said(value, self._at_home)
        if key in _PATHS:
            return tuple(self._named(key, item) for item in value)
        if key == "sources":
            return tuple(self._at_home(item) if is_file(item) else item for item in value)
        if key == "format":
            return tuple(self._target(item) for item in value)
        if key == "registry_mirrors":
            return tuple(self._path(item) if item.endswith(".json") else item for item in value)
        if key == "jobs":
            return 0 if value == "auto" else int(value)
        if key in ("waivers", "baseline"):
            return self._path(value)
        return self._plain(key, value)

    def _plain(self, key: str, value: Any) -> Any:
        """A value that is no path."""
        if key == "env":
            return {name: str(text) for name, text in value.items()}
        if key == "zones":
            return {name: tuple(self._network(name, one) for one in listed) for name, listed in value.items()}
        return tuple(map(str, value)) if key in LISTS else value

    def _network(self, zone: str, text: str) -> str:
        from policyengine.firewall.intents.addresses import is_address

        if not is_address(text):
            hint = "for example 203.0.113.0/24 or 2001:db8::/32"
            raise self._origin(("zones", zone)).error(f'"{shortened(text)}" is no address and no network', hint)
        return text

    def _named(self, key: str, item: str) -> str:
        """A path; the name of a built-in pack is none, and has no ``/``."""
        if key == "policies":
            return self._path(item)
        if "/" not in item and item not in (".", "..") and not self._is_there(item):
            return item
        path = self._path(item)
        return path if "/" in path else f"./{path}"

    def _is_there(self, pack: str) -> bool:
        """Whether a name without ``/`` is that of a pack beside the file; in a revision no other one counts."""
        from policyengine.policy.packs import is_carried

        if is_carried(pack):
            return False
        names = filter(None, (pack, pack.rpartition("@")[0]))
        return self.base != self.home or any((self.base / name).is_dir() for name in names)

    def _target(self, item: str) -> str:
        name, equals, path = item.partition("=")
        return f"{name}={self._at_home(path)}" if equals and path not in ("", "-") else item

    def _path(self, path: str) -> str:
        return os.path.relpath(self.base / path) if not os.path.isabs(path) else path  # noqa: PTH117

    def _at_home(self, path: str) -> str:
        return os.path.relpath(self.home / path) if not os.path.isabs(path) else path  # noqa: PTH117

    def _rule(self, number: int, rule: Mapping[str, Any]) -> EnforcementRule:
        said = {key: tuple(rule.get(key, ())) for key in RULE_LISTS}
        return EnforcementRule(
            cast("Enforcement", str(rule["enforce"])),
            severities=said["severity"],
            packs=tuple(self._named("packs", pack) for pack in said["pack"]),
            policies=said["policy"],
            paths=said["path"],
            categories=said["category"],
            base=str(self.home),
            place=(self.name, *self.written.place(("enforcement", number))),
        )

    def _origins(self, values: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Origin]]:
        """Where each key stands, each parameter, and each item of a list of names."""
        for key, value in self.data.items():
            name = "exclusions" if key == "exclude" else key
            yield (name,), self._origin((key,), at_key=True)
            if key == "cache" and "cache_directory" in values:
                yield ("cache_directory",), self._origin((key,), at_key=True)
            if key in ("policies", "packs", "select", "ignore", "resolve", "sources"):
                yield from (((key, item), self._origin((key, number))) for number, item in enumerate(values[key]))
            elif key == remediating.NAME:
                yield from (((key, one), self._origin((key, one), at_key=True)) for one in value)
            elif key == "parameters":
                yield from (((key, policy), self._origin((key, policy), at_key=True)) for policy in value)
                for policy, given in value.items():
                    yield from (((key, policy, one), self._origin((key, policy, one), at_key=True)) for one in given)

    def _origin(self, path: DataPath, *, at_key: bool = False) -> Origin:
        return Origin(self.name, *self.written.place(path, key=at_key))
