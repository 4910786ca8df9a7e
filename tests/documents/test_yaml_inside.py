"""Characters of scalars are found in the text, however the scalar is written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.yaml_inside import inside

WRITTEN = [
    # written, the value, offset, the text that begins there
    ("a b", "a b", 2, "b"),
    ("a b", "a b", 0, "a b"),
    ("a\n  b: c", "a b", 2, "b: c"),
    ("'a ''b'' c'", "a 'b' c", 2, "''b'' c'"),
    ("'a ''b'' c'", "a 'b' c", 3, "b'' c'"),
    ('"a\\tb\\x41\\u0020c"', "a\tbA c", 3, '\\x41\\u0020c"'),
    ('"a\\tb\\x41\\u0020c"', "a\tbA c", 5, 'c"'),
    ('"a\\\n  b"', "ab", 1, 'b"'),
    ('"\\"a\\\\"', '"a\\', 2, '\\\\"'),
    ("|\n  a\n   b\n", "a\n b\n", 3, "b\n"),
    ("|2-  # why\n    a\n", "  a", 2, "a\n"),
    (">-\n  a\n  b\n\n  c", "a b\nc", 4, "c"),
    ("&x a b", "a b", 2, "b"),
    ("!!str &x |\n  a\n", "a\n", 0, "a\n"),
    ("&x 'a'", "a", 0, "a'"),
    ("# a", "# a", 2, "a"),
    # the end of the value is where its last character ends
    ("a b  # c", "a b", 3, "  # c"),
    ("'a b' ", "a b", 3, "' "),
    ("|\n  a\n  b\n\n", "a\nb\n", 4, "\n\n"),
    ("a b", "a b", 1, " b"),
    ('""', "", 0, '"'),
    ("", "", 0, ""),
]


@pytest.mark.parametrize(("written", "value", "offset", "found"), WRITTEN)
def test_inside(written: str, value: str, offset: int, found: str) -> None:
    assert written[inside(written, value, offset) :] == found


TEXTS = st.text("ab é\n'\"\\#:|>-\t", min_size=1, max_size=40)


@settings(max_examples=1000, deadline=None)
@given(TEXTS, st.sampled_from([None, "'", '"', "|", ">"]), st.integers(5, 30))
def test_every_character_is_found(value: str, style: str | None, width: int) -> None:
    written = yaml.dump(value, default_style=style, width=width, allow_unicode=True)
    before = -1
    for offset, character in enumerate(value):
        if character.isspace():
            continue
        at = inside(written, value, offset)
        assert at > before
        assert written[at] in (character, "\\")
        before = at
