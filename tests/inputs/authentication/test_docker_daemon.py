"""A root's Docker engine as a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.docker.daemon import CONFIG
from policyengine.authentication.files import Entry
from policyengine.inputs.authentication import docker_daemon
from policyengine.model.kinds import docker_daemon as kind
from policyengine.model.unknown import Unknown
from tests.inputs.authentication.reading import read
from tests.judging import shown_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.authentication.files import Something
    from policyengine.model.resource import Resource

UNIT = "/usr/lib/systemd/system/docker.service"


SOCKET = "/usr/lib/systemd/system/docker.socket"
STARTED = {UNIT: "[Service]\nExecStart=dockerd -H fd://\n"}
MASKED = Entry("symlink", 0o777, 0, 0, target="/dev/null")


@pytest.mark.parametrize(
    ("files", "hosts", "where"),
    [
        ({}, ["fd://"], f"{UNIT}:2:1"),
        (
            {SOCKET: "[Socket]\nListenStream=%t/docker.sock\n"},
            ["fd://", "unix://%t/docker.sock"],
            f"{UNIT}:2:1",
        ),
        ({SOCKET: "[Socket]\nListenStream=2375\n"}, ["fd://", "tcp://[::]:2375"], f"{SOCKET}:2:1"),
        ({SOCKET: "[Socket]\nListenStream=127.0.0.1:1\n"}, ["fd://", "tcp://127.0.0.1:1"], f"{SOCKET}:2:1"),
        ({SOCKET: "[Socket]\nListenStream=[::1]:1\n"}, ["fd://", "tcp://[::1]:1"], f"{SOCKET}:2:1"),
        ({SOCKET: "[Socket]\nListenStream=vsock:2:1\n"}, ["fd://", "vsock://2:1"], f"{UNIT}:2:1"),
        ({SOCKET: "[Socket]\nListenDatagram=1\n[Service]\nListenStream=2\n"}, ["fd://"], f"{UNIT}:2:1"),
        (
            {SOCKET: "[Socket]\nListenStream=1\n", "/etc/systemd/system/docker.socket": MASKED},
            ["fd://"],
            f"{UNIT}:2:1",
        ),
        (
            {UNIT: "[Service]\nExecStart=dockerd -H fd:// -H tcp://h:1\n", SOCKET: "[Socket]\nListenStream=2\n"},
            ["fd://", "tcp://h:1", "tcp://[::]:2"],
            f"{UNIT}:2:1",
        ),
        (
            {UNIT: "[Service]\nExecStart=dockerd -H unix://\n", SOCKET: "[Socket]\nListenStream=2\n"},
            ["unix://"],
            f"{UNIT}:2:1",
        ),
    ],
)
def test_what_systemd_listens_at_for_dockerd(files: dict[str, Something], hosts: list[str], where: str) -> None:
    resource = engine(STARTED | files)
    assert (resource.facts["hosts"], str(resource.where(("hosts",)))) == (hosts, where)
    assert shown_line(resource, resource.where(("hosts",))) is not None


def test_what_it_listens_at_is_unknown_where_that_cannot_be_read() -> None:
    why = Unknown("host.files", "it may not be read")
    assert engine({**STARTED, SOCKET: why}).facts["hosts"] == why
    known = {UNIT: "[Service]\nExecStart=dockerd -H fd:// -H tcp://h:1\n"}
    assert engine({**known, SOCKET: why}).facts["hosts"] == ["fd://", "tcp://h:1"]


def test_a_unit_that_is_masked_starts_nothing() -> None:
    masked: dict[str, Something] = {**STARTED, "/etc/systemd/system/docker.service": MASKED}
    assert read(docker_daemon, masked) == ([], [])
    assert read(docker_daemon, {**STARTED, "/etc/systemd/system/docker.service": ""}) == ([], [])
    assert engine({**masked, CONFIG: "{}"}).facts["hosts"] == ["unix:///var/run/docker.sock"]


def engine(files: Mapping[str, Something]) -> Resource:
    """The engine of a root."""
    found, refused = read(docker_daemon, files)
    assert not refused
    (resource,) = found
    return resource


def test_an_engine_that_is_told_nothing_has_the_defaults_of_dockerd() -> None:
    resource = engine({CONFIG: "{}"})
    assert resource.facts == {
        "name": "web",
        "os_type": "linux",
        "product": "docker",
        "data_root": "/var/lib/docker",
        "debug": False,
        "default_ipc_mode": "private",
        "default_runtime": "runc",
        "experimental": False,
        "group": "docker",
        "hosts": ["unix:///var/run/docker.sock"],
        "icc": True,
        "init": False,
        "ip": "0.0.0.0",
        "ip6tables": True,
        "ip_forward": True,
        "ip_masq": True,
        "iptables": True,
        "ipv6": False,
        "live_restore": False,
        "log_level": "info",
        "logging_driver": "json-file",
        "no_new_privileges": False,
        "rootless": False,
        "seccomp_profile": "builtin",
        "selinux_enabled": False,
        "swarm": "inactive",
        "tls": False,
        "tls_ca": "/root/.docker/ca.pem",
        "tls_certificate": "/root/.docker/cert.pem",
        "tls_key": "/root/.docker/key.pem",
        "tls_verify": False,
        "userland_proxy": True,
        "userns_remap": False,
    }
    assert str(resource.where(("icc",))) == f"{CONFIG}:1:1"
    assert resource.provenance(("icc",)).of == "dockerd"


@pytest.mark.parametrize(
    ("set_", "tls", "verify"),
    [
        ("{}", False, False),
        ('{"tls": true}', True, True),
        ('{"tls": false}', False, False),
        ('{"tlsverify": true}', True, True),
        ('{"tlsverify": false}', True, False),
        ('{"tls": true, "tlsverify": false}', True, False),
        ('{"tls": false, "tlsverify": true}', True, True),
    ],
)
def test_tls_is_on_where_verifying_is_spoken_of(set_: str, tls: bool, verify: bool) -> None:
    facts = engine({CONFIG: set_}).facts
    assert (facts["tls"], facts["tls_verify"]) == (tls, verify)


def test_what_is_set_is_told_with_its_place() -> None:
    resource = engine(
        {
            CONFIG: '{\n"insecure-registries":\n ["127.0.0.0/8", "[::1]:5000",\n  "r.example"],\n"log-opts": {\n'
            '"tag": "x"},\n"userns-remap": "default"}',
            UNIT: "[Service]\nExecStart=dockerd -H 10.0.0.1:2375 -H fd:// -H ''\n",
            "/var/lib/docker/swarm/docker-state.json": "{}",
        }
    )
    names = ("insecure_registries", "hosts", "userns_remap", "userns_user", "swarm", "logging_options")
    assert {name: resource.facts[name] for name in names} == {
        "insecure_registries": ["r.example"],
        "hosts": ["tcp://10.0.0.1:2375", "fd://", "unix:///var/run/docker.sock"],
        "userns_remap": True,
        "userns_user": "default",
        "swarm": "active",
        "logging_options": {"tag": "x"},
    }
    assert str(resource.where(("insecure_registries", 0))) == f"{CONFIG}:4:3"
    assert str(resource.where(("logging_options", "tag"))) == f"{CONFIG}:6:8"
    assert str(resource.where(("hosts", 0))) == f"{UNIT}:2:1"
    assert shown_line(resource, resource.where(("hosts",))) == "ExecStart=dockerd -H 10.0.0.1:2375 -H fd:// -H ''"
    assert resource.facts["settings"] == [
        {"option": "hosts", "source": "flag"},
        {"option": "insecure-registries", "source": "file"},
        {"option": "log-opts", "source": "file"},
        {"option": "userns-remap", "source": "file"},
    ]


def test_what_a_script_may_set_is_unknown_and_what_the_file_says_is_known() -> None:
    resource = engine({CONFIG: '{"icc": false}', UNIT: "[Service]\nExecStart=/opt/start\n"})
    assert resource.facts["icc"] is False
    assert resource.facts["iptables"] == Unknown("docker_daemon.flags", f"what {UNIT} starts is not dockerd itself")
    assert isinstance(resource.facts["tls_verify"], Unknown)
    assert isinstance(resource.facts["userns_remap"], Unknown)


def test_files_that_lie_nobody_knows_where_are_told_of_the_configuration() -> None:
    rest = Unknown("container.files", "/run is a tmpfs, which the engine does not see")
    resource = engine({CONFIG: rest})
    assert resource.facts["tls_files"] == [rest, rest, rest]
    assert resource.facts["tls_key_mode"] == rest
    assert {str(resource.where(path)) for path in (("tls_files", 0), ("tls_files", 2), ("tls_key_mode",))} == {
        f"{CONFIG}:1:1"
    }


def test_all_fields_can_be_filled() -> None:
    fields = kind.KIND.fields.keys()
    assert {"docker_daemon": fields} == docker_daemon.SUPPLIES


def test_what_dockerd_refuses_is_told() -> None:
    assert read(docker_daemon, {CONFIG: '{"icc": 1}'}) == (
        [],
        [f"{CONFIG}:1:9: dockerd refuses it: icc should be true or false"],
    )
    found, refused = read(docker_daemon, {CONFIG: '{"none": 1}'})
    assert len(found) == 1
    assert refused == [f"{CONFIG}:1:10: dockerd refuses it: none is no option of dockerd"]


def test_a_root_without_an_engine() -> None:
    assert read(docker_daemon, {"/etc/passwd": ""}) == ([], [])


@pytest.mark.parametrize("wrong", ["true", '"many"', "1.5", "{}"])
def test_a_limit_that_is_no_number_is_not_judged(wrong: str) -> None:
    text = f'{{"default-ulimits": {{"nofile": {{"Name": "nofile", "Soft": {wrong}, "Hard": 9}}}}}}'
    assert engine({CONFIG: text}).facts["default_ulimits"] == {
        "nofile": {"soft": Unknown("daemon.json", "default_ulimits is not what dockerd takes"), "hard": 9}
    }
