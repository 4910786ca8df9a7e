"""Variables that a system's files set for the docker client: environment(5), and assignments of login shells' files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.docker import words
from policyengine.authentication.resolving import Text, glob, text
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root

_OF_ALL = ("/etc/environment", "/etc/profile", "/etc/profile.d/*.sh", "/etc/bash.bashrc", "/etc/bashrc")
_OF_ONE = (".profile", ".bash_profile", ".bashrc", ".zshenv", ".zshrc")
_ASSIGNED = re.compile(r"[ \t]*(?:export[ \t]+)?(DOCKER_[A-Z_]+)=(.*)").match


class Variable(Struct, frozen=True):
    """A variable's value, and where it is set."""

    value: str
    where: Location


class Environment(Struct, frozen=True):
    """The variables by name, and the files that were read. ``unknown``: why they may be set otherwise."""

    variables: dict[str, Variable]
    texts: dict[str, str]
    unknown: Unknown | None = None


def environment(root: Root, home: str) -> Environment:
    """The variables of docker's that are set for whoever has a home directory; what is set last counts."""
    found = Environment({}, {})
    for read in _files(root, home):
        if isinstance(read, Unknown):
            return Environment({}, {}, read)
        for number, line in enumerate(read.text.split("\n"), 1):
            assigned = _ASSIGNED(line)
            first = (words.words(assigned[2]) or [""])[:1] if assigned else []
            if assigned and first:
                where = Location(read.where, number, 1, number, len(line) + 1)
                found.variables[assigned[1]] = Variable(words.plain(first[0]).rstrip(";"), where)
                found.texts[read.where] = read.text
    return found


def _files(root: Root, home: str) -> Iterator[Text | Unknown]:
    for pattern in _OF_ALL:
        paths = glob(root, pattern)
        if isinstance(paths, Unknown):
            yield paths
        else:
            yield from filter(None, (text(root, path) for path in paths))
    yield from filter(None, (text(root, f"{home}/{name}") for name in _OF_ONE))
