"""Files of sections and ``Key=value``, and those that are put over them: systemd.syntax(7), systemd-system.conf(5).

A file of one name counts once: that of the directory that comes first. A symlink to /dev/null takes it away.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import Text, glob, resolved, text
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.authentication.files import Root

DIRECTORIES = ("/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd")
"""Where systemd looks, the first before the others. /lib is another name of /usr/lib on most systems."""

_BACKSLASHES = re.compile(r"(?<!\\)\\(?:\\\\)*\Z")
"""An odd number of them: two stand for one."""

NOTHING = "/dev/null"


class Line(Struct, frozen=True):
    """One setting, in the section above it; "" where it stands above all."""

    section: str
    key: str
    value: str
    where: Location


class Stacked(Struct, frozen=True):
    """The settings of a main file and of those put over it, in the order in which they count, and their texts."""

    lines: tuple[Line, ...] = ()
    texts: tuple[Text, ...] = ()

    def values(self, section: str, key: str) -> list[Line]:
        """What a key is set to in a section: keys are told apart by case."""
        return [line for line in self.lines if (line.section, line.key) == (section, key)]

    def last(self, section: str, key: str) -> Line | None:
        """The one that counts."""
        found = self.values(section, key)
        return found[-1] if found else None


def lines(file: Text) -> Iterator[Line]:
    """The settings of a file. A backslash at the end of a line joins the next one to it, comments in between apart."""
    section = ""
    for where, joined in _joined(file):
        if joined[0] == "[" and joined[-1] == "]":
            section = joined[1:-1]
        elif "=" in joined:
            key, _, value = joined.partition("=")
            yield Line(section, key.strip(), value.strip(), where)


def _joined(file: Text) -> Iterator[tuple[Location, str]]:
    """The lines with those that they go on in, and where they are."""
    parts: list[str] = []
    start = column = 1
    for number, written in enumerate([*file.text.split("\n"), ""], 1):
        line = written.lstrip()
        if line[:1] in ("#", ";") and line:
            continue
        if not parts:
            start, column = number, len(written) - len(line) + 1
        goes_on = _BACKSLASHES.search(line) is not None
        parts.append(line[:-1] if goes_on else line)
        if goes_on:
            continue
        joined = " ".join(parts).strip()
        parts = []
        if joined:
            yield Location(file.where, start, column, number, len(written.rstrip()) + 1), joined


def stacked(root: Root, name: str, directories: Sequence[str] = DIRECTORIES) -> Stacked | Unknown | None:
    """The settings of ``logind.conf`` and ``logind.conf.d/*.conf``; None where there is no such file."""
    texts: list[Text] = []
    for found in (_main(root, name, directories), *_dropins(root, f"{name}.d", directories)):
        if isinstance(found, Unknown):
            return found
        if found is not None:
            texts.append(found)
    if not texts:
        return None
    return Stacked(tuple(line for one in texts for line in lines(one)), tuple(texts))


def _main(root: Root, name: str, directories: Iterable[str]) -> Text | Unknown | None:
    for directory in directories:
        path = posixpath.join(directory, name)
        if is_taken_away(root, path):
            return None
        found = text(root, path)
        if found is not None:
            return found
    return None


def _dropins(root: Root, name: str, directories: Iterable[str]) -> Iterator[Text | Unknown | None]:
    """What is put over it, by name: each from the first directory that has the name."""
    paths: dict[str, str] = {}
    for directory in directories:
        found = glob(root, f"{directory}/{name}/*.conf")
        if isinstance(found, Unknown):
            yield found
            return
        for path in found:
            paths.setdefault(posixpath.basename(path), path)
    for _, path in sorted(paths.items()):
        yield None if is_taken_away(root, path) else text(root, path)


def is_taken_away(root: Root, path: str) -> bool:
    """Whether a path is a symlink to /dev/null."""
    at = resolved(root, path, last=False)
    found = root.entry(at) if isinstance(at, str) else None
    return found is not None and not isinstance(found, Unknown) and found.target == NOTHING
