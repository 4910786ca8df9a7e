"""A witness and its path in words: the packet, the rules that it met, and which packets fare alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.firewall.addresses import networks, shown
from policyengine.firewall.describing import card, interfaces
from policyengine.firewall.intervals import Intervals, complement, difference, intersection, normalised, union
from policyengine.firewall.leaves import TRANSLATED, UNCHOSEN
from policyengine.firewall.packets import SOME_CARD
from policyengine.firewall.protocols import ICMP, ICMPV6, PROTOCOL_NAMES, WITH_PORTS
from policyengine.firewall.reach import Packet, Step
from policyengine.firewall.rules import NO_CARD, Action, Call, Return, Stop, Translate, Unknown, Untrack
from policyengine.firewall.universe import DPORT, IN, OUT, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.interpreter import Walked
    from policyengine.firewall.packets import Concrete, Path
    from policyengine.firewall.rules import Chain, Family, Hook, Ruleset

MANY = 3
"""More networks or ports than these are not listed but counted."""


def packet(concrete: Concrete) -> Packet:
    """A packet as it is shown."""
    ported = concrete.protocol in WITH_PORTS
    return Packet(
        concrete.family,
        PROTOCOL_NAMES.get(concrete.protocol, str(concrete.protocol)),
        shown(concrete.source, concrete.family),
        shown(concrete.destination, concrete.family),
        concrete.sport if ported else None,
        concrete.dport if ported else None,
        "lo" if concrete.path == "loopback" else concrete.into,
        concrete.out,
        "" if concrete.card in (SOME_CARD, NO_CARD) else card(concrete.card),
        concrete.icmp >> 8 if concrete.protocol in (ICMP, ICMPV6) else None,
    )


def path(walked: Walked, ruleset: Ruleset) -> tuple[Step, ...]:
    """The rules that had a say in what becomes of a packet, those by which it came to them, and at last the policy,
    where that decided.

    Without a say are a rule after which the packet just goes on (that counts, logs or marks), a return that skips
    nothing, and the jump to a chain in which no rule had any.
    """
    found: list[Step] = []
    here: tuple[str, str] | None = None
    lasts = {id(chain.rules[-1]) for table in ruleset.tables for chain in table.chains if chain.rules}
    for (table, chain, _), rule in reversed(list(zip(walked.hits, walked.rules, strict=True))):
        action = rule.action
        silent = action is None or (isinstance(action, Return) and id(rule) in lasts)
        if (table, action.chain) == here if isinstance(action, Call) else not silent:
            found.append(Step(rule.where, rule.text, does(action, walked.packet.family)))
            here = (table, chain)
    return (*found[::-1], *_end(walked, ruleset))


_HOOKS: Mapping[Path, tuple[Hook, str]] = {
    "input": ("input", "receives"),
    "forward": ("forward", "passes on"),
    "output": ("output", "sends"),
    "loopback": ("input", "receives"),
}
"""The hook at which a packet of a path is filtered, and what the host does with it."""


def _end(walked: Walked, ruleset: Ruleset) -> Iterator[Step]:
    """The policy that the packet came to, where no rule decided; what no chain is for is told so."""
    if walked.verdict == "drop" and walked.policies and walked.policies[-1].policy == "drop":
        yield _policy(walked.policies[-1], ruleset)
    if walked.verdict != "accept" or any(isinstance(rule.action, Stop) for rule in walked.rules):
        return
    hook, how = _HOOKS[walked.packet.path]
    asked = [chain for chain in walked.policies if chain.hook == hook and chain.type == "filter"]
    if asked:
        yield _policy(min(asked, key=lambda chain: abs(chain.priority)), ruleset)
    else:
        yield Step(None, f"no rule here is about what the host {how}", "accepts")


def _policy(chain: Chain, ruleset: Ruleset) -> Step:
    """The policy of a chain, as the program writes it whose chain it is."""
    table = next(table for table in ruleset.tables if any(one is chain for one in table.chains))
    written = f":{chain.name} {chain.policy.upper()}"
    text = f"chain {table.name} {chain.name} policy {chain.policy}" if table.program == "nft" else written
    return Step(chain.where, text, f"{_STOPS[chain.policy]} by policy")


_STOPS = {"accept": "accepts", "drop": "drops", "reject": "rejects"}


def does(action: Action | None, family: Family) -> str:
    """What a rule does, in a word or two of which the rule is the subject."""
    if isinstance(action, Stop):
        return _STOPS[action.does]
    if isinstance(action, Call):
        return f"{'jumps' if action.back else 'goes'} to {action.chain}"
    if isinstance(action, Return):
        return "returns"
    if isinstance(action, Translate):
        return _translates(action, family)
    if isinstance(action, Untrack):
        return "leaves it untracked"
    return f"does {action.text}, which is not modelled" if isinstance(action, Unknown) else "lets it go on"


_TRANSLATES = {"dnat": "sends it", "redirect": "sends it", "snat": "changes its source"}


def _translates(action: Translate, family: Family) -> str:
    if action.does == "masquerade":
        return "masquerades"
    address = _range([shown(number, family) for number in _ends(action.addresses)])
    ports = _range([str(number) for number in _ends(action.ports)])
    if ":" in address and ports:
        address = f"[{address}]"
    to = [address and ports and f"{address}:{ports}", address, ports and f"port {ports}", "the host"]
    return f"{_TRANSLATES[action.does]} to {next(filter(None, to))}"


def _ends(values: Intervals | None) -> list[int]:
    return [] if not values else [values[0][0], values[-1][1]]


def _range(ends: list[str]) -> str:
    return "-".join(dict.fromkeys(ends))


class Alike(NamedTuple):
    """The values of a dimension with which a packet fares as it does. ``all``: those that were asked about all do, but
    for those with which there is no such packet."""

    values: Intervals
    all: bool


def alike(decided: Decided, concrete: Concrete, dimension: int) -> Alike:
    """With which values of a dimension a packet of the query, the same in all else, fares as this one does."""
    diagrams = decided.diagrams
    values = next(each for each in decided.values(concrete) if diagrams.leaf(decided.diagram, each) != UNCHOSEN)
    fates: dict[str, list[tuple[int, int]]] = {}

    def go(node: int, low: int, high: int) -> None:
        while node >= 0 and diagrams.dimensions[node] != dimension:
            node = diagrams.child(node, values[diagrams.dimensions[node]])
        if node < 0:
            fates.setdefault(_fate(node), []).append((low, high))
            return
        start = 0
        for bound, child in zip(diagrams.bounds[node], diagrams.children[node], strict=True):
            if start <= high and bound >= low:
                go(child, max(start, low), min(bound, high))
            start = bound + 1

    top = diagrams.tops[dimension]
    go(decided.diagram, 0, top)
    asked = decided.known.get(dimension, ((0, top),))
    fares = intersection(normalised(fates[_fate(diagrams.leaf(decided.diagram, values))]), asked)
    return Alike(fares, not difference(asked, union(fares, normalised(fates.get("absent", ())))))


def _fate(leaf: int) -> str:
    from policyengine.firewall.answers import NAMES

    return "accept" if leaf <= TRANSLATED else NAMES.get(leaf, "absent")


def set_in_words(decided: Decided, concrete: Concrete, source: str) -> str:
    """Which packets fare like this one, of those from a source: by interfaces where not all do, by addresses, by
    ports. ``out br-1; source all of internet; dport 5432``, ``source any except 172.19.0.0/16; dport 80,443``.
    """
    sources = alike(decided, concrete, SOURCE)
    told = _addresses(sources.values, concrete.family, decided.diagrams.tops[SOURCE])
    parts = [*_ways(decided, concrete), f"source {f'all of {source}' if sources.all else told}"]
    if concrete.protocol in WITH_PORTS:
        parts.append(f"dport {_ports(alike(decided, concrete, DPORT).values)}")
    return "; ".join(parts)


def _ways(decided: Decided, concrete: Concrete) -> Iterator[str]:
    """The interfaces, where it matters by which of those that were asked about a packet comes or goes."""
    for dimension, side in ((IN, "in"), (OUT, "out")):
        found = alike(decided, concrete, dimension)
        if not found.all:
            yield f"{side} {_listed(interfaces(found.values, decided.universe), 'interfaces')}"


def _addresses(values: Intervals, family: Family, top: int) -> str:
    rest = complement(values, top)
    if not rest:
        return "any"
    inside, outside = networks(values, family), networks(rest, family)
    if len(outside) < len(inside):
        return f"any except {_listed(outside, 'networks')}"
    return _listed(inside, "networks")


def _ports(values: Intervals) -> str:
    if values == ((0, 65535),):
        return "any"
    return _listed([str(low) if low == high else f"{low}-{high}" for low, high in values], "ranges")


def _listed(items: list[str], what: str) -> str:
    return ", ".join(items) if len(items) <= MANY else f"{', '.join(items[:MANY])} and {len(items) - MANY} more {what}"
