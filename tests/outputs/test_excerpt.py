from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policyengine.model.source_line import SourceLine
from policyengine.outputs.excerpt import excerpt
from policyengine.outputs.style import visible


def drawn(line: str, column: int | None, end: int | None, width: int = 80) -> list[str]:
    shown = excerpt(SourceLine(line, column, end), width)
    return [shown.text, " " * shown.offset + "^" * shown.carets]


@pytest.mark.parametrize(
    ("line", "column", "end", "expected"),
    [
        ("key: value", 6, 11, ["key: value", "     ^^^^^"]),
        ("key: value\r\n", 6, 11, ["key: value", "     ^^^^^"]),
        ("\tkey:\tvalue", 7, 12, ["    key:    value", "            ^^^^^"]),
        ("a: 漢字", 4, 6, ["a: 漢字", "   ^^^^"]),
        ("漢字: a", 5, 6, ["漢字: a", "      ^"]),
        ("e\u0301: a", 5, 6, ["e\u0301: a", "   ^"]),
        ("a: \x1b[2Jb", 4, 9, ["a: \\x1b[2Jb", "   ^^^^^^^^"]),
        ("a: \u202eb", 5, 6, ["a: \\u202eb", "         ^"]),
        ("key:", 5, 5, ["key:", "    ^"]),
        ("key:", 99, 120, ["key:", "    ^"]),
        ("", 1, 1, ["", "^"]),
        ("key: value", 6, 3, ["key: value", "     ^"]),
        ("key: value", 6, None, ["key: value", "     ^^^^^"]),
        ("key: value", None, None, ["key: value", "^^^^^^^^^^"]),
    ],
)
def test_carets(line: str, column: int | None, end: int | None, expected: list[str]) -> None:
    assert drawn(line, column, end) == expected


def test_a_value_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert drawn("key: |  # text  ", 6, None) == ["key: |  # text  ", "     ^^^^^^^^^"]


@pytest.mark.parametrize(
    ("line", "column", "end", "expected"),
    [
        ("0123456789abcdef", 1, 2, ["0123456789abcdef", "^"]),
        ("0123456789abcdef", 16, 17, ["0123456789abcdef", "               ^"]),
        ("0123456789abcdefg", 1, 2, ["0123456789abcde…", "^"]),
        ("0123456789abcdefghijklmno", 25, 26, ["…bcdefghijklmno", "              ^"]),
        ("0123456789abcdefghijklmnopqrstuvwxyz", 20, 22, ["…bcdefghijklmno…", "         ^^"]),
        ("0123456789abcdefghijklmnopqrstuvwxyz", 10, 36, ["…56789abcdefghi…", "     ^^^^^^^^^^"]),
        ("漢" * 20, 10, 11, ["…漢漢漢漢漢漢漢…", "         ^^"]),
    ],
)
def test_long_lines_are_cut_around_the_value(line: str, column: int, end: int, expected: list[str]) -> None:
    assert drawn(line, column, end, width=16) == expected


def cells(text: str) -> list[str]:
    """The text, one item a cell: the second cell of a wide character is empty, marks stay with their base."""
    found: list[str] = []
    for character in text:
        if unicodedata.category(character) in ("Mn", "Me"):
            continue
        found += [character, ""] if unicodedata.east_asian_width(character) in ("W", "F") else [character]
    return found


LINES = st.text(st.sampled_from("ab \t漢e\u0301\x1b\u202e\U000e0001") | st.characters(), max_size=90)


@example("00\u0e5c\U0003134b", 4, 1, 1)
@given(LINES, st.integers(1, 100), st.integers(1, 100), st.integers(1, 60))
def test_the_line_fits_and_the_start_of_the_value_is_in_sight(line: str, column: int, end: int, width: int) -> None:
    shown = excerpt(SourceLine(line, column, end), width)
    drawn_cells = cells(shown.text)
    assert len(drawn_cells) <= max(width, 16)
    assert 0 <= shown.offset <= len(drawn_cells)
    assert 1 <= shown.carets <= max(1, len(drawn_cells) - shown.offset)
    line = line.rstrip("\r\n")
    if column <= len(line) and cells(line[column - 1]):
        first = " " if line[column - 1] == "\t" else visible(line[column - 1])[0]
        assert drawn_cells[shown.offset] == first


def test_the_work_does_not_grow_with_the_line() -> None:
    line = "x" * 500_000 + "value" + "y" * 500_000
    assert drawn(line, 500_001, 500_006, width=20) == ["…xxxxxxxxvalueyyyyy…", "         ^^^^^"]
    began = time.thread_time()
    for _ in range(1000):
        drawn(line, 500_001, 500_006, width=100)
    assert time.thread_time() - began < 5  # each line read whole would be a gigabyte
