"""Walking directories as git would see them."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.errors import UsageError
from policyengine.model.report import Problem, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from pathspec import GitIgnoreSpec

_NEVER = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"})


class Walk(Struct):
    """A walk below a directory, in the order of names.

    Left out are version-control and dependency directories, what a ``.gitignore`` ignores, and what ``exclude``
    patterns name, relative to the directory or to the working directory, and those of ``exclusions``, relative to the
    directory that stands before them. Symbolic links to directories are not followed: these, and what has a wanted
    name and is no file, are ``skipped``. Directories that cannot be read are ``problems``. What is ``committed``, by
    its real path, or has something below it that is, only patterns leave out.
    """

    root: Path
    exclude: Sequence[str] = ()
    exclusions: Sequence[tuple[str, Sequence[str]]] = ()
    committed: Callable[[str], bool] | None = None
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def files(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
        """The files whose name is wanted: the path of each, and its real path."""
        excluded = self._excluded()
        waiting = [(str(self.root), os.path.realpath(self.root), _inherited(self.root))]
        while waiting:
            directory, real, ignores = waiting.pop()
            entries = self._entries(directory)
            if any(entry.name == ".gitignore" for entry in entries):
                ignores = [_Ignore.of(Path(directory), _lines(Path(directory, ".gitignore"))), *ignores]
            kept = [entry for entry in entries if not self._left_out(entry, real, ignores, excluded)]
            for entry in kept:
                if wanted(entry.name) and _is_file(entry):
                    yield entry.path, _real(entry, real)
                elif reason := _passed_over(entry, wanted):
                    self.skipped.append(Skipped(entry.path, reason))
            below = (entry for entry in reversed(kept) if entry.is_dir(follow_symlinks=False))
            waiting.extend((entry.path, f"{real}/{entry.name}", ignores) for entry in below)

    def _left_out(
        self, entry: os.DirEntry[str], directory: str, ignores: Sequence[_Ignore], excluded: Sequence[_Ignore]
    ) -> bool:
        """Whether an entry of a directory, by whose real path what is committed goes, is left out."""
        if not _left_out(entry, ignores, excluded):
            return False
        if self.committed is None or not self.committed(f"{directory}/{entry.name}"):
            return True
        return bool(excluded) and _left_out(entry, (), excluded, ())

    def excludes(self, path: str) -> bool:
        """Whether patterns name a file. What a ``.gitignore`` ignores is not asked: who names a file has it."""
        absolute = _absolute(path)
        return any(exclusion.verdict(absolute) for exclusion in self._excluded())

    def _excluded(self) -> list[_Ignore]:
        """The patterns. Raises :class:`UsageError` for one that makes no sense."""
        for pattern in (*self.exclude, *(pattern for _, patterns in self.exclusions for pattern in patterns)):
            if not _makes_sense(pattern):
                raise UsageError(f'exclude: "{pattern}" is no pattern', hint="they are written as in .gitignore")
        found = [_Ignore.of(base, self.exclude) for base in (self.root, Path.cwd()) if self.exclude]
        return found + [_Ignore.of(Path(base), patterns) for base, patterns in self.exclusions]

    def _entries(self, directory: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(directory) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.problems.append(Problem(f"cannot be read: {error.strerror}", os.path.normpath(directory)))
            return []


class _Ignore(Struct, frozen=True):
    """Patterns and the directory that they are relative to."""

    base: str
    spec: GitIgnoreSpec

    @classmethod
    def of(cls, base: Path, patterns: Sequence[str]) -> _Ignore:
        """The patterns of a .gitignore in a directory. One that makes no sense matches nothing, as in git."""
        try:
            spec = _spec(patterns)
        except _PatternError:
            spec = _spec([pattern for pattern in patterns if _makes_sense(pattern)])
        return cls(_absolute(base).rstrip("/") + "/", spec)

    def verdict(self, path: str) -> bool | None:
        """Whether an absolute path is ignored; None when no pattern speaks of it."""
        return self.spec.check_file(path.removeprefix(self.base)).include if path.startswith(self.base) else None


class _PatternError(Exception):
    """A pattern makes no sense."""


def _makes_sense(pattern: str) -> bool:
    try:
        _spec([pattern])
    except _PatternError:
        return False
    return True


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of brackets in brackets
        try:
            return GitIgnoreSpec.from_lines(patterns)
        except Exception as error:  # of a kind that hangs on the library that pathspec matches with
            raise _PatternError from error


def _left_out(
    entry: os.DirEntry[str],
    ignores: Sequence[_Ignore],
    excluded: Sequence[_Ignore],
    never: Collection[str] = _NEVER,
) -> bool:
    if entry.name in never:
        return True
    if not ignores and not excluded:
        return False
    path = _absolute(entry.path) + ("/" if entry.is_dir(follow_symlinks=False) else "")
    if any(exclusion.verdict(path) for exclusion in excluded):
        return True
    # The nearest .gitignore that speaks of a path decides: https://git-scm.com/docs/gitignore
    return next((verdict for ignore in ignores if (verdict := ignore.verdict(path)) is not None), False)


def _absolute(path: Path | str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - asked of every file, and without ".."


def _inherited(root: Path) -> list[_Ignore]:
    """The .gitignore files above a directory, the nearest first, up to the top of its repository."""
    found: list[_Ignore] = []
    top = Path(_absolute(root))
    if _is_there(top / ".git"):
        return found
    for parent in top.parents:
        if _is_there(parent / ".gitignore"):
            found.append(_Ignore.of(parent, _lines(parent / ".gitignore")))
        if _is_there(parent / ".git"):
            return found
    return []


def _is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - a path object raises where it may not look


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a symbolic link that leads to itself
        return False


def _passed_over(entry: os.DirEntry[str], wanted: Callable[[str], bool]) -> str | None:
    """Why an entry that is no wanted file is not looked into; None for a directory, and for what has another name."""
    if entry.is_dir(follow_symlinks=False):
        return None
    if entry.is_symlink() and _is_directory(entry):
        return "a symbolic link to a directory, which is not followed"
    if not wanted(entry.name):
        return None
    return "a symbolic link that leads to no file" if entry.is_symlink() else "not a regular file"


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a symbolic link that leads to itself
        return False


def _real(entry: os.DirEntry[str], directory: str) -> str:
    """A file's real path, below its directory's: only links need to be looked at."""
    return os.path.realpath(entry.path) if entry.is_symlink() else f"{directory}/{entry.name}"


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file():  # a pipe may hang
            return []
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
