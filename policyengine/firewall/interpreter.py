"""One packet walked through the rules, step by step as the kernel does it: verdict, rules met, and what NAT made of it.

It is written apart from the diagrams, of which it shares the rules and intervals only, so that each checks the other:
every witness of a diagram is walked before it is shown. Sources: nf_hook_slow (net/netfilter/core.c), nf_nat_inet_fn
and get_unique_tuple (net/netfilter/nf_nat_core.c), ipt_do_table (net/ipv4/netfilter/ip_tables.c), nft_do_chain
(net/netfilter/nf_tables_core.c).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.firewall.host import ALWAYS_LOCAL, LINK_MULTICAST, LOOPBACK, MULTICAST, UNKNOWN_HOST, Host
from policyengine.firewall.intervals import contains
from policyengine.firewall.protocols import BEGINNING, ICMP, ICMPV6, WITH_PORTS
from policyengine.firewall.rules import (
    ESTABLISHED,
    INVALID,
    NEW,
    RELATED,
    UNTRACKED,
    AddressType,
    Call,
    Chain,
    Condition,
    Hook,
    Interface,
    Numbers,
    Return,
    Rule,
    Ruleset,
    Stop,
    Table,
    Translate,
    Unknown,
    Untrack,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.packets import (
        Concrete,
        Path,
        Verdict,
    )

Hit = tuple[str, str, int]
"""A rule that matched: names of its table and chain, and its index in the chain, from 0."""

HOOKS: dict[Path, tuple[Hook, ...]] = {
    "input": ("ingress", "prerouting", "input"),
    "forward": ("ingress", "prerouting", "forward", "postrouting"),
    "output": ("output", "postrouting"),
    "loopback": ("output", "postrouting", "ingress", "prerouting", "input"),
}
"""In the order in which a packet comes through them."""

NOBODY = 0
"""0.0.0.0, of which every host makes itself as long as it has no address."""
LIMITED_BROADCAST = (1 << 32) - 1

TRACKING = -200
"""The priority of connection tracking in prerouting and output (NF_IP_PRI_CONNTRACK)."""

TRANSLATING: dict[Hook, int] = {"prerouting": -100, "output": -100, "input": 100, "postrouting": 100}
"""The priority of address translation, whichever its chains have: that only orders them among themselves."""


class Walked(Struct, frozen=True):
    """The verdict, the rules that matched in their order, and the packet as translation has left it.

    ``rules`` are those of ``hits``, ``policies`` are the base chains that ended in their policy, and ``why`` is the
    target that nobody knows, where the verdict is "undecided".
    """

    verdict: Verdict
    hits: tuple[Hit, ...]
    packet: Concrete
    why: str = ""
    rules: tuple[Rule, ...] = ()
    policies: tuple[Chain, ...] = ()


def walk(ruleset: Ruleset, host: Host | None, packet: Concrete) -> Walked:
    """What becomes of the packet."""
    return _Walk(ruleset, host or UNKNOWN_HOST, packet).through()


class _Walk:
    """A packet on its way: what it is by now, and the rules that it has met."""

    def __init__(self, ruleset: Ruleset, host: Host, packet: Concrete) -> None:
        self.ruleset = ruleset
        self.host = host
        self.sent = packet
        self.packet = replace(packet, nat=packet.nat if packet.state == ESTABLISHED else 0)
        self.hits: list[Hit] = []
        self.rules: list[Rule] = []
        self.tracked = False
        self.is_back = False
        self.untrack = False
        self.translated = False
        self.own = False
        self.guessed = False
        self.why = ""
        self.policies: list[Chain] = []

    def through(self) -> Walked:
        verdict = self._verdict()
        return Walked(verdict, tuple(self.hits), self.packet, self.why, tuple(self.rules), tuple(self.policies))

    def _verdict(self) -> Verdict:
        for hook in HOOKS[self.sent.path]:
            if hook == "prerouting" and self._is_refused():
                return "absent"
            if hook in ("input", "forward") and not self._comes_this_way():
                return "absent"
            verdict = self._hook(hook)
            if verdict != "accept":
                return verdict
            if hook == "output" and not self._leaves_this_way():
                return "absent"
            if hook == "postrouting" and self.sent.path == "loopback":
                self.is_back = True
                self.packet = replace(self.packet, into="lo", out="")
        return "accept"

    def _hook(self, hook: Hook) -> Verdict:
        """All chains of a hook by priority, with tracking and translation between them, once for each packet."""
        filtering: list[tuple[Table, Chain]] = []
        translating: list[tuple[Table, Chain]] = []
        for table, chain in self._chains(hook):
            (translating if chain.type == "nat" else filtering).append((table, chain))
        turns: list[tuple[int, int, list[tuple[Table, Chain]]]] = [(c.priority, 1, [(t, c)]) for t, c in filtering]
        if hook in ("prerouting", "output") and not self.is_back:
            turns.append((TRACKING, 0, []))
        if translating and not self.is_back:
            turns.append((TRANSLATING.get(hook, 0), 1, translating))
        for _, is_chains, chains in sorted(turns, key=lambda turn: turn[:2]):
            if not is_chains:
                if not self._track():
                    return "absent"
                continue
            verdict = self._translate(hook, chains) if chains is translating else self._base(hook, *chains[0])
            if verdict != "accept":
                return verdict
        return "accept"

    def _chains(self, hook: Hook) -> Iterator[tuple[Table, Chain]]:
        found = [
            (table, chain)
            for table in reversed(self.ruleset.tables)
            if self.sent.family in table.families
            for chain in reversed(table.chains)
            if chain.hook == hook
        ]
        return iter(sorted(found, key=lambda pair: pair[1].priority))

    def _track(self) -> bool:
        """Whether there is such a packet: no new connection of ICMP begins with anything but a request."""
        self.tracked = True
        if self.untrack:
            self.packet = replace(self.packet, state=UNTRACKED)
        types = BEGINNING.get(self.packet.protocol)
        return types is None or self.packet.state != NEW or self.packet.icmp >> 8 in types

    def _base(self, hook: Hook, table: Table, chain: Chain) -> Verdict:
        """Accept ends this base chain only; drop ends the packet; return means the policy."""
        ended = self._run(hook, table, chain)
        if isinstance(ended, Unknown):
            self.why = ended.text
            return "undecided"
        return self._stopped(ended, chain)

    def _stopped(self, ended: Stop | Translate | None, chain: Chain) -> Verdict:
        if isinstance(ended, Stop):
            return ended.does
        self.policies.append(chain)
        return chain.policy

    def _translate(self, hook: Hook, chains: list[tuple[Table, Chain]]) -> Verdict:
        """Translation is asked about the first packet of a connection; the first chain that says something wins."""
        icmp = self.packet.protocol in (ICMP, ICMPV6)
        if self.packet.state != NEW and (self.packet.state != RELATED or icmp):
            return "accept"
        for table, chain in chains:
            ended = self._run(hook, table, chain)
            if isinstance(ended, Translate):
                self._apply(hook, ended)
                return "accept"
            if isinstance(ended, Unknown):
                self.why = ended.text
                return "undecided"
            verdict = self._stopped(ended, chain)
            if verdict != "accept":
                return verdict
        return "accept"

    def _apply(self, hook: Hook, how: Translate) -> None:
        if how.does in ("dnat", "redirect"):
            destination = self._address(how, "destination", self.packet.destination, hook)
            dport = self._port(how, "dport", self.packet.dport)
            changed = self._chooses(how) or (destination, dport) != (self.packet.destination, self.packet.dport)
            self.packet = replace(
                self.packet, destination=destination, dport=dport, nat=self.packet.nat | (1 if changed else 0)
            )
            self.translated = self.translated or changed
        else:
            source = self._address(how, "source", self.packet.source, hook)
            sport = self._port(how, "sport", self.packet.sport)
            changed = self._chooses(how) or (source, sport) != (self.packet.source, self.packet.sport)
            self.packet = replace(self.packet, source=source, sport=sport, nat=self.packet.nat | (2 if changed else 0))

    def _chooses(self, how: Translate) -> bool:
        """Whether there is a choice of addresses; that it may fall on what the packet has already is left aside."""
        several = how.addresses is not None and how.addresses[0][0] != how.addresses[-1][1]
        guessed, self.guessed = self.guessed, False
        return several or guessed

    def _address(self, how: Translate, field: str, now: int, hook: Hook) -> int:
        if how.does in ("redirect", "masquerade"):
            return self._own_address(field, now, hook)
        if how.addresses is None:
            return now
        chosen = self.sent.chosen.get(field)  # type: ignore[call-overload]
        return chosen if chosen is not None and contains(how.addresses, chosen) else how.addresses[0][0]

    def _own_address(self, field: str, now: int, hook: Hook) -> int:
        """The primary address of the interface; of what the host sends itself, that of the loopback."""
        family = self.sent.family
        if field == "destination" and hook == "output":
            return 127 << 24 | 1 if family == 4 else 1
        name = self.packet.into if field == "destination" else self.packet.out
        for interface in self.host.interfaces or ():
            for one in interface.addresses:
                if interface.name == name and one.family == family:
                    return one.address
        self.own = self.own or field == "destination"
        self.guessed = True
        return self.sent.chosen.get(field, now)  # type: ignore[call-overload, no-any-return]

    def _port(self, how: Translate, field: str, now: int) -> int:
        """A port within the range stays; with a base, the range is counted through from it, again and again."""
        if how.ports is None or self.packet.protocol not in WITH_PORTS:
            return now
        low, high = how.ports[0][0], how.ports[-1][1]
        if how.shift is not None:
            return low + ((now - how.shift) & 0xFFFF) % (high - low + 1)
        if contains(how.ports, now):
            return now
        chosen = self.sent.chosen.get(field)  # type: ignore[call-overload]
        return chosen if chosen is not None and contains(how.ports, chosen) else low

    def _run(self, hook: Hook, table: Table, chain: Chain) -> Stop | Translate | Unknown | None:
        """What ended the base chain, None: its end or a return, which both mean its policy."""
        by_name = {one.name: one for one in table.chains}
        back: list[tuple[Chain, int]] = []
        here, at = chain, 0
        while True:
            if at >= len(here.rules):
                if not back:
                    return None
                here, at = back.pop()
                continue
            rule, index = here.rules[at], at
            at += 1
            if not self._matches(rule, hook):
                continue
            self.hits.append((table.name, here.name, index))
            self.rules.append(rule)
            action = rule.action
            if isinstance(action, Stop | Translate | Unknown):
                return action
            if isinstance(action, Untrack):
                self.untrack = self.untrack or not self.tracked
            elif isinstance(action, Call):
                if action.back:
                    back.append((here, at))
                here, at = by_name[action.chain], 0
            elif isinstance(action, Return):
                at = len(here.rules)

    def _matches(self, rule: Rule, hook: Hook) -> bool:
        return any(all(self._holds(one, hook) for one in conditions) for conditions in rule.any_of)

    def _holds(self, condition: Condition, hook: Hook) -> bool:
        if isinstance(condition, Numbers):
            return contains(condition.values, self._value(condition.field))
        if isinstance(condition, Interface):
            name = self._interface(condition.side, hook)
            return any(_is_named(name, pattern) for pattern in condition.names) != condition.negated
        if isinstance(condition, AddressType):
            return (self._kind(condition.side) == condition.kind) != condition.negated
        return self.sent.atoms.get(condition.name, False) != condition.negated

    def _value(self, field: str) -> int:
        if field == "odestination":
            return self.sent.destination
        if field == "odport":
            return self.sent.dport
        if field == "state" and not self.tracked:
            return UNTRACKED if self.untrack else INVALID
        if field == "nat" and (not self.tracked or self.packet.state == UNTRACKED):
            return 0
        return getattr(self.packet, field)  # type: ignore[no-any-return]

    def _interface(self, side: str, hook: Hook) -> str:
        """Which way a packet leaves is not known before it is routed."""
        if side == "in":
            return self.packet.into
        if hook in ("ingress", "prerouting", "input"):
            return ""
        return self._first_way() if hook == "output" else self.packet.out

    def _first_way(self) -> str:
        """The output hook is told where a packet went at first, also once translation has sent it another way."""
        destination, family = self.sent.destination, self.sent.family
        if self.host.interfaces is not None and contains(self.host.local(family) or (), destination):
            return "lo"
        outs = self.host.outs(family) or {}
        ways = [name for name, to in outs.items() if contains(to, destination)]
        return self.packet.out if self.packet.out in ways or not ways else ways[0]

    def _kind(self, side: str) -> str:
        address = self.packet.source if side == "source" else self.packet.destination
        if contains(MULTICAST[self.sent.family], address):
            return "multicast"
        local = self.host.local(self.sent.family)
        if contains(local or ALWAYS_LOCAL[self.sent.family], address):
            return "local"
        if contains(self.host.broadcast(self.sent.family), address):
            return "broadcast"
        return self._unknown_kind(side) if local is None else "unicast"

    def _unknown_kind(self, side: str) -> str:
        """What the packet says of itself, where the host's addresses are not known."""
        if side == "source":
            return self.sent.kinds.get("source", "unicast")
        if self.own:
            return "local"
        received = "local" if self.sent.path in ("input", "loopback") else "unicast"
        return self.sent.kinds.get("translated" if self.translated else "destination", received)

    def _comes_this_way(self) -> bool:
        """Whether routing delivers the packet to this host (input) or forwards it to its ``out`` (forward)."""
        if self.packet.into != "lo" and self._is_martian():
            return False
        kind = self._kind("destination")
        received = kind in ("local", "broadcast", "multicast")
        if self.sent.path != "forward":
            return received
        return not received and self._leaves_this_way()

    def _is_martian(self) -> bool:
        """Whether its source cannot be, or its destination must not be, outside of the host (fib_validate_source)."""
        source, destination = self.packet.source, self.packet.destination
        if self.sent.family == 6:  # rt6_need_strict: no route of the loopback's is found for what came in elsewhere
            return contains(LOOPBACK[6], destination)
        if contains(LOOPBACK[4], destination) or contains(LOOPBACK[4], source) or contains(MULTICAST[4], source):
            return True
        if source == NOBODY:
            return destination not in (NOBODY, LIMITED_BROADCAST) and not contains(LINK_MULTICAST, destination)
        own = contains(self.host.local(4) or (), source)
        return destination == NOBODY or source == LIMITED_BROADCAST or own

    def _is_refused(self) -> bool:
        """Whether IPv6 drops it before it comes to prerouting (ip6_rcv_core), which IPv4 does not."""
        if self.sent.family == 4 or self.packet.into == "lo":
            return False
        of_host = contains(LOOPBACK[6], self.packet.source) or contains(LOOPBACK[6], self.packet.destination)
        return of_host or contains(MULTICAST[6], self.packet.source)

    def _leaves_this_way(self) -> bool:
        kind = self._kind("destination")
        if self.sent.path == "loopback":
            return kind == "local" and self.packet.out == "lo"
        if kind == "local" and self.host.interfaces is not None:
            return self.packet.out == "lo"
        outs = self.host.outs(self.sent.family)
        if outs is None or kind in ("broadcast", "multicast"):
            return True
        return contains(outs.get(self.packet.out, ()), self.packet.destination)


def _is_named(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
