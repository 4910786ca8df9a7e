"""Walks see what git would see: compared with git itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from policyengine.model.report import Problem
from policyengine.walk import Walk


def walked(root: Path, *exclude: str) -> list[str]:
    return [
        Path(path).relative_to(root).as_posix()
        for path, _ in Walk(root, exclude).files(lambda path: path.endswith(".yaml"))
    ]


def write(root: Path, *names: str, **ignores: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("a: 1\n")


FILES = ("a.yaml", "b.yaml", "deploy/a.yaml", "deploy/keep.yaml", "deploy/sub/a.yaml", "gen/a.yaml", "gen/keep.yaml")
IGNORES = {
    "a name anywhere": {".gitignore": "a.yaml\n"},
    "a name at the top": {".gitignore": "/a.yaml\n"},
    "a directory": {".gitignore": "gen/\n"},
    "a directory, one file of it taken back in vain": {".gitignore": "gen/\n!gen/keep.yaml\n"},
    "what is in a directory, one file of it taken back": {".gitignore": "gen/*\n!gen/keep.yaml\n"},
    "taken back further down": {".gitignore": "*.yaml\n", "deploy/.gitignore": "!keep.yaml\n"},
    "ignored further down": {"deploy/.gitignore": "a.yaml\n"},
    "of two patterns the last": {".gitignore": "!a.yaml\na.yaml\n!b.yaml\n"},
    "stars": {".gitignore": "deploy/**/a.yaml\n"},
    "comments and spaces": {".gitignore": "# a.yaml\n\n  \nb.yaml   \n"},
}


@pytest.mark.parametrize("name", IGNORES)
def test_gitignore(name: str, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("there is no git to compare with")
    write(tmp_path, *FILES)
    for path, text in IGNORES[name].items():
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "*.yaml"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert sorted(walked(tmp_path)) == sorted(listed.stdout.splitlines())


def test_gitignore_files_above_count_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.yaml\n")
    repository = tmp_path / "repository"
    write(repository, "deploy/a.yaml", "deploy/b.yaml")
    assert walked(repository / "deploy") == ["a.yaml", "b.yaml"]
    (repository / ".git").mkdir()
    (repository / ".gitignore").write_text("b.yaml\n")
    assert walked(repository / "deploy") == ["a.yaml"]


def test_gitignore_files_of_the_working_directory_say_nothing_of_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "here/a.yaml", "there/a.yaml")
    (tmp_path / "here" / ".gitignore").write_text("a.yaml\n")
    monkeypatch.chdir(tmp_path / "here")
    assert walked(Path("../there")) == ["a.yaml"]


def test_files_come_in_the_order_of_names_those_of_a_directory_first(tmp_path: Path) -> None:
    write(tmp_path, "z.yaml", "b/a.yaml", "a/z.yaml", "a/b/c.yaml", "a.yaml")
    assert walked(tmp_path) == ["a.yaml", "z.yaml", "a/z.yaml", "a/b/c.yaml", "b/a.yaml"]


def test_version_control_and_dependencies_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, ".git/a.yaml", "node_modules/x/a.yaml", ".venv/a.yaml", ".github/a.yaml", ".hidden.yaml")
    assert walked(tmp_path) == [".hidden.yaml", ".github/a.yaml"]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["deploy"], ["a.yaml", "b.yaml", "gen/a.yaml", "gen/keep.yaml"]),
        (["a.yaml"], ["b.yaml", "deploy/keep.yaml", "gen/keep.yaml"]),
        (["/a.yaml", "gen/", "deploy/**"], ["b.yaml"]),
        (["*.yaml", "!b.yaml"], ["b.yaml"]),
    ],
)
def test_exclude(patterns: list[str], left: list[str], tmp_path: Path) -> None:
    write(tmp_path, *FILES)
    assert walked(tmp_path, *patterns) == left


def test_exclude_may_be_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *FILES)
    monkeypatch.chdir(tmp_path)
    found = Walk(Path("deploy"), ["deploy/sub"]).files(lambda path: path.endswith(".yaml"))
    assert [path for path, _ in found] == ["deploy/a.yaml", "deploy/keep.yaml"]
    found = Walk(Path("../") / tmp_path.name / "deploy", ["deploy/sub"]).files(lambda path: path.endswith(".yaml"))
    assert len(list(found)) == 2


def test_links_to_files_are_followed_links_to_directories_are_not(tmp_path: Path) -> None:
    write(tmp_path, "real/a.yaml")
    (tmp_path / "linked.yaml").symlink_to("real/a.yaml")
    (tmp_path / "linked").symlink_to("real")
    (tmp_path / "real" / "up").symlink_to("..")
    (tmp_path / "dangling.yaml").symlink_to("nothing")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "directory.yaml").mkdir()
    assert walked(tmp_path) == ["linked.yaml", "real/a.yaml"]


def test_a_directory_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    walk = Walk(tmp_path / "gone")
    assert list(walk.files(lambda _: True)) == []
    assert walk.problems == [Problem("cannot be read: No such file or directory", str(tmp_path / "gone"))]


def test_a_gitignore_that_is_no_file_ignores_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    (tmp_path / ".gitignore").mkdir()
    assert walked(tmp_path) == ["a.yaml"]
