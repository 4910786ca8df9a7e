"""``watch --enforce``: what violates policies is replaced by what does not, one at a time, and never in a storm.

It has a thread of its own, so that judging goes on meanwhile. The belts are those of ``remediate --apply``; beside
them, nothing is tried again that had nothing to mend, that was rolled back, or whose pause is not over.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from threading import Condition, Thread
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.commands.apply import apply, remediated
from policyengine.errors import PolicyengineError
from policyengine.model.happening import Noted
from policyengine.remediation.backoff import FIRST, LONGEST, key, until, what
from policyengine.remediation.docker.memory import original
from policyengine.remediation.ledger import attempts
from policyengine.remediation.locking import BusyError

if TYPE_CHECKING:
    from collections.abc import Collection

    from policyengine.commands.engine_watch.changes import Changes
    from policyengine.model.happening import Found
    from policyengine.remediation.acts import Act
    from policyengine.remediation.plan import Plan, Target
    from policyengine.remediation.targets import Around
    from policyengine.settings import Settings


KEPT = 10_000
"""So many containers are remembered."""

BUSY = 2.0
"""Seconds after which it is tried again where another run acted on the engine."""


class Request(Struct, frozen=True):
    """A container that violates policies: what was found of it is what is to be mended."""

    id: str
    url: str
    policies: frozenset[str]


class History(Struct):
    """What became of the container of a name: ``settled`` is a request that nothing is to be done about any more.

    ``mended`` are the policies that it was replaced for, ``replaced`` is the id of what was replaced: when that is
    back somebody has rolled back. ``failures`` is how often it did not work in a row, ``due`` when it may be tried
    again, by the monotonic clock.
    """

    settled: Request | None = None
    mended: frozenset[str] = frozenset()
    replaced: str = ""
    failures: int = 0
    due: float = 0.0


class Enforcer:
    """Mends what is considered, in a thread of its own, and has what came of it told through ``changes``."""

    def __init__(self, settings: Settings, changes: Changes) -> None:
        self.settings = settings
        self.busy = ""
        self._changes = changes
        self._condition = Condition()
        self._waiting: dict[str, Request] = {}
        self._histories: dict[str, History] = {}
        self._is_over = False
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def consider(self, found: Found) -> None:
        """Have a container mended that violates policies, unless that was tried, and it is not time to do so again."""
        name, report = found.container.name, found.report
        if original(name) != name:  # it is about to take over, or kept to be rolled back to
            return
        violated = frozenset(one.policy for one in report.findings if one.status == "fail" and report.blocks(one))
        with self._condition:
            history = self._histories.setdefault(name, History())
            self._waiting.pop(name, None)
            if history.mended & violated and found.container.id != history.replaced:
                self._fail(name, f"still violates {', '.join(sorted(history.mended & violated))}")
            history.mended = frozenset()
            request = Request(found.container.id, found.container.url, violated)
            if violated and request != history.settled:
                self._waiting[name] = request
                self._condition.notify()
            elif not violated and name != self.busy:
                del self._histories[name]
            self._forget()

    def _forget(self) -> None:
        """Forget the oldest histories where there are too many: of containers that are no more, most likely."""
        for name in list(self._histories)[: max(0, len(self._histories) - KEPT)]:
            if name not in self._waiting and name != self.busy:
                del self._histories[name]

    def finish(self) -> None:
        """Begin nothing any more, and wait until what has begun is at its end."""
        with self._condition:
            self._is_over = True
            self._condition.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while (due := self._next()) is not None:
                self._mend(*due)
        except Exception as error:  # noqa: BLE001 - a bug: the main thread raises it again
            self._changes.crash(error)

    def _next(self) -> tuple[str, Request] | None:
        """The next container whose time has come; None when it is over."""
        with self._condition:
            while not self._is_over:
                now = time.monotonic()
                times = {name: self._histories[name].due for name in self._waiting}
                for name, due in times.items():
                    if due <= now:
                        self.busy = name
                        return name, self._waiting.pop(name)
                self._condition.wait(min(times.values()) - now if times else None)
        return None

    def _mend(self, name: str, request: Request) -> None:
        try:
            with remediated([request.url], self.settings, self._tell, act=True) as (planned, around):
                self._carry_out(name, request, planned.plan, around)
        except BusyError:
            self._wait(name, request)
        except PolicyengineError as error:
            self._try_later(name, request, str(error))
        finally:
            self.busy = ""
            self._changes.finish(name)

    def _carry_out(self, name: str, request: Request, plan: Plan, around: Around) -> None:
        """Carry out a plan that is about what one container is, and remember what became of it."""
        history = self._histories[name]
        if not plan.targets:
            history.settled = request
            self._note(name, "left", f"nothing is done: {_reasons(plan, request.policies)}")
            return
        undone = next((target for target in plan.targets if was_rolled_back(target, around)), None)
        if undone is not None:
            history.settled = request
            self._note(name, "left", "nothing is done: the same was rolled back (policyengine remediate does it)")
            return
        for act in apply(plan, self.settings, around).acts:
            self._remember(name, request, act, around)

    def _remember(self, name: str, request: Request, act: Act, around: Around) -> None:
        history = self._histories[name]
        if act.result == "replaced":
            history.mended = frozenset(act.target.satisfies)
            history.replaced = "" if act.target.way == "warm" else request.id  # warm: it keeps its id
            history.settled = None
            self._note(name, act.result, f"replaced: {act.detail}")
            return
        later = until(act.target, list(attempts(around.journal)), datetime.now(UTC))
        pause = (later - datetime.now(UTC)).total_seconds() if later else 0.0
        self._try_later(name, request, f"{act.result}: {act.detail}", pause)

    def _wait(self, name: str, request: Request) -> None:
        """Have it tried again soon: somebody else acts on the engine, which is no failure."""
        with self._condition:
            self._histories[name].due = time.monotonic() + BUSY
            self._waiting.setdefault(name, request)

    def _try_later(self, name: str, request: Request, why: str, pause: float = 0.0) -> None:
        with self._condition:
            self._fail(name, why, pause)
            self._waiting.setdefault(name, request)  # unless something newer waits already

    def _fail(self, name: str, why: str, pause: float = 0.0) -> None:
        """Have it tried again after a pause, twice as long as the last one."""
        history = self._histories[name]
        history.failures += 1
        own = min(FIRST.total_seconds() * 2 ** min(history.failures - 1, 20), LONGEST.total_seconds())
        pause = max(pause, own)
        history.due = time.monotonic() + pause
        self._note(name, "failed", f"{why}; not again within {pause:.0f} s", failed=True)

    def _tell(self, line: str) -> None:
        self._changes.note(Noted(time.time(), "remedy", line, {"result": "step"}, detail=True))

    def _note(self, name: str, result: str, text: str, *, failed: bool = False) -> None:
        data = {"container": {"name": name}, "result": result}
        self._changes.note(Noted(time.time(), "remedy", f"{name}: {text}", data, failed=failed))


def was_rolled_back(target: Target, around: Around) -> bool:
    """Whether what is to be done to a target was done already, and somebody took it back since."""
    last = [one for one in attempts(around.journal) if one.target == key(target)][-1:]
    ended = [one.outcome for one in around.journal.history() if one.target == key(target)][-1:]
    return ended == ["rolled back"] and any(one.what == what(target) for one in last)


def _reasons(plan: Plan, policies: Collection[str]) -> str:
    """Why nothing is done about policies, by the reason."""
    found: dict[str, list[str]] = {}
    for one in (left for untouched in plan.untouched for left in untouched.left):
        if one.policy in policies:
            found.setdefault(one.reason, []).append(one.policy)
    told = (f"{reason} ({', '.join(dict.fromkeys(of))})" for reason, of in found.items())
    return "; ".join(told) or "no policy says how to mend it"
