"""Cerberus schemas as closures: the inner loop of the engine.

:func:`compile_schema` gives for each field a :class:`Compiled` with two functions: ``verdict`` is fast and says only
pass, fail or unknown; ``failures`` is asked when the verdict is not a pass, and says which value of which rule.
Their meaning is that of ``cerberus.Validator(schema, allow_unknown=True)``, which a test compares on random schemas,
extended by Kleene's logic to unknown values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.errors import ValueTypeError
from policyengine.model.types import STRING, Type
from policyengine.model.unknown import OpenList, OpenMap, Unknown
from policyengine.policy.predicates import KEYED_RULES, RULES
from policyengine.policy.verdict import FAIL, PASS, UNKNOWN
from policyengine.policy.vocabulary import LOGICAL, SIMPLE, Verdict, all_of, named_rule, unknown_sibling

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.model.paths import FieldPath

MISSING: Any = object()
"""Stands for a field that an object does not have."""


class Failure(Struct, frozen=True):
    """A value that keeps a rule from holding: FAIL or UNKNOWN, where, and by which rule."""

    path: FieldPath
    verdict: int
    rule: str
    value: object


Failures = Callable[[Any, Any, "FieldPath"], Iterator[Failure]]


class Compiled(Struct, frozen=True):
    """A rules set for one value: its verdict, and what keeps it from a pass."""

    verdict: Verdict
    failures: Failures


class _Rule(Struct, frozen=True):
    name: str
    verdict: Verdict
    failures: Failures | None = None


def compile_schema(schema: Mapping[str, Mapping[str, object]], type_: Type) -> Compiled:
    """Compile rules for the fields of an object or the keys of a map of the given type."""
    fields = [_field(name, rules, type_) for name, rules in schema.items()]
    waivers = _waivers(schema)
    return Compiled(_object_verdict(fields, waivers), _object_failures(fields, waivers))


def compile_rules(rules: Mapping[str, object], type_: Type) -> Compiled:
    """Compile the rules for one value of the given type."""
    compiled = list(_rules(rules, type_))
    nullable = bool(rules.get("nullable", False))
    siblings = [rule for rule in compiled if rule.name in _ABOUT_SIBLINGS]
    null = all_of([rule.verdict for rule in siblings]) if nullable else _fails
    return Compiled(_value_verdict(type_, null, compiled), _value_failures(type_, null, compiled))


_HELD_WHEN_EMPTY = frozenset(
    ("allowed", "forbidden", "items", "minlength", "maxlength", "regex", "check_with", *RULES, *KEYED_RULES)
)
"""Rules that Cerberus leaves out for an empty value when the rule ``empty`` is there."""

_ABOUT_SIBLINGS = frozenset(("dependencies", "excludes"))
"""Rules that Cerberus asks even when the value is null, for they look elsewhere."""

_ABOUT_ITEMS = frozenset(("allowed", "forbidden", "contains", *RULES))
"""Rules on a list that speak of its items."""

_SILENT = frozenset(("required", "nullable", "type", "empty", "meta"))


def _rules(rules: Mapping[str, object], type_: Type) -> Iterator[_Rule]:
    empty = rules.get("empty")
    if empty is False:
        yield _Rule("empty", lambda value, _around: PASS if len(value) else FAIL)
    for name, argument in rules.items():
        if name in _SILENT:
            continue
        rule = _rule(name, argument, type_)
        yield _unless_empty(rule) if empty is not None and name in _HELD_WHEN_EMPTY else rule


def _unless_empty(rule: _Rule) -> _Rule:
    verdict, failures = rule.verdict, rule.failures
    return _Rule(
        rule.name,
        lambda value, around: verdict(value, around) if len(value) else PASS,
        None if failures is None else lambda value, around, path: failures(value, around, path) if value else iter(()),
    )


def _rule(name: str, argument: Any, type_: Type) -> _Rule:
    if name in SIMPLE or name in RULES or name in KEYED_RULES:
        verdict = SIMPLE[name](argument) if name in SIMPLE else named_rule(name, argument)
        if name in _ABOUT_SIBLINGS:
            return _Rule(name, verdict, _sibling_failures(name, argument, verdict))
        if type_.name != "list" or name not in _ABOUT_ITEMS:
            return _Rule(name, verdict)
        return _Rule(name, _typed_items(verdict, type_), None if name == "contains" else _item_failures(name, verdict))
    if name in LOGICAL:
        return _logical(name, [compile_rules(definition, type_) for definition in argument])
    return _nested(name, argument, type_)


def _typed_items(verdict: Verdict, type_: Type) -> Verdict:
    """A rule on a list whose items must be of the model's type."""
    items = type_.items
    assert items is not None  # noqa: S101 - loading checked that the rule fits the type
    has_type = _TYPE_CHECKS[items.name]

    def typed(value: Any, around: Any) -> int:
        for item in value:
            if not has_type(item) and item is not None and item.__class__ is not Unknown:
                raise _mistyped(item, items)
        return verdict(value, around)

    return typed


def _logical(name: str, definitions: Sequence[Compiled]) -> _Rule:
    verdict = LOGICAL[name]([definition.verdict for definition in definitions])
    if name != "allof":
        return _Rule(name, verdict)

    def failures(value: Any, around: Any, path: FieldPath) -> Iterator[Failure]:
        for definition in definitions:
            yield from definition.failures(value, around, path)

    return _Rule(name, verdict, failures)


def _nested(name: str, argument: Any, type_: Type) -> _Rule:
    if name == "schema" and type_.name != "list":
        compiled = compile_schema(argument, type_)
        return _Rule(name, compiled.verdict, compiled.failures)
    items = type_.items
    assert items is not None  # noqa: S101 - loading checked that the rule fits the type
    if name == "items":
        return _items([compile_rules(rules, items) for rules in argument])
    if name == "keysrules":
        return _keys(compile_rules(argument, STRING))
    compiled = compile_rules(argument, items)
    return _each_value(name, compiled) if name == "valuesrules" else _each_item(name, compiled)


def _each_item(name: str, compiled: Compiled) -> _Rule:
    check = compiled.verdict

    def verdict(value: Any, _around: Any) -> int:
        return min([check(item, value) for item in value], default=PASS)

    def failures(value: Any, _around: Any, path: FieldPath) -> Iterator[Failure]:
        for index, item in enumerate(value):
            yield from compiled.failures(item, value, (*path, index))

    return _Rule(name, verdict, failures)


def _each_value(name: str, compiled: Compiled) -> _Rule:
    check = compiled.verdict

    def verdict(value: Any, _around: Any) -> int:
        known = min([check(item, key) for key, item in value.items()], default=PASS)
        if value.__class__ is OpenMap and known == PASS:
            return PASS if value.null and check(None, "") == PASS else UNKNOWN
        return known

    def failures(value: Any, _around: Any, path: FieldPath) -> Iterator[Failure]:
        for key, item in value.items():
            yield from compiled.failures(item, key, (*path, key))

    return _Rule(name, verdict, failures)


def _keys(compiled: Compiled) -> _Rule:
    check = compiled.verdict

    def failures(value: Any, _around: Any, path: FieldPath) -> Iterator[Failure]:
        for key in value:
            if check(key, value) != PASS:
                yield Failure((*path, key), FAIL, "keysrules", key)

    return _Rule("keysrules", lambda value, _around: min([check(key, value) for key in value], default=PASS), failures)


def _items(compiled: Sequence[Compiled]) -> _Rule:
    def verdict(value: Any, _around: Any) -> int:
        if len(value) != len(compiled):
            return FAIL
        return min([one.verdict(item, value) for one, item in zip(compiled, value, strict=True)], default=PASS)

    def failures(value: Any, _around: Any, path: FieldPath) -> Iterator[Failure]:
        if len(value) != len(compiled):
            yield Failure(path, FAIL, "items", value)
            return
        for index, (one, item) in enumerate(zip(compiled, value, strict=True)):
            yield from one.failures(item, value, (*path, index))

    return _Rule("items", verdict, failures)


def _item_failures(name: str, verdict: Verdict) -> Failures:
    """The items of a list that a rule on the list rejects, one by one."""

    def failures(value: Any, around: Any, path: FieldPath) -> Iterator[Failure]:
        for index, item in enumerate(value):
            found = verdict([item], around)
            if found != PASS:
                yield Failure((*path, index), found, name, item)

    return failures


def _sibling_failures(name: str, argument: Any, verdict: Verdict) -> Failures:
    """A rule about other fields is unknown for the sake of one of those, not of its own value."""

    def failures(value: Any, around: Any, path: FieldPath) -> Iterator[Failure]:
        found = verdict(value, around)
        yield Failure(path, found, name, unknown_sibling(argument, around) if found == UNKNOWN else value)

    return failures


def _fails(_value: Any, _around: Any) -> int:
    return FAIL


_HELPED = frozenset(("minlength", "contains", "empty"))
"""Rules that more items can only satisfy; any other rule on a list or map they can only violate."""

_HEEDING = frozenset((*LOGICAL, *_ABOUT_SIBLINGS, "valuesrules"))
"""Rules that see for themselves that a list or map is open, or to which that is nothing."""


def _is_open(value: object) -> bool:
    return value.__class__ is OpenList or value.__class__ is OpenMap


def _opened(rule: _Rule) -> Verdict:
    """A rule on a list or map of which only some items are known."""
    name, verdict = rule.name, rule.verdict

    def opened(value: Any, around: Any) -> int:
        if name in _HEEDING or (name == "schema" and value.__class__ is OpenMap):
            return verdict(value, around)
        if not value or name == "items":
            return UNKNOWN
        found = verdict(list(value) if value.__class__ is OpenList else value, around)
        settled = PASS if name in _HELPED else FAIL
        return found if found == settled else UNKNOWN

    return opened


def _value_verdict(type_: Type, null: Verdict, rules: Sequence[_Rule]) -> Verdict:
    has_type = _TYPE_CHECKS[type_.name]
    verdicts = [rule.verdict for rule in rules]
    check = verdicts[0] if len(verdicts) == 1 else all_of(verdicts)
    opened = all_of([_opened(rule) for rule in rules]) if type_.name in ("list", "map") else None

    def verdict(value: Any, around: Any) -> int:
        if not has_type(value):
            if value.__class__ is Unknown:
                return UNKNOWN
            if value is None:
                return null(None, around)
            if opened is not None and _is_open(value):
                return opened(value, around)
            raise _mistyped(value, type_)
        return check(value, around)

    return verdict


def _value_failures(type_: Type, null: Verdict, rules: Sequence[_Rule]) -> Failures:
    def failures(value: Any, around: Any, path: FieldPath) -> Iterator[Failure]:
        if isinstance(value, Unknown):
            yield Failure(path, UNKNOWN, rules[0].name if rules else "required", value)
        elif value is None:
            found = null(None, around)
            if found != PASS:
                yield Failure(path, found, "nullable", None)
        elif _is_open(value):
            for rule in rules:
                yield from _open_failures(rule, value, around, path)
        elif not _TYPE_CHECKS[type_.name](value):
            raise _mistyped(value, type_)
        else:
            for rule in rules:
                yield from _rule_failures(rule, value, around, path)

    return failures


def _rule_failures(rule: _Rule, value: Any, around: Any, path: FieldPath) -> Iterator[Failure]:
    found = rule.verdict(value, around)
    if found == PASS:
        return
    if rule.failures is None:
        yield Failure(path, found, rule.name, value)
    else:
        yield from rule.failures(value, around, path)


def _open_failures(rule: _Rule, value: Any, around: Any, path: FieldPath) -> Iterator[Failure]:
    found = _opened(rule)(value, around)
    if found == UNKNOWN:
        yield Failure(path, UNKNOWN, rule.name, value)
    if found != PASS and rule.failures is not None:
        yield from rule.failures(value, around, path)
    elif found == FAIL:
        yield Failure(path, FAIL, rule.name, value)


class _Field(Struct, frozen=True):
    name: str
    required: bool
    compiled: Compiled


def _field(name: str, rules: Mapping[str, object], type_: Type) -> _Field:
    below = type_.fields[name].type if type_.name == "object" else type_.items
    assert below is not None  # noqa: S101 - loading checked that the path fits the model
    return _Field(name, bool(rules.get("required", False)), compile_rules(rules, below))


def _waivers(schema: Mapping[str, Mapping[str, object]]) -> Mapping[str, Sequence[str]]:
    """For each required field, the required fields whose ``excludes`` names it: being there, they stand in for it."""
    found: dict[str, list[str]] = {}
    for name, rules in schema.items():
        if rules.get("required") and "excludes" in rules:
            excluded = rules["excludes"]
            for other in [excluded] if isinstance(excluded, str) else list(excluded):  # type: ignore[call-overload]
                found.setdefault(other, []).append(name)
    return found


def _alternatives(facts: Any, waivers: Mapping[str, Sequence[str]]) -> int:
    """Whether one of the fields is not null that, as Cerberus has it, are required in place of each other.

    Those are the required fields with ``excludes`` that are there, and the fields they exclude.
    """
    there = {other for others in waivers.values() for other in others if other in facts}
    if not there:
        return PASS
    named = there | {name for name, others in waivers.items() if there.intersection(others)}
    values = [facts.get(name) for name in named]
    if all(value is None for value in values):
        return FAIL
    return PASS if any(value is not None and value.__class__ is not Unknown for value in values) else UNKNOWN


def _missing(name: str, facts: Any, waivers: Mapping[str, Sequence[str]]) -> int:
    """The verdict on a required field that is not there."""
    best = FAIL
    for other in waivers.get(name, ()):
        value = facts.get(other)
        if value.__class__ is Unknown:
            best = UNKNOWN
        elif value is not None:
            return PASS
    return best


def _object_verdict(fields: Sequence[_Field], waivers: Mapping[str, Sequence[str]]) -> Verdict:
    checks = [(field.name, field.required, field.compiled.verdict) for field in fields]

    def verdict(facts: Any, _around: Any) -> int:
        worst = PASS
        for name, required, check in checks:
            value = facts.get(name, MISSING)
            if value is not MISSING:
                found = check(value, facts)
            elif facts.__class__ is OpenMap:
                found = UNKNOWN
            elif required:
                found = _missing(name, facts, waivers)
            else:
                continue
            if found < worst:
                if found == FAIL:
                    return FAIL
                worst = found
        return min(worst, _alternatives(facts, waivers)) if waivers else worst

    return verdict


def _object_failures(fields: Sequence[_Field], waivers: Mapping[str, Sequence[str]]) -> Failures:
    def failures(facts: Any, _around: Any, path: FieldPath) -> Iterator[Failure]:
        for field in fields:
            value = facts.get(field.name, MISSING)
            if value is not MISSING:
                if field.compiled.verdict(value, facts) != PASS:
                    yield from field.compiled.failures(value, facts, (*path, field.name))
            elif facts.__class__ is OpenMap:
                yield Failure((*path, field.name), UNKNOWN, "required", facts)
            elif field.required and (found := _missing(field.name, facts, waivers)) != PASS:
                yield Failure((*path, field.name), found, "required", None)
        if waivers and (found := _alternatives(facts, waivers)) != PASS:
            yield Failure(path, found, "required", None)

    return failures


def _mistyped(value: object, type_: Type) -> ValueTypeError:
    """Says the type only: the value may be a secret."""
    return ValueTypeError(f"the model says {type_}, and the value is a {type(value).__name__}")


_TYPE_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "boolean": lambda value: value.__class__ is bool,
    "integer": lambda value: isinstance(value, int) and value.__class__ is not bool,
    "number": lambda value: isinstance(value, int | float) and value.__class__ is not bool,
    "string": lambda value: isinstance(value, str),
    "list": lambda value: value.__class__ is list,
    "map": lambda value: value.__class__ is dict,
    "object": lambda value: isinstance(value, dict),
}
