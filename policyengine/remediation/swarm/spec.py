"""The specification of a service, as the API has it: how it is looked into, compared and hashed.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Service/operation/ServiceInspect
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from policyengine.errors import RemedyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Answer

Spec = dict[str, object]

CONTAINER = ("TaskTemplate", "ContainerSpec")

STATE = ("Name", "Labels", "TaskTemplate", "Networks", "UpdateConfig", "RollbackConfig", "EndpointSpec")
"""What the hash of a service's state is made from, beside its id and its mode: all of its specification but the number
of its replicas, which may go up and down with the load without anybody changing what is replicated."""

_NO_IS_SAID = frozenset({"Init"})
"""What is the engine's to decide where nothing is said."""

_NOT_OF_TASKS = frozenset({"Runtime"})
"""What the specification of a service's tasks has, and that of a task itself has not."""


def state(service: Answer) -> str:
    """The hash of a service's state."""
    spec = spec_of(service)
    hashed = {"ID": service.get("ID"), "Mode": mode(spec), **{name: spec.get(name) for name in STATE}}
    return sha256(json.dumps(hashed, sort_keys=True).encode()).hexdigest()


def spec_of(service: Answer, key: str = "Spec") -> Spec:
    """The specification of a service, or its previous one; empty where there is none."""
    found = service.get(key)
    return found if isinstance(found, dict) else {}


def seen(value: object, *steps: str) -> object:
    """What is at a place in it; None where nothing is."""
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def part(spec: Spec, *steps: str) -> Spec:
    """A mapping in it that is to be changed; made where there is none."""
    for step in steps:
        found = spec.get(step)
        if not isinstance(found, dict):
            found = spec[step] = {}
        spec = cast("Spec", found)
    return spec


def mode(spec: Mapping[str, object]) -> str:
    """How it is spread over nodes: ``Replicated``, ``Global``, or a job of either."""
    found = spec.get("Mode")
    return next(iter(found), "Replicated") if isinstance(found, dict) else "Replicated"


def replicas(spec: Mapping[str, object]) -> int | None:
    """How many tasks are to run; None where that is one on each node."""
    if mode(spec) != "Replicated":
        return None
    found = seen(spec, "Mode", "Replicated", "Replicas")
    return found if isinstance(found, int) else 1


def image(spec: Mapping[str, object]) -> str:
    """The image of its tasks."""
    found = seen(spec, *CONTAINER, "Image")
    return found if isinstance(found, str) else ""


def same(one: object, other: object) -> bool:
    """Whether two values say the same: an empty one, false and 0 say no more than nothing does."""
    return _said(one) == _said(other)


def alike(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two specifications say the same but for the number of replicas."""
    return same(_unscaled(one), _unscaled(other))


def scaled(spec: Mapping[str, object], like: Mapping[str, object]) -> Spec:
    """A specification with the mode, and so the number of replicas, of another."""
    return {**spec, "Mode": like.get("Mode")}


def _unscaled(spec: Mapping[str, object]) -> Spec:
    return {**spec, "Mode": mode(spec)}


def asks_for(spec: Mapping[str, object], task: object) -> bool:
    """Whether a task is one that a specification asks for now."""
    return same(_of_tasks(spec.get("TaskTemplate")), _of_tasks(seen(task, "Spec")))


def _of_tasks(template: object) -> object:
    if not isinstance(template, dict):
        return template
    return {key: value for key, value in template.items() if key not in _NOT_OF_TASKS}


def _said(value: object) -> object:
    if isinstance(value, dict):
        found = {key: item if key in _NO_IS_SAID else _said(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item or (item is False and key in _NO_IS_SAID)} or None
    if isinstance(value, list):
        return [_said(item) for item in value] or None
    return value or None


def changeable(service: Answer) -> None:
    """Raise :class:`RemedyError` for a service that no update mends."""
    kind = mode(spec_of(service))
    if kind not in ("Replicated", "Global"):
        raise RemedyError("it is a job: an update would run it again", hint="change how it is made")
    if seen(spec_of(service), *CONTAINER) is None:
        raise RemedyError("its tasks are no containers")
    under_way = seen(service, "UpdateStatus", "State")
    if under_way in ("updating", "rollback_started"):
        raise RemedyError("an update of it is under way", hint="wait until it has ended")
    if under_way in ("paused", "rollback_paused"):
        raise RemedyError(
            f"an update of it was paused: {seen(service, 'UpdateStatus', 'Message')}",
            hint="finish it, or docker service rollback",
        )
