"""What is mended, when, and how often: by replacements that come out as a test wants."""

from __future__ import annotations

import time
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.api import Settings
from policyengine.commands.engine_watch import enforcing
from policyengine.commands.engine_watch.changes import Changes
from policyengine.commands.engine_watch.enforcing import Enforcer
from policyengine.errors import UsageError
from policyengine.model.happening import Found, Watched
from policyengine.remediation.acts import Act
from policyengine.remediation.plan import Left, Target, Untouched
from tests.outputs.reports import PRIVILEGED, report
from tests.waiting import SECONDS, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.happening import Noted

TARGET = Target("container", "web", "1", "docker://local/container/web", "", satisfies=("privileged",))


def found(*policies: str, id_: str = "1") -> Found:
    told = report(*(replace(PRIVILEGED, policy=policy) for policy in policies))
    return Found(0, Watched(id_, "web", TARGET.url, ""), ("start",), 0, told, (), (), first=True)


class Engine:
    """Stands for all that is done on an engine: what comes of each plan is said in advance."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.outcomes: list[Any] = []
        self.changes = Changes()
        self.planned = 0
        monkeypatch.setattr(enforcing, "remediated", self.remediated)
        monkeypatch.setattr(enforcing, "apply", lambda plan, settings, around: SimpleNamespace(acts=[plan.act]))
        self.enforcer = Enforcer(Settings(), self.changes)

    @contextmanager
    def remediated(self, sources: list[str], settings: object, tell: object, *, act: bool) -> Iterator[Any]:
        assert (sources, act) == ([TARGET.url], True)
        self.planned += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        left = (Untouched("web", TARGET.url, (Left("privileged", "it is protected"), Left("other", "no"))),)
        targets = (TARGET,) if outcome else ()
        act_ = Act(TARGET, outcome, "so it went") if outcome else None
        plan = SimpleNamespace(targets=targets, untouched=left, act=act_)
        yield SimpleNamespace(plan=plan), SimpleNamespace(journal=SimpleNamespace(history=list))

    def notes(self, count: int) -> list[Noted]:
        """What is told next."""
        told: list[Noted] = []
        deadline = time.monotonic() + SECONDS
        while len(told) < count and time.monotonic() < deadline:
            told += self.changes.take(0.1).notes
        return told

    def rests(self) -> None:
        """Wait until the enforcer does nothing, and has nothing to do whose time has come."""
        until(self._rests, "the enforcer rests")

    def _rests(self) -> bool:
        enforcer, now = self.enforcer, time.monotonic()
        with enforcer._condition:
            waits = all(enforcer._histories[name].due > now for name in enforcer._waiting)
            return waits and not enforcer.busy

    def said(self, count: int = 1) -> list[str]:
        return [note.message for note in self.notes(count)]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    made = Engine(monkeypatch)
    yield made
    made.enforcer.finish()


def test_what_violates_nothing_that_blocks_is_left_alone(engine: Engine) -> None:
    engine.enforcer.consider(found())
    engine.rests()
    assert engine.planned == 0


def test_what_is_replaced_and_is_right_then_is_done_with(engine: Engine) -> None:
    engine.outcomes = ["replaced"]
    engine.enforcer.consider(found("privileged"))
    assert engine.said() == ["web: replaced: so it went"]
    engine.enforcer.consider(found(id_="2"))
    engine.rests()
    assert engine.planned == 1


def test_what_violates_the_same_though_it_was_replaced_waits(engine: Engine) -> None:
    engine.outcomes = ["replaced"]
    engine.enforcer.consider(found("privileged"))
    assert engine.said() == ["web: replaced: so it went"]
    engine.enforcer.consider(found("privileged", id_="2"))
    assert engine.said() == ["web: still violates privileged; not again within 60 s"]
    engine.rests()
    assert engine.planned == 1


def test_each_failure_doubles_the_pause(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.outcomes = ["failed", UsageError("another run acts on this engine"), "failed"]
    for pause, why in (
        (60, "failed: so it went"),
        (120, "another run acts on this engine"),
        (240, "failed: so it went"),
    ):
        engine.enforcer.consider(found("privileged"))
        assert engine.said() == [f"web: {why}; not again within {pause} s"]
        for _ in range(3):  # starting again is no reason to try again
            engine.enforcer.consider(found("privileged"))
        engine.rests()
        engine.enforcer._histories["web"].due = 0.0
    assert engine.planned == 3


def test_nothing_to_do_is_told_once_for_what_was_found(engine: Engine) -> None:
    engine.outcomes = ["", ""]
    for _ in range(3):
        engine.enforcer.consider(found("privileged"))
        engine.rests()
    assert engine.said() == ["web: nothing is done: it is protected (privileged)"]
    engine.enforcer.consider(found("privileged", id_="2"))  # somebody made it anew
    assert engine.said() == ["web: nothing is done: it is protected (privileged)"]
    assert engine.planned == 2


def test_a_bug_is_told_where_it_can_be_seen(engine: Engine) -> None:
    engine.outcomes = [ZeroDivisionError()]
    engine.enforcer.consider(found("privileged"))
    deadline = time.monotonic() + SECONDS
    crashed = None
    while crashed is None and time.monotonic() < deadline:
        crashed = engine.changes.take(0.1).crashed
    assert isinstance(crashed, ZeroDivisionError)
