"""Spans of time of systemd."""

from __future__ import annotations

import pytest

from policyengine.authentication.system.spans import seconds


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("300", 300),
        ("5min", 300),
        ("5min 20s", 320),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("2 hours", 7200),
        ("500ms", 1),
        ("1d", 86400),
        ("0", 0),
        *((span, None) for span in ("infinity", "", "min", "5 parsecs", "5min x", "-1", "1,5h")),
    ],
)
def test_spans(span: str, expected: int | None) -> None:
    assert seconds(span) == expected
