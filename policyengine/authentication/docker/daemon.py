"""What daemon.json and the flags of dockerd come to.

As ``getConflictFreeConfiguration`` has it, dockerd does not start where a key is none of its options, where a value
has another type, and where an option is given both ways. A key that is not known here may be one of a newer version:
it is told, and the others are read.
https://github.com/moby/moby/blob/v28.0.0/daemon/config/config.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.authentication.docker.flags import flags
from policyengine.authentication.docker.json_file import JsonFile
from policyengine.authentication.docker.options import IGNORED, MERGED, OPTIONS, PROXIES, WHOLE
from policyengine.authentication.docker.setting import RefusedError, checked
from policyengine.authentication.docker.units import Command, command
from policyengine.authentication.resolving import text
from policyengine.errors import DocumentError
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.authentication.files import Root
    from policyengine.documents.go_json import Pairs
    from policyengine.documents.yaml import YamlDocument

CONFIG = "/etc/docker/daemon.json"


LEVELS = frozenset(("", "panic", "fatal", "error", "warn", "warning", "info", "debug", "trace"))
"""How much dockerd may log."""


class Set(Struct, frozen=True):
    """A value that is given to an option, on the command line if ``flag``, and where it and its items stand."""

    value: object
    where: Location
    flag: bool
    items: dict[str | int, Location] = field(default_factory=dict)


class Refusal(Struct, frozen=True):
    """dockerd does not start with it."""

    message: str
    where: Location


class Daemon(Struct, frozen=True):
    """What an engine is told, by the keys of daemon.json.

    ``rest`` says why more may be given than is known: what starts dockerd, or a file of it, cannot be read. ``texts``
    are the files by name, ``strange`` the keys that are none of dockerd's options.
    """

    path: str
    settings: dict[str, Set]
    texts: dict[str, str | YamlDocument]
    rest: Unknown | None = None
    strange: tuple[Refusal, ...] = ()


def read(root: Root, *, alone: bool = False) -> Daemon | Refusal | None:
    """The engine that a root's files configure; None where they configure none.

    ``alone``: only the file itself is there, and nothing is known, nor asked, of what starts dockerd. Where a root has
    a daemon.json and nothing that starts dockerd, it is taken to be started without flags.
    """
    started = None if alone else command(root)
    path, own = CONFIG, dict[str, Set]()
    texts: dict[str, str | YamlDocument] = {}
    rest = started if isinstance(started, Unknown) else None
    try:
        if isinstance(started, Command):
            path, own = _of_flags(started)
            texts |= started.texts
        found = text(root, path)
        if found is None and started is None:
            return None
        if isinstance(found, Unknown):
            return Daemon(root.where(path), own, texts, found)
        if found is not None:
            file = JsonFile(found)
            texts[found.where] = file.shown()
            in_file, strange = _of_file(file)
            return Daemon(found.where, _merged(own, in_file), texts, rest, strange)
        return Daemon(root.where(path), _merged(own, {}), texts, rest)
    except DocumentError as error:
        return Refusal(error.message, Location(error.path or path, error.line, error.column))
    except _PlacedError as refused:
        return Refusal(str(refused), refused.where)


class _PlacedError(Exception):
    def __init__(self, message: str, where: Location) -> None:
        super().__init__(message)
        self.where = where


def _of_flags(started: Command) -> tuple[str, dict[str, Set]]:
    """The file that counts, and what is set by flags."""
    try:
        found, own = flags(started.arguments)
    except RefusedError as refused:
        raise _PlacedError(str(refused), started.where) from None
    return own.get("config-file", CONFIG), {key: Set(value, started.where, flag=True) for key, value in found.items()}


def _of_file(file: JsonFile) -> tuple[dict[str, Set], tuple[Refusal, ...]]:
    """What the file sets, and the keys that are no options. A value that is null sets nothing."""
    found: dict[str, Set] = {}
    strange: list[Refusal] = []
    for path, value in _flattened(file.pairs):
        key = path[-1]
        if key in OPTIONS:
            found |= _checked(file, path, value)
        elif key not in IGNORED:
            strange.append(Refusal(f"{key} is no option of dockerd", file.locate(*path)))
    return found, tuple(strange)


def _flattened(pairs: Pairs) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in pairs:
        if isinstance(value, dict) and key not in WHOLE | OPTIONS.keys():
            yield from (((key, name), _inside(key, name, inner)) for name, inner in value.items())
        else:
            yield (key,), value


def _inside(key: str, name: str, value: object) -> object:
    """What a value counts as that stands in a mapping which is none of dockerd's own."""
    return value if key.casefold() == PROXIES or (name in OPTIONS and OPTIONS[name].form == "boolean") else None


def _checked(file: JsonFile, path: tuple[str, ...], value: object) -> dict[str, Set]:
    try:
        found = checked(OPTIONS[path[-1]], value)
    except RefusedError as refused:
        raise _PlacedError(str(refused), file.locate(*path)) from None
    if found is None:
        return {}
    keys: Iterable[str | int] = (
        range(len(found)) if isinstance(found, list) else found if isinstance(found, dict) else ()
    )
    items = {key: file.locate(*path, key) for key in keys}
    return {path[-1]: Set(found, file.locate(*path), flag=False, items=items)}


def _merged(by_flag: dict[str, Set], in_file: dict[str, Set]) -> dict[str, Set]:
    both = sorted(by_flag.keys() & in_file.keys() - MERGED)
    if both:
        raise _PlacedError(f"given both by a flag and in the file: {', '.join(both)}", in_file[both[0]].where)
    merged = by_flag | in_file
    level = merged.get("log-level")
    if level is not None and str(level.value).lower() not in LEVELS:
        raise _PlacedError("log-level is none that there is", level.where)
    return merged
