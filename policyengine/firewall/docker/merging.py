"""Several answers as one: of several ways any will do; of several models that may be right all must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.intervals import difference, intersection, union
from policyengine.firewall.reach import Explanation, Flows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.firewall.intervals import Intervals

Ports = dict[str, "Intervals"]


def any_of(found: Iterable[Flows]) -> Flows:
    """What gets by one way or another."""
    allowed: Ports = {}
    unknown: Ports = {}
    why: dict[str, None] = {}
    for flows in found:
        allowed = _either(allowed, flows.allowed)
        unknown = _either(unknown, flows.unknown)
        why |= dict.fromkeys(flows.why)
    rest = _without(unknown, allowed)
    return Flows(allowed, rest, tuple(why) if rest else ())


def all_of(found: Sequence[Flows], why: str) -> Flows:
    """What gets through whichever is right, and what may: where they differ, ``why`` says on what that depends."""
    allowed = found[0].allowed
    for flows in found[1:]:
        allowed = _both(allowed, flows.allowed)
    possible: Ports = {}
    for flows in found:
        possible = _either(possible, _either(flows.allowed, flows.unknown))
    rest = _without(possible, allowed)
    differ = any(_without(flows.allowed, allowed) for flows in found)
    reasons = dict.fromkeys([*([why] if differ else []), *(reason for flows in found for reason in flows.why)])
    return Flows(allowed, rest, tuple(reasons) if rest else ())


def _either(one: Ports, other: Ports) -> Ports:
    return {name: union(one.get(name, ()), other.get(name, ())) for name in {**one, **other}}


def _both(one: Ports, other: Ports) -> Ports:
    found = {name: intersection(ports, other.get(name, ())) for name, ports in one.items()}
    return {name: ports for name, ports in found.items() if ports}


def _without(one: Ports, other: Ports) -> Ports:
    found = {name: difference(ports, other.get(name, ())) for name, ports in one.items()}
    return {name: ports for name, ports in found.items() if ports}


def best(found: Iterable[Explanation], otherwise: Explanation) -> Explanation:
    """Of several ways the one that leads there, else the one that may, else one that shows where it ends.

    None is asked for after one that leads there.
    """
    kept = []
    for one in found:
        if one.verdict == "allowed":
            return one
        kept.append(one)
    for verdict in ("unknown", "denied"):
        for one in kept:
            if one.verdict == verdict and (one.path or verdict != "denied"):
                return one
    return next((one for one in kept if one.packet), otherwise)
