"""From violations to edits of files."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from policyengine.documents.editing.meaning import Remove, Set
from policyengine.errors import EditError
from policyengine.policy.image_strategy import Pin, Upgrade
from policyengine.remediation.changes import wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.documents.document import DocPath
    from policyengine.model.paths import FieldPath
    from policyengine.policy.remediation import Remediation, Safety
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.files.written import FileEdit, Rule, Written

Key = TypeVar("Key")

INPUTS = ("compose", "dockerfile", "kubernetes")
"""The input kinds whose documents are edited: each has a module here."""
IMAGE_REF = "image_ref"
"""The kind of resource that says which image is run: what it says is chosen."""


def fields(origin: str, kind: str) -> Mapping[str, Rule]:
    """How the fields of a kind are changed in the documents of an input kind; none where they are not."""
    if origin not in INPUTS:
        return {}
    found: Mapping[str, Mapping[str, Rule]] = import_module(f"policyengine.remediation.files.{origin}").FIELDS
    return found.get(kind, {})


def fix(remediation: Remediation, failing: FieldPath, origin: str, kind: str) -> Safety | None:
    """Whether what mends a violation of the field at a path can be written in documents of an input kind, and how
    safe that is. A single document may still be one in which it cannot.
    """
    known = fields(origin, kind)
    if isinstance(remediation.image, Pin | Upgrade) and kind == IMAGE_REF:
        return remediation.safety if "reference" in known else None
    if not remediation.changes_fields:
        return None
    changes = wanted(remediation, failing, _Whatever()) if known else ()
    return remediation.safety if changes and all(change.path[0] in known for change in changes) else None


class _Whatever(dict[str, object]):
    """Values of parameters where none matters."""

    def __missing__(self, name: str) -> object:
        return None


def edits_for(
    remediation: Remediation, failing: FieldPath, written: Written, parameters: Mapping[str, object]
) -> list[FileEdit]:
    """The edits that mend the violation of the field at a path; ``parameters`` are the policy's, with their values.

    Raises :class:`EditError` where one of the changes cannot be made in the resource's document.
    """
    changes = wanted(remediation, failing, parameters)
    if not changes:
        raise EditError("the policy has no fix for this field")
    return edits_of(changes, written)


def edits_of(changes: Iterable[FieldChange], written: Written) -> list[FileEdit]:
    """The edits that make changes of a resource. Raises :class:`EditError` where one of them cannot be made."""
    known = fields(written.origin, written.kind)
    found: list[FileEdit] = []
    for change in changes:
        rule = known.get(str(change.path[0]))
        if rule is None:
            raise EditError(f"{change.path[0]} is not changed in {written.origin} documents")
        found += rule(change, written)
    return found


def clashes(groups: Mapping[Key, Sequence[FileEdit]]) -> Mapping[Key, tuple[str, list[Key]]]:
    """Which groups of edits contradict each other: for each the place, and the groups that want it otherwise."""
    wants: dict[tuple[str, DocPath], dict[str, list[Key]]] = {}
    for key, edits in groups.items():
        for file, edit in edits:
            if isinstance(edit, Set | Remove):
                wants.setdefault((file, edit.path), {}).setdefault(repr(edit), []).append(key)
    found: dict[Key, tuple[str, list[Key]]] = {}
    for (_, path), by_edit in wants.items():
        for wanted_edit, keys in by_edit.items():
            others = [key for other, theirs in by_edit.items() if other != wanted_edit for key in theirs]
            if others:
                found.update(dict.fromkeys(keys, (".".join(map(str, path[1:])), others)))
    return found
