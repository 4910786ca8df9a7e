from __future__ import annotations

import pytest

from policyengine.inputs.compose import volumes
from policyengine.model.unknown import Unknown

from .compose_reading import container, read

SYNTAX = "[SOURCE:]TARGET[:MODE]"
PIPE = "\\\\.\\pipe\\docker_engine"


def mount(type_: str, source: str | None, target: str, read_only: bool | None = None) -> object:
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
        ("{type: tmpfs, target: /b, tmpfs: {size: 5}}", mount("tmpfs", None, "/b", False)),
        ("{type: image, source: alpine, target: /b}", mount("image", "alpine", "/b", False)),
    ],
)
def test_long_syntax(written: str, expected: object) -> None:
    assert container(f"image: x, volumes: [{written}]")["volumes"] == [expected]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("tmpfs: /run", [mount("tmpfs", None, "/run", False)]),
        ("tmpfs: [/run, '/tmp:ro,size=1m']", [mount("tmpfs", None, "/run", False), mount("tmpfs", None, "/tmp", True)]),
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
