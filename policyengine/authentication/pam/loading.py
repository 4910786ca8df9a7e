"""The stacks of a service, with all that is included: as libpam loads them. pam.conf(5)."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from policyengine.authentication import resolving
from policyengine.authentication.pam.controls import actions, broken
from policyengine.authentication.pam.entries import TASKS, Entry, Kind, Stack, Task
from policyengine.authentication.pam.lines import Lines, lines
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root
    from policyengine.authentication.pam.lines import Line, Word
    from policyengine.model.location import Location

DIRECTORIES = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/etc/pam.d")
"""Where services' files are looked for: of a name that several have, the first is taken. The last is SUSE's."""

CONF = "/etc/pam.conf"
"""What all services share where no such directory is there."""

DEFAULT = "other"
"""The service whose stacks are those of services without."""

MOST_LEVELS = 16
"""So deep files may include each other."""


MOST_ENTRIES = 1_000
"""So many entries a service may have: files that include each other several times have more than can be counted."""


class UnreadableError(Exception):
    """A file that counts cannot be read."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.why)
        self.unknown = unknown


class AbortedError(Exception):
    """libpam gives the file up."""


class File(NamedTuple):
    """A file that has been read: its path in the root, what reports call it, and its lines."""

    path: str
    where: str
    lines: Lines


class Source:
    """The files of a root that stacks are made of. Each is read once; ``texts`` has them by what reports call them."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._files: dict[str, File | Unknown | None] = {}
        self.texts: dict[str, str] = {}

    def file(self, path: str) -> File | None:
        """A file; None where there is none. Raises :class:`UnreadableError`."""
        if path not in self._files:
            self._files[path] = self._read(path)
        found = self._files[path]
        if isinstance(found, Unknown):
            raise UnreadableError(found)
        return found

    def _read(self, path: str) -> File | Unknown | None:
        read = resolving.text(self._root, path)
        if read is None or isinstance(read, Unknown):
            return read
        self.texts[read.where] = read.text
        return File(read.path, read.where, lines(read.text, read.where))

    def named(self, name: str) -> File | None:
        """The file of a service, or an absolute one, as ``include`` takes it. Raises :class:`UnreadableError`."""
        if name.startswith("/"):
            return self.file(name)
        found = (self.file(posixpath.join(directory, name)) for directory in DIRECTORIES)
        return next((file for file in found if file is not None), None)

    def directories(self) -> tuple[str, ...] | Unknown:
        """Those of :data:`DIRECTORIES` that are there."""
        there: list[str] = []
        for path in DIRECTORIES:
            entry = resolving.entry(self._root, path)
            if isinstance(entry, Unknown):
                return entry
            if entry is not None and entry.kind == "directory":
                there.append(path)
        return tuple(there)

    def names(self, directory: str) -> tuple[str, ...] | Unknown:
        """The names in a directory that is there."""
        at = resolving.resolved(self._root, directory)
        found = self._root.names(at) if isinstance(at, str) else at
        return found if found is not None else ()


class Loader:
    """Loads the stacks of one service."""

    def __init__(self, source: Source, service: str) -> None:
        self._source = source
        self._service = service
        self._stacks: dict[Task, list[Entry]] = {task: [] for task in TASKS}
        self._left = MOST_ENTRIES

    def loaded(self, file: File, *, shared: bool = False) -> dict[Task, Stack]:
        """Its stacks by what they are for; ``shared``: each line of the file starts with its service's name.

        Raises :class:`UnreadableError`, also for more than :data:`MOST_ENTRIES`, and :class:`AbortedError` where
        libpam gives it up: the service then has none.
        """
        self._load(file, None, 0, 0, shared=shared)
        return {task: tuple(stack) for task, stack in self._stacks.items()}

    def _load(self, file: File, asked: Task | None, depth: int, level: int, *, shared: bool = False) -> None:
        for line in file.lines.lines:
            words = list(line.words())
            if shared and (not words or words.pop(0).text.lower() != self._service):
                continue
            self._line(_Line(file.path, line, words, asked), depth, level)
        if not file.lines.complete:
            raise AbortedError(file.path)

    def _line(self, line: _Line, depth: int, level: int) -> None:
        self._left -= 1
        if self._left < 0:
            raise UnreadableError(Unknown("pam.stack", f"{self._service} has more than {MOST_ENTRIES} lines"))
        if line.is_inclusion:
            if not self._include(line, line.asked, depth, level):
                if line.asked is None:
                    raise AbortedError(line.path)
                self._add(line.broken(level))
            return
        if line.asked is not None and line.task != line.asked:
            return
        control = line.control.lower()
        if control not in ("include", "substack"):
            self._add(line.entry(level))
            return
        if control == "substack":
            self._add(line.substack(level))
        if not self._include(line, line.task, depth, level + (control == "substack")):
            self._add(line.broken(level))

    def _include(self, line: _Line, asked: Task | None, depth: int, level: int) -> bool:
        """Whether a file could be included whole. What could be read of one that could not stays."""
        file = self._source.named(line.included) if line.included and depth + 1 < MOST_LEVELS else None
        if file is None:
            return False
        try:
            self._load(file, asked, depth + 1, level)
        except AbortedError:
            return False
        return True

    def _add(self, entry: Entry) -> None:
        self._stacks[entry.task].append(entry)


class _Line:
    """A line by its parts. One that names no task, or none that there is, is for what is asked, or for auth."""

    def __init__(self, path: str, line: Line, words: list[Word], asked: Task | None) -> None:
        self.path = path
        self.asked = asked
        self._where: Location = line.where
        written = words[0].text if words else ""
        bare = written.removeprefix("-").lower()
        self.is_inclusion = bare == "@include"
        known = next((task for task in TASKS if task == bare), None)
        self._is_known = known is not None
        self.task: Task = known or asked or "auth"
        self._words = words[1:]

    @property
    def included(self) -> str | None:
        """The file that it includes; None where it names none."""
        at = 0 if self.is_inclusion else 1
        return self._words[at].text if len(self._words) > at else None

    @property
    def control(self) -> str:
        """Its control without brackets; empty where it has none."""
        return self._words[0].text if self._words else ""

    @property
    def _written(self) -> str:
        first = self._words[0] if self._words else None
        return "" if first is None else f"[{first.text}]" if first.bracketed else first.text

    def entry(self, level: int) -> Entry:
        """The entry of a module; one that fails where its task, control or module is missing or unknown."""
        module = self._words[1].text if len(self._words) > 1 else ""
        given = tuple(word.text for word in self._words[2:])
        says = actions(self.control) if self._words else broken()
        kind: Kind = "module" if self._is_known and len(self._words) > 1 else "broken"
        return Entry(kind, self.task, self._written, says, module, given, level, self.path, self._where)

    def substack(self, level: int) -> Entry:
        """The entry that a substack starts with."""
        return Entry("substack", self.task, self._written, {}, "", (), level, self.path, self._where)

    def broken(self, level: int) -> Entry:
        """The entry of an inclusion that fails."""
        return Entry("broken", self.task, self._written, broken(), "", (), level, self.path, self._where)
