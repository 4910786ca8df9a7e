"""How much work and memory an expression may take at most, so that no policy can stall a run.

The CEL library bounds the turns of loops (10,000 in all) but neither the work of one turn nor the memory it takes:
joining lists in a loop took 5 GB and 16 s. So the work is bounded beforehand: each part's result is given an upper
bound of its size, and each operation is charged the sizes of what it must look at or copy, times the turns of the
loops around it. One unit is about 0.1 us, or 32 bytes where values are copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import astuple

from policyengine.policy.cel.syntax import Call, Constant, Fold, ListOf, MapOf, Name, Select, children

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.policy.cel.syntax import Node

LIMIT = 3_000_000
"""The most work for one evaluation: about a third of a second, and 100 MB."""

TURNS = 10_000
"""The library's own bound of the turns of all loops together."""

_CHARACTERS = 16
"""As many characters are compared or copied as fast as one item of a list."""

_INSTRUCTION = 3
"""The library compiles a pattern each time it is used: the charge for an instruction of its program."""


class Size(Struct, frozen=True):
    """Bounds of a value.

    ``weight`` counts everything inside and its text, ``length`` is that of a list or map, ``inner`` the length of the
    longest one inside it, and ``item`` the weight of its heaviest item.
    """

    weight: float
    length: float = 0
    inner: float = 0
    item: float = 0


_SMALL = Size(1)


def weigh(value: object) -> float:
    """The exact weight of a value, which is fast to tell."""
    if isinstance(value, str):
        return 1 + len(value) / _CHARACTERS
    if isinstance(value, dict):
        return 1 + 2 * len(value) + sum(map(weigh, value)) + sum(map(weigh, value.values()))
    if isinstance(value, list):
        return 1 + len(value) + sum(map(weigh, value))
    return 1


def measure(value: object) -> Size:
    """The exact size of a value."""
    if isinstance(value, str):
        return Size(1 + len(value) / _CHARACTERS)
    if isinstance(value, dict):
        return _whole([measure(part) for pair in value.items() for part in pair], len(value))
    if isinstance(value, list):
        return _whole([measure(item) for item in value])
    return _SMALL


def _whole(parts: list[Size], length: int | None = None) -> Size:
    return Size(
        1 + len(parts) + sum(part.weight for part in parts),
        len(parts) if length is None else length,
        max((max(part.length, part.inner) for part in parts), default=0),
        max((part.weight for part in parts), default=0),
    )


def cost(node: Node, variables: Mapping[str, Size], programs: Mapping[int, int]) -> float:
    """The most work an expression can take on variables of the given sizes.

    ``programs`` are the sizes of the compiled patterns of each call of ``matches``, by its offset.
    """
    meter = _Meter(programs)
    meter.size(node, variables, 1)
    return meter.spent


def safe_weight(node: Node, names: Mapping[str, Size | None], programs: Mapping[int, int]) -> float:
    """A weight of all variables together below which the work is within :data:`LIMIT` whatever they hold.

    ``names`` are the variables, with the sizes of those that are constant. 0 when there is no such weight.
    """
    safe = 0.0
    for power in range(0, 24, 2):
        weight = float(2**power)
        sizes = {name: size or Size(weight, weight, weight, weight) for name, size in names.items()}
        if cost(node, sizes, programs) > LIMIT:
            break
        safe = weight
    return safe


class _Meter:
    def __init__(self, programs: Mapping[int, int]) -> None:
        self._programs = programs
        self.spent = 0.0

    def size(self, node: Node, scope: Mapping[str, Size], times: float) -> Size:
        """The size of a part's result; its work, done ``times`` times, is added to ``spent``."""
        self.spent += times
        match node:
            case Constant():
                return measure(node.value)
            case Name():
                return scope.get(node.name, _SMALL)
            case Select():
                return _part(self.size(node.operand, scope, times))
            case Call():
                return self._call(node, scope, times)
            case Fold():
                return self._fold(node, scope, times)
        parts = [self.size(part, scope, times) for part in children(node)]
        self.spent += times * len(parts)
        return _whole(parts) if isinstance(node, ListOf | MapOf) else _SMALL

    def _call(self, node: Call, scope: Mapping[str, Size], times: float) -> Size:
        args = [self.size(arg, scope, times) for arg in node.args]
        if node.function in _FREE:
            return _SMALL
        if node.function == "_[_]":
            return _part(args[0])
        if node.function == "_?_:_":
            return _either(args[1:])
        self.spent += times * sum(arg.weight for arg in args)
        self.spent += times * _INSTRUCTION * self._programs.get(node.offset, 0) * (node.function == "matches")
        return _SMALL if node.function in _TESTS else _joined(args)

    def _fold(self, node: Fold, scope: Mapping[str, Size], times: float) -> Size:
        over = self.size(node.range, scope, times)
        turns = min(over.length, TURNS)
        inner = {**scope, node.variable: _part(over), node.accumulator: _SMALL}
        within = min(times * turns, TURNS)
        self.size(node.condition, inner, within)
        if not isinstance(node.init, ListOf):
            self.size(node.step, inner, within)
            return _SMALL
        # map and filter copy their result at each turn; the accumulator is small here, a turn adds what it adds to
        turn = self.size(node.step, inner, within)
        self.spent += within * turns / 2
        return Size(1 + turns * (1 + turn.weight), turns, turn.inner, turn.item)


_FREE = frozenset(("_&&_", "_||_", "!_", "@not_strictly_false"))
_TESTS = frozenset(
    (
        *("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "in", "_in_"),
        *("size", "contains", "startsWith", "endsWith", "matches", "int", "uint", "double", "bool"),
    )
)


def _part(whole: Size) -> Size:
    return Size(whole.item, whole.inner, whole.inner, whole.item)


def _either(args: list[Size]) -> Size:
    return Size(*(max(bounds) for bounds in zip(*map(astuple, args), strict=True)))


def _joined(args: list[Size]) -> Size:
    """``a + b``, and any function that may return what it was given."""
    inner, item = max((arg.inner for arg in args), default=0), max((arg.item for arg in args), default=0)
    return Size(1 + sum(arg.weight for arg in args), sum(arg.length for arg in args), inner, item)
