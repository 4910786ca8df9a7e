"""Services that extend others: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyengine.model.unknown import OpenList, Unknown

from .compose_projects import project


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.mark.parametrize(
    ("services", "name", "facts"),
    [
        # The examples of the specification.
        (
            "common: {image: busybox, environment: {TZ: utc, PORT: 80}}, "
            "cli: {extends: {service: common}, environment: {PORT: 8080}}",
            "cli",
            {"environment": {"TZ": "utc", "PORT": "8080"}},
        ),
        (
            "common: {image: busybox, environment: [TZ=utc, PORT=80]}, "
            "cli: {extends: {service: common}, environment: [PORT=8080]}",
            "cli",
            {"environment": {"TZ": "utc", "PORT": "8080"}},
        ),
        (
            "common: {image: busybox, volumes: ['common-volume:/var/lib/backup/data:rw']}, "
            "cli: {extends: {service: common}, volumes: ['cli-volume:/var/lib/backup/data:ro']}",
            "cli",
            {"volumes": [{"type": "volume", "source": "cli-volume", "target": "/var/lib/backup/data",
                          "read_only": True}]},
        ),
        (
            "base: {image: busybox, user: root}, common: {image: busybox, extends: {service: base}}, "
            "cli: {extends: {service: common}}",
            "cli",
            {"user": "root", "runs_as_root": True},
        ),
        (
            "common: {image: busybox, security_opt: ['label:role:ROLE']}, "
            "cli: {extends: {service: common}, security_opt: ['label:user:USER']}",
            "cli",
            {"security_opt": ["label=role:ROLE", "label=user:USER"]},
        ),
        # Others.
        ("a: {image: x, pid: host}, b: {extends: a}", "b", {"pid": "host", "name": "b"}),
        ("b: {extends: a, pid: !reset null}, a: {image: x, pid: host, ipc: host}", "b", {"pid": None, "ipc": "host"}),
        ("a: {image: x, ports: ['80:80']}, b: {extends: a, ports: !override []}", "b", {"ports": []}),
        ("a: {image: x}, b: {extends: , image: y, pid: host}", "b", {"pid": "host"}),
        ("a: , b: {extends: a, image: y, pid: host}", "b", {"pid": "host"}),
    ],
)  # fmt: skip
def test_in_the_same_file(services: str, name: str, facts: dict[str, object]) -> None:
    found = project({"compose.yaml": f"services: {{{services}}}"})
    assert {field: found.fact(name, field) for field in facts} == facts


BASE = """
services:
  web:
    image: nginx:${TAG}
    privileged: true
    volumes: ["./data:/data", "../up:/up", "/abs:/abs", "named:/named"]
    extends: {service: root}
  root:
    cap_add: [SYS_ADMIN]
  deeper:
    extends: {file: deep/er.yaml, service: it}
"""


def test_in_another_file() -> None:
    main = "services:\n  web:\n    extends: {file: sub/base.yaml, service: web}\n    cap_add: [NET_ADMIN]\n"
    found = project({"compose.yaml": main, "sub/base.yaml": BASE, ".env": "TAG=5", "sub/.env": "TAG=6"})
    assert found.problems == []
    assert found.fact("web", "cap_add") == ["SYS_ADMIN", "NET_ADMIN"]
    assert [mount["source"] for mount in found.fact("web", "volumes")] == ["./sub/data", "./up", "/abs", "named"]  # type: ignore[attr-defined]  # a list of mappings
    assert found.fact("web", "image")["tag"] == "5"  # type: ignore[index]  # a mapping
    assert [found.place("web", *path) for path in ((), ("privileged",), ("cap_add", 0), ("cap_add", 1))] == [
        "compose.yaml:2:3", "sub/base.yaml:5:17", "sub/base.yaml:9:15", "compose.yaml:4:15",
    ]  # fmt: skip
    # What nobody writes would be written in the service itself.
    assert found.place("web", "read_only") == "compose.yaml:2:3"


def test_files_are_found_from_the_file_that_names_them() -> None:
    files = {
        "compose.yaml": "services: {web: {extends: {file: sub/base.yaml, service: deeper}}}",
        "sub/base.yaml": BASE,
        "sub/deep/er.yaml": "services: {it: {image: x, volumes: ['./d:/d'], build: .}}",
    }
    found = project(files)
    assert found.problems == []
    assert found.fact("web", "volumes") == [
        {"type": "bind", "source": "./sub/deep/d", "target": "/d", "read_only": False}
    ]
    assert found.fact("web", "build") == {"context": "./sub/deep", "privileged": False}


def test_a_file_may_be_given_by_its_whole_path() -> None:
    path = Path("base.yaml").absolute()
    files = {"compose.yaml": f"services: {{web: {{extends: {{file: '{path}', service: a}}}}}}"}
    found = project({**files, "base.yaml": "services: {a: {image: x, pid: host}}"})
    assert (found.fact("web", "pid"), found.problems) == ("host", [])


@pytest.mark.parametrize(
    ("extends", "problem"),
    [
        ("nothing", 'extends names a service "nothing", which is not there'),
        ("{service: nothing}", 'extends names a service "nothing", which is not there'),
        ("{file: other.yaml, service: nothing}", 'extends names a service "nothing", which is not there in other.yaml'),
        ("{file: gone.yaml, service: a}", "gone.yaml is not there"),
        ("{file: list.yaml, service: a}", "list.yaml, which extends names, is no mapping"),
        ("{file: /etc/passwd, service: a}",
         "/etc/passwd cannot be used: it lies outside the project "
         "(run policyengine in a directory above both, if the file is yours)"),
        ("{file: other.yaml}", "extends should name a service"),
        ("[a]", "extends should name a service"),
        ("web", "extends goes in a circle: web -> web"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem(extends: str, problem: str) -> None:
    files = {"compose.yaml": f"services:\n  web:\n    image: x\n    cap_add: [A]\n    extends: {extends}\n"}
    found = project({**files, "other.yaml": "services: {a: {image: x}}", "list.yaml": "- a"})
    column = 14 if extends.isalpha() else 5  # of a mapping or sequence the key is shown
    assert found.problems == [f"compose.yaml:5:{column}: {problem}"]
    assert isinstance(found.fact("web", "privileged"), Unknown)
    assert isinstance(found.fact("web", "cap_add"), OpenList)


def test_a_circle_is_told_once() -> None:
    services = "  a: {image: x, extends: b}\n  b: {extends: {file: other.yaml, service: c}}\n"
    other = "services: {c: {extends: {file: compose.yaml, service: a}}}"
    found = project({"compose.yaml": f"services:\n{services}", "other.yaml": other})
    assert found.problems == ["other.yaml:1:16: extends goes in a circle: a -> b -> c -> a"]
    assert all(isinstance(found.fact(name, "pid"), Unknown) for name in "ab")


@pytest.mark.parametrize(
    ("extends", "why"),
    [
        ("{file: 'https://u:hunter2@host/x.git', service: a}",
         "the service extends one in a remote file, which is not fetched"),
        ("{file: 'git@github.com:a/b.git', service: a}",
         "the service extends one in a remote file, which is not fetched"),
        ("{file: 'oci://docker.io/a/b', service: a}", "the service extends one in a remote file, which is not fetched"),
        ("{file: $F, service: a}", "what the service extends is not known: F has no value in .env or --env"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_unknown(extends: str, why: str) -> None:
    found = project({"compose.yaml": f"services: {{web: {{image: x, extends: {extends}}}}}"})
    assert found.problems == []
    pid = found.fact("web", "pid")
    assert isinstance(pid, Unknown)
    assert (pid.fact, pid.why) == ("service.extends", why)


def test_a_malformed_file_is_told_once_where_it_is_wrong() -> None:
    services = "a: {image: x, extends: {file: b.yaml, service: s}}, c: {image: x, extends: {file: b.yaml, service: t}}"
    found = project({"compose.yaml": f"services: {{{services}}}", "b.yaml": "services:\n\ta: 1\n"})
    assert [problem.partition(": ")[0] for problem in found.problems] == ["b.yaml:2:1"]


def test_a_mistake_in_the_extended_service_is_told_once() -> None:
    services = "a: {image: x, privilged: true, hostname: '${'}, b: {extends: a}, c: {extends: a}"
    found = project({"compose.yaml": f"services: {{{services}}}"})
    assert len(found.problems) == 2
