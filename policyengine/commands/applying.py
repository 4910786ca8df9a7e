"""Carrying out a plan: one target at a time, or as many as may be unavailable; none after the first failure."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from policyengine.errors import PolicyengineError, RemedyError
from policyengine.model.masking import concealed
from policyengine.remediation import hooks
from policyengine.remediation.acts import Act
from policyengine.remediation.backoff import until
from policyengine.remediation.belts import own_ids, refused
from policyengine.remediation.targets import target_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from policyengine.remediation.backoff import Attempt
    from policyengine.remediation.plan import Plan, Target
    from policyengine.remediation.targets import Around

_MOVED = "its live state has moved meanwhile: plan anew"


def moved(plan: Plan, around: Around) -> list[str]:
    """The targets whose live state is not that of the plan any more, or that are gone."""
    return [target.name for target in plan.targets if not _is_still(target, around)]


def _is_still(target: Target, around: Around) -> bool:
    try:
        return target_kind(target.kind).state(target, around) == target.state
    except RemedyError:
        return False


def acts(plan: Plan, around: Around, attempts: Sequence[Attempt] = ()) -> list[Act]:
    """What came of each target, in the order of the plan. ``attempts`` are earlier ones that are not repeated yet."""
    runner = _Runner(around, attempts)
    found = runner.run(plan.targets)
    return sorted(found, key=lambda act: plan.targets.index(act.target))


class _Runner:
    def __init__(self, around: Around, attempts: Sequence[Attempt]) -> None:
        self._around = around
        self._attempts = attempts

    def run(self, targets: Iterable[Target]) -> Iterator[Act]:
        """Every target's act. After a failure no other target is begun; what was begun comes to its end.

        So it is when somebody interrupts: what came of it is told, and the interrupt raised.
        """
        waiting, failed = list(targets), ""
        running: set[Future[Act]] = set()
        with ThreadPoolExecutor(self._around.care.max_unavailable) as pool, self._telling(running):
            while waiting or running:
                while waiting and not failed and len(running) < self._around.care.max_unavailable:
                    running.add(pool.submit(self._act, waiting.pop(0)))
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                running -= done
                for act in (one.result() for one in done):
                    self._tell(act)
                    failed = failed or (act.target.name if act.result == "failed" else "")
                    yield act
                if failed and not running:
                    yield from (Act(target, "left", f"{failed} failed before it") for target in waiting)
                    return

    @contextmanager
    def _telling(self, running: set[Future[Act]]) -> Iterator[None]:
        """Tell what comes of those that run when somebody interrupts."""
        try:
            yield
        except KeyboardInterrupt:
            for one in running:
                self._tell(one.result())
            raise

    def _act(self, target: Target) -> Act:
        reason = self._refused(target)
        if reason is not None:
            return Act(target, "skipped", reason)
        later = until(target, self._attempts, datetime.now(UTC))
        if later is not None:
            return Act(target, "skipped", f"it failed before: not again before {later:%Y-%m-%d %H:%M:%S} UTC (--retry)")
        try:
            self._hooks("before", target)
        except hooks.Skip as skip:
            return Act(target, "skipped", str(skip))
        except RemedyError as error:
            return Act(target, "failed", str(error))
        return self._after(self._replaced(target))

    def _refused(self, target: Target) -> str | None:
        """Why nothing is done to a target: since the plan was made somebody may have come to protect it."""
        around = self._around
        return refused(target, around.acting.engine.containers(), around.care.protected, own_ids())

    def _replaced(self, target: Target) -> Act:
        if not _is_still(target, self._around):
            return Act(target, "skipped", _MOVED)
        try:
            return Act(target, "replaced", target_kind(target.kind).apply(target, self._around))
        except PolicyengineError as error:
            return Act(target, "failed", concealed(str(error)))

    def _after(self, act: Act) -> Act:
        """What a hook that is called afterwards says changes nothing any more: it is told."""
        try:
            self._hooks("after", act.target, act.result, act.detail)
        except (hooks.Skip, RemedyError) as error:
            return Act(act.target, act.result, f"{act.detail}; {error}")
        return act

    def _hooks(self, when: hooks.When, target: Target, outcome: str | None = None, detail: str = "") -> None:
        care = self._around.care
        hooks.call(care.hooks, hooks.Call(when, self._around.run, target, outcome, detail))

    def _tell(self, act: Act) -> None:
        self._around.tell(f"{act.target.kind} {act.target.name}: {act.result}: {act.detail}")
