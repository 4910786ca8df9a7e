"""Files that moved, as git itself sees them, while nothing of its configuration is started and nothing is changed."""

from __future__ import annotations

import os
import random
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.git import repository
from policyengine.connections.git_trees import entries
from policyengine.connections.git_working_tree import ignored, listed, renames
from tests.repositories import made

if TYPE_CHECKING:
    from pathlib import Path

    from tests.repositories import Made

pytestmark = pytest.mark.usefixtures("nobodys_configuration")


def text(name: str, lines: int = 20) -> str:
    return "".join(f"{name} says {number}\n" for number in range(lines))


FILES = {
    "compose.yaml": text("compose"),
    "deploy/web.yaml": text("web"),
    "deploy/db.yaml": text("db"),
    "Dockerfile": text("docker"),
    "large.yaml": text("large", 1000),
    "empty": "",
}


def found(ours: Made) -> dict[str, str]:
    return renames(ours.repository, entries(ours.repository, "HEAD"))


def test_nothing_moved(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", FILES)
    ours.write({"new.yaml": text("new"), "compose.yaml": text("other")})
    assert found(ours) == {}


def move(ours: Made, old: str, new: str, add: str = "") -> None:
    """Move a file without telling git."""
    (ours.top / new).parent.mkdir(parents=True, exist_ok=True)
    (ours.top / old).rename(ours.top / new)
    with (ours.top / new).open("a") as file:
        file.write(add)


@pytest.mark.parametrize("staged", ["not staged", "staged", "committed"])
def test_files_that_moved(staged: str, tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", FILES)
    base = ours.git("rev-parse", "HEAD")
    move(ours, "compose.yaml", "apps/compose.yaml")
    move(ours, "deploy/web.yaml", "kubernetes/web.yaml", "and more\n")
    move(ours, "deploy/db.yaml", "kubernetes/db.yaml")
    (ours.top / "Dockerfile").write_text("something else\n")
    if staged != "not staged":
        ours.git("add", "--all")
    if staged == "committed":
        ours.commit()
    assert renames(ours.repository, entries(ours.repository, base)) == {
        "apps/compose.yaml": "compose.yaml",
        "kubernetes/db.yaml": "deploy/db.yaml",
        "kubernetes/web.yaml": "deploy/web.yaml",
    }


def test_a_file_that_became_another_did_not_move(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", FILES)
    (ours.top / "compose.yaml").unlink()
    ours.write({"other.yaml": text("other"), "small.yaml": "a\n"})
    assert found(ours) == {}


def test_an_ignored_file_is_none_that_moved(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", {**FILES, ".gitignore": "build/\n"})
    move(ours, "compose.yaml", "build/compose.yaml")
    assert found(ours) == {}


def test_what_a_sparse_checkout_leaves_out_is_not_gone(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", FILES)
    ours.git("sparse-checkout", "set", "--no-cone", "/*", "!/deploy/")
    ours.write({"web.yaml": text("web")})
    assert found(ours) == {}
    assert listed(ours.repository).left_out == {"deploy/web.yaml", "deploy/db.yaml"}


def test_names_of_any_bytes(tmp_path: Path) -> None:
    names = [os.fsdecode(name) for name in (b"a\nb", b'"', b"\xff", b"tab\t", b"\\", b"-x", b":(top)", b"\xc3\xa9")]
    ours = made(tmp_path / os.fsdecode(b'a"b:\n\xff'), {name: text(str(at)) for at, name in enumerate(names)})
    for name in names:
        move(ours, name, f"moved/{name}{name}")
    assert found(ours) == {f"moved/{name}{name}": name for name in names}


def test_what_is_new_and_cannot_be_read_did_not_move(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", FILES)
    (ours.top / "compose.yaml").unlink()
    os.mkfifo(ours.top / "pipe")
    (ours.top / "link").symlink_to("Dockerfile")
    (ours.top / "nowhere").symlink_to("nothing")
    made(ours.top / "nested", {"compose.yaml": FILES["compose.yaml"]})
    assert found(ours) == {}


def test_renames_are_those_of_git(tmp_path: Path) -> None:
    """Of histories at random what ``git diff -M`` says of the index, into which everything is put."""
    for seed in range(12):
        rand = random.Random(seed)
        ours = made(tmp_path / str(seed), {f"{n}/{n}.yaml": text(str(n % 7), 5 + n) for n in range(20)})
        for number in rand.sample(range(20), 10):
            path = f"{number}/{number}.yaml"
            lines = (ours.top / path).read_text().splitlines(keepends=True)
            rand.shuffle(lines)
            (ours.top / path).unlink()
            if rand.random() < 0.8:
                ours.write(
                    {rand.choice([f"{number}/new.yaml", f"m/{number}.yaml"]): "".join(lines[rand.randrange(6) :])}
                )
        mine = found(ours)
        ours.git("add", "--all")
        parts = ours.git("diff", "--cached", "-z", "--name-status", "-M", "--diff-filter=R", "HEAD").split("\0")
        assert mine == {parts[at + 2]: parts[at + 1] for at in range(0, len(parts) - 2, 3)}


def test_files_of_variables_that_git_ignores(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", {".gitignore": ".env\n*.env\n!kept.env\n/build/\n", "deploy/.env": "A=1"})
    ours.git("add", "--force", "deploy/.env")
    ours.commit()
    ours.write({".env": "B=2", "a/web.env": "", "kept.env": "", "build/x.env": "", "deploy/.env": "A=2", "other": ""})
    assert ignored(ours.repository, [".env", "*.env"]) == [".env", "a/web.env", "build/x.env"]
    assert ignored(ours.repository, ["nothing"]) == ignored(ours.repository, []) == []


def state(top: Path) -> dict[str, str]:
    """Everything in a repository but when it was last looked at."""
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in sorted(top.rglob("*")) if path.is_file()}


def test_nothing_that_a_repository_configures_is_started(tmp_path: Path) -> None:
    """Each would leave a file behind. That they would is shown by git itself."""
    ours = made(tmp_path / "shop", {**FILES, ".gitattributes": "*.yaml filter=own diff=own\n"})
    move(ours, "compose.yaml", "moved.yaml", "more\n")
    ours.write({"deploy/web.yaml": text("changed")})
    witness = tmp_path / "started"
    script = tmp_path / "script"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >>{witness}\ncat\n')
    script.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    shutil.copy(script, hooks / "post-index-change")
    options = {
        **dict.fromkeys(("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"), script),
        **{f"filter.own.{name}": script for name in ("clean", "smudge")},
        **{f"diff.own.{name}": script for name in ("command", "textconv")},
        "core.hooksPath": hooks,
    }
    for name, value in options.items():
        ours.git("config", name, str(value))
    (ours.top / ".git" / "info" / "attributes").write_text("*.yaml filter=own diff=own\n")
    before = state(ours.top)
    ours_now = repository(ours.top)
    assert renames(ours_now, entries(ours_now, ours_now.base("HEAD"))) == {"moved.yaml": "compose.yaml"}
    assert ignored(ours_now, ["*"]) == []
    assert not witness.exists()
    assert state(ours.top) == before, "nothing is written, not even to the index or the objects"
    ours.git("diff", "-p", "HEAD")
    ours.git("add", "--all")
    assert {"post-index-change", "script"} <= {
        line.split()[0].rpartition("/")[2] for line in witness.read_text().splitlines()
    }
