"""The tree of an expression, decoded from what the library really writes."""

from __future__ import annotations

import pytest
from cel_expr_python import cel

from policyengine.policy.cel.syntax import Call, Constant, Fold, ListOf, MapOf, Name, Node, Select, decode, walk

TYPES = {"s": cel.Type.STRING, "l": cel.Type.List(cel.Type.INT), "m": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)}


def tree(source: str) -> Node:
    return decode(cel.NewEnv(variables=TYPES).compile(source).serialize())


@pytest.mark.parametrize(
    ("source", "node"),
    [
        ("null", Constant(0, None)),
        ("false", Constant(0, False)),
        ("true", Constant(0, True)),
        ("0", Constant(0, 0)),
        ("-9223372036854775808", Constant(0, -(2**63))),
        ("300", Constant(0, 300)),
        ("18446744073709551615u", Constant(0, 2**64 - 1)),
        ("-2.5", Constant(0, -2.5)),
        ("'é\\n'", Constant(0, "é\n")),
        ("''", Constant(0, "")),
        ("b'\\xff'", Constant(0, b"\xff")),
        ("m.a", Select(1, Name(0, "m"), "a", False)),
        ("has(m.a)", Select(3, Name(4, "m"), "a", True)),
        ("s == 'ü'", Call(2, "_==_", (Name(0, "s"), Constant(5, "ü")))),
        ("'ü' == s", Call(4, "_==_", (Constant(0, "ü"), Name(7, "s")))),
        ("s\n .size()", Call(8, "size", (Name(0, "s"),))),
        ("[1, s]", ListOf(0, (Constant(1, 1), Name(4, "s")))),
        ("{'a': s}", MapOf(0, "", (Constant(1, "a"), Name(6, "s")))),
    ],
)
def test_nodes(source: str, node: Node) -> None:
    assert tree(source) == node


def test_a_loop() -> None:
    fold = tree("l.exists(x, x == 2)")
    assert isinstance(fold, Fold)
    assert (fold.variable, fold.range, fold.init) == ("x", Name(0, "l"), Constant(fold.init.offset, False))
    assert Call(14, "_==_", (Name(12, "x"), Constant(17, 2))) in walk(fold.step)
    assert fold.result == Name(fold.result.offset, fold.accumulator)


def test_walk_finds_every_part() -> None:
    names = {
        node.name for node in walk(tree("[m.a, {'k': l}, s.size() > 0].all(x, has(m.b))")) if isinstance(node, Name)
    }
    assert names == {"m", "l", "s", "@result"}
