"""Reading a configuration: twice, as sshd does, once for all connections and once for one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.authentication.resolving import glob, not_given
from policyengine.authentication.sshd.conditions import judged
from policyengine.authentication.sshd.keywords import Keyword, keywords
from policyengine.authentication.sshd.line import BadError, FatalError, Line, Problem, Source
from policyengine.authentication.sshd.loading import loaded, sources
from policyengine.authentication.sshd.options import doubt
from policyengine.authentication.sshd.patterns import group_matches
from policyengine.authentication.sshd.words import lower
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.authentication.files import Root
    from policyengine.authentication.sshd.build import Build
    from policyengine.authentication.sshd.identity import Identity
    from policyengine.authentication.sshd.options import Options, Setting
    from policyengine.authentication.sshd.system import System

MOST_NESTED = 16
"""Files that include each other deeper are refused."""

MOST_FILES = 10_000
"""How often files are included, before it is given up: files that include each other need time without end."""

HOME = "/etc/ssh"
"""Where a relative path of an Include starts."""


class RefusedError(Exception):
    """sshd does not start with this configuration: the problems, the last of which ended it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = tuple(problems)


class UnreadableError(Exception):
    """What the configuration says cannot be known."""

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.why)
        self.unknown = unknown


class Included(Struct, frozen=True):
    """A file that an Include names, or, without a path, that it names none; or why what it names is not known."""

    pattern: str
    path: str | None
    lines: tuple[Source, ...]
    unread: Unknown | None = None


class Files:
    """What is read from, and the files that have been included so far: each pattern is looked up once."""

    def __init__(self, root: Root, build: Build, system: System) -> None:
        self.root = root
        self.build = build
        self.system = system
        self.included: list[Included] = []
        self.texts: dict[str, str] = {}

    def lines(self, path: str) -> tuple[Source, ...]:
        """A file's lines. Raises :class:`UnreadableError` and :class:`FatalError`."""
        found = loaded(self.root, path)
        if isinstance(found, Unknown):
            raise UnreadableError(found)
        self.texts[found.where] = found.text
        return sources(found.text, found.where)

    def matching(self, pattern: str) -> Iterator[Included]:
        """The files that an Include names. Raises :class:`FatalError`."""
        found = glob(self.root, pattern)
        if not found:
            found = not_given(self.root, pattern) or ()
        if isinstance(found, Unknown):
            yield Included(pattern, None, (), found)
            return
        for path in found:
            try:
                yield Included(pattern, path, self.lines(path))
            except UnreadableError as unreadable:
                yield Included(pattern, path, (), unreadable.unknown)


class Mode(Struct):
    """How a file is read: ``waits`` until its first Match; ``never``: no Match in it holds, as its Include does not."""

    waits: bool = False
    never: bool = False


class Written(Struct, frozen=True):
    """A line that sets something: what, the value as it is written, where, and the Match line that it stands below.

    ``overruled``: it is for all and has no effect, since another line sets the option to something else.
    """

    option: str
    value: str
    where: Location
    condition: str = ""
    overruled: bool = False


class Conditional(Struct, frozen=True):
    """A Match line: what follows the keyword, where, and the Match lines whose blocks it is included in."""

    text: str
    where: Location
    within: tuple[Location, ...] = ()


class Decide:
    """What is decided about Match lines otherwise than by the connection alone."""

    def groups(self, identity: Identity | None, groups: str) -> bool:
        """Whether the identity is in groups that a list matches. Raises :class:`UnreadableError`."""
        if identity is None:
            return False
        if identity.groups is None:
            raise UnreadableError(Unknown("groups", f"the groups of the user {identity.user} are not known"))
        return group_matches(identity.groups, groups)

    def block(self, _line: Line, holds: bool) -> bool:
        """Whether a block counts."""
        return holds


class Pass:
    """One reading of a configuration.

    Without an identity for all connections: no Match but ``all`` holds. Else for one connection: what stands before
    the first Match is left out.
    """

    def __init__(self, files: Files, options: Options, identity: Identity | None, decide: Decide | None = None) -> None:
        self._files = files
        self._options = options
        self._identity = identity
        self._decide = decide or Decide()
        self._active = identity is None
        self._left = MOST_FILES
        self._within: tuple[Conditional, ...] = ()
        self._below: Conditional | None = None
        self.lines: list[Written] = []
        self.includes: dict[str, Location] = {}
        self.conditions: list[Conditional] = []
        self.unread: Unknown | None = None
        self.unset: Unknown | None = None
        self._before: Options = {}
        self._known = keywords(files.build)

    def read(self, path: str) -> None:
        """Read the main file. Raises :class:`RefusedError` and :class:`UnreadableError`."""
        try:
            found = self._files.lines(path)
        except FatalError as wrong:
            raise RefusedError([Problem(str(wrong), Location(self._files.root.where(path)))]) from None
        self._file(found, 0, Mode(waits=self._identity is not None))
        if self.unset is not None:
            doubt(self._options, self._before, self.unset)

    def _file(self, found: tuple[Source, ...], depth: int, mode: Mode) -> None:
        if depth > MOST_NESTED:
            raise FatalError("Too many recursive configuration includes")
        problems: list[Problem] = []
        for source in found:
            line = Line(source, self._files.build, self._files.system)
            if line.is_empty:
                continue
            try:
                self._line(line, depth, mode)
            except BadError as wrong:
                known = lower(line.keyword) in self._known
                problems.append(Problem(str(wrong), line.values_at if known else line.keyword_at))
            except FatalError as wrong:
                raise RefusedError([*problems, Problem(str(wrong), line.values_at)]) from None
        if problems:
            raise RefusedError(problems)

    def _line(self, line: Line, depth: int, mode: Mode) -> None:
        if not line.rest:
            line.divide()
        keyword = self._known.get(lower(line.keyword))
        line.divide()
        if not self._active and not (keyword and keyword.may_be_matched(self._files.build.version)):
            if self._identity is None:
                raise FatalError(f"Directive '{line.keyword}' is not allowed within a Match block")
            return
        if keyword is None:
            raise BadError(f"Bad configuration option: {line.keyword}")
        self._take(line, keyword, depth, mode)
        if line.left:
            raise BadError(f"keyword {line.keyword} extra arguments at end of line")

    def _take(self, line: Line, keyword: Keyword, depth: int, mode: Mode) -> None:
        if keyword.option == "match":
            self._match(line, mode)
        elif keyword.option == "include" and keyword.standing == "in use":
            self._include(line, depth, mode)
        else:
            before = self._options.get(keyword.option)
            keyword.handler(line, self._options, self._active, keyword.option)
            if self._identity is None:
                below = self._below.text if self._below else ""
                overruled = before is not None and self._is_overruled(line, keyword, before)
                self.lines.append(Written(keyword.option, line.written, line.values_at, below, overruled))

    def _is_overruled(self, line: Line, keyword: Keyword, before: Setting) -> bool:
        """Whether a line comes too late. Where it is the last line that counts, it overrules those before it."""
        now = self._options[keyword.option]
        if now is before:
            return self._active and self._says_otherwise(line, keyword)
        if now.places == (line.values_at,) and now.values != before.values:
            self.lines = [
                replace(one, overruled=True) if one.option == keyword.option and not one.condition else one
                for one in self.lines
            ]
        return False

    def _says_otherwise(self, line: Line, keyword: Keyword) -> bool:
        """Whether a line would set something else than what is set."""
        own: Options = {}
        try:
            keyword.handler(line.again(), own, True, keyword.option)
        except FatalError:  # as where it names the home of nobody, which is refused only where it counts
            return True
        return any(self._options[name].values != setting.values for name, setting in own.items())

    def _match(self, line: Line, mode: Mode) -> None:
        identity = None if mode.never else self._identity
        condition = judged(line, identity, lambda groups: self._decide.groups(identity, groups))
        holds = self._decide.block(line, condition.holds) if identity is not None else condition.holds
        self._active = holds and not mode.never
        mode.waits = False
        outer = self._within[-1] if self._within else None
        within = tuple(one.where for one in self._within)
        everyone = lower(line.whole.partition("#")[0].strip()) == "all"
        self._below = outer if everyone else Conditional(line.whole, line.keyword_at, within)
        if self._below is not None and not everyone:
            self.conditions.append(self._below)
        if not condition.left:
            line.consume()

    def _include(self, line: Line, depth: int, mode: Mode) -> None:
        some = False
        for name in iter(line.next, None):
            if not name:
                raise BadError(f"keyword {line.keyword} empty argument")
            some = True
            if self._active:
                self.includes.setdefault(name, line.values_at)
            self._pattern(name if name[0] in "/~" else f"{HOME}/{name}", depth, mode)
        if not some:
            raise FatalError(f"{line.keyword} missing filename argument")

    def _pattern(self, pattern: str, depth: int, mode: Mode) -> None:
        active, found = self._active, False
        for one in self._files.included:  # grows while files are read: an include of its own pattern finds less
            if one.pattern == pattern:
                found = True
                self._included(one, depth, mode, active)
        if found:
            return
        for one in self._files.matching(pattern) if pattern.startswith("/") else ():
            found = True
            self._included(one, depth, mode, active)
            self._files.included.append(one)
        if not found:
            self._files.included.append(Included(pattern, None, ()))

    def _included(self, one: Included, depth: int, mode: Mode, active: bool) -> None:
        if one.unread is not None:
            self._doubt(one.unread, mode)
        if one.path is None:
            return
        self._left -= 1
        if self._left < 0:
            raise UnreadableError(Unknown("sshd_config", f"its files include others more than {MOST_FILES} times"))
        below, within = self._below, self._within
        self._within = within if below is None else (*within, below)
        self._file(one.lines, depth + 1, Mode(waits=mode.waits, never=not mode.waits and not active))
        self._active, self._below, self._within = active, below, within

    def _doubt(self, unread: Unknown, mode: Mode) -> None:
        """Files that are not known are included here. Where no Match came yet, a Match in them may hold for all."""
        self.unread = self.unread or unread
        if self.unset is None and (self._active or mode.waits):
            self.unset, self._before = unread, dict(self._options)
