"""The constraint vocabulary: Cerberus's rules, three-valued, each compiled to a closure.

Every rule is a function from its argument to a :data:`Verdict`. Values come with the model's types, which are checked
before any rule is asked; Unknown and None never reach a rule. Source: https://docs.python-cerberus.org/validation-rules.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from policyengine.errors import EvaluationError
from policyengine.model.unknown import Unknown
from policyengine.policy.predicates import CHECKS, KEYED_CHECKS, KEYED_RULES, LIST_CHECKS, RULES
from policyengine.policy.verdict import FAIL, PASS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

Verdict = Callable[[Any, Any], int]
"""From a value, and the object its field is in (or the key of a map's value), to FAIL, UNKNOWN or PASS."""


def allowed(values: Sequence[object]) -> Verdict:
    """The value, or every item of a list, is one of these."""
    known = frozenset(values)

    def verdict(value: Any, _around: Any) -> int:
        if value.__class__ is list:
            return _every(value, known.__contains__)
        return PASS if value in known else FAIL

    return verdict


def forbidden(values: Sequence[object]) -> Verdict:
    """The value, or any item of a list, is none of these."""
    known = frozenset(values)

    def verdict(value: Any, _around: Any) -> int:
        if value.__class__ is list:
            return _every(value, lambda item: item not in known)
        return FAIL if value in known else PASS

    return verdict


def _every(items: Sequence[object], holds: Callable[[Any], bool]) -> int:
    worst = PASS
    for item in items:
        if item.__class__ is Unknown:
            worst = UNKNOWN
        elif not holds(item):
            return FAIL
    return worst


def contains(wanted: object) -> Verdict:
    """A list has all of these items; a map all of these keys."""
    needed = frozenset(wanted) if isinstance(wanted, list) else frozenset((wanted,))

    def verdict(value: Any, _around: Any) -> int:
        missing = needed.difference(item for item in value if item.__class__ is not Unknown)
        if not missing:
            return PASS
        unknown = sum(item.__class__ is Unknown for item in value)
        return UNKNOWN if unknown >= len(missing) else FAIL

    return verdict


def minimum(limit: float) -> Verdict:
    """A number is at least this."""
    return lambda value, _around: PASS if value >= limit else FAIL


def maximum(limit: float) -> Verdict:
    """A number is at most this."""
    return lambda value, _around: PASS if value <= limit else FAIL


def minlength(limit: int) -> Verdict:
    """A list, map or text has at least so many items or characters."""
    return lambda value, _around: PASS if len(value) >= limit else FAIL


def maxlength(limit: int) -> Verdict:
    """A list, map or text has at most so many items or characters."""
    return lambda value, _around: PASS if len(value) <= limit else FAIL


def regex(pattern: str) -> Verdict:
    """A text matches the whole RE2 pattern."""
    compiled = compiled_regex(pattern)
    matches, longest = compiled.fullmatch, _REGEX_WORK // compiled.programsize

    def judged(value: str) -> int:
        if len(value) > longest:
            raise EvaluationError("the regular expression needs too much work on a text of this length")
        return FAIL if matches(value.encode()) is None else PASS

    remembered = lru_cache(_REMEMBERED)(judged)
    return lambda value, _around: remembered(value) if len(value) <= _SHORT else judged(value)


_REMEMBERED = 1024
_SHORT = 512
"""Texts that a regular expression or a predicate is asked about come again and again: images, paths, names."""


_REGEX_WORK = 20_000_000
"""How many steps a match may take, at most: RE2 takes one for each character and instruction, of about 15 ns."""


def compiled_regex(pattern: str) -> Any:
    """The RE2 pattern, which takes UTF-8: the library is much faster so. Raises ValueError for a bad one."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 18
    options.never_capture = True
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(reason) from None


def check_with(names: str | list[str]) -> Verdict:
    """A value satisfies every named predicate; a keyed predicate looks at the map's key too."""
    checks = [_check(name) for name in ([names] if isinstance(names, str) else names)]
    return checks[0] if len(checks) == 1 else all_of(checks)


def _check(name: str) -> Verdict:
    if name in LIST_CHECKS:
        listed = LIST_CHECKS[name]
        return lambda value, around: PASS if listed(_words(value), _words(_before(value, around))) else FAIL
    if name in KEYED_CHECKS:
        keyed = KEYED_CHECKS[name]
        return lambda value, key: PASS if keyed(key, value) else FAIL
    check = CHECKS[name]
    return lambda value, _around: PASS if check(value) else FAIL


def _before(words: Sequence[object], around: object) -> Sequence[object]:
    """The words that stand before these, if they are a container's command: its entry point."""
    from policyengine.model.command_secrets import before

    is_command = isinstance(around, dict) and around.get("command") == words
    return before(around, "command") if is_command else ()


def _words(items: Sequence[object]) -> list[Any]:
    return [None if item.__class__ is Unknown else item for item in items]


def named_rule(name: str, argument: object) -> Verdict:
    """A predicate with an argument; of a list, every item satisfies it."""
    if name in KEYED_RULES:
        keyed: Any = KEYED_RULES[name][0]
        return lambda value, key: PASS if keyed(key, value, argument) else FAIL
    holds = RULES[name][0]
    remembered = lru_cache(_REMEMBERED)(lambda value: PASS if holds(value, argument) else FAIL)

    def verdict(value: Any, _around: Any) -> int:
        if value.__class__ is str and len(value) <= _SHORT:
            return remembered(value)
        if value.__class__ is list:
            return _every(value, lambda item: item is not None and holds(item, argument))
        return PASS if holds(value, argument) else FAIL

    return verdict


def dependencies(wanted: object) -> Verdict:
    """Other fields of the same object are there; with a mapping, they have one of the given values.

    Names may be paths with dots.
    """
    if isinstance(wanted, dict):
        valued = {
            tuple(name.split(".")): frozenset(values if isinstance(values, list) else [values])
            for name, values in wanted.items()
        }
        return lambda _value, around: min((_has_value(around, path, ok) for path, ok in valued.items()), default=PASS)
    names = [tuple(name.split(".")) for name in (wanted if isinstance(wanted, list) else [str(wanted)])]
    return lambda _value, around: min((_is_there(around, path) for path in names), default=PASS)


def _look_up(around: object, path: Sequence[str]) -> tuple[bool, object]:
    for step in path:
        if isinstance(around, Unknown):
            return True, around
        if not isinstance(around, dict) or step not in around:
            return False, None
        around = around[step]
    return True, around


def _is_there(around: object, path: Sequence[str]) -> int:
    found, value = _look_up(around, path)
    return FAIL if not found else UNKNOWN if isinstance(value, Unknown) else PASS


def _has_value(around: object, path: Sequence[str], values: frozenset[object]) -> int:
    _, value = _look_up(around, path)
    if isinstance(value, Unknown):
        return UNKNOWN
    return PASS if isinstance(value, str | int | float | bool | None) and value in values else FAIL


def unknown_sibling(names: object, around: object) -> Unknown | None:
    """The unknown value among the other fields that ``dependencies`` or ``excludes`` names."""
    for name in [names] if isinstance(names, str) else list(names) if isinstance(names, dict | list) else []:
        _, value = _look_up(around, name.split("."))
        if isinstance(value, Unknown):
            return value
    return None


def excludes(names: str | list[str]) -> Verdict:
    """Other fields of the same object are not there."""
    listed = [names] if isinstance(names, str) else list(names)

    def verdict(_value: Any, around: Any) -> int:
        worst = PASS
        for name in listed:
            if name in around:
                if around[name].__class__ is not Unknown:
                    return FAIL
                worst = UNKNOWN
        return worst

    return verdict


def all_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Kleene's *and*."""

    def verdict(value: Any, around: Any) -> int:
        worst = PASS
        for one in verdicts:
            found = one(value, around)
            if found < worst:
                if found == FAIL:
                    return FAIL
                worst = found
        return worst

    return verdict


def any_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Kleene's *or*."""

    def verdict(value: Any, around: Any) -> int:
        best = FAIL
        for one in verdicts:
            found = one(value, around)
            if found > best:
                if found == PASS:
                    return PASS
                best = found
        return best

    return verdict


def none_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Kleene's *not any*."""
    any_holds = any_of(verdicts)
    return lambda value, around: PASS - any_holds(value, around)


def one_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Exactly one holds."""

    def verdict(value: Any, around: Any) -> int:
        found = [one(value, around) for one in verdicts]
        holding = found.count(PASS)
        if holding > 1:
            return FAIL
        if UNKNOWN in found:
            return UNKNOWN
        return PASS if holding == 1 else FAIL

    return verdict


SIMPLE: dict[str, Callable[[Any], Verdict]] = {
    "allowed": allowed,
    "forbidden": forbidden,
    "contains": contains,
    "min": minimum,
    "max": maximum,
    "minlength": minlength,
    "maxlength": maxlength,
    "regex": regex,
    "check_with": check_with,
    "dependencies": dependencies,
    "excludes": excludes,
}
"""Rules that look at one value only."""

LOGICAL: dict[str, Callable[[Sequence[Verdict]], Verdict]] = {
    "allof": all_of,
    "anyof": any_of,
    "noneof": none_of,
    "oneof": one_of,
}
"""Rules that combine rules sets for the same value."""
