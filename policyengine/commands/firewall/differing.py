"""``policyengine firewall diff``: exactly the flows that a change of the rules changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from policyengine.commands.firewall.matrix import NONE, Matrix
from policyengine.commands.firewall.merging import merged
from policyengine.commands.firewall.ports import EVERYTHING, as_data, words
from policyengine.firewall.intervals import difference, intersection, union
from policyengine.firewall.reach import PORTS
from policyengine.firewall.rules import Family  # noqa: TC001 - structures are made by these types
from policyengine.model.masking import concealed
from policyengine.outputs.style import Style, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.firewall.differing import Changed
    from policyengine.firewall.host_network import HostNetwork
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.reach import Flows

Verdict = Literal["allowed", "unknown", "denied"]
VERDICTS: tuple[Verdict, ...] = ("allowed", "unknown", "denied")
"""From the most open to the least."""

_SIGNS = {True: "+", False: "-"}
_LOOKS = {True: "high", False: "good"}


class Change(Struct, frozen=True):
    """What fares otherwise now, from one place to another: ports by protocol.

    Where both verdicts are unknown, for other reasons than before, it may fare otherwise.
    """

    source: str
    target: str
    was: Verdict
    now: Verdict
    ports: Mapping[str, Intervals]

    @property
    def opens(self) -> bool:
        """Whether more gets through, or may."""
        if self.was == self.now == "unknown":
            return True
        return VERDICTS.index(self.now) < VERDICTS.index(self.was)


class Packets(Struct, frozen=True):
    """Packets that a host's rules treat otherwise now, on a path through it; ``to`` is where translation sends them.

    Where both verdicts are unknown, they may treat them otherwise. ``opens``: whether more gets through, or may, or
    gets elsewhere.
    """

    families: tuple[Family, ...]
    path: str
    which: str
    was: Verdict
    now: Verdict
    opens: bool
    was_to: str = ""
    now_to: str = ""


class Unsettled(Struct, frozen=True):
    """What is not known before or now, for the same reasons, so that nobody can tell whether it changed."""

    source: str
    target: str
    ports: Mapping[str, Intervals]
    why: tuple[str, ...]


class Incomparable(Struct, frozen=True):
    """A family of packets whose rules only one side has: nothing is known of a change."""

    family: Family
    side: Literal["old", "new"]


class Difference(Struct, frozen=True):
    """What changed between two networks. A place that only one of them has reached nobody in the other.

    What is ``unsettled`` counts for no change: it would as long as nobody looks into it.
    """

    old: str
    new: str
    changes: tuple[Change | Packets, ...]
    gone: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    incomparable: tuple[Incomparable, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything fares otherwise, or may."""
        return bool(self.changes or self.incomparable)

    @property
    def opens(self) -> bool:
        """Whether anything gets through, or may, that did not."""
        return bool(self.incomparable) or any(change.opens for change in self.changes)


def differing(old: Matrix, new: Matrix) -> Difference:
    """What changed between two matrices of the same places."""
    before, after = (_names(made) for made in (old, new))
    names = tuple(dict.fromkeys((*before, *after)))
    pairs = [(source, target) for source in names for target in names]
    changes = [change for pair in pairs for change in _changes(*pair, old, new)]
    unsettled = [one for pair in pairs for one in _unsettled(*pair, old, new)]
    gone, came = (
        tuple(one for one in side if one not in set(other)) for side, other in ((before, after), (after, before))
    )
    return Difference(old.network, new.network, tuple(changes), gone, came, unsettled=tuple(unsettled))


def _names(made: Matrix) -> list[str]:
    return list(dict.fromkeys(one.name for one in (*made.sources, *made.targets)))


def _changes(source: str, target: str, old: Matrix, new: Matrix) -> Iterator[Change]:
    was, now = old.between(source, target), new.between(source, target)
    if was is now is NONE:
        return
    for before in VERDICTS:
        for after in VERDICTS:
            ports = _both(_of(was, before), _of(now, after)) if before != after else {}
            if ports:
                yield Change(source, target, before, after, ports)
    if was.why != now.why and (ports := _both(_of(was, "unknown"), _of(now, "unknown"))):
        yield Change(source, target, "unknown", "unknown", ports)


def _unsettled(source: str, target: str, old: Matrix, new: Matrix) -> Iterator[Unsettled]:
    was, now = old.between(source, target), new.between(source, target)
    if was.why == now.why and (ports := _both(_of(was, "unknown"), _of(now, "unknown"))):
        yield Unsettled(source, target, ports, now.why)


def _of(flows: Flows, verdict: Verdict) -> Mapping[str, Intervals]:
    """What of all has a verdict. What may get there although it is said to is not told twice."""
    if verdict == "allowed":
        return flows.allowed
    if verdict == "unknown":
        return {one: difference(ports, flows.allowed.get(one, ())) for one, ports in flows.unknown.items()}
    known = {one: union(flows.allowed.get(one, ()), flows.unknown.get(one, ())) for one in _protocols(flows)}
    return {one: difference(PORTS, ports) for one, ports in known.items()}


def _protocols(flows: Flows) -> list[str]:
    return list(dict.fromkeys((*EVERYTHING, *flows.allowed, *flows.unknown)))


def _both(one: Mapping[str, Intervals], other: Mapping[str, Intervals]) -> dict[str, Intervals]:
    found = {protocol: intersection(ports, other.get(protocol, ())) for protocol, ports in one.items()}
    return {protocol: ports for protocol, ports in found.items() if ports}


def differing_rules(old: HostNetwork, new: HostNetwork) -> Difference:
    """What changed between the rules of two hosts, or of one: each packet that begins a connection is compared."""
    from policyengine.firewall.differing import Rules, changes, incomparable  # what other networks need not

    sides = Rules(old.ruleset, old.host), Rules(new.ruleset, new.host)
    found: dict[Packets, tuple[Family, ...]] = {}
    for one in changes(*sides):
        told = _packets(one)
        found[told] = (*found.get(told, ()), one.family)
    changed = tuple(replace(told, families=families) for told, families in found.items())
    return Difference(
        old.name, new.name, changed, incomparable=tuple(Incomparable(*one) for one in incomparable(*sides))
    )


def _packets(one: Changed) -> Packets:
    """The change, for whichever families."""
    from policyengine.firewall.describing import described, destination

    ends = [destination(outcome, one.family) for outcome in (one.was, one.now)]
    return Packets((), one.path, described(one.box, one.known), one.was.fate, one.now.fate, one.opens, *ends)


def as_text(told: Sequence[Difference], *, colour: bool = False) -> str:
    """A line for each change: ``+`` where more gets through or may, ``-`` where less does, ``?`` where nobody knows.

    What is not known on either side, and may have changed for all that is known, comes last.
    """
    parts = [f"{visible(one.new)}\n{_text(one, colour)}" if len(told) > 1 else _text(one, colour) for one in told]
    return "\n".join(parts)


def _text(told: Difference, colour: bool) -> str:
    style = Style(colour)
    places = [f"{sign} {visible(name)}: {what}" for names, sign, what in _of_places(told) for name in names]
    lines = places + [style.paint(line, _LOOKS[opens]) for opens, line in _lines(told)]
    unsettled = list(_unsettled_lines(told))
    nothing = ["no flow that is known changed" if unsettled else "no flow changed"]
    return "".join(f"{line}\n" for line in (*(lines or nothing), *unsettled))


def _unsettled_lines(told: Difference) -> Iterator[str]:
    """One for each reason, with an example: the ways that hang on it may be many, and as before."""
    by_why: dict[tuple[str, ...], list[Unsettled]] = {}
    for one in told.unsettled:
        by_why.setdefault(one.why, []).append(one)
    for why, (first, *others) in by_why.items():
        way = f"{first.source} -> {first.target}  {words(first.ports)}" + (f" and {len(others)} more" if others else "")
        yield f"? {visible(concealed(way))}  unknown on both sides: {visible(concealed('; '.join(why)))}"


def _of_places(told: Difference) -> tuple[tuple[tuple[str, ...], str, str], ...]:
    return (told.gone, "-", "no longer there"), (told.came, "+", "new")


def _lines(told: Difference) -> Iterator[tuple[bool, str]]:
    flows = [one for one in told.changes if isinstance(one, Change)]
    rows = [((one.source,), (one.target,), (one.opens, words(one.ports), one.was, one.now)) for one in flows]
    for sources, targets, (opens, ports, was, now) in merged(rows):
        way = f"{', '.join(sources)} -> {', '.join(targets)}"
        change = "unknown, may have changed" if was == now else f"{was}, now {now}"
        yield opens, f"{_SIGNS[opens]} {visible(way)}  {ports}  {change}"
    yield from ((one.opens, _line(one)) for one in told.changes if isinstance(one, Packets))
    for one in told.incomparable:
        has = told.old if one.side == "old" else told.new
        yield True, f"? IPv{one.family}: only the {one.side} rules, {visible(has)}, have any of it: not comparable"


def _line(one: Packets) -> str:
    families = " and ".join(f"IPv{family}" for family in one.families)
    was, now = (f"{fate} to {to}" if to else fate for fate, to in ((one.was, one.was_to), (one.now, one.now_to)))
    change = "unknown, may have changed" if was == now == "unknown" else f"{was}, now {now}"
    return f"{_SIGNS[one.opens]} {one.path} {families}: {visible(one.which)}  {change}"


def as_json(told: Sequence[Difference]) -> str:
    """The same for programs, version 1: fields are added, never changed."""
    data = {"version": 1, "networks": [_data(one) for one in told]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _data(told: Difference) -> dict[str, object]:
    return {
        "old": told.old,
        "new": told.new,
        "places": {"gone": told.gone, "came": told.came},
        "changes": [_change(change) for change in told.changes],
        "not_comparable": [{"family": one.family, "only_in": one.side} for one in told.incomparable],
        "unknown_on_both_sides": [
            {
                "from": one.source,
                "to": one.target,
                "ports": as_data(one.ports),
                "why": [concealed(why) for why in one.why],
            }
            for one in told.unsettled
        ],
    }


def _change(change: Change | Packets) -> dict[str, object]:
    if isinstance(change, Packets):
        told = {"path": change.path, "families": change.families, "packets": change.which}
        verdicts = {"was": change.was, "now": change.now}
        return {**told, **verdicts, "was_to": change.was_to or None, "now_to": change.now_to or None}
    return {
        "from": change.source,
        "to": change.target,
        "was": change.was,
        "now": change.now,
        "ports": as_data(change.ports),
    }
