"""The CEL library's errors in the words of policies.

What the library says while it evaluates may hold values of the resource, secrets among them: of those texts only the
category is told, with names that stand in the expression itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.errors import EvaluationError, ExpressionError, did_you_mean
from policyengine.policy.cel.types import RESERVED, variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FUNCTIONS = (
    *("size", "contains", "startsWith", "endsWith", "matches", "has", "all", "exists", "exists_one", "map", "filter"),
    *("int", "uint", "double", "string", "bool", "bytes", "timestamp", "duration", "type"),
    *("getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes", "getSeconds"),
)
"""What an expression can call, for suggestions."""

_TOO_DEEP = "the expression is nested too deeply"
_WHERE = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'").match
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '(.*)'").match
_KEY = re.compile(r'NOT_FOUND: Key not found in map : "(.*)"$', re.DOTALL).match
_UNMATCHED = re.compile(r"UNKNOWN: No matching overloads found : (?:\(([^)]*)\)\.)?([^\s(]+)(?:\(([^)]*)\))?$").match
_UNBOUND = re.compile(r'UNKNOWN: No value with name "([^"]*)" found in Activation').match


def compile_error(
    text: str, source: str, names: Iterable[str], conflicts: Mapping[str, tuple[str, str]]
) -> ExpressionError:
    """The error of an expression that does not compile; ``names`` are the fields it may read."""
    found = _WHERE.search(text)
    if found is None or int(found[1]) < 1:
        # what the library cannot read back was nested more deeply than protobuf messages may be
        deep = "recursion" in text or "Cannot parse serialized" in text
        return ExpressionError(_TOO_DEEP if deep else "the expression cannot be compiled", hint="write it simpler")
    line, column, message = int(found[1]), int(found[2]), found[3].removesuffix(" [INVALID_ARGUMENT]")
    if undeclared := _UNDECLARED(message):
        return _undeclared(undeclared[1], source, (line, column), [*names], conflicts)
    if overload := _OVERLOAD(message):
        hint = "numbers are written with a point: 1.0" if {"double", "int"} <= set(_words(overload[2])) else None
        return ExpressionError(_inapplicable(overload[1], overload[2]), line=line, column=column, hint=hint)
    return ExpressionError(*_plain(message), line=line, column=column)


def _undeclared(
    qualified: str, source: str, at: tuple[int, int], names: list[str], conflicts: Mapping[str, tuple[str, str]]
) -> ExpressionError:
    name = qualified.partition(".")[0]
    line, column = at
    text = source.splitlines()[line - 1]
    called = text[column - 1 : column] == "("
    if called or qualified != name:
        # the library points at the parenthesis of a call and at the last dot of a.b.c; what is unknown is a
        column = max(text.rfind(name, 0, column) + 1, 1)
    if name in conflicts:
        one, other = conflicts[name]
        return ExpressionError(f'"{name}" has different types in {one} and {other}', line=line, column=column)
    hint = did_you_mean(name, FUNCTIONS if called else [*names, *FUNCTIONS])
    what = "function" if called else "field"
    return ExpressionError(f'unknown {what} "{name}"', line=line, column=column, hint=hint)


def _plain(message: str) -> tuple[str]:
    """An error of syntax, without the library's list of all tokens that might have stood there."""
    text = message.removeprefix("Syntax error: ").partition(", expecting")[0].partition(" expecting {")[0]
    if text.startswith("reserved identifier: "):
        word = text.removeprefix("reserved identifier: ")
        return (f'"{word}" is a reserved word of CEL: write {variable(word)}' if word in RESERVED else text,)
    return (text.replace("mismatched input", "unexpected").replace("'<EOF>'", "end of the expression"),)


def is_unbound(text: str, unbound: Iterable[str]) -> bool:
    """Whether evaluation came to nothing for want of one of the variables that were left unbound."""
    found = _UNBOUND(text)
    return found is not None and found[1] in unbound


def evaluation_error(text: str, words: frozenset[str]) -> EvaluationError:
    """The error of an evaluation; ``words`` are the names and literals of the expression, which may be shown."""
    if "Iteration budget exceeded" in text:
        return EvaluationError("the expression needs more than 10,000 steps")
    if text.startswith("NOT_FOUND: Key not found"):
        key = _KEY(text)
        name = f'key "{key[1]}"' if key and key[1] in words else "key that is asked for"
        return EvaluationError(f"there is no {name}", hint="ask has(...) first")
    if unmatched := _UNMATCHED(text):
        return _unmatched(unmatched[2], ", ".join(part for part in (unmatched[1], unmatched[3]) if part))
    for part, message in _CATEGORIES:
        if part in text:
            return EvaluationError(message)
    return EvaluationError("the expression cannot be evaluated on these values")


def _unmatched(function: str, types: str) -> EvaluationError:
    """An operation without a meaning for its operands, of which the library tells types only, and not always."""
    hint = "an absent field is null: compare it with null first" if "null" in types or not types else None
    return EvaluationError(_inapplicable(function, types or "what is no boolean"), hint=hint)


_CATEGORIES = (
    ("Index error", "a list has no item of the index that is asked for"),
    ("divide by zero", "division by zero"),
    ("modulus by zero", "division by zero"),
    ("overflow", "a number is out of range"),
    ("out of", "a number is out of range"),
    ("onver", "a text or number cannot be converted"),
    ("duplicate key", "a key stands twice in a map"),
)
"""Texts of the library's errors, and what is said of them."""

_TYPES = {
    "int": "integer",
    "int64": "integer",
    "uint64": "uint",
    "double": "number",
    "bool": "boolean",
    "null_type": "null",
    "dyn": "any",
}


def _words(types: str) -> list[str]:
    return re.findall(r"\w+", types)


def _inapplicable(function: str, types: str) -> str:
    operator = {"<jump_condition>": "? :"}.get(function, function.strip("_@").replace("_", " "))
    spoken = re.sub(r"wrapper\((\w+)\)", r"\1", types.removeprefix("(").removesuffix(")"))
    spoken = re.sub(r"\w+", lambda word: _TYPES.get(word[0], word[0]), spoken.replace("map(string, dyn)", "object"))
    return f"{operator} cannot be applied to {spoken}"
