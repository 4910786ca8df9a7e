"""The histories that others are tested with are what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.histories import CHANGES, history

if TYPE_CHECKING:
    from pathlib import Path


def test_a_history_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    ours, steps = history(tmp_path / "one" / "shop", 1)
    assert history(tmp_path / "two" / "shop", 1)[1] == steps
    assert history(tmp_path / "three" / "shop", 2, 5)[1] != steps[:5]
    assert [step.commit for step in steps][-1] == ours.git("rev-parse", "HEAD")


def test_everything_happens(tmp_path: Path) -> None:
    ours, steps = history(tmp_path / "shop", 1)
    assert len(steps) == 40 == int(ours.git("rev-list", "--count", "HEAD"))
    assert {step.what.partition(":")[0] for step in steps} == {"begin", "merge", *(name for name, _ in CHANGES)}
    assert ours.git("rev-list", "--count", "--merges", "HEAD") == "2"
    assert ours.git("status", "--porcelain") == ""
    renamed = ours.git("log", "--name-status", "-M", "--diff-filter=R", "--format=")
    assert len(renamed.splitlines()) > 10
