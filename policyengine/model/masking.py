"""The one place where sensitive values are hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.model.paths import FieldPath
    from policyengine.model.types import Type

MASK = "****"


def masked(value: object, path: FieldPath, type_: Type) -> object:
    """Return ``value``, found at ``path`` below ``type_``, as it may be shown.

    Every sensitive value in it is replaced by ``****``; unknown values become None. Containers are copied.
    """
    sensitive, below = _at(path, type_)
    return _mask(value, below, sensitive)


def _at(path: FieldPath, type_: Type) -> tuple[bool, Type | None]:
    sensitive = False
    at: Type | None = type_
    for step in path:
        if at is None:
            break
        if at.name == "object":
            field = at.fields.get(str(step))
            sensitive = sensitive or (field is not None and field.sensitive)
            at = field.type if field else None
        else:
            at = at.items
    return sensitive, at


def _mask(value: object, type_: Type | None, sensitive: bool) -> object:
    if isinstance(value, Unknown):
        return None
    if isinstance(value, dict):
        return {key: _mask_item(key, item, type_, sensitive) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mask(item, type_.items if type_ else None, sensitive) for item in value]
    return MASK if sensitive and value is not None else value


def _mask_item(key: str, value: object, type_: Type | None, sensitive: bool) -> object:
    if type_ is None or type_.name != "object":
        return _mask(value, type_.items if type_ else None, sensitive)
    field = type_.fields.get(key)
    return _mask(value, field.type if field else None, sensitive or bool(field and field.sensitive))
