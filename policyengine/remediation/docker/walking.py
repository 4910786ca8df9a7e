"""Walking a list of steps: each is written down before it is taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.steps import Step
    from policyengine.remediation.journal import Journal

Tell = Callable[["Step"], None]
"""Called before each step, with it."""


def silent(_: Step) -> None:
    """Tell nobody."""


def target(name: str) -> str:
    """What a container is called in the journal."""
    return f"container {name}"


def walk(acting: Acting, steps: Sequence[Step], journal: Journal, run: str, tell: Tell) -> float | None:
    """Take the steps; gives how many seconds nobody served, None where nobody does. Raises what a step raises."""
    away: list[tuple[float, float]] = []
    for step in steps:
        journal.step(run, target(step.member.name), step.name)
        tell(step)
        began = time.monotonic()
        step.do(acting, step.member)
        if not step.serving:
            away.append((began, time.monotonic()))
    if not any(step.member.enters.running for step in steps):
        return None
    return away[-1][1] - away[0][0] if away else 0.0
