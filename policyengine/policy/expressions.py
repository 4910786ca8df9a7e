"""CEL expressions, the bodies of ``assert``: compiled once, judged by Kleene's logic.

Every field of the policy's target is a variable of the expression, and ``params`` holds the policy's parameters. A
field that is absent is null, an absent list or map is empty, and so is an absent object: ``has(image.tag)`` asks for
a key, and a key that is not there is an error of the evaluation. A field of which anything is unknown is left out of
the evaluation: ``&&``, ``||``, ``exists`` and ``all`` absorb it where the rest decides, otherwise the verdict is
unknown; so no completion of what is unknown can contradict a pass or a fail. Of an object only the keys that the
expression names count, so that ``image.tag`` does not wait for ``image.digest``.

Policies are not trusted: see :mod:`policyengine.policy.cel.cost` for what keeps them from stalling a run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policyengine.errors import EvaluationError, ExpressionError
from policyengine.model.types import Field, Type
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.policy.cel import cost as costs
from policyengine.policy.cel.errors import evaluation_error, is_unbound
from policyengine.policy.cel.program import Program, program
from policyengine.policy.cel.types import PARAMETERS, UnknownValueError, bound, merged_fields, variable
from policyengine.policy.verdict import FAIL, PASS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.model.paths import FieldPath
    from policyengine.model.types import Kind


@dataclass(frozen=True, slots=True)
class _Variable:
    """A variable to be bound: the field's name and type, and the keys that are read of it (None: all)."""

    name: str
    field: str
    type: Type
    keys: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. ``roots`` are the model's fields that it reads."""

    source: str
    roots: frozenset[str]
    _variables: tuple[_Variable, ...] = field(repr=False, compare=False)
    _constants: Mapping[str, object] = field(repr=False, compare=False)
    _program: Program = field(repr=False, compare=False)
    _is_plain: bool = field(repr=False, compare=False)
    _verdicts: dict[tuple[object, ...], int] = field(default_factory=dict, repr=False, compare=False)

    def verdict(self, facts: Mapping[str, object]) -> int:
        """FAIL, UNKNOWN or PASS. Raises :class:`EvaluationError`, which never holds a value of the facts."""
        key = tuple([facts.get(var.field) for var in self._variables]) if self._is_plain else None
        known = None if key is None else self._verdicts.get(key)
        if known is not None:
            return known
        found = self._judged(facts)
        if key is not None and len(self._verdicts) < _REMEMBERED and not any(map(_is_long, key)):
            self._verdicts[key] = found
        return found

    def _judged(self, facts: Mapping[str, object]) -> int:
        values, unbound = self._bind(facts)
        self._check_work(values)
        program = self._program
        try:
            result = program.run.eval(data=values)
        except RuntimeError as error:
            raise evaluation_error(str(error), program.words) from None
        kind = result.type()
        if kind == program.boolean:
            return PASS if result.value() else FAIL
        # of a null result the library's value() must not be asked: it drops a reference to None too many
        text = result.value() if kind.name() == "ERROR" else ""
        if is_unbound(text, unbound):
            return UNKNOWN
        if text:
            raise evaluation_error(text, program.words)
        raise EvaluationError("the expression gives no boolean", hint="an absent field is null")

    def unknowns(self, facts: Mapping[str, object]) -> Iterator[tuple[FieldPath, Unknown]]:
        """The unknown values that the expression would have to know, with their paths, in the model's order."""
        for var in self._variables:
            yield from _unknowns(facts.get(var.field), (var.field,), var.keys)

    def _bind(self, facts: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
        values = dict(self._constants)
        unbound = []
        for var in self._variables:
            try:
                values[var.name] = bound(facts.get(var.field), var.type, var.field, var.keys)
            except UnknownValueError:
                unbound.append(var.name)
        return values, unbound

    def _check_work(self, values: Mapping[str, object]) -> None:
        if sum(costs.weigh(values.get(var.name)) for var in self._variables) <= self._program.safe:
            return
        sizes = {name: costs.measure(value) for name, value in values.items()}
        if costs.cost(self._program.tree, sizes, self._program.programs) > costs.LIMIT:
            raise EvaluationError("the expression needs too much work or memory on values of this size")


_REMEMBERED = 4096
_SHORT = 512


def _is_long(value: object) -> bool:
    return isinstance(value, str) and len(value) > _SHORT


def compile_expression(
    source: str, kinds: Sequence[Kind], parameters: Mapping[str, tuple[Type, object]] | None = None
) -> Expression:
    """Compile an expression for resources of the given kinds; it may read any field that one of them has.

    ``parameters`` are the policy's parameters, their types and values. Raises :class:`ExpressionError` with line and
    column within ``source`` for anything wrong, unknown names and wrong types included.
    """
    fields, conflicts = merged_fields(kinds)
    types = {variable(name): type_ for name, type_ in fields.items()}
    types[PARAMETERS] = _parameters_type(parameters or {})
    constants = _constants(parameters or {}, types[PARAMETERS])
    compiled, reads = program(source, types, conflicts, constants)
    own = {variable(name): name for name in fields}
    variables = tuple(
        _Variable(name, own[name], types[name], None if keys is None else frozenset(keys))
        for name, keys in sorted(reads.keys.items())
        if name in own
    )
    roots = frozenset(var.field for var in variables)
    # Texts and switches come again and again: images, names.
    is_plain = all(var.type.name in ("string", "boolean") for var in variables)
    return Expression(source, roots, variables, constants if PARAMETERS in reads.keys else {}, compiled, is_plain)


def _parameters_type(parameters: Mapping[str, tuple[Type, object]]) -> Type:
    return Type("object", fields={name: Field(type_, "a parameter") for name, (type_, _) in parameters.items()})


def _constants(parameters: Mapping[str, tuple[Type, object]], type_: Type) -> dict[str, object]:
    values = {name: value for name, (_, value) in parameters.items()}
    try:
        return {PARAMETERS: bound(values, type_, PARAMETERS)}
    except EvaluationError as error:
        raise ExpressionError(error.message, line=1, column=1) from None


def _unknowns(value: object, path: FieldPath, keys: frozenset[str] | None) -> Iterator[tuple[FieldPath, Unknown]]:
    if isinstance(value, Unknown):
        yield path, value
    elif isinstance(value, OpenList | OpenMap):
        yield path, value.unknown
    elif isinstance(value, dict):
        for key, item in value.items():
            if keys is None or key in keys:
                yield from _unknowns(item, (*path, key), None)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _unknowns(item, (*path, index), None)
