"""Random YAML files as people write them: comments, both styles, quotes, widths of indentation, line ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath

KEYS = st.sampled_from(["name", "image", "ports", "env", "a-b", "x.y/z", "weird key", "on"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9, 99999),
    st.sampled_from(["plain", "two words", "a: b", "# no comment", "", "yes", "1.10", "it's", 'say "x"', "-", "ünï"]),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(KEYS, below, max_size=3)),
    max_leaves=8,
)
COMMENTS = ("", "", "", " # why", "  #: [odd] {comment}", " # - x: 1")


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of one or two documents, each a mapping."""
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    roots = draw(st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), min_size=1, max_size=2))
    lines = [line for root in roots for line in ("---", *_mapping(draw, root, ""))]
    text = ending.join(lines if len(roots) > 1 or draw(st.booleans()) else lines[1:])
    return text + draw(st.sampled_from([ending, "", ending * 2]))


def _mapping(draw: st.DrawFn, value: dict[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, item in value.items():
        if draw(st.integers(0, 5)) == 0:
            lines += [f"{indent}# about what follows: x", ""]
        lines += _entry(draw, f"{indent}{_scalar(draw, key)}:", item, indent)
    return lines


def _entry(draw: st.DrawFn, start: str, value: Any, indent: str) -> list[str]:
    comment = draw(st.sampled_from(COMMENTS))
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 2)) == 0:
        return [f"{start} {_flow(draw, value)}{comment}"]
    if isinstance(value, dict):
        return [start + comment, *_mapping(draw, value, indent + " " * draw(st.sampled_from([2, 4, 3])))]
    inside = indent + draw(st.sampled_from(["", "  "]))
    return [start + comment, *(line for item in value for line in _item(draw, item, inside))]


def _item(draw: st.DrawFn, value: Any, indent: str) -> list[str]:
    if isinstance(value, dict) and value and draw(st.booleans()):
        first, *rest = _mapping(draw, value, indent + "  ")
        return (
            [first.replace(indent + "  ", indent + "- ", 1), *rest]
            if "# about" not in first
            else [f"{indent}-", first, *rest]
        )
    return [f"{indent}- {_flow(draw, value)}{draw(st.sampled_from(COMMENTS))}"]


def _flow(draw: st.DrawFn, value: Any) -> str:
    space = draw(st.sampled_from(["", " "]))
    if isinstance(value, dict):
        return (
            "{"
            + space
            + ", ".join(f"{_scalar(draw, key)}: {_flow(draw, item)}" for key, item in value.items())
            + space
            + "}"
        )
    if isinstance(value, list):
        return "[" + space + ", ".join(_flow(draw, item) for item in value) + space + "]"
    return _scalar(draw, value)


def _scalar(draw: st.DrawFn, value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    ways = [json.dumps(value, ensure_ascii=False), "'" + value.replace("'", "''") + "'"]
    return draw(st.sampled_from([*ways, value] if value.isalpha() else ways))


def paths(value: Any, at: DocPath = ()) -> list[DocPath]:
    """The paths of all values below one."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for step, item in steps for path in ((*at, step), *paths(item, (*at, step)))]
