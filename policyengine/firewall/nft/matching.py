"""Matches and lookups as cases in which they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.nft.cases import FALSE, TRUE, Cases, NotModelled, both, either, inverse
from policyengine.firewall.nft.fields import Numeric, Selector, opaque, selector
from policyengine.firewall.nft.sets import EVERYTHING, Element, Sets
from policyengine.firewall.nft.values import number
from policyengine.firewall.nft.writing import match

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.firewall.nft.fields import Circumstances
    from policyengine.firewall.rules import Atom

_ORDERED = ("<", ">", "<=", ">=")
_POSITIVE = {"!=": "==", "!": "in"}
"""What a negated operator negates."""


def matched(said: Mapping[str, object], sets: Sets) -> Cases:
    """Where a match holds. What conditions cannot say is one unknown of its own."""
    left, right, operator = said.get("left"), said.get("right"), said.get("op")
    if left is None or right is None or not isinstance(operator, str):
        raise sets.rule.error("a malformed match")
    try:
        return _compared(left, operator, right, sets)
    except NotModelled:
        return _unknown(left, said, sets.around)


def _compared(left: object, operator: str, right: object, sets: Sets) -> Cases:
    family = sets.around.family
    needs = _needs(left, sets.around)
    if needs == FALSE:
        return FALSE
    if operator in _ORDERED:
        return both(needs, _ordered(left, operator, right, sets.around))
    if _bits(left) or (operator in ("in", "!") and not _is_set(right)):
        return both(needs, _masked(left, operator, right, sets.around))
    if operator not in ("==", "!=", "in"):
        raise NotModelled
    found = sets.found(right)
    holds = among(left, *found, sets.around) if found else among(left, [Element(right)], None, sets.around)
    return both(needs, inverse(holds, family) if operator == "!=" else holds)


def _is_set(right: object) -> bool:
    return (isinstance(right, str) and right.startswith("@")) or (isinstance(right, dict) and "set" in right)


def _unknown(left: object, said: Mapping[str, object], around: Circumstances) -> Cases:
    """A match as one unknown: of the packet, or of the rule where two answers are possible."""
    bits = _bits(left)
    text = match({**said, "op": _POSITIVE.get(str(said.get("op")), said.get("op"))})
    atoms = {opaque(part, around).atom(text) for part in _parts(bits[0] if bits else left)}
    atom = atoms.pop() if len(atoms) == 1 else around.atom(text)
    return both(_needs(left, around), ((replace(atom, negated=said.get("op") in _POSITIVE),),))


def _bits(left: object) -> list[object] | None:
    """The two sides of ``FIELD & MASK``."""
    found = left.get("&") if isinstance(left, dict) else None
    return found if isinstance(found, list) and len(found) == 2 else None


def _parts(left: object) -> list[object]:
    """The parts of a concatenation."""
    found = left.get("concat") if isinstance(left, dict) else None
    return found if isinstance(found, list) else [left]


def _needs(left: object, around: Circumstances) -> Cases:
    """The packets that have all that is asked for."""
    bits = _bits(left)
    needs = TRUE
    for part in _parts(bits[0] if bits else left):
        needs = both(needs, selector(part, around).needs)
    return needs


def _numeric(left: object, around: Circumstances) -> Numeric:
    found = selector(left, around)
    if not isinstance(found, Numeric):
        raise NotModelled
    return found


def _ordered(left: object, operator: str, right: object, around: Circumstances) -> Cases:
    field = _numeric(left, around)
    than = number(right, field.words, field.family)
    low, high = {
        "<": (0, than - 1),
        "<=": (0, than),
        ">": (than + 1, field.top),
        ">=": (than, field.top),
    }[operator]
    return field.told(((low, high),)) if low <= high else FALSE


def _masked(left: object, operator: str, right: object, around: Circumstances) -> Cases:
    """``FIELD & MASK == VALUE``, and whether any ("in") or none ("!") of some bits are set."""
    bits = _bits(left)
    field = _numeric(bits[0] if bits else left, around)
    mask = number(bits[1], field.words, field.family) if bits else field.top
    value = number(right, field.words, field.family)
    if operator in ("in", "!"):
        return field.where(lambda each: bool(each & mask & value) == (operator == "in"))
    if operator not in ("==", "!="):
        raise NotModelled
    return field.where(lambda each: (each & mask == value) == (operator == "=="))


def among(left: object, elements: Sequence[Element], more: Atom | None, around: Circumstances) -> Cases:
    """Where what is on the left side is an element of a set; ``more`` is an unknown for others that there may be."""
    selectors = [selector(part, around) for part in _parts(left)]
    if any(element.key == EVERYTHING and element.there == TRUE for element in elements):
        return TRUE
    found: list[Cases] = [((more,),)] if more else []
    if len(selectors) == 1:
        found.append(selectors[0].equal([one.key for one in elements if one.there == TRUE]))
        elements = [one for one in elements if one.there != TRUE]
    found += [both(keyed(selectors, one.key), one.there) for one in elements]
    return either(found)


def keyed(selectors: Sequence[Selector], key: object) -> Cases:
    """Where what is asked for is one key, of as many parts."""
    if key == EVERYTHING:
        return TRUE
    values = _parts(key)
    if len(values) != len(selectors):
        raise NotModelled
    found = TRUE
    for asked, value in zip(selectors, values, strict=True):
        found = both(found, asked.equal([value]))
    return found


def looked_up(key: object, data: object, sets: Sets) -> list[tuple[Cases, object]]:
    """A map's data with the cases in which each is found, no two at once; at last, as None, what it may hold besides.

    Raises :class:`NotModelled`.
    """
    around = sets.around
    found = sets.found(data)
    if found is None:
        raise NotModelled
    elements, more = found
    needs = _needs(key, around)
    if needs == FALSE:  # packets of the other family have no such address: nothing is found, and the rule breaks off
        return []
    selectors = [selector(part, around) for part in _parts(key)]
    cases = [(keyed(selectors, one.key), one) for one in elements if one.key != EVERYTHING]
    told: list[tuple[Cases, object]] = [(both(both(needs, at), one.there), one.data) for at, one in cases]
    others = [one for one in elements if one.key == EVERYTHING]
    if others or more:
        rest = both(needs, inverse(either(at for at, _ in cases), around.family))
        told += [(both(rest, one.there), one.data) for one in others]
        told += [(both(rest, ((more,),)), None)] if more else []
    return told
