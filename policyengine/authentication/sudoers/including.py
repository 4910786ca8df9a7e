"""The files that sudo reads: /etc/sudoers, and what it includes."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.authentication.files import Entry
from policyengine.authentication.resolving import Text, entry, not_given, resolved, text
from policyengine.authentication.sudoers.lexer import Lexer, Source, source
from policyengine.authentication.sudoers.parser import Parser
from policyengine.authentication.sudoers.problems import Problem
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root
    from policyengine.authentication.sudoers.tokens import Place
    from policyengine.authentication.sudoers.tree import Include, Tree

MOST_NESTED = 144
"""How deep files may include others: sudo gives up at the first multiple of 16 above 128."""

MOST_FILES = 2000
"""How many files are read in all: two that include each other twice would never end."""

_OTHERS_WRITE, _GROUP_WRITES = 0o002, 0o020


def insecure(found: Entry, where: str) -> str | None:
    """Why sudo does not read a file or directory: for whom it belongs to, or who may write to it."""
    if found.uid != 0:
        return f"{where} is owned by uid {found.uid}, should be 0"
    if found.mode & _OTHERS_WRITE:
        return f"{where} is world writable"
    if found.mode & _GROUP_WRITES and found.gid != 0:
        return f"{where} is owned by gid {found.gid}, should be 0"
    return None


class Reading:
    """One reading of a file with all that it includes.

    ``follow``: whether what is included is read; ``trusting``: also what others may write to. ``unknown`` is what could
    not be read, with the reason: there may be more than was found. The settings of the tree from ``known_from`` on come
    after all of that. ``files`` are the paths in the root of those that
    were read, each once, in their order.
    """

    def __init__(self, root: Root, *, follow: bool = True, trusting: bool = False) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.unknown: Unknown | None = None
        self.known_from = 0
        self.texts: dict[str, str] = {}
        self.files: list[str] = []
        self._follow = follow
        self._trusting = trusting
        self._read = 0
        self._waiting: list[list[str]] = []
        self._lexer = Lexer(self._strictly)
        self._lexer.ended = self._ended
        self._parser = Parser(self._lexer, self.problems, self._include)

    def read(self, path: str) -> Tree:
        """What a file and those that it includes say; nothing for one that sudo does not open."""
        try:
            opened = self._opened(path)
        except OSError as error:
            self.problems.append(Problem(str(error), Location(self.root.where(path)), path))
            opened = None
        if opened is None:
            return self._parser.tree
        self._push(opened, [])
        return self._parser.read()

    def _strictly(self, message: str, place: Place) -> None:
        self.problems.append(Problem(message, place.location, place.file, strict=True))

    def _opened(self, path: str) -> Source | None:
        """A file; None where it cannot be told what it says. Raises :class:`OSError` where sudo cannot open it."""
        found = entry(self.root, path)
        if isinstance(found, Entry):
            if found.kind == "file" and not self._trusting and (why := insecure(found, path)):
                raise PermissionError(why)
            if found.kind != "file":
                raise IsADirectoryError(f"{path} is not a regular file")
        read = text(self.root, path)
        if read is None:
            raise FileNotFoundError(f"unable to open {path}: No such file or directory")
        if isinstance(read, Unknown):
            self._doubt(read)
            return None
        return self._source(path, read)

    def _source(self, path: str, read: Text) -> Source:
        self.texts[read.where] = read.text
        if read.path not in self.files:
            self.files.append(read.path)
        return source(path, read.where, read.text)

    def _push(self, opened: Source, more: list[str]) -> None:
        self._lexer.sources.append(opened)
        self._waiting.append(more)

    def _ended(self) -> bool:
        """Go on after the end of a file: with the next one of its directory, or with what included it."""
        if len(self._waiting) <= 1:
            return False
        following = self._first(self._waiting[-1])
        if following is not None:
            self._lexer.sources[-1] = following
        else:
            self._waiting.pop()
            self._lexer.sources.pop()
        return True

    def _first(self, paths: list[str]) -> Source | None:
        """The first of some files that can be opened, which is taken from the list."""
        while paths:
            path = paths.pop(0)
            if not self._may_read():
                paths.clear()
                return None
            try:
                opened = self._opened(path)
            except OSError:  # it is passed over
                continue
            if opened is not None:
                return opened
        return None

    def _include(self, one: Include) -> None:
        path = self._path(one)
        self._parser.tree.includes.append(replace(one, path=path))
        if path is None:
            why = f"{one.written} stands for another file on every host"
            self._doubt(Unknown("sudoers", why))
        elif self._follow and self._may_include(one):
            self._enter(one, path)

    def _doubt(self, why: Unknown | None) -> None:
        """Something is included here that is not known."""
        if why is not None:
            self.unknown = self.unknown or why
            self.known_from = len(self._parser.tree.settings)

    def _path(self, one: Include) -> str | None:
        """The path that a directive names, a relative one beside the file that it is in."""
        written = one.written
        if len(written) > 1 and written[0] == written[-1] == '"':
            written = written[1:-1]
        if "%h" in written:
            return None
        return posixpath.join(posixpath.dirname(one.place.file), written)

    def _may_read(self) -> bool:
        """Whether one more file or directory may be read."""
        self._read += 1
        if self._read > MOST_FILES:
            why = f"its files include others more than {MOST_FILES} times"
            self._doubt(Unknown("sudoers", why))
            return False
        return True

    def _may_include(self, one: Include) -> bool:
        if not self._may_read():
            return False
        if len(self._waiting) > MOST_NESTED:
            self._complain(one, "too many levels of includes")
            return False
        return True

    def _complain(self, one: Include, message: str) -> None:
        self.problems.append(Problem(message, one.place.location, one.place.file))

    def _enter(self, one: Include, path: str) -> None:
        more: list[str] = []
        if one.directive == "includedir":
            more = self._directory(path)
            opened = self._first(more)
        else:
            try:
                opened = self._opened(path)
            except OSError as error:
                unread = not_given(self.root, path) if isinstance(error, FileNotFoundError) else None
                if unread is None:
                    self._complain(one, str(error))
                self._doubt(unread)
                return
        if opened is not None:
            self._push(opened, more)

    def _directory(self, path: str) -> list[str]:
        """The files of a directory that sudo reads. One that is not there, or is not secure, has none."""
        found = entry(self.root, path)
        if isinstance(found, Entry) and (found.kind != "directory" or insecure(found, path)):
            return []
        at = resolved(self.root, path)
        names = self.root.names(at) if isinstance(at, str) else at
        if isinstance(names, Unknown):
            self._doubt(names)
        elif not names:
            self._doubt(not_given(self.root, f"{path}/*"))
        return [f"{path}/{name}" for name in _ordered(names) if is_read(name) and self._is_file(f"{path}/{name}")]

    def _is_file(self, path: str) -> bool:
        """Whether it is a regular file, or nobody knows."""
        found = entry(self.root, path)
        return isinstance(found, Unknown) or (found is not None and found.kind == "file")


def is_read(name: str) -> bool:
    """Whether sudo reads a file of that name in a directory: one that has a period or ends in ``~`` it passes over."""
    return not name.endswith("~") and "." not in name


def _ordered(names: tuple[str, ...] | Unknown | None) -> list[str]:
    """Names in the order of their bytes."""
    if names is None or isinstance(names, Unknown):
        return []
    return sorted(names, key=lambda name: name.encode("utf-8", "surrogateescape"))
