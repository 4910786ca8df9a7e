"""Where a service stands, by what the Swarm tells of it and of its tasks."""

from __future__ import annotations

import pytest

from policyengine.remediation.swarm.watching import Standing, standing

NEW = {"ContainerSpec": {"Image": "app:2"}, "Runtime": "container"}
OLD = {"ContainerSpec": {"Image": "app:1"}, "Runtime": "container"}


def spec(template: object = NEW, replicas: int = 2) -> dict[str, object]:
    return {"Name": "web", "TaskTemplate": template, "Mode": {"Replicated": {"Replicas": replicas}}}


def service(
    template: object = NEW, state: str | None = "completed", message: str = "", replicas: int = 2
) -> dict[str, object]:
    status = {"State": state, "Message": message} if state else None
    return {"ID": "s1", "Spec": spec(template, replicas), "UpdateStatus": status}


def task(image: str, state: str, desired: str = "running", error: str = "", at: int = 0) -> dict[str, object]:
    """A task as the API tells of it: without a runtime."""
    status = {"State": state, "Err": error, "Timestamp": f"2026-01-01T00:00:0{at}Z"}
    return {"Spec": {"ContainerSpec": {"Image": image}, "ForceUpdate": 0}, "DesiredState": desired, "Status": status}


FRESH = task("app:2", "running")
STALE = task("app:1", "running")


@pytest.mark.parametrize(
    ("found", "tasks", "expected"),
    [
        (service(), [FRESH, FRESH], Standing("there", fresh=2)),
        (service(state=None), [FRESH, FRESH], Standing("there", fresh=2)),
        (service(), [FRESH, FRESH, task("app:1", "running", "shutdown")], Standing("there", fresh=2)),
        (service(state="rollback_completed"), [FRESH, FRESH], Standing("there", fresh=2)),
        (service(replicas=0, state=None), [], Standing("there")),
        (service(state="updating"), [FRESH, FRESH], Standing("going", fresh=2)),
        (service(state=None), [STALE, STALE], Standing("going")),
        (service(state=None), [], Standing("going")),
        (service(), [FRESH, STALE], Standing("going", fresh=1)),
        (service(), [FRESH], Standing("going", fresh=1)),
        (service(state="updating"), [STALE, task("app:2", "preparing", "ready")], Standing("going", pulling=True)),
        (
            service(state="updating"),
            [task("app:2", "pending", error="no suitable node")],
            Standing("going", "no suitable node"),
        ),
        (service(OLD, "rollback_started", "update rolled back"), [STALE], Standing("elsewhere", "update rolled back")),
        (
            service(state="paused", message="update paused"),
            [
                FRESH,
                task("app:2", "failed", "shutdown", "exit 1", 1),
                task("app:2", "rejected", "shutdown", "no such image", 2),
                task("app:1", "failed", "shutdown", "of before", 3),
            ],
            Standing("failed", "update paused; no such image", 1),
        ),
    ],
)
def test_standing(found: dict[str, object], tasks: list[dict[str, object]], expected: Standing) -> None:
    assert standing(found, tasks, spec()) == expected


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_global_service_is_there_when_every_task_is(number: int) -> None:
    wanted = {"TaskTemplate": NEW, "Mode": {"Global": {}}}
    found: dict[str, object] = {"Spec": wanted, "UpdateStatus": {"State": "completed"}}
    assert standing(found, [FRESH] * number, wanted) == Standing("there", fresh=number)
    assert standing(found, [*[FRESH] * number, STALE], wanted).state == "going"


def test_replicas_may_change_meanwhile() -> None:
    assert standing(service(replicas=3), [FRESH, FRESH], spec()).state == "going"
    assert standing(service(replicas=3), [FRESH] * 3, spec()) == Standing("there", fresh=3)
