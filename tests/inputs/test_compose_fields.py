"""Fields of services that are read from other files, or written in several ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.inputs.compose import include, sizes
from policyengine.model.unknown import OpenList, OpenMap
from tests.judging import shown_line

from .compose_projects import project
from .compose_reading import container, read

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


FILES = {
    "a.env": "A=1\nB=two words\nexport C=3\n# D=4\nE\nF: 5\n",
    "b.env": "B=$A\nG='x\ny'\n",
    "raw.env": 'H="not closed\n  I = $J\n#K=1\nL\n',
    "bad.env": "A=1\nnot a variable\n",
}
MISSING = "gone.env, which env_file names, is not there"


@pytest.mark.parametrize(
    ("written", "names", "why"),
    [
        ("env_file: a.env", {"A", "B", "C", "F"}, None),
        ("env_file: [a.env, b.env]", {"A", "B", "C", "F", "G"}, None),
        ("env_file: [{path: a.env, required: true}, {path: gone.env, required: false}]", {"A", "B", "C", "F"}, None),
        ("env_file: [{path: raw.env, format: raw}]", {"H", "I", "L"}, None),
        ("env_file: [a.env, gone.env]", {"A", "B", "C", "F"}, MISSING),
        ("env_file: gone.env", set(), MISSING),
        ("env_file: bad.env", set(), "bad.env, which env_file names, cannot be read: line 2: expected NAME=VALUE"),
        ("env_file: $X", set(), "X has no value in .env or --env"),
        (
            "env_file: /etc/passwd",
            set(),
            "/etc/passwd, which env_file names, cannot be used: it lies outside the project",
        ),
    ],
)
def test_of_files_of_variables_the_names_are_told(written: str, names: set[str], why: str | None) -> None:
    found = project({**FILES, "compose.yaml": f"services: {{web: {{image: x, {written}}}}}"})
    assert found.problems == []
    environment = found.fact("web", "environment")
    assert environment == dict.fromkeys(names)
    assert (environment.unknown.why if isinstance(environment, OpenMap) else None) == why


def test_what_a_service_writes_itself_counts_more() -> None:
    text = "services:\n  web:\n    image: x\n    env_file: a.env\n    environment: {B: own}\n"
    found = project({**FILES, "compose.yaml": text})
    assert found.fact("web", "environment") == {"A": None, "B": "own", "C": None, "F": None}
    assert [found.place("web", "environment", name) for name in "AB"] == ["compose.yaml:4:15", "compose.yaml:5:22"]
    web = found.containers["web"]
    assert shown_line(web, web.where(("environment", "A"))) == "    env_file: a.env"


def test_files_of_variables_are_looked_for_where_they_are_named() -> None:
    files = {
        "compose.yaml": "services: {web: {extends: {file: sub/base.yaml, service: web}}}",
        "sub/base.yaml": "services: {web: {image: x, env_file: it.env, label_file: it.labels}}",
        "sub/it.env": "A=1",
        "sub/it.labels": "a=b",
    }
    found = project(files)
    assert (found.fact("web", "environment"), found.fact("web", "labels")) == ({"A": None}, {"a": "b"})


def test_files_of_labels() -> None:
    files = {"one": "a=1\nb=${DB_PASSWORD}\n", "two": "c=2\na=3\n", ".env": "DB_PASSWORD=hunter2"}
    text = "services: {web: {image: x, label_file: [one, two], labels: {c: own}}}"
    labels = project({**files, "compose.yaml": text}).fact("web", "labels")
    assert isinstance(labels, dict)
    assert {name: labels[name] for name in "ac"} == {"a": "3", "c": "own"}
    assert "hunter2" not in str(labels)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("10s", 10), ("1m30s", 90), ("1.5h", 5400), ("500ms", 0.5), ("0", 0), ("1h5m30s20ms", 3930.02), ("2d", 172800)],
)
def test_durations(written: str, seconds: float) -> None:
    assert container(f"image: x, stop_grace_period: {written}")["stop_grace_period"] == seconds


@pytest.mark.parametrize("written", ["10", "s", "1x", "ten", "-1s", "", "1 s"])
def test_no_durations(written: str) -> None:
    with pytest.raises(ValueError, match="a duration such as 1m30s"):
        sizes.seconds(written)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("cpu_shares: many", "cpu_shares should be a whole number"),
        ("shm_size: big", "shm_size should be a size such as 512m or 1.5gb"),
        ("ulimits: {nofile: x}", "ulimits.nofile should be a whole number"),
        ("ulimits: {nofile: {soft: x}}", "ulimits.nofile.soft should be a whole number"),
        ("healthcheck: {interval: 30}", "healthcheck.interval should be a duration such as 1m30s"),
        ("deploy: {replicas: some}", "deploy.replicas should be a whole number"),
        ("deploy: {update_config: {delay: 5}}", "deploy.update_config.delay should be a duration such as 1m30s"),
        ("env_file: [[a]]", "env_file should be a file's name"),
        ("tmpfs: ['/a:size=x']", "tmpfs should be a size such as 512m or 1.5gb"),
    ],
)
def test_what_is_not_of_its_form_is_a_problem(written: str, problem: str) -> None:
    assert [found.message for found in read(f"services: {{web: {{image: x, {written}}}}}")[1]] == [problem]


SOCKET = "/var/run/docker.sock"


@pytest.mark.parametrize(
    ("written", "sources", "open_"),
    [
        ("volumes_from: [a]", [SOCKET], False),
        ("volumes_from: ['a:rw', b]", [SOCKET, "/b", SOCKET], False),
        ("volumes_from: [b]", ["/b", SOCKET], False),
        ("volumes_from: ['container:other']", [], True),
        ("volumes_from: [a, gone]", [SOCKET], True),
        ("volumes_from: [round]", ["/r"], True),
    ],
)
def test_what_other_services_mount(written: str, sources: list[str], open_: bool) -> None:
    services = (
        f"web: {{image: x, {written}}}",
        f"a: {{image: x, volumes: ['{SOCKET}:/s'], tmpfs: /t}}",
        "b: {image: x, volumes: ['/b:/b'], volumes_from: [a]}",
        "round: {image: x, volumes: ['/r:/r'], volumes_from: [web]}",
    )
    text = f"services: {{{', '.join(services)}}}"
    volumes = read(text)[0][0].facts["volumes"]
    assert isinstance(volumes, list)
    assert ([mount["source"] for mount in volumes], isinstance(volumes, OpenList)) == (sources, open_)


def test_what_is_mounted_from_another_service_may_be_read_only() -> None:
    text = "services: {web: {image: x, volumes_from: ['a:ro']}, a: {image: x, volumes: ['/a:/a']}}"
    volumes = read(text)[0][0].facts["volumes"]
    assert volumes == [{"type": "bind", "source": "/a", "target": "/a", "read_only": True}]


def test_includes_have_a_bound() -> None:
    files = {f"{index}.yaml": f"include: [{index + 1}.yaml, {index + 1}.yaml]" for index in range(40)}
    found = project({**files, "compose.yaml": "include: [0.yaml]\nservices: {web: {image: x}}", "40.yaml": "{}"})
    assert any(f"more than {include.MAX_INCLUDED} applications are included" in problem for problem in found.problems)
    assert list(found.containers) == ["web"]
