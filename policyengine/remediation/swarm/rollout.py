"""How the Swarm is to carry out an update: which task goes first, and what the update's settings are meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.remediation.swarm.spec import CONTAINER, Spec, replicas, same, seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START_FIRST = "start-first"
STOP_FIRST = "stop-first"

_SECOND = 1_000_000_000
_MONITOR = 5 * _SECOND
"""How long the Swarm watches a new task where nobody says: https://docs.docker.com/reference/cli/docker/service/update/"""

_GRACE = 10.0
"""How long it lets a task end where nobody says."""


class Way(NamedTuple):
    """Whether a new task starts before the old one is stopped, why not, and the seconds without service to expect.

    ``gap`` is None where it depends on how soon the program ends and is there again.
    """

    order: str
    why: str
    gap: float | None


def way(spec: Mapping[str, object]) -> Way:
    """How tasks of a service are best replaced: the new one first, unless both cannot be there at once."""
    why = next(_apart(spec), "")
    if not why:
        return Way(START_FIRST, "", 0.0)
    several = (replicas(spec) or 0) > 1
    return Way(STOP_FIRST, why, 0.0 if several else None)


def _apart(spec: Mapping[str, object]) -> Iterator[str]:
    """Why an old and a new task cannot be there at the same time.

    The new one would wait for a node forever, or both would write what one alone is used to write.
    """
    ports = seen(spec, "EndpointSpec", "Ports")
    for port in ports if isinstance(ports, list) else ():
        if seen(port, "PublishMode") == "host" and seen(port, "PublishedPort"):
            yield f"port {seen(port, 'PublishedPort')} of the node can be one task's at a time"
    most = seen(spec, "TaskTemplate", "Placement", "MaxReplicas")
    if most:
        yield f"at most {most} of its tasks may be on one node"
    if seen(spec, "UpdateConfig", "Order") == START_FIRST:
        return
    mounts = seen(spec, *CONTAINER, "Mounts")
    for mount in mounts if isinstance(mounts, list) else ():
        if seen(mount, "Type") in ("bind", "volume") and not seen(mount, "ReadOnly"):
            yield f"both would write to {seen(mount, 'Target')}"


def during(spec: Spec, order: str, stable: float, *, checked: bool) -> Spec:
    """A specification as it is while the Swarm carries it out: one task at a time, and back at the first failure.

    The rest is the operator's own. Without a healthcheck (``checked``) a task that has started counts as one that
    serves: then each must stand for ``stable`` seconds before the next is replaced.
    """
    own = seen(spec, "UpdateConfig")
    config: Mapping[str, object] = own if isinstance(own, dict) else {}
    least = round(stable * _SECOND)
    made = {
        **config,
        "Parallelism": 1,
        "Delay": max(_number(config, "Delay"), 0 if checked else least),
        "FailureAction": "rollback",
        "Monitor": max(_number(config, "Monitor") or _MONITOR, least),
        "MaxFailureRatio": 0,
        "Order": order,
    }
    if replicas(spec) == 1:
        made["Delay"] = config.get("Delay", 0)
    return spec if same(made, {"Monitor": _MONITOR, **config}) else {**spec, "UpdateConfig": made}


def pause(spec: Mapping[str, object]) -> float:
    """For how many seconds of an update nothing may be seen to happen: between two tasks, and after the last."""
    config = seen(spec, "UpdateConfig")
    if not isinstance(config, dict):
        return _MONITOR / _SECOND
    return (_number(config, "Delay") + (_number(config, "Monitor") or _MONITOR)) / _SECOND


def grace(spec: Mapping[str, object]) -> float:
    """How many seconds a task may take to end."""
    found = seen(spec, *CONTAINER, "StopGracePeriod")
    return found / _SECOND if isinstance(found, int) else _GRACE


def _number(config: Mapping[str, object], key: str) -> int:
    found = config.get(key)
    return found if isinstance(found, int) else 0
