"""Files that are merged: https://github.com/compose-spec/compose-spec/blob/main/13-merge.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.inputs.compose.interpolation import DEFAULTED
from policyengine.model.provenance import DECLARED
from policyengine.model.unknown import OpenMap, Unknown
from tests.judging import shown_line

from .compose_projects import project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def port(published: str, target: int, host: str = "0.0.0.0") -> dict[str, object]:
    return {"target": target, "published": published, "host_ip": host, "protocol": "tcp"}


def volume(source: str, target: str, type_: str = "volume", *, read_only: bool = False) -> dict[str, object]:
    return {"type": type_, "source": source, "target": target, "read_only": read_only}


@pytest.mark.parametrize(
    ("base", "over", "field", "merged"),
    [
        # The examples of the specification.
        ("labels: {key1: value1, key2: value2}", "labels: {key2: VALUE, key3: value3}", "labels",
         {"key1": "value1", "key2": "VALUE", "key3": "value3"}),
        ("dns: [1.1.1.1]", "dns: [8.8.8.8]", "dns", ["1.1.1.1", "8.8.8.8"]),
        ("command: [echo, foo]", "command: [echo, bar]", "command", ["echo", "bar"]),
        ("volumes: ['foo:/work']", "volumes: ['bar:/work']", "volumes", [volume("bar", "/work")]),
        ("ports: ['8080:80']", "ports: !reset []", "ports", None),
        ("environment: {FOO: BAR}", "environment: {FOO: !reset null}", "environment", {}),
        ("ports: ['8080:80']", "ports: !override ['8443:443']", "ports", [port("8443", 443)]),
        # Shell commands are replaced, also by nothing.
        ("entrypoint: a b", "entrypoint: [c]", "entrypoint", ["c"]),
        ("command: a", "command: ", "command", None),
        ("healthcheck: {test: a, retries: 3}", "healthcheck: {test: [CMD, b]}", "healthcheck",
         {"test": ["CMD", "b"], "retries": 3, "disable": False}),
        # What is unique.
        ("ports: ['80:80', '81:81']", "ports: ['80:80', '127.0.0.1:81:81']", "ports",
         [port("80", 80), port("81", 81), port("81", 81, "127.0.0.1")]),
        ("ports: ['3000-3001:3000-3001']", "ports: [{target: 3001, published: 3001}]", "ports",
         [port("3000", 3000), port("3001", 3001)]),
        ("volumes: ['./a:/x', '/y']", "volumes: [{type: bind, source: /b, target: /x/}]", "volumes",
         [volume("/b", "/x", "bind"), {"type": "volume", "target": "/y", "read_only": False}]),
        ("secrets: [s]", "secrets: [{source: t, target: s}, {source: s, mode: 0400}]", "secrets",
         [{"source": "s", "target": "/run/secrets/s", "mode": "0400"}]),
        ("cap_add: [A, B]", "cap_add: [B, C]", "cap_add", ["A", "B", "C"]),
        ("devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x']", "devices", ["/dev/b:/dev/x"]),
        ("devices: ['/dev/a']", "devices: ['/dev/b:/dev/a']", "devices", ["/dev/b:/dev/a"]),
        ("extra_hosts: ['a=1.1.1.1']", "extra_hosts: {a: 1.1.1.1, b: [2.2.2.2]}", "extra_hosts",
         ["a=1.1.1.1", "b=2.2.2.2"]),
        ("expose: ['80']", "expose: [80, '81']", "expose", ["80/tcp", "81/tcp"]),
        ("profiles: [a]", "profiles: [b, a]", "profiles", ["a", "b"]),
        # What is not.
        ("security_opt: [label=a]", "security_opt: [label=b]", "security_opt", ["label=a", "label=b"]),
        ("group_add: [a]", "group_add: [b]", "group_add", ["a", "b"]),
        # One form with another.
        ("environment: {A: 1, B: 2}", "environment: [B=3, C]", "environment", {"A": "1", "B": "3", "C": None}),
        ("environment: [A=1, B=2]", "environment: {B: , C: x=y}", "environment", {"A": "1", "B": None, "C": "x=y"}),
        ("environment: [A=1, 'B=$X']", "environment: {C: 1}", "environment", {"A": "1", "B": None, "C": "1"}),
        ("labels: [a=b, c]", "labels: {c: d}", "labels", {"a": "b", "c": "d"}),
        ("sysctls: [net.core.somaxconn=1]", "sysctls: {net.core.somaxconn: 2}", "sysctls", {"net.core.somaxconn": "2"}),
        ("dns: 1.1.1.1", "dns: [1.1.1.1, 2.2.2.2]", "dns", ["1.1.1.1", "2.2.2.2"]),
        ("tmpfs: /a", "tmpfs: /b", "volumes",
         [{"type": "tmpfs", "target": target, "read_only": False} for target in ("/a", "/b")]),
        ("networks: [a]", "networks: {b: {aliases: [c]}}", "networks", ["a", "b"]),
        ("build: ./a", "build: {dockerfile: D, args: [X=1]}", "build",
         {"context": "./a", "dockerfile": "D", "args": {"X": "1"}, "privileged": False}),
        ("build: {args: {X: 1}}", "build: {args: [X=2, Y]}", "build",
         {"args": {"X": "2", "Y": None}, "privileged": False}),
        ("ulimits: {a: 1, b: {soft: 1, hard: 2}}", "ulimits: {a: {soft: 5}, b: 7}", "ulimits",
         {"a": {"soft": 5}, "b": {"soft": 7, "hard": 7}}),
        # Options belong to their driver.
        ("logging: {driver: a, options: {x: y}}", "logging: {driver: b}", "logging", {"driver": "b"}),
        ("logging: {driver: a, options: {x: y}}", "logging: {options: {z: w}}", "logging",
         {"driver": "a", "options": {"x": "y", "z": "w"}}),
        # Scalars, nothing, and what is not known.
        ("privileged: true", "privileged: false", "privileged", False),
        ("privileged: true", "privileged: ", "privileged", True),
        ("cap_drop: [ALL]", "cap_drop: ", "cap_drop", ["ALL"]),
        ("user: a", "user: $X", "user", Unknown("${X}", "X has no value in .env or --env", "--env X=VALUE")),
        ("deploy: {resources: {limits: {memory: 1g}}}", "deploy: {resources: {limits: {pids: 5}}}", "mem_limit", 2**30),
    ],
)  # fmt: skip
def test_two_files(base: str, over: str, field: str, merged: object) -> None:
    files = {
        "a.yaml": f"services: {{web: {{image: x, {base}}}}}\nsecrets: {{s: {{}}, t: {{}}}}\n",
        "b.yaml": f"services: {{web: {{{over}}}}}\n",
    }
    found = project(files, ["a.yaml", "b.yaml"])
    assert found.problems == []
    value = found.fact("web", field)
    if isinstance(merged, dict) and isinstance(value, dict):
        assert {key: item for key, item in value.items() if item is not None or key in merged} == merged
    elif field == "ports" and merged is None:
        assert not value
    else:
        assert value == merged


def test_what_is_merged_stands_where_it_was_written() -> None:
    base = "services:\n  web:\n    image: x\n    environment:\n      A: 1\n      B: 2\n    ports:\n      - 80:80\n"
    over = "services:\n  web:\n    read_only: true\n    environment:\n      - B=3\n    ports:\n      - 81:81\n"
    found = project({"a.yaml": base, "b.yaml": over}, ["a.yaml", "b.yaml"])
    assert [found.place("web", *path) for path in ((), ("environment", "A"), ("environment", "B"), ("read_only",))] == [
        "a.yaml:2:3", "a.yaml:5:10", "b.yaml:5:9", "b.yaml:3:16",
    ]  # fmt: skip
    assert [found.place("web", "ports", index) for index in range(2)] == ["a.yaml:8:9", "b.yaml:7:9"]
    # What no file says would be written where the service begins.
    assert found.place("web", "privileged") == "a.yaml:2:3"


def test_a_port_that_is_written_again_stands_in_the_later_file() -> None:
    text = "services: {web: {image: x, ports: ['80:80']}}\n"
    assert (
        project({"a.yaml": text, "b.yaml": f"\n{text}"}, ["a.yaml", "b.yaml"]).place("web", "ports", 0) == "b.yaml:2:36"
    )


def test_excerpts_come_from_the_file_of_the_location() -> None:
    base = "services:\n  web:\n    image: x\n    environment: {A: hunter2}\n"
    over = "services:\n  web:\n    # hunter in a comment is no secret\n    environment: [B=hunter2]\n"
    web = project({"a.yaml": base, "b.yaml": over}, ["a.yaml", "b.yaml"]).containers["web"]
    shown = [shown_line(web, web.where(("environment", name))) for name in "AB"]
    assert shown == ["    environment: {A: ****}", "    environment: [B=****]"]


@pytest.mark.parametrize(
    ("over", "problem"),
    [
        ("ports: {a: b}", "b.yaml:1:18: ports is of another type than what it is merged with"),
        ("ports: 5", "b.yaml:1:25: ports is of another type than what it is merged with"),
    ],
)
def test_what_cannot_be_merged_is_a_problem(over: str, problem: str) -> None:
    files = {
        "a.yaml": "services: {web: {image: x, ports: ['80:80']}}",
        "b.yaml": f"services: {{web: {{{over}}}}}",
    }
    assert problem in project(files, ["a.yaml", "b.yaml"]).problems


def test_the_documents_of_a_stream_are_merged() -> None:
    text = "services: {web: {image: x, cap_add: [A]}}\n---\nservices: {web: {cap_add: [B]}, db: {image: y}}\n"
    found = project({"compose.yaml": text})
    assert found.fact("web", "cap_add") == ["A", "B"]
    assert found.place("web", "cap_add", 1) == "compose.yaml:3:28"
    assert list(found.containers) == ["web", "db"]


def test_a_service_is_whole_only_with_its_files() -> None:
    files = {"a.yaml": "services: {web: {image: x}}", "b.yaml": "services: {web: {environment: {A: b}}}"}
    assert isinstance(project(files, "b.yaml").fact("web", "environment"), OpenMap)
    assert project(files, ["a.yaml", "b.yaml"]).fact("web", "environment") == {"A": "b"}


@pytest.mark.parametrize("order", [["a.yaml", "b.yaml"], ["b.yaml", "a.yaml"]])
def test_how_a_value_came_about_is_told_of_each_file(order: list[str]) -> None:
    files = {
        "a.yaml": "services: {web: {image: x, user: '${U:-5}'}}",
        "b.yaml": "services: {web: {image: x, hostname: h}}",
    }
    web = project(files, order).containers["web"]
    assert [web.provenance((field,)) for field in ("user", "hostname")] == [DEFAULTED, DECLARED]


def test_definitions_are_merged_too() -> None:
    files = {
        "a.yaml": "services: {web: {image: x, volumes: ['vol:/v']}}\nvolumes: {vol: {driver_opts: {o: bind}}}",
        "b.yaml": "volumes: {vol: {driver_opts: {device: /etc}}}",
    }
    assert project(files, ["a.yaml", "b.yaml"]).fact("web", "volumes") == [volume("/etc", "/v", "bind")]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("x-a: &a {privileged: true}\nservices: {web: {<<: *a, image: x}}", {"privileged": True}),
        (
            "x-a: &a {pid: host, ipc: host}\nx-b: &b {pid: 'service:b', uts: host}\n"
            "services: {web: {<<: [*a, *b], image: x, ipc: shareable}}",
            {"pid": "host", "uts": "host", "ipc": "shareable"},
        ),
        ("services: {a: &a {image: x, cap_add: [B]}, web: *a}", {"cap_add": ["B"]}),
    ],
)
def test_anchors_and_merge_keys(text: str, facts: dict[str, object]) -> None:
    found = project({"compose.yaml": text})
    assert found.problems == []
    assert {field: found.fact("web", field) for field in facts} == facts


def test_what_a_merge_key_brings_stands_where_it_was_written() -> None:
    text = "x-a: &a\n  pid: host\nx-b: &b {ipc: host}\nservices:\n  web:\n    image: x\n    <<: [*a, *b]\n"
    found = project({"compose.yaml": text})
    assert [found.place("web", field) for field in ("pid", "ipc")] == ["compose.yaml:2:8", "compose.yaml:3:15"]


def test_a_tag_on_a_whole_service() -> None:
    files = {
        "a.yaml": "services: {web: {image: x, privileged: true}, db: {image: y}}",
        "b.yaml": "services: {web: !override {image: z}, db: !reset null}",
    }
    found = project(files, ["a.yaml", "b.yaml"])
    assert (found.fact("web", "privileged"), list(found.containers), found.problems) == (False, ["web"], [])
    assert found.place("web") == "b.yaml:1:12"
