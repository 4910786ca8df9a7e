"""What is to change in one resource, in the words of the model: what every target of remediation is given."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from policyengine.model.paths import FieldPath
from policyengine.policy.parameters import substituted
from policyengine.policy.selectors import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.policy.remediation import Remediation


_Path = Annotated[FieldPath, Meta(min_length=1)]


class SetField(Struct, frozen=True, tag_field="change", tag="set"):
    """The field at ``path`` is to have a value."""

    path: _Path
    value: object


class AddItems(Struct, frozen=True, tag_field="change", tag="add"):
    """The list at ``path`` is to have ``items``."""

    path: _Path
    items: tuple[str, ...]


class RemoveField(Struct, frozen=True, tag_field="change", tag="remove"):
    """The field, or the item of a list, at ``path`` is to go."""

    path: _Path


FieldChange = SetField | AddItems | RemoveField

_NONE: Mapping[str, object] = MappingProxyType({})


def wanted(remediation: Remediation, failing: FieldPath, parameters: Mapping[str, object] = _NONE) -> list[FieldChange]:
    """The changes that mend a violation of the field at a path: of items those that violate.

    Where there are changes of what is at the path, or else of the field that it is in, others have nothing to do with
    it. ``parameters`` are the values of the policy's parameters.
    """
    given = substituted(dict(remediation.set), parameters)
    changes: list[FieldChange] = [
        SetField(path, value) for text, value in given.items() for path in _paths(text, failing)
    ]
    changes += [AddItems(path, items) for text, items in remediation.add.items() for path in _paths(text, failing)]
    changes += [RemoveField(path) for text in remediation.remove for path in _paths(text, failing)]
    exact = [change for change in changes if change.path == failing[: len(change.path)]]
    own = [change for change in changes if change.path[:1] == failing[:1]]
    return exact or own or changes


def _paths(text: str, failing: FieldPath) -> list[FieldPath]:
    """The one path that a selector means for a violation: none where its items are of another list."""
    path: FieldPath = ()
    for step in parse(text):
        if step.kind != "each":
            path = (*path, step.name)
        elif failing[: len(path)] == path and len(failing) > len(path) and isinstance(failing[len(path)], int):
            path = failing[: len(path) + 1]
        else:
            return []
    return [path]
