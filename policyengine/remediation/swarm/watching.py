"""How far the Swarm has come with what a service was asked to be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.connections.docker_errors import NotThereError
from policyengine.errors import SourceError
from policyengine.model.masking import concealed
from policyengine.remediation.swarm.rollout import grace, pause
from policyengine.remediation.swarm.spec import alike, asks_for, replicas, seen, spec_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.connections.docker import Answer
    from policyengine.connections.docker_services import Services

_EVERY = 0.25
"""Seconds between two looks."""

_PULLING = 600.0
"""Seconds that a node may take to get an image, which nothing is told of meanwhile."""

_SLACK = 10.0
"""Seconds that a node may take, beyond a task's own, to end it and to tell."""

_ACTIVE = frozenset({"assigned", "accepted", "preparing", "ready", "starting", "running"})
"""https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/"""


class Standing(Struct, frozen=True):
    """Where a service stands: on its way, ``there``, stuck, or asked to be something else by somebody.

    ``why`` says what is in the way, in the Swarm's words. ``fresh`` tasks run as asked. ``pulling`` is whether a node
    is getting an image.
    """

    state: Literal["going", "there", "failed", "elsewhere"]
    why: str = ""
    fresh: int = 0
    pulling: bool = False


def standing(service: Answer, tasks: Sequence[Answer], wanted: Mapping[str, object]) -> Standing:
    """Where a service stands that is to be as ``wanted``."""
    spec = spec_of(service)
    if not alike(spec, wanted):
        return Standing("elsewhere", _told(service, tasks, wanted))
    status = seen(service, "UpdateStatus", "State")
    desired = [task for task in tasks if task.get("DesiredState") == "running"]
    fresh = sum(asks_for(wanted, task) and _state(task) == "running" for task in desired)
    pulling = any(_state(task) == "preparing" for task in tasks)
    if status in ("paused", "rollback_paused"):
        return Standing("failed", _told(service, tasks, wanted), fresh)
    number = replicas(spec)
    complete = fresh == len(desired) and number in (None, fresh)
    if status in ("updating", "rollback_started") or not complete:
        return Standing("going", _told(service, tasks, wanted), fresh, pulling)
    return Standing("there", fresh=fresh)


def watch(services: Services, id_: str, wanted: Mapping[str, object], gate: float) -> Standing:
    """Wait until a service is as wanted, or will not be; ``failed`` when nothing has moved for ``gate`` seconds.

    An engine that does not answer is asked again as long. Raises :class:`NotThereError` for a service that is gone.
    """
    before: object = None
    since = time.monotonic()
    while True:
        found = _look(services, id_, wanted)
        if found.state != "going":
            return found
        now = time.monotonic()
        if (found.fresh, found.pulling) != before:
            before, since = (found.fresh, found.pulling), now
        patience = _PULLING if found.pulling else gate + pause(wanted)
        if now - since > patience:
            return Standing("failed", f"nothing happened for {patience:g} s: {found.why or 'and nothing says why'}")
        time.sleep(_EVERY)


def _look(services: Services, id_: str, wanted: Mapping[str, object]) -> Standing:
    try:
        return standing(services.one(id_), services.tasks(id_), wanted)
    except NotThereError:
        raise
    except SourceError as error:
        return Standing("going", error.message)


def gone(services: Services, id_: str, wanted: Mapping[str, object]) -> None:
    """Wait until the tasks that were replaced have ended, at most as long as they may take.

    A node that cannot be reached never tells that its tasks did.
    """
    until = time.monotonic() + grace(wanted) + _SLACK
    while time.monotonic() < until and any(_lingers(task, wanted) for task in services.tasks(id_)):
        time.sleep(_EVERY)


def _lingers(task: Answer, wanted: Mapping[str, object]) -> bool:
    return _state(task) in _ACTIVE and task.get("DesiredState") != "running" and not asks_for(wanted, task)


def _state(task: Answer) -> object:
    return seen(task, "Status", "State")


def _told(service: Answer, tasks: Sequence[Answer], wanted: Mapping[str, object]) -> str:
    """Why it is not there: what the Swarm says of the update, and of the newest task that it has trouble with."""
    said = str(seen(service, "UpdateStatus", "Message") or "")
    failing = [task for task in tasks if asks_for(wanted, task) and seen(task, "Status", "Err")]
    newest = max(failing, key=lambda task: str(seen(task, "Status", "Timestamp")), default=None)
    parts = [said, str(seen(newest, "Status", "Err") or "")]
    return concealed("; ".join(part for part in parts if part))
