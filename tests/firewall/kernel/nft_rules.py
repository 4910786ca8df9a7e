"""Rule sets by lot as ``nft -f`` reads them: several tables and base chains a hook, sets, maps, concatenations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.firewall.kernel.values import Values

FILTERING = {
    "prerouting": (-300, -150, 0),
    "input": (-150, 0, 10),
    "forward": (-150, -10, 0, 10),
    "output": (-300, -150, 0),
    "postrouting": (-150, 0),
}
TRANSLATING = {"prerouting": -100, "output": -100, "input": 100, "postrouting": 100}
DEVICES = ("eth0", "eth1", "docker0")
INTERFACES = ('"eth0"', '"eth1"', '"docker0"', '"eth*"', '"e*"', '"wg0"')
STATES = ("new", "established", "related", "invalid", "untracked")
FLAGS = (
    "tcp flags & (fin | syn | rst | ack) == syn",
    "tcp flags & (syn | ack) == (syn | ack)",
    "tcp flags syn",
    "tcp flags != syn,ack",
    "tcp flags & (fin | syn) != 0",
    "tcp flags == (fin | psh | urg)",
    "tcp flags == 0x0",
)
ICMP_TYPES = {
    4: ("echo-request", "echo-reply", "destination-unreachable", "time-exceeded", "timestamp-request"),
    6: ("echo-request", "echo-reply", "destination-unreachable", "time-exceeded", "139"),
}


class Words(NamedTuple):
    """How a family is written."""

    ip: str
    address: str
    icmp: str
    protocol: str


WORDS = {4: Words("ip", "ipv4_addr", "icmp", "ip protocol"), 6: Words("ip6", "ipv6_addr", "icmpv6", "ip6 nexthdr")}


class Base(NamedTuple):
    hook: str
    kind: str
    priority: int


def _may_refuse(base: Base | None) -> bool:
    """Whether a rule of a chain may reject, and not only drop: whoever jumps to others does so from any hook."""
    return base is not None and base.kind == "filter" and base.hook in ("input", "forward", "output")


def ruleset(values: Values, size: int) -> str:
    """One to three tables; ``size`` is about how many rules there are."""
    count = values.lot.choice((1, 1, 2, 3))
    tables = [_Table(values, f"t{number}", size // count) for number in range(count)]
    if values.chance(0.25):
        tables.append(_Devices(values, size // 3))
    return "\n".join(table.text() for table in tables) + "\n"


class _Table:
    def __init__(self, values: Values, name: str, size: int) -> None:
        self.values = values
        self.lot = values.lot
        self.name = name
        self.size = size
        self.words = WORDS[values.family]
        self.family = self.lot.choice((self.words.ip, "inet"))
        self.own = [f"c{number}" for number in range(self.lot.randrange(0, 5))]

    def text(self) -> str:
        lines = [f"table {self.family} {self.name} {{", *self._sets()]
        for place, name in reversed(list(enumerate(self.own))):  # a chain is there before it is called
            lines += self._chain(name, None, self.own[place + 1 :])
        for number, base in enumerate(self._bases()):
            lines += self._chain(f"b{number}", base, self.own)
        return "\n".join([*lines, "}"])

    def _bases(self) -> list[Base]:
        found = [
            Base(hook, "filter", self.lot.choice(FILTERING[hook]))
            for hook in ("input", "forward", "output")
            if self.values.chance(0.8)
        ]
        found += [
            Base(hook, "filter", self.lot.choice(FILTERING[hook]))
            for hook in ("prerouting", "postrouting", "output", "forward")
            if self.values.chance(0.2)
        ]
        if self.values.chance(0.4):
            hooks = self.values.sample(tuple(TRANSLATING), 3)
            found += [Base(hook, "nat", TRANSLATING[hook]) for hook in hooks]
        return found

    def _sets(self) -> list[str]:
        values, address = self.values, self.words.address
        elements = {
            "nets": (f"type {address}; flags interval;", values.networks(4)),
            "ports": ("type inet_service; flags interval;", values.ports_apart(3)),
            "pairs": (f"type {address} . inet_service;", sorted({self._pair() for _ in range(4)})),
            "ranges": (f"type {address} . inet_service; flags interval;", self._rectangles()),
        }
        return [
            f"set {name} {{ {kind} elements = {{ {', '.join(all_)} }}; }}" for name, (kind, all_) in elements.items()
        ]

    def _pair(self) -> str:
        return f"{self.values.address()} . {self.values.port()}"

    def _rectangles(self) -> list[str]:
        ports = self.values.ports_apart(3)
        return [f"{network} . {port}" for network, port in zip(self.values.networks(3), ports, strict=False)]

    def _chain(self, name: str, base: Base | None, later: Sequence[str]) -> list[str]:
        lines = [f"chain {name} {{"]
        if base is not None:
            policy = "accept" if base.kind == "nat" or self.values.chance(0.6) else "drop"
            lines.append(f"type {base.kind} hook {base.hook} priority {base.priority}; policy {policy};")
        share = max(2, self.size // (3 + len(self.own)))
        lines += [self._rule(base, later) for _ in range(self.lot.randrange(1, share + 2))]
        return [*lines, "}"]

    def _rule(self, base: Base | None, later: Sequence[str]) -> str:
        by = self.lot.random()
        if by < 0.1:
            return " ".join([*self._some_matches(base), self._verdict_map(later)])
        if by < 0.13 and self.family == "inet":
            return f"{self._other_family()} tcp dport {self._port()} counter {self._verdict(base, later, 'tcp')}"
        if by < 0.16 and _may_refuse(base):
            return self._refusal()
        protocol = self.lot.choice(("", "", "tcp", "tcp", "udp", "udp", "icmp", "sctp", "other"))
        if base is not None and base.kind == "nat" and by < 0.6:
            return self._translation(base, protocol)
        matches = [*self._some_matches(base), *self._protocol(protocol)]
        self.lot.shuffle(matches)
        sure = "tcp" if any(match.startswith("tcp ") for match in matches) else ""
        return " ".join([*matches, "counter", self._verdict(base, later, sure)])

    def _some_matches(self, base: Base | None) -> list[str]:
        makers: list[tuple[float, Callable[[Base | None], str]]] = [
            (0.35, lambda _: f"{self.words.ip} saddr {self._address()}"),
            (0.35, lambda _: f"{self.words.ip} daddr {self._address()}"),
            (0.15, self._interface),
            (0.3, lambda _: self._state()),
            (0.06, self._kind_of_address),
            (0.05, lambda _: self._original()),
            (0.08, self._card),
            (0.04, lambda _: f"meta nfproto ipv{self.values.family}" if self.family == "inet" else ""),
        ]
        return [text for chance, make in makers if self.values.chance(chance) and (text := make(base))]

    def _other_family(self) -> str:
        """What no packet that is sent here matches."""
        ours = self.values.family
        return self.lot.choice(
            (f"meta nfproto ipv{10 - ours}", "ip6 saddr fd00::/8" if ours == 4 else "ip daddr 10.0.0.0/8")
        )

    def _not(self) -> str:
        return "!= " if self.values.chance(0.2) else ""

    def _side(self) -> str:
        return self.lot.choice(("saddr", "daddr"))

    def _transport(self) -> str:
        return self.lot.choice(("tcp", "udp", "tcp", "sctp"))

    def _pairs(self) -> str:
        inside = ", ".join(sorted({self._pair() for _ in range(3)}))
        return self._not() + self.lot.choice(("@pairs", "@ranges", f"{{ {inside} }}"))

    def _address(self) -> str:
        values = self.values
        one = [values.network, values.address_range, values.address, lambda: "@nets"]
        several: Callable[[], str] = lambda: f"{{ {', '.join(values.networks(self.lot.randrange(2, 6)))} }}"  # noqa: E731
        text = self.lot.choice([*one, several])()
        return (self._not() if not text.endswith("/0") else "") + text

    def _card(self, base: Base | None) -> str:
        """After routing, what is left of a frame depends on the driver."""
        if base is None or base.hook not in ("prerouting", "input", "forward"):
            return ""
        cards = [f"02:00:00:00:00:{number:02x}" for number in self.lot.sample(range(8), 3)]
        one = self.lot.choice((cards[0], "-".join(sorted(cards[:2])), f"{{ {', '.join(cards)} }}"))
        return f"ether saddr {self._not()}{one}"

    def _interface(self, base: Base | None) -> str:
        hook = base.hook if base else self.lot.choice(("input", "forward", "postrouting"))
        sides = {"prerouting": ["iifname"], "input": ["iifname"], "output": ["oifname"], "postrouting": ["oifname"]}
        side = self.lot.choice(sides.get(hook, ["iifname", "oifname"]))
        if self.values.chance(0.3):
            return f"{side} {self._not()}{{ {', '.join(self.values.sample(INTERFACES[:3], 2))} }}"
        if self.values.chance(0.2):
            return f"{side[:3]} {self._not()}{self.lot.choice(INTERFACES[:3])}"
        return f"{side} {self._not()}{self.lot.choice(INTERFACES)}"

    def _state(self) -> str:
        chosen = self.values.sample(STATES, 3)
        if self.values.chance(0.2):
            return f"ct state {self._not()}{{ {', '.join(chosen)} }}"
        if self.values.chance(0.3):
            return f"ct state {self._not()}{chosen[0]}"
        return f"ct state {','.join(chosen)}{self._direction(chosen)}"

    def _direction(self, states: Sequence[str]) -> str:
        """Of what is established, or an error about it, it is not known."""
        if {"established", "related"} & set(states) or not self.values.chance(0.4):
            return ""
        return f" ct direction {self._not()}{self.lot.choice(('original', 'original', 'reply'))}"

    def _kind_of_address(self, base: Base | None) -> str:
        return f"fib {self._side()} type {self._not()}{self.lot.choice(('local', 'local', 'unicast'))}"

    def _original(self) -> str:
        network = self.values.network()
        if network.endswith("/0"):
            return ""
        return f"ct original {self.words.ip} daddr {self._not()}{network}"

    def _protocol(self, protocol: str) -> list[str]:
        """What is matched of a protocol, by its own name and by that of any."""
        if protocol in ("tcp", "udp", "sctp"):
            return self._ports(protocol)
        if protocol == "icmp":
            return self._icmp()
        if protocol == "other":
            names = self.values.sample(("tcp", "udp", "sctp", "136", "47", "50", self._icmp_protocol()), 3)
            how = self.lot.choice(("meta l4proto", "meta l4proto", self.words.protocol))
            return [
                f"{how} {self._not()}{{ {', '.join(names)} }}" if len(names) > 1 else f"{how} {self._not()}{names[0]}"
            ]
        return []

    def _icmp_protocol(self) -> str:
        return "icmp" if self.values.family == 4 else "ipv6-icmp"

    def _icmp(self) -> list[str]:
        types = self.values.sample(ICMP_TYPES[self.values.family], 3)
        how = self.lot.choice((f"{self._not()}{types[0]}", f"{{ {', '.join(types)} }}"))
        found = [f"{self.words.icmp} type {how}"]
        if self.values.chance(0.2):
            found.append(f"{self.words.icmp} code {self.lot.choice(('0', '1', '3', '!= 0'))}")
        return found

    def _ports(self, protocol: str) -> list[str]:
        found = []
        for side, chance in (("dport", 0.7), ("sport", 0.15)):
            if self.values.chance(chance):
                found.append(f"{protocol} {side} {self._port()}")
        if self.values.chance(0.15):
            found.append(f"{self.words.ip} {self._side()} . {protocol} dport {self._pairs()}")
        if not found and self.values.chance(0.3):
            return [f"meta l4proto {{ {protocol}, 136 }}", f"th dport {self._port()}"]
        if protocol == "tcp" and self.values.chance(0.2):
            found.append(self.lot.choice(FLAGS))
        return found or [f"meta l4proto {self._not()}{protocol}"]

    def _port(self) -> str:
        values = self.values
        several = ", ".join(values.ports_apart(self.lot.randrange(1, 5)))
        return self._not() + self.lot.choice((values.port(), values.port_range("-"), "@ports", f"{{ {several} }}"))

    def _verdict_map(self, later: Sequence[str]) -> str:
        verdicts = ["accept", "drop", "accept", "drop", "return", "continue"]
        verdicts += [f"{how} {name}" for name in later for how in ("jump", "goto")]

        def mapped(keys: Sequence[str]) -> str:
            return "{ " + ", ".join(f"{key} : {self.lot.choice(verdicts)}" for key in keys) + " }"

        by = self.lot.random()
        if by < 0.3:
            return f"{self._transport()} dport vmap {mapped(self.values.ports_apart(3))}"
        if by < 0.5:
            return f"{self.words.ip} {self._side()} vmap {mapped(self.values.networks(3))}"
        if by < 0.7:
            return f"ct state vmap {mapped(self.values.sample(STATES, 4))}"
        if by < 0.85:
            return f"meta l4proto vmap {mapped(self.values.sample(('tcp', 'udp', 'sctp', '47'), 3))}"
        pairs = sorted({self._pair() for _ in range(3)})
        return f"{self.words.ip} {self._side()} . {self._transport()} dport vmap {mapped(pairs)}"

    def _refusal(self) -> str:
        """One that can answer some packets only: nft asks for these before, and does not list that right before it."""
        inet = ("reject with icmp type host-prohibited", "reject with icmpv6 type no-route", "reject with tcp reset")
        return self.lot.choice(inet if self.family == "inet" else inet[2:])

    def _verdict(self, base: Base | None, later: Sequence[str], protocol: str) -> str:
        found = ["accept", "accept", "drop", "drop", "return", "", ""]
        found += [f"{how} {name}" for name in later for how in ("jump", "jump", "goto")]
        if base is None:
            return self.lot.choice(found)
        if _may_refuse(base):
            found += ["reject", "reject with icmpx type admin-prohibited" if self.family == "inet" else "reject"]
            found += ["reject with tcp reset"] if protocol == "tcp" else []
        if base.kind == "filter" and base.hook in ("prerouting", "output") and base.priority < -200:
            found += ["notrack"] * 3
        return self.lot.choice(found)

    def _translation(self, base: Base, protocol: str) -> str:
        ported = protocol in ("tcp", "udp")
        matches = [*self._some_matches(base), *(self._ports(protocol) if ported else [])]
        ported = ported and not any(" != " in match and "l4proto" in match for match in matches) and bool(matches)
        ported = ported and any(match.startswith(protocol) for match in matches)
        ip = f" {self.words.ip}" if self.family == "inet" else ""
        ports = self.values.port_range("-") if ported and self.values.chance(0.5) else ""
        to = f"dnat{ip} to {self._target(ports)}"
        how = {
            "prerouting": (to, to, self._mapped(ip), "redirect" + (f" to :{ports}" if ports else "")),
            "output": (to, self._mapped(ip)),
            "input": (f"snat{ip} to {self._target('')}",),
            "postrouting": (f"snat{ip} to {self._target('')}", self._masquerade(ported)),
        }
        chosen = self.lot.choice(how[base.hook])
        counter = [] if " map " in chosen else ["counter"]  # it would count what is in no map too
        return " ".join([*matches, *counter, chosen])

    def _target(self, ports: str) -> str:
        """An address or a range of a few, and ports."""
        low, high = self.values.remote_range()
        texts = [self.values.text(one) for one in dict.fromkeys((low, high))]
        if not ports:
            return "-".join(texts)
        return "-".join(text if self.values.family == 4 else f"[{text}]" for text in texts) + f":{ports}"

    def _mapped(self, ip: str) -> str:
        """By a map from what the packet is sent to."""
        keys = self.values.networks(3)
        pairs = ", ".join(f"{key} : {self.values.text(self.values.remote())}" for key in keys)
        return f"dnat{ip} to {self.words.ip} daddr map {{ {pairs} }}"

    def _masquerade(self, ported: bool) -> str:
        """Of source ports there are enough for every packet: two connections that become one are no matter here."""
        first = self.lot.randrange(1024, 40000)
        return f"masquerade to :{first}-{first + 20000}" if ported and self.values.chance(0.5) else "masquerade"


class _Devices(_Table):
    """A table with chains where packets come in by devices, and where they go out by them.

    The names of the chains tell the devices, since not every version of nft does.
    """

    def __init__(self, values: Values, size: int) -> None:
        super().__init__(values, "t9", size)
        self.family = self.lot.choice(("netdev", "netdev", "inet"))

    def text(self) -> str:
        lines = [f"table {self.family} {self.name} {{", *self._sets()]
        for place, name in reversed(list(enumerate(self.own))):
            lines += self._chain(name, None, self.own[place + 1 :])
        hooks = ("ingress", "ingress", "egress") if self.family == "netdev" else ("ingress",)
        for hook in self.values.sample(hooks, 2):
            lines += self._hooked(hook, self.values.sample(DEVICES, 2))
        return "\n".join([*lines, "}"])

    def _hooked(self, hook: str, devices: Sequence[str]) -> list[str]:
        base = Base(hook, "filter", self.lot.choice((-10, 0, 5)))
        where = f"devices = {{ {', '.join(devices)} }}" if len(devices) > 1 else f"device {devices[0]}"
        policy = "drop" if self.values.chance(0.15) else "accept"
        lines = [f"chain {hook}_{self.lot.randrange(1000)}_{'_'.join(devices)} {{"]
        lines.append(f"type filter hook {hook} {where} priority {base.priority}; policy {policy};")
        lines += [self._rule(base, self.own) for _ in range(self.lot.randrange(1, max(2, self.size // 3) + 2))]
        return [*lines, "}"]

    def _rule(self, base: Base | None, later: Sequence[str]) -> str:
        protocol = self.lot.choice(("", "tcp", "tcp", "udp", "icmp", "sctp", "other"))
        matches = [
            f"{self.words.ip} {side} {self._address()}" for side in ("saddr", "daddr") if self.values.chance(0.5)
        ]
        matches += self._protocol(protocol)
        self.lot.shuffle(matches)
        verdicts = [
            "accept",
            "accept",
            "drop",
            "return",
            "",
            *(f"{how} {name}" for name in later for how in ("jump", "goto")),
        ]
        return " ".join([*matches, "counter", self.lot.choice(verdicts)])
