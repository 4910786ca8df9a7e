"""Very many findings: every format is written piece by piece and soon."""

from __future__ import annotations

import time

import pytest

from policyengine.outputs import formats
from policyengine.outputs.options import RenderOptions

from .gate import MANY, many

REPORT = many()
SECONDS = 1.0
"""Of one processor, for ten thousand findings."""


@pytest.mark.parametrize("name", ["csv", "full", "github", "gitlab", "junit", "markdown", "text"])
def test_ten_thousand_findings_take_less_than_a_second(name: str) -> None:
    assert len(REPORT.findings) == MANY
    started = time.process_time()
    for _ in formats()[name].render(REPORT, RenderOptions(colour=True)):
        pass
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("name", sorted(set(formats()) - {"html", "oscal", "table"}))
def test_no_piece_is_long(name: str) -> None:
    """A table knows its longest cell, OSCAL names findings before it tells them, a browser's page is made in one go."""
    assert max(len(piece) for piece in formats()[name].render(REPORT, RenderOptions())) < 20_000
