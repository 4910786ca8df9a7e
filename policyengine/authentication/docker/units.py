"""The command that starts dockerd: of the systemd unit docker.service with its drop-ins, or of an init script.

systemd.unit(5), systemd.service(5). Of the generators' units nothing is known.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.docker import words
from policyengine.authentication.resolving import Text, entry, glob, text
from policyengine.authentication.system.units import is_masked
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root

UNIT = "docker.service"
DIRECTORIES = ("/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
               "/lib/systemd/system")  # fmt: skip
"""Where units lie; a directory's counts before those after it."""

INIT_SCRIPTS = (
    ("/etc/init.d/docker", "/etc/default/docker"),
    ("/etc/init.d/docker", "/etc/conf.d/docker"),
    ("/etc/init.d/docker", "/etc/sysconfig/docker"),
)
"""Scripts, and the files whose DOCKER_OPTS they give to dockerd: Debian's, OpenRC's, Red Hat's."""

_OPTIONS = ("DOCKER_OPTS", "OPTIONS", "other_args")


class Command(Struct, frozen=True):
    """How dockerd is started: its arguments, and where they are written. ``texts`` are the files by name."""

    arguments: tuple[str, ...]
    where: Location
    texts: dict[str, str]


class _Line(Struct, frozen=True):
    section: str
    name: str
    value: str
    where: Location


def command(root: Root) -> Command | Unknown | None:
    """The command that starts the engine; None where nothing that starts it is found, or its unit is masked."""
    masked = is_masked(root, UNIT)
    if masked:
        return masked if isinstance(masked, Unknown) else None
    at = _unit(root)
    if at is None:
        return _of_init(root)
    if isinstance(at, Unknown):
        return at
    more = _drop_ins(root)
    if isinstance(more, Unknown):
        return more
    lines: list[_Line] = []
    texts: dict[str, str] = {}
    for path in (at, *more):
        read = text(root, path)
        if isinstance(read, Unknown):
            return read
        if read is not None:
            texts[read.where] = read.text
            lines += _lines(read)
    return _started(root, lines, texts)


def _unit(root: Root) -> str | Unknown | None:
    for directory in DIRECTORIES:
        path = f"{directory}/{UNIT}"
        found = entry(root, path)
        if isinstance(found, Unknown):
            return found
        if found is not None and found.kind == "file":
            return path
    return None


def _drop_ins(root: Root) -> list[str] | Unknown:
    """The unit's drop-ins in the order of their names; of several of one name the first directory's."""
    found: dict[str, str] = {}
    for directory in DIRECTORIES:
        for at in ("service.d", f"{UNIT}.d"):
            paths = glob(root, f"{directory}/{at}/*.conf")
            if isinstance(paths, Unknown):
                return paths
            for path in paths:
                found.setdefault(posixpath.basename(path), path)
    return [found[name] for name in sorted(found)]


def _lines(read: Text) -> Iterator[_Line]:
    """The settings of a unit. A backslash at a line's end joins it with the next one that is no comment."""
    section, begun, start = "", "", 0
    for number, line in enumerate(read.text.split("\n"), 1):
        bare = line.strip()
        if bare[:1] in ("#", ";") or (not bare and not begun):
            continue
        start = start or number
        if bare.endswith("\\"):
            begun += f"{bare[:-1]} "
            continue
        whole, begun = begun + bare, ""
        where, start = Location(read.where, start, 1, number, len(line) + 1), 0
        if heading := re.fullmatch(r"\[(.*)\]", whole):
            section = heading[1]
            continue
        name, _, value = whole.partition("=")
        yield _Line(section, name.strip(), value.strip(), where)


def _started(root: Root, lines: list[_Line], texts: dict[str, str]) -> Command | Unknown | None:
    starts = _listed(lines, "ExecStart")
    if not starts:
        return None
    variables: dict[str, str] = {}
    for line in _listed(lines, "Environment"):
        variables |= dict(words.plain(word).partition("=")[::2] for word in words.words(line.value) or ())
    for line in _listed(lines, "EnvironmentFile"):
        path = words.plain(line.value)
        read = text(root, path.removeprefix("-"))
        if isinstance(read, Unknown):
            return read
        if read is not None:
            texts[read.where] = read.text
            variables |= words.assignments(read.text)
    return _split(starts[-1], variables, texts)


def _listed(lines: list[_Line], name: str) -> list[_Line]:
    """What a setting that adds up comes to: an empty one takes back those before it."""
    found: list[_Line] = []
    for line in lines:
        if line.section == "Service" and line.name == name:
            found = [*found, line] if line.value else []
    return found


def _split(start: _Line, variables: dict[str, str], texts: dict[str, str]) -> Command | Unknown:
    found = words.expanded(start.value.lstrip("@-:+!"), variables)
    program = next((at for at, word in enumerate(found or ()) if posixpath.basename(word) == "dockerd"), None)
    if found is None or program is None:
        why = f"what {start.where.path} starts is not dockerd itself"
        return Unknown("docker_daemon.flags", why)
    return Command(tuple(found[program + 1 :]), start.where, texts)


def _of_init(root: Root) -> Command | Unknown | None:
    """The options that an init script reads."""
    for script, options in INIT_SCRIPTS:
        there = entry(root, script)
        if there is None or isinstance(there, Unknown):
            continue
        read = text(root, options)
        if isinstance(read, Unknown):
            return read
        if read is not None:
            return _of_options(read)
    return None


def _of_options(read: Text) -> Command | Unknown:
    number = 1
    found: list[str] = []
    for at, line in enumerate(read.text.split("\n"), 1):
        for name, value in words.assignments(line).items():
            if name in _OPTIONS:
                split, number = words.words(value), at
                if split is None or "$" in value or "`" in value:
                    return Unknown("docker_daemon.flags", f"{read.where}:{at} is not understood")
                found = list(map(words.plain, split))
    return Command(tuple(found), Location(read.where, number, 1), {read.where: read.text})
