"""Git repositories for tests: this one as users get it, and ones that use it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.installation import copied, environment

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
}
"""What a commit needs, and nothing of who runs the tests."""


def git(place: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run git in a directory, as somebody whose settings are git's own."""
    variables = environment(None, **IDENTITY, **more)
    return subprocess.run(
        ["git", *arguments], cwd=place, env=variables, capture_output=True, text=True, timeout=300, check=False
    )


def head(place: Path) -> str:
    """The commit that is checked out."""
    return git(place, "rev-parse", "HEAD").stdout.strip()


def staged(place: Path, files: dict[str, str | None]) -> None:
    """Write and stage files, None for one that is removed, in a repository that is made where there is none."""
    place.mkdir(parents=True, exist_ok=True)
    if not (place / ".git").exists():
        assert git(place, "init", "--quiet", "--initial-branch", "main").returncode == 0
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            (place / name).unlink()
        else:
            (place / name).write_text(text)
    assert git(place, "add", "--all").returncode == 0


def committed(place: Path, files: dict[str, str | None]) -> str:
    """Commit files, past any hooks; gives the commit."""
    staged(place, files)
    done = git(place, "commit", "--quiet", "--no-verify", "--message", "A change")
    assert done.returncode == 0, done.stderr
    return head(place)


def released(place: Path) -> str:
    """This repository's files of now as a repository with one commit; gives that commit."""
    copied(place)
    return committed(place, {})
