"""Files that Compose reads together: override files, and those that ``COMPOSE_FILE`` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.inputs import compose
from policyengine.inputs.compose import siblings
from policyengine.inputs.context import Context

from .compose_projects import project, write

if TYPE_CHECKING:
    from pathlib import Path

BASE = "services: {web: {image: x, privileged: true}}\n"
OVER = "services: {web: {privileged: false}}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.mark.parametrize(
    ("base", "override", "merged"),
    [
        ("compose.yaml", "compose.override.yaml", True),
        ("compose.yml", "docker-compose.override.yml", True),
        ("docker-compose.yml", "docker-compose.override.yaml", True),
        ("docker-compose.yaml", "compose.override.yml", True),
        ("docker-compose.yml", "docker-compose.prod.yml", False),
        ("stack.yaml", "compose.override.yaml", False),
    ],
)
def test_an_override_file_is_merged_into_its_base(base: str, override: str, merged: bool) -> None:
    files = {base: BASE, override: OVER}
    assert project(files, base).fact("web", "privileged") is not merged
    found = project(files, override, closed=True)
    assert found.skipped == ([(override, f"judged with {base}")] if merged else [])
    assert bool(found.resources) is not merged


def test_an_override_file_that_is_named_alone_stands_for_its_project() -> None:
    found = project({"compose.yaml": BASE, "compose.override.yaml": OVER}, "compose.override.yaml")
    assert (found.fact("web", "privileged"), found.place("web")) == (False, "compose.yaml:1:12")


def test_of_several_bases_and_overrides_the_first_are_merged() -> None:
    files = {
        "compose.yaml": BASE,
        "docker-compose.yml": BASE,
        "docker-compose.override.yml": "services: {web: {cap_add: [B]}}",
        "compose.override.yml": OVER,
    }
    assert project(files).fact("web", "cap_add") is None
    assert project(files).fact("web", "privileged") is False
    assert project(files, "docker-compose.yml", closed=True).fact("web", "privileged") is True
    assert project(files, "docker-compose.override.yml", closed=True).skipped == []


@pytest.mark.parametrize(
    "env",
    [
        "COMPOSE_FILE=a.yaml:sub/b.yaml",
        "COMPOSE_FILE=a.yaml,sub/b.yaml\nCOMPOSE_PATH_SEPARATOR=,",
        "COMPOSE_FILE=./a.yaml:${DIR:-sub}/b.yaml",
    ],
)
def test_files_that_compose_file_names(env: str) -> None:
    files = {
        ".env": env,
        "a.yaml": BASE,
        "sub/b.yaml": OVER,
        "compose.yaml": BASE,
        "compose.override.yaml": OVER,
    }
    assert project(files, "a.yaml").fact("web", "privileged") is False
    # The names of old say nothing then.
    assert project(files, "compose.yaml").fact("web", "privileged") is True


def test_a_file_that_compose_file_names_second_is_judged_with_the_first() -> None:
    files = {".env": "COMPOSE_FILE=a.yaml:b.yaml", "a.yaml": BASE, "b.yaml": OVER}
    found = project(files, "b.yaml", closed=True)
    assert (found.resources, found.skipped) == ([], [("b.yaml", "judged with a.yaml")])
    context = Context()
    assert [compose.judged_with(name, context) for name in ("a.yaml", "b.yaml", "other.yaml")] == [
        "a.yaml", "a.yaml", "other.yaml",
    ]  # fmt: skip


def test_a_file_that_compose_file_names_and_is_not_there_is_a_problem() -> None:
    found = project({".env": "COMPOSE_FILE=a.yaml:gone.yaml", "a.yaml": BASE}, "a.yaml")
    assert found.problems == ["a.yaml: gone.yaml is not there"]
    assert found.fact("web", "privileged") is True


def test_files_are_merged_in_order() -> None:
    files = {
        "a.yaml": BASE,
        "sub/b.yaml": "services: {web: {volumes: ['./x:/x']}}",
        "c.yaml": "name: other\nservices: {web: {image: z}}",
    }
    found = project(files, ["a.yaml", "sub/b.yaml", "c.yaml"])
    # Relative paths start where the first file is.
    assert found.fact("web", "volumes") == [{"type": "bind", "source": "./x", "target": "/x", "read_only": False}]
    assert {str(resource.scope) for resource in found.resources} == {"compose:other"}
    write({"a.yaml": OVER})
    assert project({}, ["a.yaml", "c.yaml"]).fact("web", "privileged") is False


def test_files_that_are_not_there_are_problems() -> None:
    found = project({"a.yaml": BASE}, ["a.yaml", "b.yaml"])
    assert (found.problems, list(found.containers)) == (["a.yaml: b.yaml is not there"], ["web"])
    assert project({}, ["gone.yaml"]).problems == ["gone.yaml: gone.yaml is not there"]


def test_lists_are_split_as_compose_does() -> None:
    assert siblings.split("a.yaml:../b.yaml: c/./d.yaml:", "dir") == ("dir/a.yaml", "b.yaml", "dir/c/d.yaml")


def test_an_override_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    write({"compose.yaml": BASE})
    (tmp_path / "outside.yaml").write_text(OVER)
    (tmp_path / "here" / "compose.override.yaml").symlink_to(tmp_path / "outside.yaml")
    found = project({}, "compose.yaml")
    assert len(found.problems) == 1
    assert "compose.override.yaml cannot be used: it lies outside the project" in found.problems[0]
    assert found.fact("web", "privileged") is True
