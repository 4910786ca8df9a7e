"""The order in which edits of one file are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.editing.meaning import Edit, Remove, Set
from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterable


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Edits of one file, each once, in an order in which none moves what another is about.

    Raises :class:`EditError` where two of them give one value differently, or one takes away what another changes.
    """
    unique = list({repr(edit): edit for edit in edits}.values())
    given: dict[object, object] = {}
    gone = {edit.path for edit in unique if isinstance(edit, Remove)}
    for edit in unique:
        if isinstance(edit, Remove):
            continue
        if isinstance(edit, Set) and given.setdefault(edit.path, edit.value) != edit.value:
            raise EditError("two policies want different values there")
        if any(edit.path[:length] in gone for length in range(1, len(edit.path) + 1)):
            raise EditError("one policy takes away what another changes")
    kept = [edit for edit in unique if not isinstance(edit, Remove)]
    return [*kept, *sorted((edit for edit in unique if isinstance(edit, Remove)), key=_backwards)]


def _backwards(edit: Edit) -> tuple[object, ...]:
    """Items from the last to the first."""
    return tuple((0, -step, "") if isinstance(step, int) else (1, 0, step) for step in edit.path)
