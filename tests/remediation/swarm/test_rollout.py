"""Which task goes first, and what the update settings are meanwhile."""

from __future__ import annotations

import pytest

from policyengine.remediation.swarm.rollout import Way, during, grace, pause, way

SECOND = 1_000_000_000
ONE = {"Replicated": {"Replicas": 1}}
TWO = {"Replicated": {"Replicas": 2}}


def spec(mode: object = ONE, mounts: object = None, **more: object) -> dict[str, object]:
    return {"Mode": mode, "TaskTemplate": {"ContainerSpec": {"Mounts": mounts}}, **more}


DATA = {"Type": "volume", "Source": "data", "Target": "/data"}
HOST_PORT = {"Ports": [{"TargetPort": 80, "PublishedPort": 8080, "PublishMode": "host"}]}
ANY_PORT = {"Ports": [{"TargetPort": 80, "PublishMode": "host"}]}
INGRESS = {"Ports": [{"TargetPort": 80, "PublishedPort": 8080, "PublishMode": "ingress"}]}
NODE = "port 8080 of the node can be one task's at a time"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (spec(), Way("start-first", "", 0.0)),
        (spec(EndpointSpec=INGRESS), Way("start-first", "", 0.0)),
        (spec(EndpointSpec=ANY_PORT), Way("start-first", "", 0.0)),
        (spec(EndpointSpec=HOST_PORT), Way("stop-first", NODE, None)),
        (spec(TWO, EndpointSpec=HOST_PORT), Way("stop-first", NODE, 0.0)),
        (spec({"Global": {}}, EndpointSpec=HOST_PORT), Way("stop-first", NODE, None)),
        (spec({"Global": {}}), Way("start-first", "", 0.0)),
        (spec(ONE, [DATA]), Way("stop-first", "both would write to /data", None)),
        (spec(ONE, [{**DATA, "ReadOnly": True}]), Way("start-first", "", 0.0)),
        (spec(ONE, [{"Type": "tmpfs", "Target": "/tmp"}]), Way("start-first", "", 0.0)),
        (spec(ONE, [DATA], UpdateConfig={"Order": "start-first"}), Way("start-first", "", 0.0)),
    ],
)
def test_way(found: dict[str, object], expected: Way) -> None:
    assert way(found) == expected


def test_no_more_than_a_number_of_tasks_on_a_node() -> None:
    found = {"Mode": TWO, "TaskTemplate": {"Placement": {"MaxReplicas": 1}}}
    assert way(found) == Way("stop-first", "at most 1 of its tasks may be on one node", 0.0)


OURS = {
    "Parallelism": 1,
    "Delay": 0,
    "FailureAction": "rollback",
    "Monitor": 5 * SECOND,
    "MaxFailureRatio": 0,
    "Order": "start-first",
}


@pytest.mark.parametrize(
    ("own", "mode", "checked", "expected"),
    [
        (None, TWO, True, OURS),
        (None, TWO, False, {**OURS, "Delay": 3 * SECOND}),
        (None, ONE, False, OURS),
        (
            {"Parallelism": 0, "Delay": 7, "MaxFailureRatio": 0.5, "FailureAction": "pause"},
            TWO,
            True,
            {**OURS, "Delay": 7},
        ),
        ({"Monitor": SECOND}, TWO, True, {**OURS, "Monitor": 3 * SECOND}),
        ({"Monitor": 9 * SECOND, "Order": "stop-first"}, TWO, True, {**OURS, "Monitor": 9 * SECOND}),
    ],
)
def test_settings_meanwhile(own: object, mode: object, checked: bool, expected: object) -> None:
    made = during(spec(mode, UpdateConfig=own), "start-first", 3, checked=checked)
    assert made == spec(mode, UpdateConfig=expected)


@pytest.mark.parametrize("own", [OURS, {key: OURS[key] for key in ("Parallelism", "FailureAction", "Order")}])
def test_settings_that_do_stay_to_the_letter(own: object) -> None:
    """Then the Swarm's own memory of what was before is not used up by putting them back."""
    found = spec(UpdateConfig=own)
    assert during(found, "start-first", 3, checked=True) is found


def test_times() -> None:
    assert (grace(spec()), pause(spec())) == (10.0, 5.0)
    assert pause(spec(UpdateConfig={"Delay": 2 * SECOND, "Monitor": SECOND})) == 3.0
    assert grace({"TaskTemplate": {"ContainerSpec": {"StopGracePeriod": 3 * SECOND}}}) == 3.0
