"""What CEL's own type checker cannot see: the keys of the model's objects, which are maps to it.

:func:`check` follows the model's types through an expression. It finds misspelt keys, comparisons that could never
hold (CEL compares values of different types as unequal: a typo would pass silently), regular expressions that do not
compile, and it collects what the expression reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from policyengine.errors import did_you_mean
from policyengine.model.types import BOOLEAN, INTEGER, NUMBER, STRING, Type, list_of, map_of
from policyengine.policy.cel.syntax import Call, Constant, Fold, ListOf, MapOf, Name, Select
from policyengine.policy.cel.types import PARAMETERS
from policyengine.policy.vocabulary import compiled_regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.policy.cel.syntax import Node


class KeyIssueError(Exception):
    """Something wrong at a place of the expression; ``word`` is to be looked for from ``offset`` on."""

    def __init__(self, message: str, offset: int, hint: str | None = None, word: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.hint = hint
        self.word = word


class Inferred(Struct, frozen=True):
    """What is known of a part's value: its type, None when unknown; and all values it can take, if constant."""

    type: Type | None = None
    values: tuple[object, ...] | None = None


class Reads(Struct):
    """What an expression reads: variables, with the keys it asks of each (None: the whole), and patterns."""

    keys: dict[str, set[str] | None] = field(default_factory=dict)
    programs: dict[int, int] = field(default_factory=dict)
    """The size of the compiled regular expression of each call of ``matches``, by the call's offset."""

    def key(self, name: str, key: str | None) -> None:
        """Note that a key of a variable, or the whole of it, is read."""
        seen = self.keys.setdefault(name, set())
        if key is None:
            self.keys[name] = None
        elif seen is not None:
            seen.add(key)


Scope = dict[str, Inferred]


def check(node: Node, variables: Mapping[str, Type], parameters: Mapping[str, object]) -> tuple[Type | None, Reads]:
    """Check an expression and say its type and what it reads. Raises :class:`KeyIssueError`."""
    checker = _Checker(variables, parameters)
    return checker.infer(node, {}).type, checker.reads


class _Checker:
    def __init__(self, variables: Mapping[str, Type], parameters: Mapping[str, object]) -> None:
        self._variables = variables
        self._parameters = parameters
        self.reads = Reads()

    def infer(self, node: Node, scope: Scope) -> Inferred:
        match node:
            case Constant():
                return Inferred(_type_of(node.value), (node.value,))
            case Name():
                return self._name(node, scope, None)
            case Select():
                return self._select(node, scope)
            case Call():
                return self._call(node, scope)
            case Fold():
                return self._fold(node, scope)
            case ListOf():
                return self._list(node, scope)
            case MapOf():
                return self._map(node, scope)
        raise AssertionError(node)

    def _name(self, node: Name, scope: Scope, key: str | None) -> Inferred:
        if node.name in scope:
            return scope[node.name]
        self.reads.key(node.name, key)
        type_ = self._variables.get(node.name)
        if type_ and type_.name not in ("list", "map", "object"):
            type_ = replace(type_, nullable=True)  # null where the field is absent
        return Inferred(type_, (self._parameters,) if node.name == PARAMETERS else None)

    def _list(self, node: ListOf, scope: Scope) -> Inferred:
        items = [self.infer(item, scope) for item in node.items]
        values = [value for item in items for value in item.values or ()]
        known = all(item.values is not None for item in items)
        one = _common(items, node)
        return Inferred(list_of(one) if one else None, (values,) if known else None)

    def _map(self, node: MapOf, scope: Scope) -> Inferred:
        if node.message:
            raise KeyIssueError(f"messages such as {node.message} cannot be made", node.offset)
        parts = [self.infer(part, scope) for part in node.parts]
        one = _common(parts[1::2], node)
        return Inferred(map_of(one) if one else None)

    def _select(self, node: Select, scope: Scope) -> Inferred:
        base = self._base(node.operand, node.field, scope)
        found = self._key(base, node.field, node.offset, node.field)
        return Inferred(BOOLEAN) if node.test else found

    def _base(self, operand: Node, key: str, scope: Scope) -> Inferred:
        if isinstance(operand, Name):
            type_ = self._variables.get(operand.name)
            return self._name(operand, scope, key if type_ and type_.name == "object" else None)
        return self.infer(operand, scope)

    def _key(self, base: Inferred, key: str, offset: int, word: str) -> Inferred:
        """The value at a constant key, which an object must have."""
        type_ = base.type
        if type_ is None:
            return Inferred()
        if type_.name == "map":
            return Inferred(type_.items, _below(base.values, key))
        if type_.name != "object":
            raise KeyIssueError(f"{_spoken(type_)} has no keys", offset)
        if key not in type_.fields:
            hint = did_you_mean(key, type_.fields) or f"known are {', '.join(sorted(type_.fields)) or 'none'}"
            what = "parameter" if type_ is self._variables.get(PARAMETERS) else "key"
            raise KeyIssueError(f'unknown {what} "{key}"', offset, hint, word)
        return Inferred(type_.fields[key].type, _below(base.values, key))

    def _fold(self, node: Fold, scope: Scope) -> Inferred:
        over = self.infer(node.range, scope)
        if node.variable in self._variables:
            raise KeyIssueError(
                f'the variable "{node.variable}" hides the field of that name', node.offset, "rename it"
            )
        inner = {**scope, node.variable: _each(over), node.accumulator: Inferred()}
        inner[node.accumulator] = self.infer(node.init, inner)
        self.infer(node.condition, inner)
        step = self.infer(node.step, inner)
        return self.infer(node.result, {**inner, node.accumulator: Inferred(step.type)})

    def _call(self, node: Call, scope: Scope) -> Inferred:
        if node.function == "__not_strictly_false__":
            raise KeyIssueError("unknown function __not_strictly_false__", node.offset)
        if node.function == "dyn":
            raise KeyIssueError("dyn() would hide misspelt keys", node.offset - len("dyn"), "leave it out")
        if node.function == "_[_]":
            return self._index(node, scope)
        args = [self.infer(arg, scope) for arg in node.args]
        if node.function in _EQUALITIES:
            _check_equality(node, args)
        elif node.function in _ORDERINGS:
            _check_comparable(node, args[0].type, args[1].type)
        elif node.function in ("@in", "in", "_in_"):
            self._check_in(node, args)
        elif node.function in _LOGICAL:
            _check_each(node, args[:1] if node.function == "_?_:_" else args, "boolean")
        elif node.function in _OF_STRINGS:
            _check_each(node, args, "string")
        if node.function == "matches":
            self._pattern(node, args[1])
        return Inferred(_result(node, args))

    def _index(self, node: Call, scope: Scope) -> Inferred:
        whole, index = node.args
        if isinstance(index, Constant) and isinstance(index.value, str):
            key = index.value
            return self._key(self._base(whole, key, scope), key, node.offset, key)
        base, keys = self.infer(whole, scope), self.infer(index, scope)
        if base.type is not None and base.type.name == "object":
            return Inferred(_common(self._keys(base, keys, index), node))
        return Inferred(base.type.items if base.type else None)

    def _keys(self, base: Inferred, keys: Inferred, part: Node) -> list[Inferred]:
        """The values at the keys that an expression stands for, which an object must all have."""
        if keys.values is None:
            raise KeyIssueError("the key of an object is not constant", part.offset, "write it as a literal")
        literal = isinstance(part, Constant)
        return [self._key(base, str(key), part.offset, str(key) if literal else "") for key in keys.values]

    def _check_in(self, node: Call, args: list[Inferred]) -> None:
        item, whole = args[0], args[1].type
        if whole is None:
            return
        if whole.name in ("map", "object"):
            _check_comparable(node, item.type, STRING)
        elif whole.items:
            _check_comparable(node, item.type, whole.items)
            _check_values(whole.items, node.args[0])
            _check_values(item.type, node.args[1])
        if whole.name == "object":
            self._keys(args[1], item, node.args[0])

    def _pattern(self, node: Call, pattern: Inferred) -> None:
        """Regular expressions are compiled now, so that a wrong one is an error of the policy, not of a resource."""
        if pattern.values is None:
            hint = "write the pattern as a literal or a parameter"
            raise KeyIssueError("the pattern of matches() is not constant", node.args[1].offset, hint)
        for value in pattern.values:
            try:
                size = compiled_regex(str(value)).programsize
            except ValueError as error:
                raise KeyIssueError(f"bad regular expression: {error}", node.args[1].offset) from None
            self.reads.programs[node.offset] = max(size, self.reads.programs.get(node.offset, 0))


_EQUALITIES = ("_==_", "_!=_")
_ORDERINGS = ("_<_", "_<=_", "_>_", "_>=_")
_LOGICAL = ("_&&_", "_||_", "!_", "_?_:_")
_OF_STRINGS = ("contains", "startsWith", "endsWith", "matches")
_NUMERIC = ("integer", "number")
_SCALAR = ("boolean", "string", *_NUMERIC)

_RESULTS = {
    **dict.fromkeys(
        (*_EQUALITIES, *_ORDERINGS, "_&&_", "_||_", "!_", *_OF_STRINGS, "@in", "in", "_in_", "@not_strictly_false"),
        BOOLEAN,
    ),
    "size": INTEGER,
    "int": INTEGER,
    "double": NUMBER,
    "string": STRING,
}


def _result(node: Call, args: list[Inferred]) -> Type | None:
    if node.function == "_+_":
        sum_ = _common(args, node)
        return _open(sum_) if sum_ and sum_.name == "string" else sum_
    if node.function == "_?_:_":
        return _common(args[1:], node)
    return _RESULTS.get(node.function)


def _common(found: list[Inferred], node: Node) -> Type | None:
    """The type of what is one of several, None when that of none is known.

    Among values of other types an object would hide its keys, so they must not be mixed.
    """
    types = [one.type for one in found if one.type is not None]
    if not types:
        return None
    first = types[0]
    for other in types[1:]:
        if not _alike(first, other):
            message = f"{_spoken(first)} cannot stand beside {_spoken(other)}"
            raise KeyIssueError(message, node.offset, "only what has the same keys can be mixed")
    return first if all(one == first for one in types) else _open(first)


def _alike(one: Type, other: Type) -> bool:
    if one.name in _SCALAR and other.name in _SCALAR:
        return True
    if one.items and other.items:
        return one.name == other.name and _alike(one.items, other.items)
    return one.name == other.name and one.fields == other.fields


def _open(type_: Type) -> Type:
    """A type without its closed vocabulary."""
    return replace(type_, values=(), items=_open(type_.items) if type_.items else None)


def _type_of(value: object) -> Type | None:
    for python, type_ in ((bool, BOOLEAN), (int, INTEGER), (float, NUMBER), (str, STRING)):
        if isinstance(value, python):
            return type_
    return None


def _each(over: Inferred) -> Inferred:
    """What a loop's variable is: an item of a list, a key of a map or an object."""
    type_ = over.type
    if type_ is None:
        return Inferred(None, _items(over.values))
    if type_.name == "list":
        return Inferred(type_.items, _items(over.values))
    return Inferred(STRING if type_.name in ("map", "object") else None)


def _items(values: tuple[object, ...] | None) -> tuple[object, ...] | None:
    if values is None or not all(isinstance(value, list | tuple) for value in values):
        return None
    return tuple(item for value in values if isinstance(value, list | tuple) for item in value)


def _below(values: tuple[object, ...] | None, key: str) -> tuple[object, ...] | None:
    if values is None or not all(isinstance(value, dict) for value in values):
        return None
    return tuple(value[key] for value in values if isinstance(value, dict) and key in value)


def _check_equality(node: Call, args: list[Inferred]) -> None:
    for arg, other in ((args[0], node.args[1]), (args[1], node.args[0])):
        null = isinstance(other, Constant) and other.value is None
        if null and arg.type is not None and not arg.type.nullable:
            raise KeyIssueError(f"{_spoken(arg.type)} is never null here", node.offset, "ask has(...) of a key")
        if arg.type is not None:
            _check_values(arg.type.items or arg.type, other)
    _check_comparable(node, args[0].type, args[1].type)


def _check_values(type_: Type | None, part: Node) -> None:
    """A text that a field never has is a typo: the comparison would never hold."""
    for literal in part.items if isinstance(part, ListOf) else (part,):
        text = literal.value if isinstance(literal, Constant) else None
        if type_ is not None and type_.values and isinstance(text, str) and text not in type_.values:
            hint = did_you_mean(text, type_.values) or f"one of {', '.join(type_.values)}"
            raise KeyIssueError(f'"{text[:60]}" is no value of the field', literal.offset, hint)


def _check_comparable(node: Call, one: Type | None, other: Type | None) -> None:
    if one is None or other is None or _comparable(one, other):
        return
    message = f"{_spoken(one)} is never comparable with {_spoken(other)}"
    raise KeyIssueError(message, node.offset, "a constant is written in the field's type")


def _comparable(one: Type, other: Type) -> bool:
    if one.items and other.items:
        return one.name == other.name and _comparable(one.items, other.items)
    both = {one.name, other.name}
    return len(both) == 1 or both == set(_NUMERIC)


def _check_each(node: Call, args: list[Inferred], name: str) -> None:
    for arg, part in zip(args, node.args, strict=False):
        if arg.type is not None and arg.type.name != name:
            word = part.field if isinstance(part, Select) else ""
            raise KeyIssueError(f"{_spoken(arg.type)} stands where a {name} is needed", part.offset, word=word)


def _spoken(type_: Type) -> str:
    text = str(replace(type_, nullable=False))
    return f"an {text}" if text[0] in "aeio" else f"a {text}"
