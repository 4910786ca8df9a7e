"""Projects that include others: https://github.com/compose-spec/compose-spec/blob/main/14-include.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.model.unknown import Unknown

from .compose_projects import project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def tag(value: object) -> object:
    return value["tag"] if isinstance(value, dict) else value


def test_the_short_form() -> None:
    files = {
        "compose.yaml": "include:\n  - sub/compose.yaml\nservices: {web: {image: x}}\n",
        "sub/compose.yaml": "services:\n  db:\n    image: db:$TAG\n    volumes: ['./d:/d']\n    privileged: true\n",
        "sub/.env": "TAG=2\n",
    }
    found = project(files)
    assert (found.problems, found.skipped) == ([], [])
    assert list(found.containers) == ["web", "db"]
    assert tag(found.fact("db", "image")) == "2"
    assert found.fact("db", "volumes") == [{"type": "bind", "source": "./sub/d", "target": "/d", "read_only": False}]
    assert found.place("db", "privileged") == "sub/compose.yaml:5:17"
    assert {str(resource.scope) for resource in found.resources} == {"compose:here"}


@pytest.mark.parametrize(
    ("main", "sub", "include", "expected"),
    [
        (None, "T=sub", "sub/compose.yaml", "sub"),
        ("T=main", "T=sub", "sub/compose.yaml", "main"),
        ("T=main", None, "sub/compose.yaml", "main"),
        (None, None, "sub/compose.yaml", Unknown("${T}", "T has no value in .env or --env", "--env T=VALUE")),
        (None, "T=sub", "{path: sub/compose.yaml, env_file: one.env}", "one"),
        (None, "T=sub", "{path: sub/compose.yaml, env_file: [one.env, two.env]}", "two"),
        (None, "T=sub", "{path: sub/compose.yaml, project_directory: other}", "other"),
        (None, "T=sub", "{path: '${DIR:-sub}/compose.yaml'}", "sub"),
    ],
)
def test_variables(main: str | None, sub: str | None, include: str, expected: object) -> None:
    files = {
        "compose.yaml": f"include: [{include}]\n",
        "sub/compose.yaml": "services: {db: {image: 'db:$T'}}\n",
        "one.env": "T=one",
        "two.env": "T=two",
        "other/.env": "T=other",
        **({".env": main} if main else {}),
        **({"sub/.env": sub} if sub else {}),
    }
    found = project(files)
    assert found.problems == []
    assert tag(found.fact("db", "image")) == expected


def test_the_long_form_merges_its_files() -> None:
    files = {
        "compose.yaml": "include:\n  - path: [a/one.yaml, a/two.yaml]\n    project_directory: base\n",
        "a/one.yaml": "services: {db: {image: x, volumes: ['./d:/d'], extends: {file: ext.yaml, service: e}}}",
        "a/two.yaml": "services: {db: {cap_add: [A]}}",
        "base/ext.yaml": "services: {e: {pid: host}}",
    }
    found = project(files)
    assert found.problems == []
    assert found.fact("db", "volumes") == [{"type": "bind", "source": "./base/d", "target": "/d", "read_only": False}]
    assert (found.fact("db", "cap_add"), found.fact("db", "pid")) == (["A"], "host")


def test_what_is_included_may_include_and_be_used() -> None:
    files = {
        "compose.yaml": "include: [sub/a.yaml]\nservices: {web: {image: x, volumes: ['vol:/v'], networks: [h]}}\n",
        "sub/a.yaml": "include: [deep/b.yaml]\nnetworks: {h: {name: host, external: true}}\n",
        "sub/deep/b.yaml": "volumes: {vol: {driver_opts: {o: bind, device: ./x}}}\nservices: {z: {image: z}}\n",
    }
    found = project(files)
    assert found.problems == []
    assert found.fact("web", "volumes") == [
        {"type": "bind", "source": "./sub/deep/x", "target": "/v", "read_only": False}
    ]
    assert found.fact("web", "network_mode") == "host"
    assert list(found.containers) == ["web", "z"]


def test_an_override_file_changes_what_is_included() -> None:
    files = {
        "compose.yaml": "include: [sub/compose.yaml]\n",
        "sub/compose.yaml": "services:\n  db: {image: x, privileged: true}\n  other: {image: y}\n",
        "compose.override.yaml": "services: {db: {privileged: false}}\n",
    }
    assert project(files).fact("db", "privileged") is False
    # In a whole directory the included file is judged by itself, but not the service that is changed here.
    found = project(files, closed=True)
    assert list(found.containers) == ["db"]


@pytest.mark.parametrize(
    ("include", "problem"),
    [
        ("[gone.yaml]", "compose.yaml:1:11: gone.yaml is not there"),
        ("[{path: gone.yaml}]", "compose.yaml:1:12: gone.yaml is not there"),
        ("[{}]", "compose.yaml:1:11: include should name files"),
        ("sub.yaml", "compose.yaml:1:10: include should be a sequence, not a string"),
        ("[sub.yaml]", "compose.yaml:1:11: services.web is here already, and another one in sub.yaml"),
        ("[same.yaml]", None),
        ("[round.yaml]", "round.yaml:1:11: include goes in a circle: compose.yaml -> round.yaml -> compose.yaml"),
        ("[{path: same.yaml, env_file: gone.env}]", "gone.env: no such file"),
    ],
)
def test_problems(include: str, problem: str | None) -> None:
    files = {
        "compose.yaml": f"include: {include}\nservices: {{web: {{image: x}}}}\n",
        "sub.yaml": "services: {web: {image: y}}",
        "same.yaml": "services: {web: {image: x}}",
        "round.yaml": "include: [compose.yaml]",
    }
    found = project(files)
    assert [line for line in found.problems if "already" not in line or "sub" in line] == ([problem] if problem else [])
    assert tag(found.fact("web", "image")) == "latest"


LEFT = 'the dockerfile_inline of service "{}" in line {}: only Dockerfiles in files of their own are judged'


def test_a_dockerfile_in_a_project_is_told_to_be_left_out() -> None:
    files = {
        "compose.yaml": "include: [sub/compose.yaml]\nservices:\n  a: {build: {dockerfile_inline: FROM alpine}}\n",
        "sub/compose.yaml": "services:\n  b:\n    build:\n      dockerfile_inline: |\n        FROM alpine\n",
    }
    assert project(files).skipped == [
        ("compose.yaml", LEFT.format("a", 3)),
        ("sub/compose.yaml", LEFT.format("b", 4)),
    ]
    assert project(files, closed=True).skipped == [("compose.yaml", LEFT.format("a", 3))]


def test_what_is_remote_is_left_out_and_leaves_open_what_it_may_define() -> None:
    include = "[https://u:hunter2@github.com/a/b.git, $F]"
    service = "{image: x, volumes: ['vol:/v'], secrets: [s], networks: [n]}"
    found = project({"compose.yaml": f"include: {include}\nservices: {{web: {service}}}\n"})
    assert found.problems == []
    assert found.skipped == [
        ("https://u:****@github.com/a/b.git", "remote, and included by compose.yaml: not fetched"),
        ("compose.yaml", "what it includes is not known: F has no value in .env or --env"),
    ]
    volumes = found.fact("web", "volumes")
    assert isinstance(volumes, list)
    assert all(isinstance(mount["source"], Unknown) for mount in volumes)
    assert isinstance(found.fact("web", "network_mode"), Unknown)


@pytest.mark.parametrize(
    ("sub", "judged"), [("services: {db: {image: x}}", ["web"]), ("services: {db: {}}", ["web", "db"])]
)
def test_in_a_whole_directory_an_included_file_is_judged_by_itself(sub: str, judged: list[str]) -> None:
    files = {"compose.yaml": "include: [sub/db.yaml]\nservices: {web: {image: x}}\n", "sub/db.yaml": sub}
    assert list(project(files).containers) == ["web", "db"]
    assert list(project(files, closed=True).containers) == judged
