"""Concrete field paths: which value of a resource is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.model.types import Type

FieldPath = tuple[str | int, ...]
"""Keys and list indexes from a resource's facts down to one value: ``("ports", 0, "host_ip")``."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch


def render(path: FieldPath, type_: Type) -> str:
    """Write a path as policies do: ``ports[0].host_ip``, ``environment["DB_PASSWORD"]``.

    ``type_`` is the type the path starts from (``kind.type``): only it tells an object's field from a map's key.
    """
    text = ""
    at: Type | None = type_
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif (at is not None and at.name == "map") or not _PLAIN(step):
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
        else:
            text += f".{step}" if text else step
        at = _below(at, step)
    return text


def _below(type_: Type | None, step: str | int) -> Type | None:
    if type_ is None:
        return None
    if type_.name == "object" and isinstance(step, str):
        field = type_.fields.get(step)
        return field.type if field else None
    return type_.items
