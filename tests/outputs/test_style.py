from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyengine.model.report import SEVERITIES, STATUSES
from policyengine.outputs.style import Style, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("naïve 漢字 🐳", "naïve 漢字 🐳"),
        ("no\u00a0break", "no\u00a0break"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
        ("\x00\x7f\x85", "\\x00\\x7f\\x85"),
        ("a\u202eb\u2066c\u2069\u200f", "a\\u202eb\\u2066c\\u2069\\u200f"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("bad\udcff", "bad\\udcff"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.text(st.characters()))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode()
    assert len(shown.splitlines()) <= 1


def test_every_severity_and_status_that_is_shown_has_a_look() -> None:
    for look in {*SEVERITIES, *STATUSES} - {"fail", "not_applicable"}:
        painted = Style(colour=True).paint("x", look)
        assert re.fullmatch(r"\x1b\[(1;)?3[1-6]mx\x1b\[0m", painted)
        assert "34" not in painted  # blue cannot be read on black


def test_no_colour() -> None:
    assert Style().paint("x", "critical") == "x"
    assert Style(colour=True).paint("x", "no such look") == "x"
