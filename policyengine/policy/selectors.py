"""Field paths as policies write them, and what they select.

``image.digest`` a field of an object; ``ports[].host_ip`` of every item; ``ports[]?.published`` of at least one
item; ``environment{}`` every value of a map; ``labels["com.example/env"]`` one key of a map.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.errors import did_you_mean
from policyengine.policy.parameters import spoken_type

if TYPE_CHECKING:
    from policyengine.model.types import Kind, Type

StepKind = Literal["field", "key", "each", "any", "values"]

_TOKEN = re.compile(
    r"""(?P<any>\[\]\?)|(?P<each>\[\])|(?P<values>\{\})|\["(?P<key>(?:[^"\\]|\\.)*)"\]|(?P<dot>\.)?(?P<field>[A-Za-z_][A-Za-z0-9_]*)"""
)
PATTERN = r"""^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*|\[\]\??|\{\}|\["(?:[^"\\]|\\.)*"\])*$"""
"""What a field path looks like, for editors."""

_ESCAPED = re.compile(r"\\(.)")


class Step(Struct, frozen=True):
    """One step of a selector; ``name`` is the field or the key; ``offset`` is where in the text it stands."""

    kind: StepKind
    name: str = ""
    offset: int = 0


class SelectorError(ValueError):
    """A field path is malformed, or does not fit the model."""

    def __init__(self, message: str, offset: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint


def parse(text: str) -> tuple[Step, ...]:
    """The steps of a field path. Raises :class:`SelectorError` with the offset of what is wrong."""
    steps: list[Step] = []
    offset = 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None or (match["field"] is not None and bool(match["dot"]) is not bool(steps)):
            raise SelectorError(f'malformed field path "{text}"', offset, 'write a.b, a[].b, a[]?.b, a{} or a["key"]')
        steps.append(_step(match))
        offset = match.end()
    if not steps or steps[0].kind != "field":
        raise SelectorError(f'a field path starts with a field, not "{text}"', 0)
    return tuple(steps)


def _step(match: re.Match[str]) -> Step:
    if match["field"] is not None:
        return Step("field", match["field"], match.start("field"))
    if match["key"] is not None:
        return Step("key", _ESCAPED.sub(r"\1", match["key"]), match.start())
    if match["values"] is not None:
        return Step("values", offset=match.start())
    return Step("any" if match["any"] is not None else "each", offset=match.start())


def selected_type(steps: tuple[Step, ...], kind: Kind) -> Type:
    """The type of what a selector selects in a kind. Raises :class:`SelectorError` where it does not fit."""
    at = kind.type
    for step in steps:
        at = _below(at, step, kind)
    return at


def _below(type_: Type, step: Step, kind: Kind) -> Type:
    if step.kind == "field":
        if type_.name == "map":
            raise SelectorError(f'keys of a map are written ["{step.name}"]', step.offset)
        if step.name not in type_.fields:
            raise SelectorError(
                f'{kind.name} has no field "{step.name}"' if type_.name == "object" else f"{type_} has no fields",
                step.offset,
                did_you_mean(step.name, type_.fields) or f"policyengine fields {kind.name} lists them",
            )
        return type_.fields[step.name].type
    wanted = "list" if step.kind in ("each", "any") else "map"
    if type_.name != wanted or type_.items is None:
        sign = {"each": "[]", "any": "[]?", "values": "{}", "key": '["..."]'}[step.kind]
        hint = {"list": "after a list stand [] or []?", "map": 'after a map stand {} or ["key"]'}.get(type_.name)
        raise SelectorError(f"{sign} stands after a {wanted}, and this is {spoken_type(type_)}", step.offset, hint)
    return type_.items
