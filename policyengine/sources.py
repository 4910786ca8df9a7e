"""What a run reads: files, directories, standard input and running systems."""

from __future__ import annotations

import os
import re
import stat
import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.documents.load import MAX_BYTES, decoded, format_of, is_rules, parsed
from policyengine.documents.templates import unrendered
from policyengine.errors import DocumentError, PolicyengineError, SourceError, UsageError, did_you_mean, nearest
from policyengine.inputs import document_inputs, live_inputs, merging_inputs, particular_inputs, skimming_inputs
from policyengine.inputs.context import Context
from policyengine.inputs.files import NOTHING, Files, Instead, Listings
from policyengine.model.location import STDIN
from policyengine.model.report import Problem, Skipped
from policyengine.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.documents.document import Document
    from policyengine.documents.yaml_skimming import Skim
    from policyengine.inputs import DocumentInput
    from policyengine.model.resource import Resource

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://").match
_OPEN_PIPE = re.compile(r"/dev/stdin|/dev/fd/\d+|/proc/self/fd/\d+").fullmatch
"""What a shell gives for ``<(helm template .)``."""

_LOOKS_CLAIMED = re.compile(
    r"""(?x) ^ ["']?(?:apiVersion|kind|services|(?:docker|host)_snapshot)["']? \s*:
      | [{,] \s* ["']?(?:apiVersion["']? \s*: | services["']? \s*: \s* \{ | (?:docker|host)_snapshot["']? \s*:)""",
    re.MULTILINE,
).search
"""A key at the start of a line, or in what is written as JSON is."""


class Item(Struct, frozen=True):
    """One thing to read: a file, standard input, or a running system.

    ``path`` is the file as reports show it, ``-`` or a URL. ``named`` is false for what was found in a directory: of
    no known kind, it is left out. ``home`` is the directory of the run that it lies in, whose whole is seen.
    ``parts`` are the files of one that consists of several, merged in order: ``compose.yaml:compose.prod.yaml``.
    """

    path: str
    named: bool = True
    home: str | None = None
    parts: tuple[str, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether it is a running system."""
        return bool(_URL(self.path))

    @property
    def is_file(self) -> bool:
        """Whether it can be read again."""
        return self.path != STDIN and not self.is_live


class Reading(Struct):
    """What one item holds. The rest is told when its ``resources`` were gone through.

    ``inputs`` is 1 when an input kind claimed it, ``files`` what it refers to, ``unread`` what of its text is not read.
    """

    resources: Iterator[Resource] = field(default_factory=lambda: iter(()))
    inputs: int = 0
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    files: Files = field(default_factory=Files)
    unread: list[str] = field(default_factory=list)


class Reader(Struct):
    """Reads the sources of one run.

    ``env`` holds the variables for interpolation, ``exclude`` patterns of what is left out when walking, ``exclusions``
    the same with the directory that they are relative to, ``wanted`` the fields that the run's policies read,
    ``listings`` what is known of directories. Those that cannot be read are among ``problems`` after the walk, and what
    it passed over, being no file, is among ``skipped``.
    ``skip_others`` leaves files that are named out as if they were found in a directory. ``committed`` says of real
    paths whether version control has them: no ignore file leaves these out. ``instead`` is what some files are taken to
    hold. ``asked_for`` are the fields that policies read which somebody asked for: see :class:`Context`.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    exclude: Sequence[str] = ()
    exclusions: Sequence[tuple[str, Sequence[str]]] = ()
    wanted: frozenset[tuple[str, str]] | None = None
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    listings: Listings = field(default_factory=dict)
    skip_others: bool = False
    committed: Callable[[str], bool] | None = None
    instead: Instead = NOTHING
    asked_for: frozenset[tuple[str, str]] | None = None

    def items(self, sources: Sequence[str]) -> Iterator[Item]:
        """Everything to read, in order; a file that is named twice is there once.

        What lies in a directory that is named too, is read as a part of it. Raises :class:`UsageError` for a source
        that makes no sense.
        """
        for source in sources:
            _check(source)
        directories = [source for source in sources if not is_special(source) and _is_directory(source)]
        seen: set[bytes] = set()
        for source in sources:
            for item, real in self._found(source, directories):
                key = blake2b(os.fsencode(real), digest_size=16).digest()  # a third of the memory of a path
                if key not in seen:
                    seen.add(key)
                    yield item

    def _found(self, source: str, directories: Sequence[str]) -> Iterator[tuple[Item, str]]:
        """The items of a source, each with its real path: what tells that it was met before."""
        if is_special(source):
            yield Item(source), source
            return
        parts = several(source)
        if parts:
            yield Item(source, parts=parts), source
            return
        home = _home(source, directories)
        if source not in directories:
            if not (self.skip_others and self._leaves_out(source)):
                path = _shown(source) if home else self._judged_with(_shown(source))
                yield Item(path, named=not self.skip_others, home=home), os.path.realpath(path)
            return
        walk = self._walk(source)
        for path, real in walk.files(lambda name: format_of(name) is not None):
            yield Item(_shown(path), named=False, home=home), real
        self.problems.extend(walk.problems)
        self.skipped.extend(Skipped(_shown(path), reason) for path, reason in walk.skipped)

    def _leaves_out(self, path: str) -> bool:
        """Whether a file would not be met in a walk, by its name."""
        return format_of(path) is None or self._walk(".").excludes(path)

    def _walk(self, directory: str) -> Walk:
        return Walk(Path(directory), self.exclude, self.exclusions, self.committed)

    def _judged_with(self, path: str) -> str:
        """The file in whose name one that was named is judged: an override file is judged with its base."""
        context = self._context(Item(path), Reading())
        for reader in merging_inputs():
            path = reader.judged_with(path, context)
        return path

    def data(self, item: Item) -> bytes:
        """The bytes of a file or of standard input. Raises :class:`SourceError` for what cannot be read.

        Of an item of several parts there are none: its files are among those that it refers to.
        """
        if item.parts:
            return b""
        if item.path == STDIN:
            return _stdin()
        if self.instead and (known := self.instead.get(os.path.realpath(item.path))) is not None:
            return known
        try:
            return _bytes(item.path)
        except OSError as error:
            hint = _instead(item.path) if isinstance(error, FileNotFoundError) else None
            raise SourceError(f"cannot be read: {error.strerror}", path=item.path, hint=hint) from None

    def read(self, item: Item, data: bytes | None = None) -> Reading:
        """The resources of an item; ``data`` is its bytes where they are known. What fails is among the problems."""
        reading = Reading(files=Files(item.home or "", self.listings, self.instead))
        reading.resources = self._guarded(item, data, reading)
        return reading

    def _guarded(self, item: Item, data: bytes | None, reading: Reading) -> Iterator[Resource]:
        context = self._context(item, reading)
        try:
            if item.is_live:
                reading.inputs = 1
                yield from _live(item.path, context)
            elif item.parts:
                yield from self._merged(item, context, reading)
            else:
                yield from self._text(item, self.data(item) if data is None else data, context, reading)
        except PolicyengineError as error:
            context.failed(error)

    def _merged(self, item: Item, context: Context, reading: Reading) -> Iterator[Resource]:
        """The resources of several files that are one."""
        reading.inputs = 1
        for reader in merging_inputs():
            yield from reader.read_files(item.parts, context)

    def _context(self, item: Item, reading: Reading) -> Context:
        return Context(
            source=item.path if item.is_live else item.home or "",
            closed=item.is_live or item.home is not None,
            env=self.env,
            files=reading.files,
            wanted=self.wanted,
            asked_for=self.asked_for,
            problems=reading.problems,
            skipped=reading.skipped,
        )

    def _text(self, item: Item, data: bytes, context: Context, reading: Reading) -> Iterator[Resource]:
        try:
            text = decoded(item.path, data)
            reason = unrendered(item.path, text)
            if reason is None:
                found = parsed(item.path, text, _skim(text, context), partly=True)
                _take_in_parts(found, context, reading)
                yield from self._document(found, item, context, reading)
                return
        except DocumentError as error:
            text = _legible(data)
            reason = _malformed(item, text, error)
            if reason is None:
                reading.unread.append(text)
                raise
        if reason:
            context.skipped.append(Skipped(item.path, reason))

    def _document(self, found: Document, item: Item, context: Context, reading: Reading) -> Iterator[Resource]:
        reader = claimant(found)
        if reader is not None:
            reading.inputs = 1
            yield from reader.read(found, context)
            return
        reasons = (reader.unread(found) for reader in particular_inputs())
        reason = next(filter(None, reasons), "not of a known kind")
        if item.named:
            raise SourceError(reason, path=found.path, hint=f"input kinds are {', '.join(document_inputs())}")
        context.skipped.append(Skipped(found.path, reason))


def _live(url: str, context: Context) -> Iterator[Resource]:
    """What all input kinds that read a running system tell of it: what one of them cannot read hides no other's."""
    for reader in live_inputs()[_scheme(url)]:
        try:
            yield from reader.read_live(url, context)
        except PolicyengineError as error:
            context.failed(error)


def _skim(text: str, context: Context) -> Skim | None:
    """What need not be read of a text, as one input kind knows."""
    return next((skim for reader in skimming_inputs() if (skim := reader.skim(text, context))), None)


def _take_in_parts(found: Document, context: Context, reading: Reading) -> None:
    """Tell what of a document is refused. Raises the error where the rest says nothing without it, or is a template."""
    if not found.refused:
        return
    reader = claimant(found)
    if not getattr(reader, "BY_DOCUMENT", False) or unrendered(found.path, found.text, malformed=True):
        raise found.refused[0].error
    for part in found.refused:
        context.failed(part.error)
        reading.unread.append(part.text)


def _legible(data: bytes) -> str:
    """What can be told of a text that cannot be read, of UTF-16 too: most of it is ASCII."""
    return data.replace(b"\0", b"").decode("utf-8", errors="replace")


def _malformed(item: Item, text: str, error: DocumentError) -> str | None:
    """Why a malformed file is left out. None when the error is a problem: it was named, or looks like ours."""
    reason = unrendered(item.path, text, malformed=True)
    if reason:
        return reason
    ours = format_of(item.path) == "dockerfile" or _LOOKS_CLAIMED(text) or "compose" in Path(item.path).name
    return None if item.named or ours or is_rules(item.path, text) else error.message


@cache
def _relating_words(kinds: frozenset[str]) -> tuple[bytes, ...]:
    found = (getattr(reader, "RELATING", {}) for reader in document_inputs().values())
    words = {word for of in found for kind in kinds for word in of.get(kind, ())}
    return tuple(word.encode() for word in sorted(words))


def may_relate(data: bytes, kinds: frozenset[str]) -> bool:
    """Whether a file may hold what relates to others, of these kinds: a word for it, or an escape that may be one."""
    return any(word in data for word in _relating_words(kinds)) or bool(_ESCAPE(data)) or data[:1] in _WIDE


def may_hold(text: str | None) -> frozenset[str]:
    """The kinds of which it counts that there is none, and of which there may be some in a text that is not read.

    All of them where the text is not known.
    """
    every = text is None or _ESCAPE(text.encode(errors="replace"))
    tables = (getattr(reader, "HELD", {}) for reader in document_inputs().values())
    return frozenset(
        kind for table in tables for kind, words in table.items() if every or any(word in str(text) for word in words)
    )


_ESCAPE = re.compile(rb"\\[xuU\r\n]").search
_WIDE = (b"\xff", b"\xfe", b"\x00")
"""How files in UTF-16 and UTF-32 begin, in which words have other bytes."""


def claimant(found: Document) -> DocumentInput | None:
    """The input kind that claims a document most specifically; None when none does."""
    claims = [(reader.claims(found), name) for name, reader in document_inputs().items()]
    best, name = max(claims, default=(0, ""))
    return document_inputs()[name] if best else None


def _check(source: str) -> None:
    if not source or "\0" in source:
        raise UsageError("a source is empty", hint="name a file or a directory; . is the working directory")
    url = _URL(source)
    if url and url[1] not in live_inputs():
        known = [f"{scheme}://" for scheme in live_inputs()]
        hint = did_you_mean(f"{url[1]}://", known) or f"known are {', '.join(known)}"
        raise UsageError(f'unknown kind of source "{url[1]}://"', hint=hint)


def several(source: str) -> tuple[str, ...]:
    """The files of a source that names several as ``COMPOSE_FILE`` does; none for the name of one."""
    names = tuple(map(_shown, filter(None, source.split(":"))))
    return names if len(names) > 1 and not Path(source).exists() and any(map(os.path.isfile, names)) else ()


def is_special(source: str) -> bool:
    """Whether a source is standard input or a running system."""
    return source == STDIN or bool(_URL(source))


def _scheme(url: str) -> str:
    return url.partition("://")[0]


def _is_directory(source: str) -> bool:
    try:
        return Path(source).is_dir()
    except OSError:  # a name that is too long
        return False


def _home(source: str, directories: Sequence[str]) -> str | None:
    """The outermost of the directories that a source is, or lies in."""
    real = Path(os.path.realpath(source))
    around = (directory for directory in directories if real.is_relative_to(os.path.realpath(directory)))
    return min(around, key=lambda directory: len(os.path.realpath(directory)), default=None)


def _bytes(path: str) -> bytes:
    """A file's bytes; of one that is too large no more than show it. Devices, and pipes that may hang, are refused."""
    found = os.stat(path)  # noqa: PTH116 - a path object takes longer
    if not stat.S_ISREG(found.st_mode) and not _OPEN_PIPE(path):
        raise SourceError("not a regular file", path=path, hint="- reads standard input")
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        # Where no size is told (a pipe, /proc) there may be anything.
        return file.read(min(found.st_size or MAX_BYTES, MAX_BYTES) + 1)


def _instead(path: str) -> str:
    """What to try where there is no such file: one of its directory that is called alike."""
    directory, name = os.path.split(path)
    try:
        there = sorted(set(os.listdir(directory or ".")) - {name})  # noqa: PTH208 - names are wanted, and no paths
    except OSError:
        return "check the path"
    near = nearest(name, there, _ALIKE) if len(there) <= _COMPARED else None
    return f'did you mean "{os.path.join(directory, near)}"?' if near else "check the path"  # noqa: PTH118 - a text


_ALIKE = 0.85
"""Files of a directory have much of their names in common."""

_COMPARED = 1000
"""Names that a misspelt one is compared with, at most: it takes 10 us each."""


def _stdin() -> bytes:
    if sys.stdin is None:
        raise SourceError("standard input is closed", path=STDIN)
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _shown(path: str) -> str:
    """A path relative to the working directory where it is below it, else as it was given."""
    if not path.startswith("/"):
        # Where a link leads, ".." is not the directory that the name says.
        return path if ".." in path else os.path.normpath(path)
    here = os.getcwd()  # noqa: PTH109 - as above
    return os.path.relpath(path, here) if path.startswith(f"{here}/") and ".." not in path else path
