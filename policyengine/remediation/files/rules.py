"""Rules by which fields are changed that are written under one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.editing.meaning import Append, Remove, Set
from policyengine.errors import EditError
from policyengine.remediation.changes import AddItems, RemoveField, SetField
from policyengine.remediation.files.written import settled

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.model.paths import FieldPath
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.files.written import FileEdit, Rule, Written


def scalar(last: str) -> Rule:
    """A rule for a field that is one value, written under the key ``last``."""

    def rule(change: FieldChange, written: Written) -> list[FileEdit]:
        file, at = _own_place(change.path, last, written)
        if isinstance(change, SetField):
            return [(file, Set(at, change.value))]
        if isinstance(change, RemoveField):
            return [(file, Remove(at))]
        raise EditError(f"{last} is no list")

    return rule


def _own_place(path: FieldPath, last: str, written: Written) -> tuple[str, DocPath]:
    file, at = written.place(path)
    if not at or at[-1] != last:
        raise EditError(f"it does not come from {last}, but from elsewhere", hint=".".join(map(str, at[1:])))
    settled(written.value((file, at)))
    return file, at


def listing(last: str) -> Rule:
    """A rule for a list of texts that is written under the key ``last``."""

    def rule(change: FieldChange, written: Written) -> list[FileEdit]:
        if isinstance(change, AddItems):
            return _items_added(change, last, written)
        if isinstance(change, RemoveField) and len(change.path) > 1:
            return [_item_removed(change, last, written)]
        return scalar(last)(change, written)

    return rule


def _items_added(change: AddItems, last: str, written: Written) -> list[FileEdit]:
    file, at = _own_place(change.path, last, written)
    there = written.facts.get(str(change.path[0]))
    known = there if isinstance(there, list) else []
    return [(file, Append(at, item)) for item in change.items if item not in known]


def _item_removed(change: RemoveField, last: str, written: Written) -> FileEdit:
    file, at = written.place(change.path)
    if at[-2:-1] != (last,):
        raise EditError(f"it does not come from {last}, but from elsewhere")
    settled(written.value((file, at)))
    return file, Remove(at)
