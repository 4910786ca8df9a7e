"""What several policies want, as one: each change once, in a safe order, and nothing where they contradict."""

from __future__ import annotations

import pytest

from policyengine.inputs.docker.alone import resource_of
from policyengine.model.kinds.container import KIND
from policyengine.remediation.changes import AddItems, FieldChange, RemoveField, SetField
from policyengine.remediation.desired import Wish, agreeing, ordered, shown, united
from policyengine.remediation.plan import Left, Shown

WEB: dict[str, object] = {
    "Id": "ab" * 32,
    "Name": "/web",
    "Config": {"Image": "web:1", "Env": ["DB_PASSWORD=hunter2", "MODE=a"], "Cmd": ["run"]},
    "HostConfig": {"Privileged": True, "CapAdd": ["SYS_ADMIN", "NET_ADMIN", "CHOWN"], "NetworkMode": "none"},
}
OFF, ON = SetField(("privileged",), value=False), SetField(("privileged",), value=True)


@pytest.mark.parametrize(
    ("wants", "kept", "left"),
    [
        ({"a": [OFF], "b": [OFF]}, ["a", "b"], {}),
        (
            {"a": [OFF], "b": [ON], "c": [AddItems(("cap_drop",), ("ALL",))]},
            ["c"],
            {"a": "b would have it otherwise: privileged", "b": "a would have it otherwise: privileged"},
        ),
        (
            {"a": [SetField(("ports", 0, "host_ip"), "127.0.0.1")], "b": [RemoveField(("ports", 0))]},
            [],
            {"a": "b would have it otherwise: ports[0]", "b": "a would have it otherwise: ports[0]"},
        ),
        ({"a": [RemoveField(("cap_add", 0))], "b": [RemoveField(("cap_add", 1))]}, ["a", "b"], {}),
        ({"a": [AddItems(("cap_drop",), ("ALL",))], "b": [AddItems(("cap_drop",), ("CHOWN",))]}, ["a", "b"], {}),
        (
            {"a": [AddItems(("cap_drop",), ("ALL",))], "b": [RemoveField(("cap_drop",))]},
            [],
            {"a": "b would have it otherwise: cap_drop", "b": "a would have it otherwise: cap_drop"},
        ),
        ({"a": [AddItems(("cap_add",), ("KILL",))], "b": [RemoveField(("cap_add", 0))]}, ["a", "b"], {}),
        (
            {"a": [OFF], "b": [ON], "c": [ON]},
            [],
            {
                "a": "b, c would have it otherwise: privileged",
                "b": "a would have it otherwise: privileged",
                "c": "a would have it otherwise: privileged",
            },
        ),
    ],
)
def test_policies_that_pull_a_field_two_ways_are_named(
    wants: dict[str, list[FieldChange]], kept: list[str], left: dict[str, str]
) -> None:
    granted, others = agreeing([Wish(policy, tuple(changes)) for policy, changes in wants.items()], KIND.type)
    assert [wish.policy for wish in granted] == kept
    assert others == [Left(policy, reason) for policy, reason in left.items()]


def test_items_are_removed_from_the_last_to_the_first_and_each_change_is_made_once() -> None:
    wishes = [
        Wish("a", (RemoveField(("cap_add", 0)), OFF)),
        Wish("b", (RemoveField(("cap_add", 2)), OFF, AddItems(("cap_drop",), ("ALL",)))),
        Wish("c", (RemoveField(("cap_add", 10)),)),
    ]
    assert ordered(wishes) == (
        OFF,
        AddItems(("cap_drop",), ("ALL",)),
        RemoveField(("cap_add", 10)),
        RemoveField(("cap_add", 2)),
        RemoveField(("cap_add", 0)),
    )


def test_what_is_shown_is_each_field_before_and_after_without_secrets() -> None:
    wishes = [
        Wish("caps", (RemoveField(("cap_add", 0)), RemoveField(("cap_add", 2)))),
        Wish("more-caps", (RemoveField(("cap_add", 2)),)),
        Wish("drop", (AddItems(("cap_drop",), ("ALL",)),)),
        Wish("privileged", (OFF,)),
        Wish("env", (SetField(("environment", "DB_PASSWORD"), "changeme"), SetField(("environment", "MODE"), "b"))),
        Wish("room", tuple(SetField(("volumes", 0), {"type": "tmpfs", "target": at}) for at in ("/run", "/tmp"))),
    ]
    assert shown(wishes, resource_of(WEB), KIND.type) == (
        Shown("cap_drop", None, ["ALL"], ("drop",)),
        Shown("privileged", before=True, after=False, policies=("privileged",)),
        Shown('environment["DB_PASSWORD"]', "****", "****", ("env",)),
        Shown('environment["MODE"]', "****", "****", ("env",)),
        Shown("volumes[0]", None, {"type": "tmpfs", "target": "/run"}, ("room",)),
        Shown("volumes[0]", None, {"type": "tmpfs", "target": "/tmp"}, ("room",)),
        Shown("cap_add", ["SYS_ADMIN", "NET_ADMIN", "CHOWN"], ["NET_ADMIN"], ("caps", "more-caps")),
    )


def test_what_is_wanted_of_replicas_is_wanted_once() -> None:
    one, two = Wish("a", (OFF,)), Wish("b", (RemoveField(("pid",)),))
    assert united([[one], [one, two], [Wish("a", (RemoveField(("uts",)),))]]) == [
        Wish("a", (OFF, RemoveField(("uts",)))),
        two,
    ]
