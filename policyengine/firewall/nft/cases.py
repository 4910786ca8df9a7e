"""Conditions combined: all that a rule asks for, as cases of which one must hold, with "and", "or" and "not"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.intervals import complement, intersection, normalised
from policyengine.firewall.rules import Condition, Interface, Numbers
from policyengine.firewall.sets import TOPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.firewall.rules import Family, Field

Case = tuple[Condition, ...]
"""Conditions that must all hold."""

Cases = tuple[Case, ...]
"""Cases of which one must hold."""

TRUE: Cases = ((),)
FALSE: Cases = ()

MOST = 65536
"""Pairs of cases that are joined at most: what takes more is not worked out."""


class NotModelled(Exception):  # noqa: N818 - no error: who asks makes an atom of it
    """A match means something that conditions cannot say, or in more cases than are worked out."""


def top(field: Field, family: Family) -> int:
    """The largest number that a field can be."""
    return TOPS[family][field]


def both(one: Cases, other: Cases) -> Cases:
    """Where both hold. Raises :class:`NotModelled`."""
    if one == TRUE or other == TRUE:
        return one if other == TRUE else other
    if len(one) * len(other) > MOST:
        raise NotModelled
    found = (_joined(here, there) for here in one for there in other)
    return tuple(dict.fromkeys(case for case in found if case is not None))


def either(found: Iterable[Cases]) -> Cases:
    """Where any of them holds."""
    cases = dict.fromkeys(case for one in found for case in one)
    return TRUE if () in cases else merged(tuple(cases))


def inverse(cases: Cases, family: Family) -> Cases:
    """Where none of the cases holds. Raises :class:`NotModelled`."""
    found, work = TRUE, 0
    for case in cases:
        failing = tuple(_failing(case, family))
        work += len(found) * len(failing)
        if work > MOST:
            raise NotModelled
        found = merged(both(found, failing))
    return found


def _failing(case: Case, family: Family) -> Iterator[Case]:
    """The ways in which a case does not hold, no two at once."""
    held: Case = ()
    for condition in case:
        opposite = _opposite(condition, family)
        if opposite is not None and (joined := _joined(held, (opposite,))) is not None:
            yield joined
        held = (*held, condition)


def _opposite(condition: Condition, family: Family) -> Condition | None:
    """The condition that holds where this one does not; None where this one always does."""
    if isinstance(condition, Numbers):
        rest = complement(condition.values, top(condition.field, family))
        return Numbers(condition.field, rest) if rest else None
    return replace(condition, negated=not condition.negated)


def _joined(one: Case, other: Case) -> Case | None:
    """All conditions of both, None where they contradict each other."""
    joined = list(one)
    for condition in other:
        if condition in joined:
            continue
        if isinstance(condition, Numbers):
            if not _narrowed(joined, condition):
                return None
        elif replace(condition, negated=not condition.negated) in joined:
            return None
        else:
            joined.append(condition)
    return tuple(joined)


def _narrowed(case: list[Condition], by: Numbers) -> bool:
    """Bring the numbers of a field in a case down to those that are in ``by`` too; whether any are left."""
    for index, condition in enumerate(case):
        if isinstance(condition, Numbers) and condition.field == by.field:
            values = intersection(condition.values, by.values)
            case[index] = Numbers(by.field, values)
            return bool(values)
    case.append(by)
    return True


def merged(cases: Cases) -> Cases:
    """The same in fewer cases: those that differ in the numbers of one field, or in one interface, are one."""
    keys = dict.fromkeys(key for case in cases for condition in case if (key := _mergeable(condition)))
    for key in keys:
        if len(cases) < 2:
            break
        cases = _merged_by(cases, key)
    return cases


def _mergeable(condition: Condition) -> str | None:
    """What a condition speaks of, where two of them with "or" between are one."""
    if isinstance(condition, Numbers):
        return condition.field
    return condition.side if isinstance(condition, Interface) and not condition.negated else None


def _merged_by(cases: Cases, key: str) -> Cases:
    groups: dict[frozenset[Condition] | Case, list[tuple[Case, list[Condition]]]] = {}
    for case in cases:
        asked = [condition for condition in case if _mergeable(condition) == key]
        rest = frozenset(condition for condition in case if _mergeable(condition) != key)
        groups.setdefault(rest if len(asked) == 1 else case, []).append((case, asked))
    return tuple(_one(group) for group in groups.values())


def _one(group: list[tuple[Case, list[Condition]]]) -> Case:
    """One case for those that differ in one condition, which stands where it stood in the first."""
    case, asked = group[0]
    if len(group) == 1:
        return case
    union = _union([condition for _, conditions in group for condition in conditions])
    return tuple(union if condition is asked[0] else condition for condition in case)


def _union(conditions: list[Condition]) -> Condition:
    first = conditions[0]
    if isinstance(first, Numbers):
        pairs = (pair for one in conditions if isinstance(one, Numbers) for pair in one.values)
        return Numbers(first.field, normalised(pairs))
    names = (name for one in conditions if isinstance(one, Interface) for name in one.names)
    return Interface(first.side, tuple(dict.fromkeys(names))) if isinstance(first, Interface) else first
