"""Fields of a create body: what is refused and why. What is done is tested on a real engine."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.errors import RemedyError
from policyengine.inputs.docker.fields import FIELDS as TOLD
from policyengine.model.kinds.container import KIND
from policyengine.remediation.changes import AddItems, FieldChange, RemoveField, SetField
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.fields import FIELDS, REFUSED, changed
from tests.remediation.docker.inspects import container, image

MEBI = 2**20


def test_every_field_of_the_model_is_changed_or_refused() -> None:
    assert set(FIELDS) | set(REFUSED) == set(KIND.fields)
    assert not set(FIELDS) & set(REFUSED)


def test_nothing_is_changed_that_an_engine_does_not_tell() -> None:
    """What was changed could not be verified."""
    assert set(FIELDS) <= TOLD


def refused(
    change: FieldChange, *others: FieldChange, config: Any = None, host: Any = None, of_image: Any = None
) -> str:
    answer = container(Config={**(of_image or {}), **(config or {})}, HostConfig=host or {})
    with pytest.raises(RemedyError) as error:
        changed(carried(answer, image(**(of_image or {}))), [change, *others])
    return str(error.value)


@pytest.mark.parametrize("field", REFUSED)
def test_refused(field: str) -> None:
    reason, hint = REFUSED[field]
    said = f"{field} cannot be changed: {reason}"
    assert refused(SetField((field,), "x")) == (f"{said} ({hint})" if hint else said)


JOINED = {"NetworkMode": "container:other"}
CHECK = {"Healthcheck": {"Test": ["CMD", "true"], "Interval": 10**9}}


@pytest.mark.parametrize(
    ("said", "change", "given"),
    [
        ("nonsense cannot be changed: the model has no such field", SetField(("nonsense",), 1), {}),
        (
            "cap_add cannot be changed: it has no cap_add[1] of its own (what the engine gives all is not its)",
            SetField(("cap_add", 1), "CHOWN"),
            {"host": {"CapAdd": ["KILL"]}},
        ),
        (
            "mem_limit cannot be changed: it would be less than mem_reservation (change both)",
            SetField(("mem_limit",), 8 * MEBI),
            {"host": {"MemoryReservation": 16 * MEBI}},
        ),
        (
            "mem_limit cannot be changed: memswap_limit does not allow it (change both)",
            SetField(("mem_limit",), 64 * MEBI),
            {"host": {"Memory": 32 * MEBI, "MemorySwap": 48 * MEBI}},
        ),
        (
            "mem_limit cannot be changed: memswap_limit does not allow it (change both)",
            RemoveField(("mem_limit",)),
            {"host": {"Memory": 32 * MEBI, "MemorySwap": 48 * MEBI}},
        ),
        (
            "labels cannot be changed: "
            "a is the image's, and an engine takes none of those away (give it another value)",
            RemoveField(("labels", "a")),
            {"of_image": {"Labels": {"a": "1"}}},
        ),
        (
            "expose cannot be changed: the image exposes 80/tcp, and an engine takes none of those away",
            RemoveField(("expose", 0)),
            {"of_image": {"ExposedPorts": {"80/tcp": {}}}},
        ),
        (
            "healthcheck cannot be changed: that is the image's, and comes again "
            "(set it, or set healthcheck.disable: true)",
            RemoveField(("healthcheck", "interval")),
            {"of_image": CHECK},
        ),
        (
            "healthcheck cannot be changed: that is the image's, and comes again "
            "(set it, or set healthcheck.disable: true)",
            RemoveField(("healthcheck",)),
            {"of_image": CHECK},
        ),
        (
            "hostname cannot be changed: it has the name of whose namespace it shares",
            SetField(("hostname",), "web"),
            {"host": {"UTSMode": "host"}},
        ),
        (
            "hostname cannot be changed: it has the name of whose namespace it shares",
            SetField(("hostname",), "web"),
            {"host": JOINED},
        ),
        (
            "network_mode cannot be changed: it is on the engine's own bridge (say in networks on which instead)",
            RemoveField(("network_mode",)),
            {},
        ),
        (
            "network_mode cannot be changed: "
            "with another container's network it would give up its ports, its addresses and its name",
            SetField(("network_mode",), "container:db"),
            {},
        ),
        (
            'network_mode cannot be changed: "shop" is no mode of an engine (name a network in networks)',
            SetField(("network_mode",), "shop"),
            {},
        ),
        (
            "network_mode cannot be changed: it has links, which the network host does not (remove links as well)",
            SetField(("network_mode",), "host"),
            {"host": {"Links": ["/db:/web/db"]}},
        ),
        (
            "networks cannot be changed: beside the host's network, or none, there can be no other",
            AddItems(("networks",), ("host",)),
            {},
        ),
        (
            "network_attachments cannot be changed: it is not attached to the network shop",
            SetField(("network_attachments", "shop", "aliases"), ["a"]),
            {},
        ),
        (
            "network_attachments cannot be changed: nothing can be asked of the network bridge "
            "(attach it to a network of its own)",
            SetField(("network_attachments", "bridge", "ipv4_address"), "172.17.0.9"),
            {},
        ),
        (
            "pid cannot be changed: a service is a project's; an engine only knows containers (container:NAME)",
            SetField(("pid",), "service:db"),
            {},
        ),
        (
            'restart cannot be changed: "often" is no number of attempts',
            SetField(("restart",), "on-failure:often"),
            {},
        ),
        (
            "stop_grace_period cannot be changed: an engine waits whole seconds, not 0.5",
            SetField(("stop_grace_period",), 0.5),
            {},
        ),
        ("ports cannot be changed: a port is no text (set the whole list)", AddItems(("ports",), ("80",)), {}),
        (
            "ports cannot be changed: it has no ports[0] of its own (what the engine gives all is not its)",
            SetField(("ports", 0, "host_ip"), "127.0.0.1"),
            {},
        ),
        (
            "ports cannot be changed: all ports that are exposed are published (set publish_all: false)",
            RemoveField(("ports", 0)),
            {"host": {"PublishAllPorts": True}, "config": {"ExposedPorts": {"80/tcp": {}}}},
        ),
        (
            "volumes cannot be changed: a mount is no text (set volumes[0])",
            AddItems(("volumes",), ("/data",)),
            {},
        ),
    ],
)
def test_what_cannot_be_done(said: str, change: FieldChange, given: dict[str, Any]) -> None:
    assert refused(change, **given) == said


VOLUMES: dict[str, Any] = {
    "Mounts": [
        {"Type": "bind", "Source": "/srv", "Destination": "/b", "RW": True},
        {"Type": "volume", "Name": "n" * 64, "Destination": "/data", "RW": True},
        {"Type": "volume", "Name": "others", "Destination": "/others", "RW": True},
    ],
    "Config": {"Volumes": {"/data": {}}},
    "HostConfig": {"Binds": ["/srv:/b"], "VolumesFrom": ["db"]},
}


@pytest.mark.parametrize(
    ("said", "change"),
    [
        (
            "volumes cannot be changed: the image makes /data a volume, which would be there again, and empty",
            RemoveField(("volumes", 1)),
        ),
        (
            "volumes cannot be changed: /others is mounted from another container "
            "(change volumes_from, or that container)",
            SetField(("volumes", 2, "read_only"), True),
        ),
        (
            "volumes cannot be changed: with another source it is another mount",
            SetField(("volumes", 0, "source"), "/x"),
        ),
        ("volumes cannot be changed: only a tmpfs has a size", SetField(("volumes", 0, "size"), 4096)),
        ("volumes cannot be changed: only a bind has a propagation", SetField(("volumes", 1, "propagation"), "shared")),
        (
            "volumes cannot be changed: it has no volumes[9] of its own (what the engine gives all is not its)",
            RemoveField(("volumes", 9)),
        ),
    ],
)
def test_what_cannot_be_done_with_mounts(said: str, change: FieldChange) -> None:
    with pytest.raises(RemedyError) as error:
        changed(carried(container(**VOLUMES), image(Volumes={"/data": {}})), [change])
    assert str(error.value) == said


def test_changes_one_after_the_other_are_those_at_once() -> None:
    answer = container(HostConfig={"CapAdd": ["CHOWN"], "Privileged": True, "SecurityOpt": ["label=disable"]})
    body = carried(answer, image())
    changes: list[FieldChange] = [
        SetField(("privileged",), False),
        AddItems(("cap_drop",), ("ALL",)),
        AddItems(("cap_add",), ("KILL",)),
        SetField(("environment", "A"), "1"),
        SetField(("environment", "B"), "2"),
        SetField(("healthcheck", "test"), ["CMD", "true"]),
        SetField(("healthcheck", "retries"), 3),
    ]
    stepwise = body
    for change in changes:
        stepwise = changed(stepwise, [change])
    assert stepwise == changed(body, changes)
    host = stepwise.config["HostConfig"]
    assert isinstance(host, dict)
    assert (host["CapAdd"], host["CapDrop"], host["SecurityOpt"]) == (["CHOWN", "CAP_KILL"], ["ALL"], None)


def test_a_body_is_never_changed_itself() -> None:
    body = carried(container(HostConfig={"CapAdd": ["CHOWN"]}), image())
    before = repr(body)
    changed(body, [SetField(("cap_add",), ["KILL"]), SetField(("environment", "A"), "1"), SetField(("user",), "5")])
    assert repr(body) == before


def test_a_new_image_s_variable_is_taken_away_too() -> None:
    """Whatever the container's old image says: it is the new one's that would come again."""
    body = carried(container(Config={"Env": ["SECRET=1"]}), image(), image(Env=["SECRET=2", "PATH=/bin"]))
    assert changed(body, [RemoveField(("environment", "SECRET"))]).config["Env"] == ["SECRET"]
    body = carried(container(Config={"Env": ["SECRET=1"]}), image(Env=["SECRET=1"]), image())
    assert changed(body, [RemoveField(("environment", "SECRET"))]).config["Env"] == []


def test_privileged_no_more() -> None:
    """SELinux's labels and the masked paths, which an engine gave up for a privileged container, come again."""
    host = {
        "Privileged": True,
        "SecurityOpt": ["label=disable", "seccomp=unconfined"],
        "MaskedPaths": [],
        "ReadonlyPaths": [],
    }
    body = changed(carried(container(HostConfig=host), image()), [SetField(("privileged",), False)])
    asked = body.config["HostConfig"]
    assert isinstance(asked, dict)
    assert {key: asked[key] for key in host} == {
        "Privileged": False,
        "SecurityOpt": ["seccomp=unconfined"],
        "MaskedPaths": None,
        "ReadonlyPaths": None,
    }
    assert body.notes == ("it loses the host's devices and all capabilities but the usual ones",)


def test_several_ports_go_at_once() -> None:
    bindings = {f"{port}/tcp": [{"HostIp": "", "HostPort": str(port)}] for port in (80, 81, 82)}
    body = carried(container(HostConfig={"PortBindings": bindings}), image())
    host = changed(body, [RemoveField(("ports", 0)), RemoveField(("ports", 1))]).config["HostConfig"]
    assert isinstance(host, dict)
    assert host["PortBindings"] == {"82/tcp": [{"HostIp": "", "HostPort": "82"}]}
