"""Baselines hide nothing and forget nothing: what is told as new is what is new, for edits made at random."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from policyengine.api import Settings, evaluate
from policyengine.commands.baseline import create, update
from policyengine.commands.choice import choice
from tests.exceptions.edits import ALONE, EDITS, NEUTRAL, POLICIES, STILL, Violations, World
from tests.once import ONCE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from policyengine.model.report import Finding


pytestmark = ONCE

SETTINGS = Settings(select=POLICIES, baseline="../baseline.json", cache=False)
BARE = replace(SETTINGS, exceptions=False)


def seen(findings: list[Finding]) -> Violations:
    return Counter(map(_violation, findings))


def _violation(finding: Finding) -> tuple[str, str, str]:
    named = finding.resource
    if named.origin == "dockerfile":
        return finding.policy, "dockerfile", finding.excerpt.text if finding.excerpt else ""
    above = str(named).partition("/container/")[0].partition("/pod/")[0]
    called = f"{named.scope.partition(':')[2]}:{above}" if named.origin == "kubernetes" else above
    value = {"privileged": "true", "host-network": "host", "readonly-rootfs": ""}.get(finding.policy)
    return finding.policy, called, str(finding.actual) if value is None else value


def failing(settings: Settings) -> list[Finding]:
    report = evaluate(".", settings)
    assert not report.problems
    return [finding for finding in report.findings if finding.status == "fail"]


def test_what_is_told_as_new_is_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    chosen = choice(SETTINGS)
    for command in ("check", "baseline"):  # to load policies takes longer than to judge so little
        monkeypatch.setattr(f"policyengine.commands.{command}.choice", lambda _: chosen)
    world = World(Random(6))
    world.write(project)
    assert seen(failing(BARE)) == world.violations()
    create(["."], SETTINGS)
    made: Counter[str] = Counter()
    while made.total() < 300:
        edit = min(world.rand.sample(EDITS, 3), key=lambda one: made[one.__name__])
        before = [(path, [thing.copy() for thing in file.things]) for path, file in world.files.items()]
        expected = edit(world)
        if expected is None:
            continue
        made[edit.__name__] += 1
        beside = world.rand.sample(STILL if edit in ALONE else NEUTRAL, world.rand.choice([0, 0, 1, 2]))
        for other in beside:
            other(world)
        world.write(project)
        what = f"{made.total()}: {edit.__name__}, {[one.__name__ for one in beside]}, from {before}"
        new = failing(SETTINGS)
        assert seen(new) == expected, what
        done = update(["."], SETTINGS, add=True)
        assert (done.added, done.holds) == (expected.total(), world.violations().total()), what
        if made.total() % 10 == 0:
            assert failing(SETTINGS) == []
    assert min(made[edit.__name__] for edit in EDITS) >= 5, made
    assert seen(failing(BARE)) == world.violations()
