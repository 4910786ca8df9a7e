"""What daemon.json and the flags of dockerd come to."""

from __future__ import annotations

import pytest

from policyengine.authentication.docker.daemon import CONFIG, Daemon, Refusal, read
from policyengine.authentication.files import Entry, Given, Placed
from policyengine.model.unknown import Unknown

UNIT = "/usr/lib/systemd/system/docker.service"
DROP_IN = "/etc/systemd/system/docker.service.d"


def told(files: dict[str, str | Placed | Entry | Unknown]) -> dict[str, tuple[object, str]]:
    """What is set, and where."""
    found = read(Given(files))
    assert isinstance(found, Daemon)
    return {key: (one.value, f"{one.where.path}:{one.where.line}") for key, one in found.settings.items()}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {CONFIG: '{"icc": false,\n "dns": ["1.1.1.1"]}'},
            {"icc": (False, f"{CONFIG}:1"), "dns": (["1.1.1.1"], f"{CONFIG}:2")},
        ),
        ({CONFIG: "\n"}, {}),
        ({CONFIG: '{"proxies": {"http-proxy": "http://p:1"}}'}, {"http-proxy": ("http://p:1", f"{CONFIG}:1")}),
        ({CONFIG: '{"Proxies": {"http-proxy": "http://p:1"}}'}, {"http-proxy": ("http://p:1", f"{CONFIG}:1")}),
        (
            {CONFIG: '{"proxies": {"http-proxy": "http://p:1"},\n"PROXIES": {"https-proxy": "http://p:2"}}'},
            {"http-proxy": ("http://p:1", f"{CONFIG}:1"), "https-proxy": ("http://p:2", f"{CONFIG}:2")},
        ),
        (
            {CONFIG: '{"proxies": {"http-proxy": "http://p:1"},\n"proxies": {"https-proxy": "http://p:2"}}'},
            {"http-proxy": ("http://p:1", f"{CONFIG}:1"), "https-proxy": ("http://p:2", f"{CONFIG}:1")},
        ),
        ({CONFIG: '{"Runtime": {"http-proxy": "http://p:1"}}'}, {}),
        ({CONFIG: '{"own": {"icc": false, "bip": "10.0.0.1/8"}}'}, {"icc": (False, f"{CONFIG}:1")}),
        ({CONFIG: '{"icc": null, "icc": false, "icc": true}'}, {"icc": (True, f"{CONFIG}:1")}),
        (
            {UNIT: "[Unit]\nA=b\n[Service]\nExecStart=/usr/bin/dockerd -H fd:// \\\n  # no\n  --icc=false\n"},
            {"hosts": (["fd://"], f"{UNIT}:4"), "icc": (False, f"{UNIT}:4")},
        ),
        (
            {
                UNIT: "[Service]\nExecStart=/usr/bin/dockerd -D\n",
                f"{DROP_IN}/a.conf": "[Service]\nExecStart=\nExecStart=dockerd -l warn\n",
            },
            {"log-level": ("warn", f"{DROP_IN}/a.conf:3")},
        ),
        (
            {
                UNIT: "[Service]\nExecStart=dockerd -D\n",
                "/etc/systemd/system/docker.service": "[Service]\nExecStart=-/usr/bin/env dockerd --icc=0\n",
            },
            {"icc": (False, "/etc/systemd/system/docker.service:2")},
        ),
        (
            {
                UNIT: "[Service]\nEnvironment='A=--dns 1.1.1.1' B=x\nEnvironmentFile=-/etc/default/docker\n"
                "EnvironmentFile=-/no\n"
                "ExecStart=dockerd $A $NONE --data-root=${B}/y $DOCKER_OPTS\n",
                "/etc/default/docker": '# DOCKER_OPTS="-D"\nDOCKER_OPTS="-l \'warn\'"\n',
            },
            {"dns": (["1.1.1.1"], f"{UNIT}:5"), "data-root": ("x/y", f"{UNIT}:5"), "log-level": ("warn", f"{UNIT}:5")},
        ),
        (
            {
                "/etc/init.d/docker": "",
                "/etc/default/docker": '# of the engine\nDOCKER_OPTS="--dns 1.1.1.1 --dns 8.8.8.8"\n',
            },
            {"dns": (["1.1.1.1", "8.8.8.8"], "/etc/default/docker:2")},
        ),
        (
            {
                UNIT: "[Service]\nExecStart=dockerd --config-file /srv/d.json --log-opt a=b --log-opt c=d=e\n",
                "/srv/d.json": '{"ipv6": true}',
            },
            {"log-opts": ({"a": "b", "c": "d=e"}, f"{UNIT}:2"), "ipv6": (True, "/srv/d.json:1")},
        ),
        (
            {
                UNIT: "[Service]\nExecStart=dockerd --default-ulimit nofile=64:128 --default-ulimit core=0 "
                "--add-runtime=a=/b\n"
            },
            {
                "default-ulimits": (
                    {
                        "nofile": {"Name": "nofile", "Soft": 64, "Hard": 128},
                        "core": {"Name": "core", "Soft": 0, "Hard": 0},
                    },
                    f"{UNIT}:2",
                ),
                "runtimes": ({"a": {}}, f"{UNIT}:2"),
            },
        ),
    ],
)
def test_what_is_set(files: dict[str, str | Placed | Entry | Unknown], expected: dict[str, tuple[object, str]]) -> None:
    assert told(files) == expected


@pytest.mark.parametrize(
    ("files", "message", "place"),
    [
        ({CONFIG: '{"icc": 1}'}, "icc should be true or false", f"{CONFIG}:1:9"),
        ({CONFIG: '{"dns": "1.1.1.1"}'}, "dns should be a list of strings", f"{CONFIG}:1:9"),
        ({CONFIG: '{"log-level":\n"quiet"}'}, "log-level is none that there is", f"{CONFIG}:2:1"),
        ({CONFIG: '{"icc"'}, "Expecting ':' delimiter", f"{CONFIG}:1:7"),
        ({CONFIG: "[]"}, "an object is expected", f"{CONFIG}:1"),
        ({CONFIG: "[" * 100_000}, "nested too deeply", f"{CONFIG}:1"),
        ({CONFIG: f'{{"mtu": {"9" * 5000}}}'}, "a number is too long", f"{CONFIG}:1"),
        (
            {CONFIG: '{"hosts": []}', UNIT: "[Service]\nExecStart=dockerd -H fd://\n"},
            "given both by a flag and in the file: hosts",
            f"{CONFIG}:1:11",
        ),
        ({UNIT: "[Service]\nExecStart=dockerd --none\n"}, 'dockerd has no flag "--none"', f"{UNIT}:2:1"),
        ({UNIT: "[Service]\nExecStart=dockerd run=s3cret\n"}, 'dockerd takes no argument "run"', f"{UNIT}:2:1"),
    ],
)
def test_what_dockerd_refuses(files: dict[str, str], message: str, place: str) -> None:
    found = read(Given(files))
    assert isinstance(found, Refusal)
    assert (found.message, str(found.where)) == (message, place)


def test_a_key_that_is_not_known_is_told_and_the_others_are_read() -> None:
    found = read(Given({CONFIG: '{"icc": false, "of-tomorrow": {"x": 1}}'}))
    assert isinstance(found, Daemon)
    assert found.settings.keys() == {"icc"}
    assert [one.message for one in found.strange] == ["x is no option of dockerd"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({UNIT: "[Service]\nExecStart=/opt/start\n"}, f"what {UNIT} starts is not dockerd itself"),
        ({UNIT: '[Service]\nExecStart=dockerd "-D\n'}, f"what {UNIT} starts is not dockerd itself"),
        ({UNIT: Unknown(UNIT, "not readable")}, "not readable"),
        ({UNIT: "[Service]\nExecStart=dockerd\n", DROP_IN: Unknown(DROP_IN, "not readable")}, "not readable"),
        (
            {UNIT: "[Service]\nEnvironmentFile=/x\nExecStart=dockerd $A\n", "/x": Unknown("/x", "not readable")},
            "not readable",
        ),
        ({UNIT: "[Service]\nExecStart=dockerd\n", CONFIG: Unknown(CONFIG, "not readable")}, "not readable"),
        (
            {"/etc/init.d/docker": "", "/etc/default/docker": 'DOCKER_OPTS="$DOCKER_OPTS -D"\n'},
            "/etc/default/docker:1 is not understood",
        ),
        (
            {CONFIG: Entry("special", 0o644, 0, 0)},
            f"{CONFIG} is a special file (FIFO, socket or device) and no regular file",
        ),
    ],
)
def test_what_cannot_be_read_leaves_the_rest_unknown(files: dict[str, str | Unknown | Entry], why: str) -> None:
    found = read(Given(files))
    assert isinstance(found, Daemon)
    assert found.rest is not None
    assert found.rest.why == why


def test_a_unit_that_cannot_be_read_leaves_what_the_file_says() -> None:
    found = read(Given({CONFIG: '{"icc": false}', UNIT: "[Service]\nExecStart=/opt/start\n"}))
    assert isinstance(found, Daemon)
    assert found.settings["icc"].value is False
    assert found.rest is not None


@pytest.mark.parametrize("files", [{}, {"/etc/default/docker": 'DOCKER_OPTS="-D"'}, {UNIT: "[Unit]\nA=b\n"}])
def test_no_engine(files: dict[str, str]) -> None:
    assert read(Given(files)) is None
