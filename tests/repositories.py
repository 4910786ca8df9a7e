"""Real git repositories, the same whenever and wherever they are made."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.git import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_EPOCH = 1_700_000_000


def variables(**more: str) -> dict[str, str]:
    """The environment of git in tests: nobody's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {f"GIT_{role}_{part}": "a" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    return {**kept, **who, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8", **more}


class Made(Struct):
    """A repository in a directory; each commit is a minute after the last."""

    top: Path
    minutes: int = 0

    @property
    def repository(self) -> Repository:
        return Repository(self.top)

    def git(self, *arguments: str, stdin: str = "", **more: str) -> str:
        """What git says. It must succeed."""
        ended = subprocess.run(
            ["git", "-C", str(self.top), *arguments],
            env=variables(**more),
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr.decode()
        return os.fsdecode(ended.stdout).removesuffix("\n")

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files of the working tree."""
        for name, content in files.items():
            path = self.top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes] | None = None, message: str = "change") -> str:
        """Commit what is in the working tree, after files were written; the commit's id."""
        self.write(files or {})
        self.git("add", "--all")
        return self.committed("commit", "--quiet", "--allow-empty", "--message", message)

    def committed_tree(self, tree: str) -> str:
        """A commit of any tree, on no branch; its id."""
        return self.git("commit-tree", tree, "-m", "tree")

    def committed(self, *arguments: str) -> str:
        """Run what makes a commit; its id."""
        self.minutes += 1
        at = f"{_EPOCH + 60 * self.minutes} +0000"
        self.git(*arguments, GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at)
        return self.git("rev-parse", "HEAD")


def made(directory: Path, files: Mapping[str, str | bytes] | None = None, *options: str) -> Made:
    """A repository with one commit of files; without any commit where there are no files."""
    directory.mkdir(parents=True, exist_ok=True)
    repository = Made(directory)
    repository.git("init", "--quiet", "--initial-branch=main", *options)
    if files is not None:
        repository.commit(files)
    return repository


def cloned(of: Made, directory: Path, *options: str) -> Made:
    """A clone over a transport, so that it can be shallow."""
    of.git("clone", "--quiet", *options, f"file://{of.top}", str(directory))
    return Made(directory, of.minutes)
