"""Repositories and revisions: which are meant, and what is said of those that are not there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from policyengine.connections import git
from policyengine.connections.git import Repository, repository
from policyengine.errors import PolicyengineError, SourceError, UsageError
from tests.installation import ROOT
from tests.repositories import cloned, made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.repositories import Made

ONE = {"compose.yaml": "services: {}\n"}
SHALLOW = (
    "the history is shallow: fetch it with `git fetch --unshallow`, "
    "or set fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 in GitLab"
)


pytestmark = pytest.mark.usefixtures("nobodys_configuration")


def told(question: Callable[[], object]) -> str:
    with pytest.raises(PolicyengineError) as caught:
        question()
    return str(caught.value)


def branched(top: Path) -> tuple[Made, str]:
    """``main`` and ``feature``, on which HEAD is, each with a commit after the one that is returned."""
    ours = made(top, ONE)
    start = ours.git("rev-parse", "HEAD")
    ours.git("checkout", "--quiet", "-b", "feature")
    ours.commit({"a.yaml": "a: 1\n"})
    ours.git("checkout", "--quiet", "main")
    ours.commit({"b.yaml": "b: 1\n"})
    ours.git("checkout", "--quiet", "feature")
    return ours, start


def test_the_repository_is_that_of_the_directory(tmp_path: Path) -> None:
    made(tmp_path / "shop", {"deploy/compose.yaml": ""})
    assert repository(tmp_path / "shop" / "deploy") == Repository(tmp_path / "shop")


def test_a_name_of_any_bytes(tmp_path: Path) -> None:
    top = tmp_path / os.fsdecode(b"a\n\"b' \xff\n")
    made(top, ONE)
    assert repository(top).top == top


def test_a_linked_worktree_and_a_submodule_are_repositories_of_their_own(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", ONE)
    ours.git("worktree", "add", "--quiet", str(tmp_path / "other"), "-b", "other")
    ours.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(ours.top), "below")
    assert repository(tmp_path / "other").top == tmp_path / "other"
    assert repository(tmp_path / "other").commit("other") == ours.git("rev-parse", "HEAD")
    assert repository(ours.top / "below").top == ours.top / "below"


def test_variables_of_a_hook_are_of_another_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "other", ONE)
    made(tmp_path / "shop" / "deploy" / "..", ONE)
    (tmp_path / "shop" / "deploy").mkdir(exist_ok=True)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / ".git" / "index"))
    assert repository(tmp_path / "shop" / "deploy").top == tmp_path / "shop"


def test_no_repository(tmp_path: Path) -> None:
    assert told(lambda: repository(tmp_path)) == (
        f"{tmp_path}: is in no git repository (run policyengine in the repository)"
    )


def test_a_bare_repository_has_no_working_tree(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", ONE)
    cloned(ours, tmp_path / "bare", "--bare")
    expected = ": is in a git repository without a working tree (run policyengine in a clone, or a worktree)"
    assert told(lambda: repository(tmp_path / "bare")) == f"{tmp_path / 'bare'}{expected}"
    assert told(lambda: repository(ours.top / ".git")) == f"{ours.top / '.git'}{expected}"


def test_the_repository_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = made(tmp_path / "my shop", ONE).top
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setattr(git, "_KEPT", git._KEPT | {"GIT_TEST_ASSUME_DIFFERENT_OWNER"})
    assert told(lambda: repository(top)) == (
        f"{top}: is in a git repository of another user (if you trust its configuration: "
        f"git config --global --add safe.directory '{top}')"
    )


def test_no_git_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert told(lambda: repository(tmp_path)) == "there is no git command (install git)"


def test_a_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "SECONDS", 0.2)
    begun = time.monotonic()
    assert told(lambda: repository(tmp_path)) == f"{tmp_path}: git did not answer within 0.2 seconds"
    assert time.monotonic() - begun < 10


def test_a_revision_is_a_commit_by_any_of_its_names(tmp_path: Path) -> None:
    ours, start = branched(tmp_path / "shop")
    ours.git("tag", "--annotate", "v1", start, "--message", "one")
    ours.git("branch", "v2", start)
    found = {name: ours.repository.commit(name) for name in ("v1", "v2", start[:12], "HEAD~1", "main^", start)}
    assert found == dict.fromkeys(found, start)


def test_what_is_checked_out_may_be_on_no_branch(tmp_path: Path) -> None:
    ours, start = branched(tmp_path / "shop")
    ours.git("checkout", "--quiet", "--detach")
    assert ours.repository.base("main") == start


UNKNOWN = {
    "": '"" is no revision (name a commit, a branch or a tag, such as origin/main)',
    "--output=/tmp/x": '"--output=/tmp/x" is no revision (name a commit, a branch or a tag, such as origin/main)',
    "a\0b": '"a\0b" is no revision (name a commit, a branch or a tag, such as origin/main)',
    "mian": 'unknown revision "mian" (did you mean "main"?)',
    "nothing-like-it": 'unknown revision "nothing-like-it"',
    "HEAD:compose.yaml": '"HEAD:compose.yaml" is no commit (name a commit, a branch or a tag)',
    "HEAD^{tree}": '"HEAD^{tree}" is no commit (name a commit, a branch or a tag)',
    "0" * 39 + "1": f'unknown revision "{"0" * 39}1"',
    "main~99": 'unknown revision "main~99" (did you mean "main"?)',
    "a b\nc": 'unknown revision "a b\nc"',
}


@pytest.mark.parametrize("ref", UNKNOWN, ids=repr)
def test_no_such_revision(ref: str, tmp_path: Path) -> None:
    ours, _ = branched(tmp_path / "shop")
    with pytest.raises(UsageError) as caught:
        ours.repository.commit(ref)
    assert str(caught.value) == UNKNOWN[ref]


def test_nothing_is_committed_yet(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop")
    assert told(lambda: ours.repository.commit("main")) == (
        f'{ours.top}: "main" is no revision: nothing is committed yet'
    )


def test_the_base_is_where_a_branch_began(tmp_path: Path) -> None:
    ours, start = branched(tmp_path / "shop")
    assert ours.repository.base("main") == start
    assert ours.repository.base("HEAD") == ours.git("rev-parse", "feature")
    ours.committed("merge", "--quiet", "--no-edit", "main")
    assert ours.repository.base("main") == ours.git("rev-parse", "main")


def test_histories_that_have_nothing_in_common(tmp_path: Path) -> None:
    ours, _ = branched(tmp_path / "shop")
    ours.git("checkout", "--quiet", "--orphan", "new")
    ours.commit()
    assert told(lambda: ours.repository.base("main")) == (
        '"main" and HEAD have no commit in common (name a revision that HEAD comes from)'
    )


def test_a_shallow_clone_lacks_what_branches_have_in_common(tmp_path: Path) -> None:
    ours, start = branched(tmp_path / "shop")
    shallow = cloned(ours, tmp_path / "shallow", "--depth=1", "--no-single-branch")
    assert told(lambda: shallow.repository.base("origin/main")) == (
        f'"origin/main" and HEAD have no commit in common ({SHALLOW})'
    )
    shallow.git("fetch", "--quiet", "--unshallow")  # as it says
    assert shallow.repository.base("origin/main") == start


def test_a_shallow_clone_of_a_single_branch_lacks_the_others(tmp_path: Path) -> None:
    """As actions/checkout and GitLab make them."""
    ours, start = branched(tmp_path / "shop")
    shallow = cloned(ours, tmp_path / "shallow", "--depth=1")
    said = told(lambda: shallow.repository.base("origin/main"))
    assert said == (
        'unknown revision "origin/main" (the history is shallow: fetch it with '
        "`git fetch --unshallow origin main:refs/remotes/origin/main`, "
        "or set fetch-depth: 0 of actions/checkout, GIT_DEPTH: 0 in GitLab)"
    )
    assert told(lambda: shallow.repository.base(start)) == f'unknown revision "{start}" ({SHALLOW})'
    command = re.findall("`git (.*)`", said)
    shallow.git(*command[0].split())
    assert shallow.repository.base("origin/main") == start


def test_a_clone_of_a_single_branch_lacks_the_others(tmp_path: Path) -> None:
    ours, start = branched(tmp_path / "shop")
    clone = cloned(ours, tmp_path / "clone", "--single-branch")
    said = told(lambda: clone.repository.base("origin/main"))
    assert said == ('unknown revision "origin/main" (fetch it with `git fetch origin main:refs/remotes/origin/main`)')
    clone.git(*said.partition("`git ")[2].partition("`")[0].split())
    assert clone.repository.base("origin/main") == start


def test_a_branch_of_a_remote_is_meant(tmp_path: Path) -> None:
    ours, _ = branched(tmp_path / "shop")
    clone = cloned(ours, tmp_path / "clone")
    assert told(lambda: clone.repository.commit("origin/mian")) == (
        'unknown revision "origin/mian" (did you mean "origin/main"?; '
        "fetch it with `git fetch origin mian:refs/remotes/origin/mian`)"
    )


def test_a_replaced_commit_is_what_its_id_says(tmp_path: Path) -> None:
    ours, start = branched(tmp_path / "shop")
    tree = ours.repository.ask("rev-parse", f"{start}^{{tree}}")
    ours.git("replace", start, "main")
    assert ours.repository.ask("rev-parse", f"{start}^{{tree}}") == tree


def test_what_git_says_when_it_fails_is_told(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", ONE)
    for path in (ours.top / ".git" / "objects").glob("??/*"):
        path.unlink()
    with pytest.raises(SourceError) as caught:
        ours.repository.ask("ls-tree", "HEAD")
    assert str(caught.value) == f"{ours.top}: git failed: not a tree object"


ASKING = """
import sys
from pathlib import Path
from policyengine.connections.git import Repository
top = Path(sys.argv[1])
print(Repository(top).ask("-c", "alias.ask=!(exec </dev/tty) 2>/dev/null && echo asked || echo not asked", "ask"))
"""


def test_git_finds_no_terminal_to_ask_on(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", ONE)
    command = shlex.join([sys.executable, "-c", ASKING, str(ours.top)])
    on_a_terminal = ["script", "--quiet", "--return", "--command", command, "/dev/null"]
    ended = subprocess.run(on_a_terminal, capture_output=True, check=True, stdin=subprocess.DEVNULL, cwd=ROOT)
    assert ended.stdout.strip() == rb"b'not asked\n'"
