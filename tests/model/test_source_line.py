"""Carets stand under the same value in a line with masks, which are shorter or longer than what they hide."""

from __future__ import annotations

import pytest

from policyengine.model.location import Location
from policyengine.model.source_line import SourceLine, source_line


def marked(line: str, shown: str, value: str) -> str:
    """What of the line that is shown is marked for a value of the line itself."""
    start = line.index(value) + 1
    found = source_line(line, shown, Location("f", 1, start, 1, start + len(value)))
    assert found.text == shown
    return shown[(found.column or 0) - 1 : (found.end_column or 0) - 1]


@pytest.mark.parametrize(
    ("line", "shown", "value", "expected"),
    [
        ("{a: 1, b: true}", "{a: 1, b: true}", "true", "true"),
        ("{a: {password: correct-horse}, b: true}", "{a: {password: ****}, b: true}", "true", "true"),
        ("{a: {password: x}, b: true}", "{a: {password: ****}, b: true}", "true", "true"),
        ("{b: true, a: {password: x}}", "{b: true, a: {password: ****}}", "true", "true"),
        ("{p: x, b: true, q: long-one, c: no}", "{p: ****, b: true, q: ****, c: no}", "true", "true"),
        ("{p: x, b: true, q: long-one, c: no}", "{p: ****, b: true, q: ****, c: no}", "no", "no"),
        ("{password: correct-horse, b: true}", "{password: ****, b: true}", "correct-horse", "****"),
        (
            "{u: http://me:correct@h/, b: true}",
            "{u: http://me:****@h/, b: true}",
            "http://me:correct@h/",
            "http://me:****@h/",
        ),
        ("{u: http://me:correct@h/, b: true}", "{u: http://me:****@h/, b: true}", "correct", "****"),
        ("{u: http://me:correct@h/, b: true}", "{u: http://me:****@h/, b: true}", "ct@h/", "****@h/"),
        ("{u: http://me:correct@h/, b: true}", "{u: http://me:****@h/, b: true}", "me:co", "me:****"),
        ("password: correct-horse", "password: ****", "correct-horse", "****"),
        ("{a: ****, password: x, b: true}", "{a: ****, password: ****, b: true}", "true", "true"),
    ],
)
def test_what_is_marked(line: str, shown: str, value: str, expected: str) -> None:
    assert marked(line, shown, value) == expected


def test_a_value_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    found = source_line("{p: secret, a: [", "{p: ****, a: [", Location("f", 1, 16, 3, 2))
    assert found == SourceLine("{p: ****, a: [", 14)


def test_a_place_without_columns_has_none() -> None:
    assert source_line("p: secret", "p: ****", Location("f", 1)) == SourceLine("p: ****")
