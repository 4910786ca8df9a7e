"""Reading a client's configuration for one destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.resolving import entry, glob, not_given
from policyengine.authentication.ssh.conditions import Asked, host_holds, match_holds
from policyengine.authentication.ssh.keywords import handler_of
from policyengine.authentication.sshd.line import BadError, FatalError, Line, Problem, Source
from policyengine.authentication.sshd.loading import loaded
from policyengine.authentication.sshd.options import Setting
from policyengine.authentication.sshd.patterns import in_list
from policyengine.authentication.sshd.words import lower
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.authentication.files import Root
    from policyengine.authentication.ssh.destination import Destination
    from policyengine.authentication.sshd.build import Build
    from policyengine.authentication.sshd.directives import Handler
    from policyengine.authentication.sshd.options import Options
    from policyengine.authentication.sshd.system import System

MOST_NESTED = 16
"""Files that include each other deeper are refused."""

MOST_FILES = 10_000
"""How many files are read for one destination, before it is given up."""

HOME = "/etc/ssh"
"""Where a relative path of an Include starts."""

_WRITABLE_BY_OTHERS = 0o022


class RefusedError(Exception):
    """ssh does nothing with this configuration: the problems of the file that ended it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = tuple(problems)


class UnreadableError(Exception):
    """What the configuration says cannot be known."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.why)
        self.unknown = unknown


class Written(Struct, frozen=True):
    """A line that sets something, where, and the Host or Match line that it stands below where that is not for all.

    ``overruled``: it is for all and has no effect, since an earlier line sets the option to something else.
    """

    option: str
    value: str
    where: Location
    condition: str = ""
    overruled: bool = False


class Conditional(Struct, frozen=True):
    """A Host or Match line that is not for all, where, and those whose blocks it is included in."""

    text: str
    where: Location
    within: tuple[Location, ...] = ()


class Files:
    """What is read from."""

    def __init__(self, root: Root, build: Build, system: System) -> None:
        self.root = root
        self.build = build
        self.system = system
        self.texts: dict[str, str] = {}

    def lines(self, path: str) -> tuple[Source, ...]:
        """A file's lines: what follows a NUL in one is lost. Raises :class:`UnreadableError` and FatalError."""
        found = loaded(self.root, path)
        if isinstance(found, Unknown):
            raise UnreadableError(found)
        self.texts[found.where] = found.text
        lines = enumerate(found.text.split("\n"), 1)
        return tuple(_source(found.where, number, text.partition("\0")[0]) for number, text in lines)

    def matching(self, pattern: str) -> tuple[str, ...]:
        """The files that an Include names."""
        found = glob(self.root, pattern)
        if isinstance(found, Unknown):
            raise UnreadableError(found)
        return found

    def is_there(self, path: str) -> bool:
        """Whether there is a file, which root owns and nobody else may write to. Raises :class:`RefusedError`."""
        found = entry(self.root, path)
        if isinstance(found, Unknown):
            raise UnreadableError(found)
        if found is not None and (found.uid != 0 or found.mode & _WRITABLE_BY_OTHERS):
            where = self.root.where(path)
            raise RefusedError([Problem(f"Bad owner or permissions on {where}", Location(where))])
        return found is not None


def _source(path: str, number: int, text: str) -> Source:
    bare = text.lstrip(" \t\r")
    return Source(path, number, len(text) - len(bare), bare)


class Pass:
    """One reading for a destination: the first value of an option counts.

    A block that is ``forced`` holds, with those that it is included in. ``final`` is the host's name for the reading
    that follows the one in which it was found: None for the first.

    ``unread``: why files that are included are not known; ``unset``: the same where they may set what nothing does that
    is ``before`` them.
    """

    def __init__(
        self,
        files: Files,
        options: Options,
        to: Destination,
        *,
        forced: Conditional | None = None,
        final: str | None = None,
    ) -> None:
        self._files = files
        self._options = options
        self._to = to
        self._forced = () if forced is None else (forced.where, *forced.within)
        self._final = final
        self._active = True
        self._below: Conditional | None = None
        self._within: tuple[Conditional, ...] = ()
        self._left = MOST_FILES
        self.wants_final = False
        self.lines: list[Written] = []
        self.includes: dict[str, Location] = {}
        self.conditions: list[Conditional] = []
        self.unread: Unknown | None = None
        self.unset: Unknown | None = None
        self.before: Options = {}

    @property
    def host(self) -> str:
        """The name of the host that is connected to, as far as it is set."""
        named = self._options.get("hostname")
        return self._to.host if named is None else named.text.replace("%h", self._to.host).replace("%%", "%")

    def read(self, path: str) -> None:
        """Read the main file. Raises :class:`RefusedError` and :class:`UnreadableError`."""
        self._file(path, 0, never=False)

    def _file(self, path: str, depth: int, *, never: bool) -> None:
        where = Location(self._files.root.where(path))
        if depth > MOST_NESTED:
            raise RefusedError([Problem("Too many recursive configuration includes", where)])
        self._left -= 1
        if self._left < 0:
            raise UnreadableError(Unknown("ssh_config", f"its files include others more than {MOST_FILES} times"))
        problems: list[Problem] = []
        for source in self._files.lines(path):
            line = Line(source, self._files.build, self._files.system)
            if line.is_empty:
                continue
            try:
                self._line(line, depth, never=never)
            except (BadError, FatalError) as wrong:
                problems.append(Problem(str(wrong), line.keyword_at))
        if problems:
            raise RefusedError(problems)

    def _line(self, line: Line, depth: int, *, never: bool) -> None:
        line.divide()
        keyword = lower(line.keyword)
        if keyword == "host":
            holds = host_holds(line, self._to.host if self._final is None else self._final)
            line.consume()
            self._block(line, f"Host {line.whole}", holds=holds, never=never)
        elif keyword == "match":
            self._match(line, never=never)
        elif keyword == "include":
            self._include(line, depth, never=never)
        else:
            self._set(line, keyword)
        if line.left:
            raise BadError(f"keyword {keyword} extra arguments at end of line")

    def _set(self, line: Line, keyword: str) -> None:
        found = handler_of(keyword, self._files.build)
        if found is None:
            ignored = self._options.get("ignoreunknown")
            if ignored is None or in_list(keyword, ignored.text, small=True) != 1:
                raise BadError(f"Bad configuration option: {keyword}")
            line.consume()
            return
        option, handler = found
        before = self._options.get(option)
        handler(line, self._options, self._active, option)
        idle = self._active and before is not None and self._options.get(option) is before
        overruled = idle and self._says_otherwise(line, option, handler)
        below = "" if self._active or self._below is None else self._below.text
        self.lines.append(Written(option, line.written, line.values_at, below, overruled))

    def _says_otherwise(self, line: Line, option: str, handler: Handler) -> bool:
        """Whether a line would set something else than what is set."""
        own: Options = {}
        handler(line.again(), own, True, option)
        return any(self._options.get(name, Setting(())).values != one.values for name, one in own.items())

    def _match(self, line: Line, *, never: bool) -> None:
        user = self._options.get("user")
        host = self.host if self._final is None else self._final
        asked = Asked(self._to, host, self._to.user if user is None else user.text, self._final is not None)
        found = match_holds(line, asked)
        self.wants_final = self.wants_final or found.wants_final
        self._block(line, f"Match {line.whole}", holds=found.holds, never=never)
        if not found.left:
            line.consume()

    def _block(self, line: Line, text: str, *, holds: bool, never: bool) -> None:
        """Begin a block. One in a file that is included where nothing counts does not count either."""
        where = line.keyword_at
        self._active = (holds or where in self._forced) and not never
        if holds:
            self._below = self._within[-1] if self._within else None
        else:
            self._below = Conditional(text, where, tuple(one.where for one in self._within))
            self.conditions.append(self._below)

    def _include(self, line: Line, depth: int, *, never: bool) -> None:
        for name in iter(line.next, None):
            if not name:
                raise BadError("keyword include empty argument")
            if name.startswith("~"):
                raise BadError(f"bad include path {name}.")
            if self._active:
                self.includes.setdefault(name, line.values_at)
            pattern = name if name.startswith("/") else f"{HOME}/{name}"
            paths = self._files.matching(pattern)
            if not paths:
                self._doubt(not_given(self._files.root, pattern))
            for path in paths:
                if self._files.is_there(path):
                    self._included(path, depth, never=never)

    def _doubt(self, unread: Unknown | None) -> None:
        """Files that are not known are included here."""
        self.unread = self.unread or unread
        if unread is not None and self.unset is None and self._active:
            self.unset, self.before = unread, dict(self._options)

    def _included(self, path: str, depth: int, *, never: bool) -> None:
        active, below, within = self._active, self._below, self._within
        if not active and below is not None:
            self._within = (*within, below)
        self._file(path, depth + 1, never=never or not active)
        self._active, self._below, self._within = active, below, within
