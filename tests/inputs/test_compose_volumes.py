from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.inputs.compose import volumes
from policyengine.model.unknown import OpenList, Unknown
from tests.judging import read as resources

from .compose_reading import container, read

if TYPE_CHECKING:
    from pathlib import Path

SYNTAX = "[SOURCE:]TARGET[:MODE]"
PIPE = "\\\\.\\pipe\\docker_engine"


def mount(type_: str, source: str | None, target: str, read_only: bool | None = None) -> dict[str, object]:
    written = {"type": type_, "source": source, "target": target, "read_only": read_only}
    return {key: value for key, value in written.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/data", mount("volume", None, "/data")),
        ("/data/", mount("volume", None, "/data")),
        ("name:/data", mount("volume", "name", "/data")),
        ("name:/data:ro", mount("volume", "name", "/data", True)),
        ("./a:/b", mount("bind", "./a", "/b")),
        ("./a:/b:ro", mount("bind", "./a", "/b", True)),
        ("./a:/b:rw", mount("bind", "./a", "/b", False)),
        ("./a:/b:z,ro", mount("bind", "./a", "/b", True)),
        ("./a:/b:ro,rw", mount("bind", "./a", "/b", False)),
        ("./a:/b:Z", mount("bind", "./a", "/b")),
        (".:/b", mount("bind", ".", "/b")),
        ("../a:/b", mount("bind", "../a", "/b")),
        ("~/x:/y", mount("bind", "~/x", "/y")),
        ("~:/y", mount("bind", "~", "/y")),
        ("/var/run/docker.sock:/var/run/docker.sock", mount("bind", "/var/run/docker.sock", "/var/run/docker.sock")),
        ("/var/run/../run/docker.sock:/s", mount("bind", "/var/run/docker.sock", "/s")),
        ("///var//run/docker.sock/:/s", mount("bind", "/var/run/docker.sock", "/s")),
        ("/:/host:ro", mount("bind", "/", "/host", True)),
        ("C:\\x:/y", mount("bind", "C:\\x", "/y")),
        ("C:\\x:D:\\y", mount("bind", "C:\\x", "D:\\y")),
        ("c:/x:/y:ro", mount("bind", "c:/x", "/y", True)),
        ("\\\\.\\pipe\\docker_engine:\\\\.\\pipe\\docker_engine", mount("bind", PIPE, PIPE)),
        ("a:/x", mount("volume", None, "a:/x")),
        ("ab:/x", mount("volume", "ab", "/x")),
        ("", SYNTAX),
        (":", SYNTAX),
        (":/x", SYNTAX),
        ("./a:", SYNTAX),
        ("./a::ro", SYNTAX),
        ("./a:/b:ro:", SYNTAX),
        ("./a:/b:ro:rw", SYNTAX),
    ],
)
def test_short_syntax(text: str, expected: object) -> None:
    try:
        found: object = volumes.short(text)
    except ValueError as error:
        found = str(error)
    assert found == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{type: bind, source: ./a, target: /b}", mount("bind", "./a", "/b", False)),
        ("{type: bind, source: /a/./x, target: /b//c, read_only: yes}", mount("bind", "/a/x", "/b/c", True)),
        ("{type: volume, target: /b, read_only: 'false'}", mount("volume", None, "/b", False)),
        ("{type: volume, source: db, target: /b, volume: {nocopy: true}}", mount("volume", "db", "/b", False)),
        ("{type: tmpfs, target: /b, tmpfs: {size: 5}}", {**mount("tmpfs", None, "/b", False), "size": 5}),
        ("{type: image, source: alpine, target: /b}", mount("image", "alpine", "/b", False)),
    ],
)
def test_long_syntax(written: str, expected: object) -> None:
    assert container(f"image: x, volumes: [{written}]")["volumes"] == [expected]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("tmpfs: /run", [mount("tmpfs", None, "/run", False)]),
        ("tmpfs: [/run, '/tmp:ro,size=1m']", [mount("tmpfs", None, "/run", False),
                                              {**mount("tmpfs", None, "/tmp", True), "size": 2**20}]),
        ("tmpfs: []", None),
        ("use_api_socket: true", [mount("bind", "/var/run/docker.sock", "/var/run/docker.sock", False)]),
        ("volumes: [/a], tmpfs: /b", [mount("volume", None, "/a", False), mount("tmpfs", None, "/b", False)]),
        ("volumes: ['$A:/b', /c]", [Unknown("${A}", "A has no value in .env or --env", "--env A=VALUE"),
                                    mount("volume", None, "/c", False)]),
    ],
)  # fmt: skip
def test_other_ways_to_mount(written: str, expected: object) -> None:
    assert container(f"image: x, {written}").get("volumes") == expected


def test_a_field_that_only_tmpfs_fills_is_placed_there() -> None:
    resources, _ = read("services:\n  web:\n    image: x\n    tmpfs: /run\n")
    assert str(resources[0].where(("volumes",))) == "compose.yaml:4:12"
    assert str(resources[0].where(("volumes", 0, "read_only"))) == "compose.yaml:4:12"


SOCKET = "/var/run/docker.sock"
DEVICE = Unknown("${D}", "D has no value in .env or --env", "--env D=VALUE")
ELSEWHERE = Unknown("service.volumes_from", "volumes_from mounts what a container mounts that is not in the project")


@pytest.mark.parametrize(
    ("definition", "type_", "source"),
    [
        ("{driver_opts: {type: none, o: bind, device: /var//run/}}", "bind", "/var/run"),
        ("{driver: local, driver_opts: {o: 'rw,rbind', device: /var/run}}", "bind", "/var/run"),
        ("{driver_opts: {o: bind, device: ./data}}", "bind", "./data"),
        ("{driver_opts: {o: bind, device: $D}}", "bind", DEVICE),
        ("{driver_opts: {o: $D, device: /var/run}}", DEVICE, DEVICE),
        ("{driver_opts: {type: nfs, o: addr=10.0.0.1, device: ':/'}}", "volume", "data"),
        ("{driver_opts: {type: none, device: /var/run}}", "volume", "data"),
        ("{driver_opts: {o: bind}}", "volume", "data"),
        ("{driver: other, driver_opts: {o: bind, device: /var/run}}", "volume", "data"),
        ("{driver_opts: [o]}", "volume", "data"),
        ("{external: true}", "volume", "data"),
        ("", "volume", "data"),
    ],
)
@pytest.mark.parametrize("mount_", ["'data:/b'", "{type: volume, source: data, target: /b}"])
def test_a_named_volume_may_bind_a_directory(definition: str, type_: object, source: object, mount_: str) -> None:
    text = f"services: {{web: {{image: x, volumes: [{mount_}]}}}}\nvolumes: {{data: {definition}}}\n"
    resources, problems = read(text)
    wrong = ["driver_opts should be a mapping, not a sequence"] if "[o]" in definition else []
    assert [problem.message for problem in problems] == wrong
    assert resources[0].facts["volumes"] == [{"type": type_, "source": source, "target": "/b", "read_only": False}]


@pytest.mark.parametrize(
    ("granted", "defined", "expected"),
    [
        ("secrets: [s]", f"secrets: {{s: {{file: {SOCKET}}}}}", [mount("bind", SOCKET, "/run/secrets/s", True)]),
        ("configs: [s]", f"configs: {{s: {{file: {SOCKET}}}}}", [mount("bind", SOCKET, "/s", True)]),
        (
            "secrets: [{source: s, target: t}, {source: s, target: /t}]",
            f"secrets: {{s: {{file: /.{SOCKET}}}}}",
            [mount("bind", SOCKET, "/run/secrets/t", True), mount("bind", SOCKET, "/t", True)],
        ),
        (
            "secrets: [s]",
            "secrets: {s: {file: $D}}",
            [{"type": "bind", "source": DEVICE, "target": "/run/secrets/s", "read_only": True}],
        ),
        (
            "secrets: [s]",
            "secrets: {s: {file: ./s.txt}}",
            [mount("bind", "./s.txt", "/run/secrets/s", True)],
        ),
        ("secrets: [s]", "secrets: {s: {environment: S}}", None),
        ("secrets: [s, 1, {}, $D]", "secrets: {s: {external: true}}", None),
        ("secrets: []", "secrets: []", None),
    ],
)
def test_secrets_and_configs_that_are_files_of_the_host(granted: str, defined: str, expected: object) -> None:
    resources, problems = read(f"services: {{web: {{image: x, {granted}}}}}\n{defined}\n")
    assert problems == []
    assert resources[0].facts.get("volumes") == expected


def test_a_granted_file_stands_where_it_is_granted() -> None:
    resources, _ = read(f"services:\n  a:\n    image: x\n    secrets: [s]\nsecrets: {{s: {{file: {SOCKET}}}}}\n")
    assert str(resources[0].where(("volumes", 0, "source"))) == "compose.yaml:4:15"


@pytest.mark.parametrize(
    ("written", "known"),
    [("volumes_from: [a]", []), ("volumes_from: [a], volumes: [/b]", [mount("volume", None, "/b", False)])],
)
def test_what_others_mount_is_unknown(written: str, known: list[object]) -> None:
    found = container(f"image: x, {written}")["volumes"]
    assert isinstance(found, OpenList)
    assert (list(found), found.unknown) == (known, ELSEWHERE)


def test_what_a_malformed_definition_says_is_told_once() -> None:
    services = "a: {image: x, volumes: ['data:/b', 'data:/c']}, b: {image: x, volumes: ['data:/b']}"
    _, problems = read(f"services: {{{services}}}\nvolumes: {{data: {{driver_opts: {{device: '${{'}}}}}}\n")
    assert [(problem.line, problem.column) for problem in problems] == [(2, 40)]


SOURCES = {
    "./data": "./data",
    "../data": "../data",
    "../../../../../../../../../etc/shadow": "/etc/shadow",
    "../../../../../../../../..": "/",
}


@pytest.mark.parametrize("written", SOURCES)
def test_a_relative_source_that_leads_to_another_top_directory_is_that(written: str, tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(f"services: {{web: {{image: a, volumes: ['{written}:/x']}}}}\n")
    (web,) = (one for one in resources("compose", path.read_text(), str(path)) if one.kind == "container")
    assert web.facts["volumes"][0]["source"] == SOURCES[written]  # type: ignore[index] # a list of mappings


@pytest.mark.parametrize(("written", "why"), [("~/.ssh", "home directory"), ("../../etc", "where the file is")])
def test_a_source_that_hangs_on_who_runs_it_is_unknown(written: str, why: str) -> None:
    (web,) = (
        one
        for one in resources("compose", f"services: {{web: {{image: a, volumes: ['{written}:/x']}}}}\n", "-")
        if one.kind == "container"
    )
    source = web.facts["volumes"][0]["source"]  # type: ignore[index] # a list of mappings
    assert isinstance(source, Unknown)
    assert why in source.why
