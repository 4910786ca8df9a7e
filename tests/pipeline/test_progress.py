"""Progress is told on a terminal, after a second, and leaves nothing behind."""

from __future__ import annotations

import time

import pytest

from policyengine.pipeline import progress as module
from policyengine.pipeline.progress import Progress


def test_a_short_run_tells_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(3, shown=True) as told:
        for _ in range(3):
            told.advance()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shown", [True, False])
def test_a_long_run_tells_how_far_it_is(
    shown: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AFTER_SECONDS", 0.0)
    monkeypatch.setattr(module, "_EVERY_SECONDS", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with Progress(5, shown=shown) as told:
        for _ in range(5):
            time.sleep(0.001)
            told.advance()
    out, err = capsys.readouterr()
    assert out == ""
    assert ("judging" in err and "3/5" in err) is shown
