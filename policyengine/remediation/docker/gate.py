"""The gate before a new container takes over: it is healthy, or it is not let through, and why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from policyengine.connections.docker import NotThereError
from policyengine.errors import RemedyError, SourceError
from policyengine.model.masking import concealed
from policyengine.remediation.docker.inspected import looked_up

if TYPE_CHECKING:
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Container, State
    from policyengine.remediation.docker.order import Gate

_PAUSE = 0.05
_LAST_WORDS = 5
_LONGEST = 500


class UnfitError(RemedyError):
    """A new container does not work."""


def let_through(acting: Acting, id_: str, gate: Gate) -> None:
    """Wait until a container that was started is healthy. Raises :class:`UnfitError` when it is not, or not in time."""
    began = time.monotonic()
    while True:
        container = _there(acting, id_)
        problem = unfit(container)
        if problem:
            raise UnfitError(f"the new container {problem}", hint=_last_words(acting, container))
        ran = time.monotonic() - began
        if is_fit(container, gate, ran) and _answers(acting, id_, gate):
            return
        if ran > gate.seconds:
            raise UnfitError(_late(container, gate), hint=_last_words(acting, container))
        time.sleep(_PAUSE)


def unfit(container: Container) -> str | None:
    """Why a container that was started does not work; None where that does not show.

    A container that ends and is restarted says most of the time that it runs: its restarts are counted.
    """
    state = container.state
    if state.oom_killed:
        return "ran out of memory"
    if container.restart_count or state.restarting:
        # While it runs again the engine does not tell any more how it ended.
        ended = f"ended with exit code {state.exit_code}" if state.exit_code else "ended"
        return f"{ended} and was restarted" + _error(state)
    if not state.running:
        return f"ended with exit code {state.exit_code}" + _error(state)
    if state.paused:
        return "was paused"
    if state.health and state.health.status == "unhealthy":
        return "is unhealthy" + _probed(state)
    return None


def is_fit(container: Container, gate: Gate, ran: float) -> bool:
    """Whether a container that shows no fault, and has run for so many seconds, is healthy."""
    health = container.state.health
    if health and health.status != "none":
        return health.status == "healthy"
    return bool(gate.probe) or ran >= gate.stable


def _there(acting: Acting, id_: str) -> Container:
    try:
        return looked_up(acting.engine, id_)
    except NotThereError:
        raise UnfitError("the new container is gone") from None


def _answers(acting: Acting, id_: str, gate: Gate) -> bool:
    return not gate.probe or probed(acting, id_, gate) == 0


def probed(acting: Acting, id_: str, gate: Gate) -> int | None:
    """What the probe ends with in a container; None where it cannot be run there."""
    try:
        made = acting.post(f"/containers/{id_}/exec", {"Cmd": list(gate.probe), "AttachStdout": True})
        name = made.get("Id") if isinstance(made, dict) else None
        acting.raw(f"/exec/{name}/start", {"Detach": False, "Tty": False}, seconds=gate.seconds)
        code = acting.engine.exec(str(name)).get("ExitCode")
    except SourceError:  # it ended meanwhile, which the next look shows, or has no such program
        return None
    return code if isinstance(code, int) else None


def _late(container: Container, gate: Gate) -> str:
    health = container.state.health
    if health and health.status != "none":
        why = f"its healthcheck says {health.status}"
    else:
        why = "its probe fails" if gate.probe else f"it is to run undisturbed for {gate.stable:g} s"
    return f"the new container is not healthy after {gate.seconds:g} s: {why}" + _probed(container.state)


def _error(state: State) -> str:
    return f": {concealed(state.error)}" if state.error else ""


def _probed(state: State) -> str:
    """What the healthcheck said last."""
    last = state.health.log[-1] if state.health and state.health.log else None
    said = " ".join(last.output.split()) if last else ""
    return f": {concealed(said[:_LONGEST])}" if said else ""


def _last_words(acting: Acting, container: Container) -> str | None:
    """What it said last: it will be gone, and its log with it."""
    try:
        said = acting.said(container.id, _LAST_WORDS)
    except SourceError:  # its log may be kept where the engine cannot read it
        return None
    said = concealed(said[-_LONGEST:].strip())
    return f"it said: {said}" if said else None
