"""What a change of each field of a container makes of the specification of a service."""

from __future__ import annotations

import pytest

from policyengine.errors import RemedyError
from policyengine.model.kinds.container import KIND
from policyengine.remediation.changes import AddItems, FieldChange, RemoveField, SetField
from policyengine.remediation.swarm.fields import FIELDS, REFUSED, changed, located
from policyengine.remediation.swarm.rules import Given

NEW = Given((1, 51), frozenset({"host", "h1"}))
OLD = Given((1, 41), frozenset({"host", "h1"}))
SECOND = 1_000_000_000


def test_every_field_of_the_model_is_changed_or_has_a_reason() -> None:
    assert set(FIELDS) | set(REFUSED) == set(KIND.fields)
    assert set(FIELDS) & set(REFUSED) == set()


def spec(**container: object) -> dict[str, object]:
    return {"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "app:1", **container}}}


def of_container(made: dict[str, object]) -> dict[str, object]:
    template = made["TaskTemplate"]
    assert isinstance(template, dict)
    found = dict(template["ContainerSpec"])
    assert found.pop("Image") == "app:1"
    return found


CHECK = {"Test": ["CMD", "true"], "Interval": SECOND}
BIND = {"Type": "bind", "Source": "/srv", "Target": "/srv"}
NOFILE = {"Name": "nofile", "Soft": 1, "Hard": 2}

CONTAINER: list[tuple[dict[str, object], FieldChange, dict[str, object]]] = [
    ({}, SetField(("user",), "65532:65532"), {"User": "65532:65532"}),
    ({"User": "root"}, RemoveField(("user",)), {}),
    ({}, SetField(("read_only",), value=True), {"ReadOnly": True}),
    ({}, SetField(("working_dir",), "/srv"), {"Dir": "/srv"}),
    ({}, SetField(("hostname",), "web"), {"Hostname": "web"}),
    ({"TTY": True}, SetField(("tty",), value=False), {"TTY": False}),
    ({"OpenStdin": True}, RemoveField(("stdin_open",)), {}),
    ({}, SetField(("stop_signal",), "SIGQUIT"), {"StopSignal": "SIGQUIT"}),
    ({}, SetField(("stop_grace_period",), 1.5), {"StopGracePeriod": 1_500_000_000}),
    ({"Init": False}, SetField(("init",), value=True), {"Init": True}),
    ({"Isolation": "process"}, SetField(("isolation",), "hyperv"), {"Isolation": "hyperv"}),
    ({}, SetField(("oom_score_adj",), -500), {"OomScoreAdj": -500}),
    ({}, SetField(("entrypoint",), ["/app"]), {"Command": ["/app"]}),
    ({"Args": ["--debug"]}, RemoveField(("command",)), {"Args": []}),
    ({"Groups": ["docker", "1"]}, RemoveField(("group_add", 0)), {"Groups": ["1"]}),
    ({"CapabilityAdd": ["CAP_SYS_ADMIN", "CAP_CHOWN"]}, RemoveField(("cap_add", 0)), {"CapabilityAdd": ["CAP_CHOWN"]}),
    ({}, AddItems(("cap_drop",), ("ALL",)), {"CapabilityDrop": ["ALL"]}),
    ({"CapabilityDrop": ["CAP_ALL"]}, AddItems(("cap_drop",), ("ALL",)), {"CapabilityDrop": ["CAP_ALL"]}),
    ({}, SetField(("dns",), ["10.0.0.2"]), {"DNSConfig": {"Nameservers": ["10.0.0.2"]}}),
    ({"DNSConfig": {"Search": ["a", "b"]}}, RemoveField(("dns_search", 1)), {"DNSConfig": {"Search": ["a"]}}),
    ({}, AddItems(("dns_opt",), ("rotate",)), {"DNSConfig": {"Options": ["rotate"]}}),
    ({"Hosts": ["10.0.0.1 db"]}, AddItems(("extra_hosts",), ("a=::1",)), {"Hosts": ["10.0.0.1 db", "::1 a"]}),
    ({"Hosts": ["10.0.0.1 db"]}, SetField(("extra_hosts", 0), "db=10.0.0.9"), {"Hosts": ["10.0.0.9 db"]}),
    ({"Labels": {"a": "1"}}, SetField(("labels", "b"), "2"), {"Labels": {"a": "1", "b": "2"}}),
    ({"Labels": {"a": "1"}}, RemoveField(("labels", "a")), {"Labels": {}}),
    ({}, SetField(("sysctls", "net.ipv4.ip_forward"), "0"), {"Sysctls": {"net.ipv4.ip_forward": "0"}}),
    ({"Sysctls": {"a": "1"}}, RemoveField(("sysctls",)), {"Sysctls": {}}),
    ({"Env": ["A=1", "TOKEN=x=y"]}, RemoveField(("environment", "TOKEN")), {"Env": ["A=1", "TOKEN"]}),
    ({"Env": ["A=1", "B=2"]}, SetField(("environment", "A"), "3"), {"Env": ["B=2", "A=3"]}),
    ({"Ulimits": [NOFILE]}, RemoveField(("ulimits", "nofile")), {"Ulimits": []}),
    ({"Ulimits": [NOFILE]}, SetField(("ulimits", "nofile", "soft"), 9), {"Ulimits": [{**NOFILE, "Soft": 9}]}),
    ({}, SetField(("ulimits", "core"), {"soft": 0}), {"Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}]}),
    (
        {"Healthcheck": CHECK},
        SetField(("healthcheck", "interval"), 30),
        {"Healthcheck": {**CHECK, "Interval": 30 * SECOND}},
    ),
    ({"Healthcheck": CHECK}, RemoveField(("healthcheck", "interval")), {"Healthcheck": {"Test": ["CMD", "true"]}}),
    ({"Healthcheck": {"Test": ["NONE"]}}, RemoveField(("healthcheck",)), {}),
    (
        {"Healthcheck": CHECK},
        SetField(("healthcheck", "disable"), value=True),
        {"Healthcheck": {**CHECK, "Test": ["NONE"]}},
    ),
    (
        {},
        SetField(("healthcheck",), {"test": ["CMD", "true"], "retries": 3, "start_interval": 0.5}),
        {"Healthcheck": {"Test": ["CMD", "true"], "Retries": 3, "StartInterval": 500_000_000}},
    ),
    ({"Mounts": [BIND]}, SetField(("volumes", 0, "read_only"), value=True), {"Mounts": [{**BIND, "ReadOnly": True}]}),
    ({"Mounts": [BIND]}, RemoveField(("volumes", 0)), {"Mounts": []}),
    (
        {"Mounts": [{**BIND, "BindOptions": {"Propagation": "shared"}}]},
        SetField(("volumes", 0, "propagation"), "rprivate"),
        {"Mounts": [{**BIND, "BindOptions": {"Propagation": "rprivate"}}]},
    ),
    (
        {"Mounts": [{"Type": "tmpfs", "Target": "/tmp"}]},
        SetField(("volumes", 0, "size"), 4096),
        {"Mounts": [{"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": {"SizeBytes": 4096}}]},
    ),
    ({}, AddItems(("security_opt",), ("no-new-privileges:true",)), {"Privileges": {"NoNewPrivileges": True}}),
    (
        {"Privileges": {"Seccomp": {"Mode": "unconfined"}, "NoNewPrivileges": True}},
        RemoveField(("security_opt", 1)),
        {"Privileges": {"NoNewPrivileges": True}},
    ),
    (
        {"Privileges": {"SELinuxContext": {"Disable": True}}},
        SetField(("security_opt",), ["apparmor=docker-default"]),
        {"Privileges": {"AppArmor": {"Mode": "default"}}},
    ),
    ({}, AddItems(("security_opt",), ("label=disable",)), {"Privileges": {"SELinuxContext": {"Disable": True}}}),
    ({}, SetField(("privileged",), value=False), {}),
]
"""A specification of a container, a change, and what it is afterwards."""


@pytest.mark.parametrize(("before", "change", "after"), CONTAINER)
def test_a_change_of_the_container(before: dict[str, object], change: FieldChange, after: dict[str, object]) -> None:
    start = spec(**before)
    assert of_container(changed(start, [change], NEW)) == after
    assert of_container(start) == before, "what is given stays as it is"


WHOLE: list[tuple[dict[str, object], FieldChange, dict[str, object]]] = [
    ({}, SetField(("mem_limit",), 4096), {"Resources": {"Limits": {"MemoryBytes": 4096}}}),
    ({}, SetField(("cpus",), 0.5), {"Resources": {"Limits": {"NanoCPUs": 500_000_000}}}),
    ({}, SetField(("pids_limit",), 100), {"Resources": {"Limits": {"Pids": 100}}}),
    ({}, SetField(("mem_reservation",), 1), {"Resources": {"Reservations": {"MemoryBytes": 1}}}),
    ({}, SetField(("logging",), {"driver": "local"}), {"LogDriver": {"Name": "local", "Options": {}}}),
    (
        {"LogDriver": {"Name": "local"}},
        SetField(("logging", "options", "max-size"), "10m"),
        {"LogDriver": {"Name": "local", "Options": {"max-size": "10m"}}},
    ),
    (
        {"Networks": [{"Target": "n1"}, {"Target": "h1"}]},
        RemoveField(("network_mode",)),
        {"Networks": [{"Target": "n1"}]},
    ),
]


@pytest.mark.parametrize(("before", "change", "after"), WHOLE)
def test_a_change_of_the_task(before: dict[str, object], change: FieldChange, after: dict[str, object]) -> None:
    assert changed({"TaskTemplate": before}, [change], NEW) == {"TaskTemplate": after}


def test_a_port_is_taken_away() -> None:
    ports = [{"TargetPort": 80, "PublishedPort": 8080}, {"TargetPort": 443}]
    start: dict[str, object] = {"EndpointSpec": {"Ports": ports}}
    assert changed(start, [RemoveField(("ports", 0))], NEW) == {"EndpointSpec": {"Ports": ports[1:]}}


REFUSALS: list[tuple[FieldChange, Given, str]] = [
    (
        SetField(("shm_size",), 1),
        NEW,
        "shm_size of a Swarm service cannot be changed: the API of services has no such setting",
    ),
    (
        RemoveField(("devices", 0)),
        NEW,
        "devices[0] of a Swarm service cannot be changed: the API of services has no such setting",
    ),
    (RemoveField(("pid",)), NEW, "pid of a Swarm service cannot be changed: every task has a namespace of its own"),
    (
        SetField(("restart",), "on-failure:5"),
        NEW,
        "restart of a Swarm service cannot be changed: the Swarm itself starts tasks again, by the service's restart "
        "policy",
    ),
    (SetField(("privileged",), value=True), NEW, "a Swarm service cannot be privileged"),
    (
        SetField(("ports", 0, "host_ip"), "127.0.0.1"),
        NEW,
        "a port of a Swarm service is published on every address of the nodes, and on no other",
    ),
    (SetField(("ports", 0, "published"), "1"), NEW, "a port of a Swarm service can be taken away, and not be changed"),
    (
        AddItems(("security_opt",), ("no-new-privileges:true",)),
        OLD,
        "no-new-privileges of a Swarm service can be set from API 1.44 on, and the engine speaks 1.41",
    ),
    (AddItems(("security_opt",), ("seccomp=/p.json",)), NEW, "seccomp=/p.json is no option of Swarm services"),
    (
        SetField(("oom_score_adj",), 1),
        OLD,
        "oom_score_adj of a Swarm service can be changed from API 1.46 on, and the engine speaks 1.41",
    ),
    (
        AddItems(("cap_drop",), ("ALL",)),
        Given((1, 40)),
        "cap_drop of a Swarm service can be changed from API 1.41 on, and the engine speaks 1.40",
    ),
    (
        SetField(("healthcheck",), {"start_interval": 1}),
        OLD,
        "healthcheck.start_interval of a Swarm service can be changed from API 1.44 on",
    ),
    (RemoveField(("cap_add", 0)), NEW, "cap_add has no such item"),
    (AddItems(("user",), ("x",)), NEW, "user is no list"),
    (AddItems(("volumes",), ("x",)), NEW, "volumes are changed one by one: what the program keeps cannot be guessed"),
    (SetField(("network_mode",), "none"), NEW, "of a Swarm service's networks the host's alone can be taken away"),
]


@pytest.mark.parametrize(("change", "given", "said"), REFUSALS, ids=[said for _, _, said in REFUSALS])
def test_what_a_swarm_cannot_do_is_refused(change: FieldChange, given: Given, said: str) -> None:
    with pytest.raises(RemedyError) as caught:
        changed(spec(), [change], given)
    assert caught.value.message == said


FACTS = {
    "cap_add": ["NET_RAW", "SYS_ADMIN"],
    "volumes": [{"target": "/var/lib/app"}, {"target": "/srv", "read_only": False}],
    "ports": [{"target": 8080, "published": "80"}],
}
"""What the container of a task has: a mount more than its service asks for, the image's."""


def test_items_are_counted_in_the_service() -> None:
    there = spec(CapabilityAdd=["CAP_SYS_ADMIN", "CAP_NET_RAW"], Mounts=[BIND])
    there["EndpointSpec"] = {"Ports": [{"TargetPort": 443}, {"TargetPort": 8080}]}
    found = located(
        [
            SetField(("user",), "app"),
            RemoveField(("cap_add", 0)),
            SetField(("volumes", 1, "read_only"), value=True),
            RemoveField(("ports", 0)),
        ],
        FACTS,
        there,
    )
    assert found == (
        SetField(("user",), "app"),
        RemoveField(("cap_add", 1)),
        SetField(("volumes", 0, "read_only"), value=True),
        RemoveField(("ports", 1)),
    )


def test_an_item_that_the_image_has_is_not_the_services() -> None:
    with pytest.raises(RemedyError) as caught:
        located([SetField(("volumes", 0, "read_only"), value=True)], FACTS, spec(Mounts=[BIND]))
    assert str(caught.value) == "volumes[0].read_only does not come from the service, but from its image"
