"""Sequences whose last item was taken away: their key goes too, where nothing else comes to stand for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.editing.meaning import Remove
from policyengine.documents.editing.yaml import edited
from policyengine.documents.yaml import YamlDocument
from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.documents.document import DocPath
    from policyengine.documents.editing.meaning import Edit


def without_emptied(path: str, text: str, edits: Iterable[Edit]) -> str:
    """The text after ``edits`` without the keys of sequences that these have emptied: ``cap_add: []``.

    A key stays where the value of another would show in its place (a merge key), or where it is the item of a sequence
    of which others were removed.
    """
    removed = [edit.path for edit in edits if isinstance(edit, Remove)]
    lists = {at[:-1] for at in removed if isinstance(at[-1], int) and isinstance(at[-2], str)}
    for at in sorted(lists, key=repr):
        if not any(_moves(other, at) for other in removed) and _value(YamlDocument(path, text).values, at) == []:
            try:
                text = edited(path, text, [Remove(at)])
            except EditError:
                continue  # an empty sequence says the same
    return text


def _moves(removed: DocPath, at: DocPath) -> bool:
    """Whether a place is elsewhere now, since an item was removed before it."""
    return isinstance(removed[-1], int) and len(removed) <= len(at) and removed[:-1] == at[: len(removed) - 1]


def _value(values: Sequence[object], at: DocPath) -> object:
    value: object = values
    for step in at:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
