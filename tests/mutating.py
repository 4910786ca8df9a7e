"""Hypothesis strategies: documents that somebody got wrong, or perhaps not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, 1, 3, -1, 0.5, "", "x", "1", "auto", "info", "off", [], ["x"], [1], [""], [None], {}, {"x": 1}]
    ),
    st.sampled_from([{"x": {}}, {"x": {"y": 1}}, {"": {}}, [{}], [{"x": 1}], [["x"]], {"A": "b"}, {"1a": "b"}]),
).map(deepcopy)
"""Of every type, and some that are right somewhere. 1.0 is none of them: to JSON Schema it is an integer."""

Path = tuple[str | int, ...]


def paths(data: Any, above: Path = ()) -> list[Path]:
    """The path of every value below the data."""
    steps: list[Any] = (
        list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    )
    return [path for step in steps for path in ((*above, step), *paths(data[step], (*above, step)))]


@st.composite
def mutated(draw: st.DrawFn, data: Any) -> Any:
    """The data with up to three changes: another value, a key left out, misspelt or added."""
    changed = deepcopy(data)
    for _ in range(draw(st.integers(0, 3))):
        # a shallow path is as likely as one of the many deep ones
        by_depth: dict[int, list[Path]] = {}
        for path in paths(changed):
            by_depth.setdefault(len(path), []).append(path)
        if by_depth:
            path = draw(st.sampled_from(by_depth[draw(st.sampled_from(sorted(by_depth)))]))
            _change(draw, _at(changed, path[:-1]), path[-1])
    return changed


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _change(draw: st.DrawFn, around: Any, step: Any) -> None:
    how = draw(st.sampled_from(["value", "value", "leave out", "misspell", "add", "wrap"]))
    if how == "value":
        around[step] = draw(VALUES)
    elif how == "wrap":
        around[step] = [around[step]]
    elif how == "leave out":
        del around[step]
    elif isinstance(around, dict):
        name = draw(st.sampled_from([f"{step}s", f"{step}"[:-1], "x", ""]))
        around[name] = around.pop(step) if how == "misspell" else draw(VALUES)
    else:
        around.append(draw(VALUES))
