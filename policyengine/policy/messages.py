"""Messages of findings: text with ``{field}`` placeholders. Nothing is evaluated, so a message can do no harm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from policyengine.errors import did_you_mean
from policyengine.model.masking import concealed, masked
from policyengine.model.paths import render
from policyengine.model.unknown import Unknown
from policyengine.policy.selectors import SelectorError, parse, selected_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Resource
    from policyengine.model.types import Kind, Type

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_MAX_VALUE = 200

SPECIAL = {
    "value": "the value that was found",
    "field": "the field's path",
    "key": "the map's key or the list's index that was found",
    "kind": "the resource's kind",
    "name": "the resource's name",
    "parent": "what the resource is part of",
    "scope": "the Compose project, namespace or engine",
}
"""Placeholders beside the target's fields, and their meaning."""

ITEM = "item."
"""What begins the name of another field of the list's item that was found: ``{item.port}``."""


def placeholders(text: str) -> Iterator[tuple[int, str]]:
    """The offset and the name of every placeholder."""
    for match in _PLACEHOLDER.finditer(text):
        if match[1] is not None:
            yield match.start(1), match[1]


def placeholder_error(name: str, kinds: Sequence[Kind]) -> tuple[str, str | None] | None:
    """Message and hint for a placeholder that a target does not have; None for a good one."""
    if name in SPECIAL:
        return None
    if name.startswith(ITEM):
        known = {field for kind in kinds for field in _of_items(kind.type)}
        missing = name.removeprefix(ITEM)
        wrong = (f'unknown placeholder "{{{name}}}": no item of a list has that field', did_you_mean(missing, known))
        return None if missing in known else wrong
    for kind in kinds:
        try:
            steps = parse(name)
            if any(step.kind not in ("field", "key") for step in steps):
                return f'a message can show one value: "{name}" selects several', None
            selected_type(steps, kind)
        except SelectorError as error:
            return f'unknown placeholder "{{{name}}}": {error.message}', error.hint
    return None


def _of_items(type_: Type) -> Iterator[str]:
    """The fields of the items of all lists of objects in a type."""
    for field in type_.fields.values():
        yield from _of_items(field.type)
    if type_.items is not None:
        yield from type_.items.fields if type_.name == "list" else ()
        yield from _of_items(type_.items)


def message(text: str, resource: Resource, kind: Kind, path: FieldPath, value: object) -> str:
    """The text with its placeholders filled. Sensitive values are masked; a missing value is shown as a dash.

    Of a field that several resources share, the name is that of its owner, as it is in the finding.
    """

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0][0]
        if name.startswith(ITEM):
            return _spoken(_of_item(name.removeprefix(ITEM), resource, kind, path))
        return _spoken(_special(name, resource, kind, path, value) if name in SPECIAL else _fact(name, resource, kind))

    return _PLACEHOLDER.sub(fill, text)


def _special(name: str, resource: Resource, kind: Kind, path: FieldPath, value: object) -> object:
    if name == "value":
        return masked(value, path, kind.type, resource.facts)
    if name == "field":
        return render(path, kind.type) or None
    if name == "key":
        return concealed(str(path[-1])) if path else None
    if name == "scope":
        return concealed(str(resource.scope))
    told = resource.shared.get(str(path[0]), resource) if path else resource
    return concealed(str(getattr(told, name) or "-"))


def _of_item(name: str, resource: Resource, kind: Kind, path: FieldPath) -> object:
    """A field of the innermost list's item that a path leads through."""
    ends = [at for at, step in enumerate(path, 1) if isinstance(step, int)]
    within: FieldPath = (*path[: ends[-1] if ends else 0], name)
    value: Any = resource.facts
    for step in within if ends else ():
        value = value[step] if isinstance(step, int) else value.get(step) if isinstance(value, dict) else None
    return masked(value, within, kind.type, resource.facts) if ends else None


def _fact(name: str, resource: Resource, kind: Kind) -> object:
    path = tuple(step.name for step in parse(name))
    value: object = resource.facts
    for step in path:
        value = value.get(step) if isinstance(value, dict) else value if isinstance(value, Unknown) else None
    return masked(value, path, kind.type)


def _spoken(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_spoken(item) for item in value)[:_MAX_VALUE]
    return str(value)[:_MAX_VALUE]
