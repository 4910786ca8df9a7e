"""Files of settings that modules read: faillock.conf(5), pwquality.conf(5), pwhistory.conf(5), login.defs(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication import resolving
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from policyengine.authentication.files import Root

_SPACE = " \t\n\v\f\r"
_KEY = re.compile(r"[^\s=]+")
_GAP = re.compile(r"\s*=?\s*")

LONGEST = 1023
"""So many bytes a line of faillock.conf or pwquality.conf may have."""


class Setting(Struct, frozen=True):
    """What is set: an option and its value, empty where there is none, and where."""

    option: str
    value: str
    where: Location


class Settings(Struct, frozen=True):
    """What a file sets, in its order. ``whole`` is False where it cannot be read to its end, by its module."""

    settings: tuple[Setting, ...] = ()
    whole: bool = True


def pairs(text: str, path: str) -> Settings:
    """``option = value``, ``option value`` or ``option`` on each line, as pam_faillock and libpwquality read them.

    What follows a ``#`` is a comment. A line that is too long ends it.
    """
    found: list[Setting] = []
    for number, line in enumerate(text.split("\n"), 1):
        if len(line.encode("utf-8", "surrogateescape")) > LONGEST:
            return Settings(tuple(found), whole=False)
        bare = line.partition("\0")[0].partition("#")[0].strip(_SPACE)
        if bare:
            found.append(_pair(bare, _place(path, number, line, bare)))
    return Settings(tuple(found))


def _pair(bare: str, where: Location) -> Setting:
    key = _KEY.match(bare)
    name = key.group() if key else ""
    rest = bare[len(name) :]
    gap = _GAP.match(rest)
    return Setting(name, rest[gap.end() :] if gap else rest, where)


def _place(path: str, number: int, line: str, bare: str) -> Location:
    start = line.find(bare) + 1
    return Location(path, number, start, number, start + len(bare))


def keys(text: str, path: str) -> Settings:
    """``key value`` or ``key=value`` on each line, as modules look keys up by ``pam_modutil_search_key``."""
    found: list[Setting] = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.partition("\0")[0].partition("#")[0].lstrip(_SPACE)
        key, gap, rest = _split(bare)
        if bare:
            value = rest.lstrip(f"{_SPACE}=") if gap else ""
            found.append(Setting(key, value, _place(path, number, line, bare.rstrip(_SPACE))))
    return Settings(tuple(found))


def _split(bare: str) -> tuple[str, str, str]:
    at = next((at for at, one in enumerate(bare) if one in " \t="), len(bare))
    return bare[:at], bare[at : at + 1], bare[at + 1 :]


def sought(settings: Settings, key: str) -> Setting | None:
    """The first setting of a key, whose case does not matter."""
    return next((one for one in settings.settings if one.option.lower() == key.lower()), None)


class Kept:
    """Texts of a root's files of settings. ``texts`` has them by what reports call them."""

    def __init__(self, root: Root, texts: MutableMapping[str, str]) -> None:
        self.root = root
        self.texts = texts

    def text(self, path: str) -> resolving.Text | Unknown | None:
        """A file's text; None where there is none, Unknown where it cannot be read."""
        read = resolving.text(self.root, path)
        if isinstance(read, resolving.Text):
            self.texts[read.where] = read.text
        return read

    def first(self, *paths: str) -> resolving.Text | Unknown | None:
        """That of the first that is there: a vendor's file counts where there is none in /etc."""
        found = (self.text(path) for path in paths)
        return next((text for text in found if text is not None), None)

    def names(self, directory: str) -> Iterator[str] | Unknown:
        """The paths in a directory, in the order of their bytes; none where there is no such directory."""
        at = resolving.resolved(self.root, directory)
        names = self.root.names(at) if isinstance(at, str) else at
        if isinstance(names, Unknown):
            return names
        ordered = sorted(names or (), key=lambda name: name.encode("utf-8", "surrogateescape"))
        return iter([f"{directory}/{name}" for name in ordered])
