"""Git repositories: which one a directory lies in, and what a revision's name means there.

Over the ``git`` command: https://git-scm.com/docs. What a repository configures is not trusted: no hook, filter, pager,
external diff or file system monitor of its choosing is started, nothing is asked for, nothing is fetched, and its index
is never written. Paths are as :func:`os.fsdecode` has them: names may be any bytes.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.errors import SourceError, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECONDS = 120
"""How long one question may take: that of all files in the largest repositories takes seconds."""

_OPTIONS = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),  # may be the path of a program
    *("-c", "core.hooksPath=/dev/null"),  # post-index-change: of the index that renames are found with
    *("-c", "core.attributesFile=/dev/null"),
    *("-c", "core.splitIndex=false"),
)
_KEPT = frozenset({"GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"})
"""What else git's variables say (``GIT_DIR``, ``GIT_INDEX_FILE``, as hooks have them) is of another directory."""

_SET = {
    "LC_ALL": "C",  # what it says is read below
    "LANGUAGE": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit is what its id says
    "GIT_NO_LAZY_FETCH": "1",  # from git 2.39.4; before it, no protocol is allowed
    "GIT_ALLOW_PROTOCOL": "none",
}


def _fetch(command: str, *, shallow: bool) -> str:
    """What to do about a revision that is not here."""
    if not shallow:
        return f"fetch it with `{command}`"
    services = "set fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 in GitLab"
    return f"the history is shallow: fetch it with `{command}`, or {services}"


_SHALLOW = _fetch("git fetch --unshallow", shallow=True)


class Answer(Struct, frozen=True):
    """How git ended, and what it said."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Its output as one path, name or id."""
        return os.fsdecode(self.out.removesuffix(b"\n"))


class Repository(Struct, frozen=True):
    """A repository with a working tree, whose highest directory is ``top``."""

    top: Path

    def ask(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """What git says. Raises :class:`SourceError` when it fails."""
        answer = self.asked(*arguments, stdin=stdin, env=env)
        if answer.code:
            raise failed(answer.err, str(self.top))
        return answer.out

    def asked(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Answer:
        """How git ends, and what it says."""
        return _run(self.top, arguments, stdin, env)

    def commit(self, ref: str) -> str:
        """The id of the commit that ``ref`` names. Raises :class:`UsageError` where it names none."""
        if not ref or ref.startswith("-") or "\0" in ref:
            raise UsageError(f'"{ref}" is no revision', hint="name a commit, a branch or a tag, such as origin/main")
        found = self._verified(f"{ref}^{{commit}}")
        if found is None:
            raise self._unknown(ref)
        return found

    def base(self, ref: str) -> str:
        """The id of the commit at which what is checked out left ``ref``: their merge base.

        Of several that are equally good it is one. Raises :class:`UsageError` for a ``ref`` that names no commit, or
        whose history has nothing in common with what is checked out, as far as it is known.
        """
        commit, head = self.commit(ref), self.commit("HEAD")
        answer = self.asked("merge-base", commit, head)
        if answer.code == 1 and not answer.err:
            hint = _SHALLOW if self.is_shallow() else "name a revision that HEAD comes from"
            raise UsageError(f'"{ref}" and HEAD have no commit in common', hint=hint)
        if answer.code:
            raise failed(answer.err, str(self.top))
        return answer.text

    def is_shallow(self) -> bool:
        """Whether commits' parents are left out."""
        return self.ask("rev-parse", "--is-shallow-repository") == b"true\n"

    def has(self, commit: str) -> bool:
        """Whether a commit is here, by its id."""
        return self.asked("cat-file", "-e", f"{commit}^{{commit}}").code == 0

    def _verified(self, name: str) -> str | None:
        answer = self.asked("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return None if answer.code else answer.text

    def _unknown(self, ref: str) -> UsageError:
        if self._verified("HEAD") is None:
            return UsageError(f'"{ref}" is no revision: nothing is committed yet', path=str(self.top))
        named = self._verified(ref)
        if named is not None and self.asked("cat-file", "-e", named).code == 0:
            return UsageError(f'"{ref}" is no commit', hint="name a commit, a branch or a tag")
        remotes = os.fsdecode(self.ask("remote")).splitlines()
        remote = next((name for name in remotes if ref.startswith(f"{name}/")), None)
        hints = filter(None, (self._nearest(ref, remote), self._how_to_fetch(ref, remote)))
        return UsageError(f'unknown revision "{ref}"', hint="; ".join(hints) or None)

    def _nearest(self, ref: str, remote: str | None) -> str | None:
        """The name that may be meant; where a remote is named, one of its branches."""
        listed = self.ask("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes", "refs/tags")
        names = [name.split("/", 2)[2] for name in os.fsdecode(listed).splitlines() if not name.endswith("/HEAD")]
        if remote is None:
            return did_you_mean(ref, names)
        ours = {name.removeprefix(f"{remote}/"): name for name in names if name.startswith(f"{remote}/")}
        nearest = did_you_mean(ref.removeprefix(f"{remote}/"), ours)
        return nearest and nearest.replace('"', f'"{remote}/', 1)

    def _how_to_fetch(self, ref: str, remote: str | None) -> str | None:
        """How a branch of a remote comes here that a clone of a single branch, as those of CI services, left out."""
        shallow = self.is_shallow()
        if remote is None:
            return _SHALLOW if shallow else None
        branch = ref.removeprefix(f"{remote}/")
        fetch = f"git fetch {'--unshallow ' * shallow}{remote} {branch}:refs/remotes/{remote}/{branch}"
        return _fetch(fetch, shallow=shallow)


def repository(directory: Path) -> Repository:
    """The repository in whose working tree a directory lies. Raises :class:`UsageError` where there is none."""
    answer = _run(directory, ("rev-parse", "--show-toplevel"))
    if answer.code:
        raise _no_repository(answer.err, directory)
    return Repository(Path(answer.text))


def command(directory: Path, arguments: Sequence[str]) -> list[str]:
    """What is run, with what keeps a repository's configuration from having its way."""
    return ["git", "-C", str(directory), *_OPTIONS, *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that git is run with."""
    given = os.environ.items()
    kept = {
        name: value
        for name, value in given
        if not name.startswith("GIT_") or name in _KEPT or name.startswith("GIT_CONFIG")
    }
    return {**kept, **_SET, **(more or {})}


def no_git() -> UsageError:
    """What is told where git cannot be run."""
    return UsageError("there is no git command", hint="install git")


def _run(directory: Path, arguments: Sequence[str], stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Answer:
    try:
        # In a session of its own it has no terminal to ask on.
        ended = subprocess.run(  # noqa: S603 - no shell
            command(directory, arguments),
            input=stdin,
            capture_output=True,
            env=environment(env),
            timeout=SECONDS,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise late(str(directory)) from None
    except (FileNotFoundError, PermissionError):
        raise no_git() from None
    return Answer(ended.returncode, ended.stdout, ended.stderr.decode("utf-8", "replace"))


def late(path: str) -> SourceError:
    """What is told of a git that does not come to an end."""
    return SourceError(f"git did not answer within {SECONDS} seconds", path=path)


def failed(said: str, path: str) -> SourceError:
    """What is told of a git that failed, in its own words: the first that say it is fatal, else the last."""
    if "promisor remote" in said:
        hint = "clone it without --filter (filter of actions/checkout): nothing is fetched now"
        return SourceError("files of the revision are not here: the clone is partial", path=path, hint=hint)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith("fatal: ")]
    message = [*fatal, *reversed(lines), "without a word"][0].removeprefix("fatal: ")
    return SourceError(f"git failed: {message}", path=path)


def _no_repository(said: str, directory: Path) -> UsageError | SourceError:
    path = str(directory)
    if "not a git repository" in said:
        return UsageError("is in no git repository", path=path, hint="run policyengine in the repository")
    if "dubious ownership" in said or "unsafe repository" in said:
        allow = next((line.strip() for line in said.splitlines() if "safe.directory" in line), "")
        hint = f"if you trust its configuration: {allow}" if allow.startswith("git config") else None
        return UsageError("is in a git repository of another user", path=path, hint=hint)
    if "must be run in a work tree" in said:
        hint = "run policyengine in a clone, or a worktree"
        return UsageError("is in a git repository without a working tree", path=path, hint=hint)
    return failed(said, path)
