"""The syntax tree of a CEL expression, read from the form that the CEL library serialises it to.

The library gives no other access to the tree. The form is CEL's own: a ``google.protobuf.Any`` that holds a
``cel.expr.CheckedExpr`` (https://github.com/google/cel-spec/blob/master/proto/cel/expr/checked.proto and syntax.proto
beside it). Field numbers of Protocol Buffers never change, so this small reader needs no protobuf library.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_Message = list[tuple[int, "int | bytes"]]


class Node(Struct, frozen=True):
    """A part of an expression; ``offset`` is where it stands in the source, in characters from 0."""

    offset: int


class Constant(Node, frozen=True):
    """A literal. Bytes, and numbers without sign, have values of Python's nearest type."""

    value: object


class Name(Node, frozen=True):
    """A variable: a field, ``params``, or one that a macro such as ``exists`` introduces."""

    name: str


class Select(Node, frozen=True):
    """``operand.field``, or ``has(operand.field)`` when ``test`` is set; ``offset`` is that of the dot."""

    operand: Node
    field: str
    test: bool


class Call(Node, frozen=True):
    """A function or an operator; the receiver of ``receiver.function(...)`` is the first argument."""

    function: str
    args: tuple[Node, ...]


class ListOf(Node, frozen=True):
    """``[a, b]``."""

    items: tuple[Node, ...]


class MapOf(Node, frozen=True):
    """``{key: value}``; of a message, which has a ``message`` name, the values only."""

    message: str
    parts: tuple[Node, ...]


class Fold(Node, frozen=True):
    """What ``all``, ``exists``, ``exists_one``, ``map`` and ``filter`` become: a loop over ``range``.

    ``variable`` is each item (each key of a map) in turn, ``accumulator`` the name of the result so far.
    """

    variable: str
    range: Node
    accumulator: str
    init: Node
    condition: Node
    step: Node
    result: Node


def decode(serialized: bytes) -> Node:
    """The tree of an expression that was serialised by the CEL library."""
    checked = _message(_last(_message(serialized), 2))
    source = _message(_last(checked, 5))
    positions = dict(_position(entry) for number, entry in source if number == 4)
    return _expression(_last(checked, 4), positions)


def children(node: Node) -> tuple[Node, ...]:
    """The parts right below a node."""
    match node:
        case Select():
            return (node.operand,)
        case Call():
            return node.args
        case ListOf():
            return node.items
        case MapOf():
            return node.parts
        case Fold():
            return (node.range, node.init, node.condition, node.step, node.result)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def _expression(data: bytes, positions: Mapping[int, int]) -> Node:
    message = _message(data)
    offset = positions.get(_number(message, 2), 0)
    for number, value in message:
        if number in _NODES and isinstance(value, bytes):
            return _NODES[number](_message(value), offset, positions)
    return Constant(offset, None)


def _constant(message: _Message, offset: int, _: Mapping[int, int]) -> Node:
    number, value = message[0]
    read = _CONSTANTS.get(number)
    return Constant(offset, read(value) if read else None)


def _name(message: _Message, offset: int, _: Mapping[int, int]) -> Node:
    return Name(offset, _text(message, 1))


def _select(message: _Message, offset: int, positions: Mapping[int, int]) -> Node:
    return Select(offset, _expression(_last(message, 1), positions), _text(message, 2), bool(_number(message, 3)))


def _call(message: _Message, offset: int, positions: Mapping[int, int]) -> Node:
    parts = [*_all(message, 1), *_all(message, 3)]
    return Call(offset, _text(message, 2), tuple(_expression(part, positions) for part in parts))


def _list(message: _Message, offset: int, positions: Mapping[int, int]) -> Node:
    return ListOf(offset, tuple(_expression(item, positions) for item in _all(message, 1)))


def _map(message: _Message, offset: int, positions: Mapping[int, int]) -> Node:
    entries = [_message(entry) for entry in _all(message, 2)]
    parts = [part for entry in entries for number in (3, 4) for part in _all(entry, number)]
    return MapOf(offset, _text(message, 1), tuple(_expression(part, positions) for part in parts))


def _fold(message: _Message, offset: int, positions: Mapping[int, int]) -> Node:
    over, init, condition, step, result = (_expression(_last(message, n), positions) for n in (2, 4, 5, 6, 7))
    return Fold(offset, _text(message, 1), over, _text(message, 3), init, condition, step, result)


_NODES: dict[int, Callable[[_Message, int, Mapping[int, int]], Node]] = {
    3: _constant,
    4: _name,
    5: _select,
    6: _call,
    7: _list,
    8: _map,
    9: _fold,
}
"""By the field's number in ``cel.expr.Expr``."""


def _signed(value: int | bytes) -> object:
    number = int(value) if isinstance(value, int) else 0
    return number - (1 << 64) if number >> 63 else number


def _double(value: int | bytes) -> object:
    return struct.unpack("<d", value)[0] if isinstance(value, bytes) else 0.0


_CONSTANTS: dict[int, Callable[[int | bytes], object]] = {
    2: bool,
    3: _signed,
    4: lambda value: value,
    5: _double,
    6: lambda value: value.decode() if isinstance(value, bytes) else "",
    7: lambda value: value,
}
"""By the field's number in ``cel.expr.Constant``; 1 is null."""


def _position(entry: int | bytes) -> tuple[int, int]:
    message = _message(entry)
    return _number(message, 1), _number(message, 2)


def _all(message: _Message, number: int) -> list[bytes]:
    return [value for found, value in message if found == number and isinstance(value, bytes)]


def _last(message: _Message, number: int) -> bytes:
    return next(iter(reversed(_all(message, number))), b"")


def _text(message: _Message, number: int) -> str:
    return _last(message, number).decode()


def _number(message: _Message, number: int) -> int:
    return next((value for found, value in message if found == number and isinstance(value, int)), 0)


def _message(data: int | bytes) -> _Message:
    """Field numbers and values of a message: https://protobuf.dev/programming-guides/encoding/."""
    fields: _Message = []
    if isinstance(data, int):
        return fields
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            value, at = _varint(data, at)
            fields.append((tag >> 3, value))
        else:
            length, at = _varint(data, at) if tag & 7 == 2 else (_FIXED[tag & 7], at)
            fields.append((tag >> 3, data[at : at + length]))
            at += length
    return fields


_FIXED = {1: 8, 5: 4}
"""Bytes of the wire types of fixed length."""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
