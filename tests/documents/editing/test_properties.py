"""Any edit of any file: it says what is meant, and nothing else has changed."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyengine.documents.editing.meaning import Append, Edit, Remove, Set, meant, same
from policyengine.documents.editing.yaml import edited
from policyengine.documents.yaml import YamlDocument
from policyengine.errors import DocumentError, EditError
from tests.documents.editing.drawing import SCALARS, VALUES, files, paths

REAL = Path(__file__).parents[4] / "shared" / "corpora" / "realworld"


def at(values: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        values = values[step]
    return values


def lines_gone(before: str, after: str) -> list[str]:
    """The lines of a text that are not in the other, in order."""
    one, other = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matched = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return [line for how, start, end, *_ in matched if how != "equal" for line in one[start:end]]


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Edit]:
    text = draw(files())
    values = YamlDocument("a.yaml", text).values
    path = draw(st.sampled_from([path for path in paths(values) if len(path) > 1]))
    value = at(values, path)
    if draw(st.integers(0, 4)) == 0:
        return text, Remove(path)
    if isinstance(value, dict):
        return text, Set((*path, "added"), draw(VALUES))
    if isinstance(value, list):
        return text, Append(path, draw(VALUES))
    return text, Set(path, draw(SCALARS))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases())
def test_any_edit_says_what_is_meant_and_changes_nothing_else(case: tuple[str, Edit]) -> None:
    text, edit = case
    try:
        after = edited("a.yaml", text, [edit])
    except EditError as error:
        assert isinstance(edit, Remove) and "comment" in error.message
        return
    values = YamlDocument("a.yaml", text).values
    assert all(map(same, YamlDocument("a.yaml", after).values, meant(values, edit)))
    if not isinstance(edit, Remove):
        # One line changes, or, where one is added to the last line, the line before it gets its end.
        assert len(lines_gone(text, after)) <= 1
        comments = [comment.text for comment in YamlDocument("a.yaml", text).comments()]
        assert [comment.text for comment in YamlDocument("a.yaml", after).comments()] == comments
    assert after.endswith(("\n", "\r\n")) == text.endswith(("\n", "\r\n"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(files(), st.data())
def test_what_is_added_can_be_removed_again(text: str, data: st.DataObject) -> None:
    values = YamlDocument("a.yaml", text).values
    mappings = [(0,), *(path for path in paths(values) if isinstance(at(values, path), dict))]
    path = (*data.draw(st.sampled_from(mappings)), "added")
    after = edited("a.yaml", text, [Set(path, {"x": [1, "two"]})])
    assert edited("a.yaml", after, [Remove(path)]) == text


def real_files() -> list[Path]:
    return sorted(path for path in REAL.rglob("*") if path.suffix in (".yaml", ".yml", ".json"))[::3]


@pytest.mark.skipif(not REAL.is_dir(), reason="the files of others are not here")
def test_real_files_are_as_before_when_what_was_added_is_removed() -> None:
    refused: dict[str, int] = {}
    made = 0
    for file in real_files():
        text = file.read_bytes().decode(errors="replace")
        try:
            values = YamlDocument(file.name, text).values
        except DocumentError:
            continue
        mappings = [path for path in paths(values) if isinstance(at(values, path), dict)]
        for path in mappings[:: max(1, len(mappings) // 4)][:5]:
            try:
                after = edited(file.name, text, [Set((*path, "added"), True)])
            except EditError as error:
                refused[error.message] = refused.get(error.message, 0) + 1
                continue
            made += 1
            assert len(lines_gone(text, after)) <= 1, (file, path)
            if at(values, path):
                assert edited(file.name, after, [Remove((*path, "added"))]) == text, (file, path)
    assert made > 10 * sum(refused.values()), refused
