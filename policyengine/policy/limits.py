"""How large a policy may be, so that none can stall a run: far beyond what anyone writes by hand.

What the limits keep short was measured: Cerberus takes the square of the number of errors it finds, and RE2 up to a
millisecond to compile a pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.policy.issues import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.policy.issues import DataPath

MAX_VALUES = 20_000
"""Values in all, those that aliases stand for included."""

MAX_FRAME = 600
"""Values outside ``where``, ``require`` and the values of parameters."""

MAX_PATTERNS = 500
"""Constraints ``regex``."""

MAX_ASSERTIONS = 50
"""Items of ``assert``."""

_BODIES = ("where", "require")
_DECLARING = ("parameters", "examples")
_LARGE = frozenset(("default", "parameters"))
"""Keys whose values may be large: a parameter's default, an example's parameters."""


def size_issues(data: Mapping[str, object]) -> Iterator[Issue]:
    """What is too large in a policy file's data."""
    bodies = [data[name] for name in _BODIES if name in data]
    frame = {name: section for name, section in data.items() if name not in _BODIES}
    if _count(frame, frozenset()) + _count(bodies, frozenset()) > MAX_VALUES:
        yield Issue((), f"more than {MAX_VALUES:,} values", "split the policy")
        return
    counts = {name: _count(section, _LARGE if name in _DECLARING else frozenset()) for name, section in frame.items()}
    if sum(counts.values()) > MAX_FRAME:
        name = max(counts, key=lambda name: counts[name])
        message = f"more than {MAX_FRAME:,} values outside where and require, {counts[name]:,} of them in {name}"
        yield Issue((name,), message, "split the policy", at_key=True)
    asserts = data.get("assert")
    if isinstance(asserts, list) and len(asserts) > MAX_ASSERTIONS:
        yield Issue(("assert", MAX_ASSERTIONS), f"more than {MAX_ASSERTIONS} assertions", "split the policy")
    yield from _pattern_issues(data)


def _count(data: object, left_out: frozenset[str]) -> int:
    """How many values there are in the data, not counting those below some keys; when far too many, some of them."""
    waiting, found = [data], 0
    while waiting and found <= MAX_VALUES:
        found += 1
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(value for key, value in item.items() if key not in left_out)
        elif isinstance(item, list):
            waiting.extend(item)
    return found


def _pattern_issues(data: Mapping[str, object]) -> Iterator[Issue]:
    waiting: list[tuple[DataPath, object]] = [((name,), data[name]) for name in _BODIES if name in data]
    found = 0
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(((*path, key), value) for key, value in item.items())
        elif isinstance(item, list):
            waiting.extend(((*path, index), value) for index, value in enumerate(item))
        found += path[-1] == "regex"
        if found > MAX_PATTERNS:
            yield Issue(path[:1], f"more than {MAX_PATTERNS} regular expressions", "one may say a|b", at_key=True)
            return
