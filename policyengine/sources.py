"""What a run reads: files, directories, standard input and running systems."""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.documents.load import MAX_BYTES, decoded, document, format_of
from policyengine.documents.templates import unrendered
from policyengine.errors import DocumentError, PolicyengineError, SourceError, UsageError, did_you_mean
from policyengine.inputs import Particular, document_inputs, live_inputs
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files
from policyengine.model.report import Problem, Skipped
from policyengine.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.documents.document import Document
    from policyengine.inputs import DocumentInput
    from policyengine.model.resource import Resource

STDIN = "-"
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://").match
_OPEN_PIPE = re.compile(r"/dev/stdin|/dev/fd/\d+|/proc/self/fd/\d+").fullmatch
"""What a shell gives for ``<(helm template .)``."""

_LOOKS_CLAIMED = re.compile(r"^(?:apiVersion|kind|services|\"apiVersion\")[\"']?\s*:", re.MULTILINE).search


@dataclass(slots=True)
class Reader:
    """Reads the sources of one run. What was read, left out or failed is told in the attributes afterwards."""

    env: Mapping[str, str] = field(default_factory=dict)
    exclude: Sequence[str] = ()
    inputs: int = 0
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def read(self, sources: Sequence[str]) -> Iterator[Resource]:
        """The resources of all sources, in order; a file that is named twice is read once.

        What lies in a directory that is named too, is read as a part of it. A source that cannot be read becomes a
        problem, and the others are read. Raises :class:`UsageError` for a source that makes no sense.
        """
        for source in sources:
            _check(source)
        directories = [source for source in sources if not _is_special(source) and _is_directory(source)]
        seen: set[str] = set()
        for source in sources:
            try:
                yield from self._source(source, directories, seen)
            except PolicyengineError as error:
                self._failed(error)

    def _source(self, source: str, directories: Sequence[str], seen: set[str]) -> Iterator[Resource]:
        url = _URL(source)
        if url:
            yield from self._live(url[1], source)
            return
        if source == STDIN:
            yield from self._text(STDIN, _stdin(), self._context(), named=True)
            return
        home = _home(source, directories)
        context = self._context(source=home or "", closed=home is not None)
        if source in directories:
            walk = Walk(Path(source), self.exclude)
            yield from self._files(walk.files(lambda path: format_of(path) is not None), context, seen, named=False)
            self.problems.extend(walk.problems)
        else:
            yield from self._files([Path(source)], context, seen, named=True)

    def _context(self, source: str = "", *, closed: bool = False) -> Context:
        files = Files(source)
        return Context(source, closed, self.env, files, problems=self.problems, skipped=self.skipped)

    def _live(self, scheme: str, url: str) -> Iterator[Resource]:
        self.inputs += 1
        yield from live_inputs()[scheme].read_live(url, self._context(url, closed=True))

    def _files(self, paths: Iterable[Path], context: Context, seen: set[str], *, named: bool) -> Iterator[Resource]:
        for path in paths:
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            try:
                data = _bytes(path)
            except OSError as error:
                hint = "check the path" if isinstance(error, FileNotFoundError) else None
                self._failed(SourceError(f"cannot be read: {error.strerror}", path=_shown(path), hint=hint))
            except PolicyengineError as error:
                self._failed(error)
            else:
                yield from self._text(_shown(path), data, context, named=named)

    def _text(self, path: str, data: bytes, context: Context, *, named: bool) -> Iterator[Resource]:
        try:
            text = decoded(path, data)
            reason = unrendered(path, text)
            if reason is None:
                yield from self._document(document(path, data), context, named=named)
                return
        except DocumentError as error:
            reason = self._malformed(path, data, error, named=named)
        if reason:
            self.skipped.append(Skipped(path, reason))

    def _malformed(self, path: str, data: bytes, error: DocumentError, *, named: bool) -> str | None:
        """Why a malformed file is left out; None when it is a problem: it was named, or looks like ours."""
        text = data.decode("utf-8", errors="replace")
        reason = unrendered(path, text, malformed=True)
        if reason:
            return reason
        if named or format_of(path) == "dockerfile" or _LOOKS_CLAIMED(text) or "compose" in Path(path).name:
            self._failed(error)
            return None
        return error.message

    def _document(self, found: Document, context: Context, *, named: bool) -> Iterator[Resource]:
        reader = claimant(found)
        if reader is None:
            self._unclaimed(found, named=named)
            return
        self.inputs += 1
        yield from reader.read(found, context)

    def _unclaimed(self, found: Document, *, named: bool) -> None:
        reasons = (reader.unread(found) for reader in document_inputs().values() if isinstance(reader, Particular))
        reason = next(filter(None, reasons), "not of a known kind")
        if named:
            kinds = ", ".join(document_inputs())
            self._failed(SourceError(reason, path=found.path, hint=f"input kinds are {kinds}"))
        else:
            self.skipped.append(Skipped(found.path, reason))

    def _failed(self, error: PolicyengineError) -> None:
        self._context().failed(error)


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


def _is_special(source: str) -> bool:
    return source == STDIN or bool(_URL(source))


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


def _bytes(path: Path) -> bytes:
    """A file's bytes; of one that is too large no more than show it. Devices, and pipes that may hang, are refused."""
    if not stat.S_ISREG(path.stat().st_mode) and not _OPEN_PIPE(str(path)):
        raise SourceError("not a regular file", path=_shown(path), hint="- reads standard input")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _stdin() -> bytes:
    if sys.stdin is None:
        raise SourceError("standard input is closed", path=STDIN)
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def _shown(path: Path) -> str:
    """A path relative to the working directory where it is below it, else as it was given."""
    if not path.is_absolute():
        return os.path.normpath(path)
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
