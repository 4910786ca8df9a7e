"""Carrying out a plan: order, belts and hooks, with targets that do nothing but tell."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec.structs import replace

from policyengine.commands import applying
from policyengine.errors import RemedyError, SourceError
from policyengine.model.care import Care, Hooks
from policyengine.remediation.backoff import Attempt, key, what
from policyengine.remediation.plan import Target
from tests.commands.plans import PLAN
from tests.waiting import SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.remediation.targets import Around


class Targets:
    """A kind of target: some names fail, some have moved; how many are between old and new at once is counted.

    The first wait until so many are as come ``together``, then each that does not fail takes some seconds.
    """

    def __init__(self, fails: dict[str, Exception], moved: frozenset[str], seconds: float, together: int = 1) -> None:
        self.applied: list[str] = []
        self.most = 0
        self._now = 0
        self._fails, self._moved, self._seconds = fails, moved, seconds
        self._together, self._met = together, threading.Event()
        self._lock = threading.Lock()

    def state(self, target: Target, _: Around) -> str:
        if target.name.startswith("gone"):
            raise RemedyError("gone")
        return "other" if target.name in self._moved else target.state

    def apply(self, target: Target, _: Around) -> str:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now >= self._together:
                self._met.set()
        assert self._met.wait(SECONDS)
        if target.name not in self._fails:
            time.sleep(self._seconds)
        with self._lock:
            self._now -= 1
            self.applied.append(target.name)
        if target.name in self._fails:
            raise self._fails[target.name]
        return f"{target.name} serves"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    told: list[str] = []

    def _run(
        names: str,
        care: Care,
        *,
        fails: dict[str, Exception] | None = None,
        moved: str = "",
        before: list[Attempt] | None = None,
        seconds: float = 0,
        together: int = 1,
    ) -> tuple[list[tuple[str, str, str]], Targets]:
        kind = Targets(fails or {}, frozenset(moved.split()), seconds, together)
        monkeypatch.setattr(applying, "target_kind", lambda _: kind)
        plan = replace(PLAN, targets=tuple(target(name) for name in names.split()))
        acting = SimpleNamespace(engine=SimpleNamespace(containers=list))
        around = cast("Around", SimpleNamespace(care=care, run="r", tell=told.append, acting=acting))
        acts = applying.acts(plan, around, before or [])
        assert [act.target for act in acts] == list(plan.targets)
        return [(act.target.name, act.result, act.detail) for act in acts], kind

    _run.told = told  # type: ignore[attr-defined]
    return _run


def target(name: str) -> Target:
    return Target("container", name, name, f"docker://local/container/{name}", "s")


def test_one_at_a_time_in_the_order_of_the_plan(run: Any) -> None:
    acts, kind = run("a b c", Care(), seconds=0.02)
    assert acts == [("a", "replaced", "a serves"), ("b", "replaced", "b serves"), ("c", "replaced", "c serves")]
    assert (kind.applied, kind.most) == (["a", "b", "c"], 1)
    assert run.told == [f"container {name}: replaced: {name} serves" for name in "abc"]


def test_as_many_as_may_be_unavailable(run: Any) -> None:
    acts, kind = run("a b c d e", Care(max_unavailable=2), seconds=0.1, together=2)
    assert {result for _, result, _ in acts} == {"replaced"}
    assert kind.most == 2


@pytest.mark.parametrize("error", [RemedyError("unhealthy --token=hunter2"), SourceError("unhealthy --token=hunter2")])
def test_nothing_is_begun_after_a_failure(error: Exception, run: Any) -> None:
    acts, kind = run("a b c d", Care(), fails={"b": error})
    assert acts == [
        ("a", "replaced", "a serves"),
        ("b", "failed", "unhealthy --token=****"),
        ("c", "left", "b failed before it"),
        ("d", "left", "b failed before it"),
    ]
    assert kind.applied == ["a", "b"]


def test_what_was_begun_beside_a_failure_comes_to_its_end(run: Any) -> None:
    acts, _ = run("a b c d", Care(max_unavailable=2), fails={"a": RemedyError("x")}, seconds=0.3, together=2)
    assert [result for _, result, _ in acts] in (
        ["failed", "replaced", "left", "left"],
        ["failed", "replaced", "replaced", "left"],
    )


def test_what_has_moved_meanwhile_is_skipped(run: Any) -> None:
    acts, kind = run("a b gone", Care(), moved="b")
    moved = "its live state has moved meanwhile: plan anew"
    assert acts == [("a", "replaced", "a serves"), ("b", "skipped", moved), ("gone", "skipped", moved)]
    assert kind.applied == ["a"]


def test_what_failed_a_moment_ago_waits(run: Any) -> None:
    earlier = Attempt(key(target("a")), what(target("a")), datetime.now(UTC), worked=False)
    acts, kind = run("a b", Care(), before=[earlier])
    assert acts[0][1] == "skipped"
    assert acts[0][2].startswith("it failed before: not again before 20")
    assert acts[0][2].endswith(" UTC (--retry)")
    assert kind.applied == ["b"]


def hook(directory: Path, text: str) -> Hooks:
    path = directory / "hook"
    told = " ".join(f"$POLICYENGINE_HOOK_{name}" for name in ("WHEN", "TARGET", "OUTCOME"))
    path.write_text(f'#!/bin/sh\necho "{told}" >> log\n{text}\n')
    path.chmod(0o755)
    return Hooks(("./hook",), ("./hook",), 5, str(directory))


def test_hooks_are_called_around_each_target(run: Any, tmp_path: Path) -> None:
    acts, _ = run("a b c", Care(hooks=hook(tmp_path, "")), fails={"b": RemedyError("x")})
    assert [result for _, result, _ in acts] == ["replaced", "failed", "left"]
    assert (tmp_path / "log").read_text().splitlines() == [
        "before container a ",
        "after container a replaced",
        "before container b ",
        "after container b failed",
    ]


def test_exit_code_75_before_a_target_skips_it_alone(run: Any, tmp_path: Path) -> None:
    care = Care(hooks=hook(tmp_path, '[ "$POLICYENGINE_HOOK_TARGET" = "container a" ] && exit 75; exit 0'))
    acts, kind = run("a b", care)
    assert acts == [("a", "skipped", "the hook ./hook skips it"), ("b", "replaced", "b serves")]
    assert kind.applied == ["b"]
    assert (tmp_path / "log").read_text().splitlines()[0:2] == ["before container a ", "before container b "]


def test_any_other_exit_code_before_a_target_stops_the_run(run: Any, tmp_path: Path) -> None:
    acts, kind = run("a b", Care(hooks=hook(tmp_path, "exit 1")))
    assert acts == [("a", "failed", "the hook ./hook ended with 1"), ("b", "left", "a failed before it")]
    assert kind.applied == []


def test_what_a_hook_says_afterwards_is_told_and_changes_nothing(run: Any, tmp_path: Path) -> None:
    hooks = replace(hook(tmp_path, "exit 1"), before=())
    acts, _ = run("a b", Care(hooks=hooks))
    assert acts == [
        ("a", "replaced", "a serves; the hook ./hook ended with 1"),
        ("b", "replaced", "b serves; the hook ./hook ended with 1"),
    ]


def test_all_that_has_moved_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = Targets({}, frozenset({"b"}), 0)
    monkeypatch.setattr(applying, "target_kind", lambda _: kind)
    plan = replace(PLAN, targets=tuple(map(target, ("a", "b", "gone"))))
    assert applying.moved(plan, cast("Around", None)) == ["b", "gone"]


def test_what_is_protected_by_its_name_is_skipped(run: Any) -> None:
    acts, kind = run("a db-1", care=Care(protected=("db-*",)))
    assert acts[1] == ("db-1", "skipped", "the settings protect it: db-*")
    assert kind.applied == ["a"]
