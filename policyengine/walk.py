"""Walking directories as git would see them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.model.report import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pathspec import GitIgnoreSpec

_NEVER = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox"})


@dataclass(slots=True)
class Walk:
    """A walk below a directory, in the order of names.

    Left out are version-control and dependency directories, what a ``.gitignore`` ignores, and what ``exclude``
    patterns name. Symbolic links to directories are not followed. Directories that cannot be read are ``problems``.
    """

    root: Path
    exclude: Sequence[str] = ()
    problems: list[Problem] = field(default_factory=list)

    def files(self, wanted: Callable[[str], bool]) -> Iterator[Path]:
        """The files whose path is wanted."""
        excluded = [(self.root, _spec(self.exclude))] if self.exclude else []
        yield from self._below(self.root, [*self._inherited(), *excluded], wanted)

    def _inherited(self) -> list[tuple[Path, GitIgnoreSpec]]:
        """The .gitignore files above the root, up to the top of its repository."""
        found: list[tuple[Path, GitIgnoreSpec]] = []
        top = self.root.resolve()
        if (top / ".git").exists():
            return found
        for parent in top.parents:
            if (parent / ".gitignore").is_file():
                found.append((parent, _spec(_lines(parent / ".gitignore"))))
            if (parent / ".git").exists():
                return found
        return []

    def _below(
        self, directory: Path, ignored: list[tuple[Path, GitIgnoreSpec]], wanted: Callable[[str], bool]
    ) -> Iterator[Path]:
        waiting = [(directory, ignored)]
        while waiting:
            directory, ignored = waiting.pop()
            try:
                entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
            except OSError as error:
                self.problems.append(Problem(f"cannot be read: {error.strerror}", str(directory)))
                continue
            if any(entry.name == ".gitignore" and entry.is_file() for entry in entries):
                ignored = [*ignored, (directory, _spec(_lines(directory / ".gitignore")))]
            kept = [entry for entry in entries if entry.name not in _NEVER and not _ignored(entry, ignored)]
            yield from (Path(entry.path) for entry in kept if entry.is_file() and wanted(entry.path))
            below = [entry for entry in kept if entry.is_dir(follow_symlinks=False)]
            waiting.extend((Path(entry.path), ignored) for entry in reversed(below))


def _ignored(entry: os.DirEntry[str], ignored: Sequence[tuple[Path, GitIgnoreSpec]]) -> bool:
    for base, spec in ignored:
        path = os.path.relpath(Path(entry.path).absolute(), base.absolute())
        if spec.match_file(path + "/" if entry.is_dir(follow_symlinks=False) else path):
            return True
    return False


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)
