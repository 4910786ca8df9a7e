"""Random rule sets, hosts and packets, small enough that packets meet rules: what decisions and walks must agree on."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from policyengine.firewall.host import Host, HostAddress, HostInterface, Route, host_address, route
from policyengine.firewall.packets import Concrete, Path
from policyengine.firewall.rules import (
    Action,
    AddressType,
    Atom,
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
from policyengine.model.location import Location

if TYPE_CHECKING:
    from policyengine.firewall.intervals import Intervals

ADDRESSES = [host_address(text).address for text in ("10.0.0.1", "10.0.0.2", "10.0.0.9", "192.0.2.1", "127.0.0.1")]
PORTS = (21, 22, 80, 81, 8000, 8001)
INTERFACES = ("lo", "eth0", "eth1", "veth3")
HOST = Host(
    (
        HostInterface("lo", (host_address("127.0.0.1/8"),)),
        HostInterface("eth0", (host_address("10.0.0.1/24"), HostAddress(4, host_address("10.0.0.3").address, 24))),
        HostInterface("eth1", (host_address("192.0.2.1/24"),)),
    ),
    (route("10.0.0.0/24", "eth0"), route("192.0.2.0/24", "eth1"), route("default", "eth1"), Route(4, (9, 9), None)),
)

WHERE = Location("rules", 1)

BASES: tuple[tuple[str, str, Hook, int], ...] = (
    ("raw", "filter", "prerouting", -300),
    ("raw", "filter", "output", -300),
    ("mangle", "filter", "prerouting", -150),
    ("nat", "nat", "prerouting", -100),
    ("nat", "nat", "output", -100),
    ("nat", "nat", "input", 100),
    ("nat", "nat", "postrouting", 100),
    ("filter", "filter", "input", 0),
    ("filter", "filter", "forward", 0),
    ("filter", "filter", "output", 0),
    ("late", "filter", "forward", 10),
    ("late", "filter", "postrouting", 300),
)


class Making:
    """One source of randomness for a rule set and its packets."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def ruleset(self) -> Ruleset:
        names = dict.fromkeys(name for name, *_ in BASES)
        return Ruleset(tuple(self._table(name) for name in names))

    def host(self) -> Host | None:
        return self.random.choice((HOST, None, Host(interfaces=HOST.interfaces)))

    def _table(self, name: str) -> Table:
        bases = [base for base in BASES if base[0] == name]
        called = ["one", "two"]
        chains = [
            Chain(
                f"{name}-{hook}",
                self._rules(called, hook, kind == "nat", early=priority < -200),
                WHERE,
                hook,
                priority,
                "accept" if kind == "nat" or self.random.random() < 0.8 else "drop",
                "nat" if kind == "nat" else "filter",
            )
            for _, kind, hook, priority in bases
            if self.random.random() < 0.8
        ]
        chains.append(Chain("one", self._rules(["two"], None, False, early=name == "raw"), WHERE))
        chains.append(Chain("two", self._rules([], None, False, early=name == "raw"), WHERE))
        return Table("nft", name, (4,), tuple(chains))

    def _rules(self, called: list[str], hook: Hook | None, nat: bool, *, early: bool) -> tuple[Rule, ...]:
        number = self.random.randrange(5)
        return tuple(Rule(self._any_of(), self._action(called, hook, nat, early), "", WHERE) for _ in range(number))

    def _any_of(self) -> tuple[tuple[Condition, ...], ...]:
        return tuple(self._conditions() for _ in range(self.random.choice((1, 1, 1, 2))))

    def _conditions(self) -> tuple[Condition, ...]:
        return tuple(self._condition() for _ in range(self.random.choice((0, 1, 1, 2, 3))))

    def _condition(self) -> Condition:
        chosen = self.random.randrange(12)
        if chosen < 3:
            return Numbers(self.random.choice(("source", "destination", "odestination")), self._values(ADDRESSES))
        if chosen < 6:
            return Numbers(self.random.choice(("dport", "sport", "odport")), self._values(PORTS))
        if chosen == 6:
            return Numbers("protocol", self.random.choice((((6, 6),), ((17, 17),), ((1, 1), (6, 6)))))
        if chosen == 7:
            return Numbers("state", self.random.choice((((0, 0),), ((1, 2),), ((3, 4),), ((0, 3),))))
        if chosen == 8:
            return Numbers("nat", self.random.choice((((0, 0),), ((1, 1), (3, 3)), ((2, 3),))))
        if chosen == 9:
            kind = self.random.choice(("local", "unicast", "broadcast", "multicast"))
            return AddressType(self.random.choice(("source", "destination")), kind, self.random.random() < 0.3)
        if chosen == 10:
            return Atom(self.random.choice(("limit", "mac")), self.random.random() < 0.5)
        side = self.random.choice(("in", "out"))
        names = self.random.choice((("eth0",), ("eth*",), ("lo", "eth1"), ("veth*",)))
        return Interface("in" if side == "in" else "out", names, self.random.random() < 0.3)

    def _values(self, pool: list[int] | tuple[int, ...]) -> Intervals:
        low = self.random.choice(pool)
        high = self.random.choice(pool)
        return ((min(low, high), max(low, high)),) if self.random.random() < 0.4 else ((low, low),)

    def _action(self, called: list[str], hook: Hook | None, nat: bool, early: bool) -> Action | None:
        actions: list[Action | None] = [Return(), None, Stop("accept"), Stop("drop")]
        actions += [Stop("reject"), Unknown("QUEUE")] if not nat else []
        actions += [Call(name, back) for name in called for back in (True, False)]
        actions += [Untrack()] * (3 if early else 0)
        if nat:
            actions += [self._translate(hook)] * 6
        return self.random.choice(actions)

    def _translate(self, hook: Hook | None) -> Translate:
        source = hook in ("input", "postrouting")
        if self.random.random() < 0.3:
            return Translate("masquerade" if source else "redirect", None, self._ports())
        addresses = self._values(ADDRESSES) if self.random.random() < 0.8 else None
        ports = self._ports()
        shift = self.random.choice(PORTS) if ports and not source and self.random.random() < 0.3 else None
        return Translate("snat" if source else "dnat", addresses, ports, shift)

    def _ports(self) -> Intervals | None:
        return self._values(PORTS) if self.random.random() < 0.6 else None

    def packet(self, path: Path) -> Concrete:
        pick = self.random.choice
        addresses = [*ADDRESSES, 9, host_address("10.0.0.255").address, host_address("224.0.0.1").address]
        return Concrete(
            4,
            path,
            pick(addresses),
            pick(addresses),
            into="" if path == "output" else pick(INTERFACES),
            out="" if path == "input" else pick(INTERFACES),
            protocol=pick((6, 6, 17, 1)),
            state=pick((0, 0, 0, 1, 2, 3)),
            sport=pick(PORTS),
            dport=pick(PORTS),
            nat=pick((0, 1, 2, 3)),
            atoms={"limit": pick((True, False)), "mac": pick((True, False))},
            kinds={
                "source": pick(("unicast", "local")),
                "destination": pick(("unicast", "local", "broadcast")),
                "translated": pick(("unicast", "local")),
            },
            chosen={
                "destination": pick(ADDRESSES),
                "dport": pick(PORTS),
                "source": pick(ADDRESSES),
                "sport": pick(PORTS),
            },
        )
