"""From an expression's text to the program that the CEL library runs, with all that can be checked beforehand."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.errors import ExpressionError
from policyengine.policy.cel import cost as costs
from policyengine.policy.cel.errors import compile_error
from policyengine.policy.cel.keys import KeyIssueError, Reads, check
from policyengine.policy.cel.syntax import Constant, Name, Node, Select, decode, walk
from policyengine.policy.cel.types import PARAMETERS, Shape, cel_type, shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.types import Type

MAX_LENGTH = 8192
"""The most characters of an expression. The library refuses nesting of more than 32 levels itself."""


class Program(Struct, frozen=True):
    """What evaluation needs.

    ``run`` is the library's expression and ``boolean`` its boolean type; ``words`` are the names and literals of the
    expression; ``programs`` and ``safe`` are what bounds the work (:mod:`policyengine.policy.cel.cost`).
    """

    run: Any
    boolean: Any
    tree: Node
    words: frozenset[str]
    programs: Mapping[int, int]
    safe: float


def program(
    source: str, types: Mapping[str, Type], conflicts: Mapping[str, tuple[str, str]], constants: Mapping[str, object]
) -> tuple[Program, Reads]:
    """Check and compile an expression over variables of the given types, and say what it reads.

    ``constants`` are the variables with a fixed value: the parameters. Raises :class:`ExpressionError`.
    """
    from cel_expr_python import cel

    _check_text(source)
    run, serialized = _compiled(source, types, conflicts)
    tree = decode(serialized)
    type_, reads = _checked(source, tree, types, constants)
    _check_result(run.return_type().name(), type_)
    safe = _safe_weight(tree, reads, constants)
    return Program(run, cel.Type.BOOL, tree, frozenset(_words(tree)), reads.programs, safe), reads


def _check_text(source: str) -> None:
    if len(source) > MAX_LENGTH:
        message = f"the expression has {len(source):,} characters, more than {MAX_LENGTH:,}"
        raise ExpressionError(message, line=1, column=1, hint="split it into several assertions")
    for offset, char in enumerate(source):
        if char == "\0" or "\ud800" <= char <= "\udfff":
            raise _at(source, offset, "the expression holds a character that no text may hold")


def _compiled(source: str, types: Mapping[str, Type], conflicts: Mapping[str, tuple[str, str]]) -> tuple[Any, bytes]:
    """The library's expression, checked against the types, and its serialised form."""
    shapes = tuple((name, shape(type_)) for name, type_ in types.items())
    try:
        serialized: bytes = _environment(shapes).compile(source).serialize()
        return _runtime().deserialize(serialized), serialized
    except RuntimeError as error:
        raise compile_error(str(error), source, types, conflicts) from None


def _checked(
    source: str, tree: Node, types: Mapping[str, Type], constants: Mapping[str, object]
) -> tuple[Type | None, Reads]:
    parameters = constants[PARAMETERS]
    try:
        return check(tree, types, parameters if isinstance(parameters, dict) else {})
    except KeyIssueError as issue:
        offset = max(source.find(issue.word, issue.offset), issue.offset)
        raise _at(source, offset, issue.message, issue.hint) from None


def _check_result(returned: str, type_: Type | None) -> None:
    if returned != "BOOL" and not (returned == "DYN" and type_ and type_.name == "boolean"):
        message, hint = "the expression gives no boolean", "compare its value with another"
        raise ExpressionError(message, line=1, column=1, hint=hint)


def _safe_weight(tree: Node, reads: Reads, constants: Mapping[str, object]) -> float:
    known = {name: costs.measure(value) for name, value in constants.items()}
    safe = costs.safe_weight(tree, {name: known.get(name) for name in reads.keys}, reads.programs)
    if not safe:
        raise ExpressionError("the expression needs too much work", line=1, column=1, hint="write it simpler")
    return safe


def _words(tree: Node) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, Select):
            yield node.field
        elif isinstance(node, Name):
            yield node.name
        elif isinstance(node, Constant) and isinstance(node.value, str):
            yield node.value


def _at(source: str, offset: int, message: str, hint: str | None = None) -> ExpressionError:
    before = source[: max(offset, 0)]
    line = before.count("\n") + 1
    return ExpressionError(message, line=line, column=len(before) - (before.rfind("\n") + 1) + 1, hint=hint)


@lru_cache(maxsize=64)
def _environment(shapes: tuple[tuple[str, Shape], ...]) -> Any:
    """Where expressions are checked: every variable has its type."""
    from cel_expr_python import cel

    return cel.NewEnv(variables={name: cel_type(of) for name, of in shapes})


@cache
def _runtime() -> Any:
    """Where expressions are evaluated. It declares no variable: the library would not bind null to one with a type."""
    from cel_expr_python import cel

    return cel.NewEnv()
