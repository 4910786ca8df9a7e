"""Rules as Docker hands them to iptables and nft: a text, as these programs print it, and what the text says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec.structs import replace

from policyengine.firewall.addresses import BITS, first_and_last, shown
from policyengine.firewall.intervals import complement, normalised
from policyengine.firewall.protocols import PROTOCOLS
from policyengine.firewall.rules import (
    ESTABLISHED,
    RELATED,
    AddressType,
    Atom,
    Call,
    Chain,
    Interface,
    Numbers,
    Return,
    Rule,
    Stop,
    Table,
    Translate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Action, Condition, Family, Field, Hook
    from policyengine.model.location import Location

Words = Literal["iptables", "nft"]


class Part(NamedTuple):
    """A part of a rule: its text in one of the two languages, and the conditions that it states."""

    text: str
    conditions: tuple[Condition, ...] = ()


class Deed(NamedTuple):
    """What a rule does: its text, and what that says. ``None``: nothing but count."""

    text: str
    action: Action | None


class Language:
    """The matches that Docker uses, spelled by one of the two programs for one family."""

    def __init__(self, words: Words, family: Family) -> None:
        self.words = words
        self.family = family
        self._ip = "ip" if family == 4 else "ip6"

    def into(self, *names: str, but: bool = False) -> Part:
        """It comes in by one of these interfaces."""
        return self._interface("in", "-i", "iifname", names, but)

    def out(self, *names: str, but: bool = False) -> Part:
        """It goes out by one of these."""
        return self._interface("out", "-o", "oifname", names, but)

    def _interface(self, side: Literal["in", "out"], flag: str, key: str, names: tuple[str, ...], but: bool) -> Part:
        condition = (Interface(side, names, but),)
        if self.words == "nft":
            return Part(f'{key} {"!= " if but else ""}"{names[0]}"', condition)
        return Part(f"{'! ' if but else ''}{flag} {names[0]}", condition)

    def source(self, network: str, *, but: bool = False) -> Part:
        """Its source is in a network, as CIDR or a single address."""
        return self._addresses("source", "-s", "saddr", network, but)

    def destination(self, network: str, *, but: bool = False) -> Part:
        """Its destination is."""
        return self._addresses("destination", "-d", "daddr", network, but)

    def _addresses(self, field: Field, flag: str, key: str, network: str, but: bool) -> Part:
        among: Intervals = (first_and_last(network, self.family),)
        values = complement(among, (1 << BITS[self.family]) - 1) if but else among
        if self.words == "nft":
            short = network.removesuffix(f"/{BITS[self.family]}")
            return Part(f"{self._ip} {key} {'!= ' if but else ''}{short}", (Numbers(field, values),))
        long = network if "/" in network else f"{network}/{BITS[self.family]}"
        return Part(f"{'! ' if but else ''}{flag} {long}", (Numbers(field, values),))

    def within(self, name: str, networks: Iterable[str]) -> Part:
        """Its destination is in one of the networks of a set of ipset."""
        values = normalised(first_and_last(network, self.family) for network in networks)
        return Part(f"-m set --match-set {name} dst", (Numbers("destination", values),))

    def port(self, protocol: str, first: int, last: int | None = None) -> Part:
        """It is of a protocol and goes to a port, or to one of several."""
        number = PROTOCOLS[protocol]
        conditions = (Numbers("protocol", ((number, number),)), Numbers("dport", ((first, last or first),)))
        if self.words == "nft":
            return Part(f"{protocol} dport {_range(first, last, '-')}", conditions)
        return Part(f"-p {protocol} -m {protocol} --dport {_range(first, last, ':')}", conditions)

    def from_port(self, protocol: str, port: int) -> Part:
        """It is of a protocol and comes from a port."""
        number = PROTOCOLS[protocol]
        text = f"{protocol} sport {port}" if self.words == "nft" else f"-p {protocol} -m {protocol} --sport {port}"
        return Part(text, (Numbers("protocol", ((number, number),)), Numbers("sport", ((port, port),))))

    def icmp(self) -> Part:
        """It is of ICMP, ICMPv6."""
        name = "icmp" if self.family == 4 else "ipv6-icmp"
        condition = Numbers("protocol", ((PROTOCOLS[name],) * 2,))
        if self.words == "nft":
            return Part("ip protocol icmp" if self.family == 4 else "meta l4proto ipv6-icmp", (condition,))
        return Part(f"-p {name}", (condition,))

    def known(self) -> Part:
        """Its connection is an old one's, or related to one."""
        text = "ct state established,related" if self.words == "nft" else "-m conntrack --ctstate RELATED,ESTABLISHED"
        return Part(text, (Numbers("state", ((ESTABLISHED, RELATED),)),))

    def local(self, side: Literal["source", "destination"]) -> Part:
        """Its address is one of the host's own."""
        condition = AddressType(side, "local")
        if self.words == "nft":
            return Part(f"fib {side[0]}addr type local", (condition,))
        return Part(f"-m addrtype --{'src' if side == 'source' else 'dst'}-type LOCAL", (condition,))

    def accept(self, comment: str = "") -> Deed:
        """It is accepted."""
        return self._deed("ACCEPT", "accept", Stop("accept"), comment)

    def drop(self, comment: str = "") -> Deed:
        """It is dropped."""
        return self._deed("DROP", "drop", Stop("drop"), comment)

    def back(self) -> Deed:
        """Back to the chain that it came from."""
        return self._deed("RETURN", "return", Return())

    def jump(self, chain: str) -> Deed:
        """On to another chain, and back after it."""
        return self._deed(chain, f"jump {chain}", Call(chain))

    def masquerade(self, comment: str = "") -> Deed:
        """Its source becomes an address of the host."""
        return self._deed("MASQUERADE", "masquerade", Translate("masquerade"), comment)

    def snat(self, address: str, comment: str = "") -> Deed:
        """Its source becomes a certain address."""
        to = Translate("snat", (first_and_last(address, self.family),))
        return self._deed(f"SNAT --to-source {address}", f"snat to {address}", to, comment)

    def dnat(self, address: int, port: int, comment: str = "") -> Deed:
        """Its destination becomes an address and a port."""
        text = shown(address, self.family)
        to = f"[{text}]:{port}" if self.family == 6 else f"{text}:{port}"
        action = Translate("dnat", ((address, address),), ((port, port),))
        return self._deed(f"DNAT --to-destination {to}", f"dnat to {to}", action, comment)

    def _deed(self, iptables: str, nft: str, action: Action, comment: str = "") -> Deed:
        if self.words == "iptables":
            return Deed(f"-j {iptables}", action)
        return Deed(f'counter {nft} comment "{comment}"' if comment else f"counter {nft}", action)


def _range(first: int, last: int | None, dash: str) -> str:
    return str(first) if last is None or last == first else f"{first}{dash}{last}"


def only_if(name: str, *, but: bool = False) -> Part:
    """It holds if something is so that nobody knows; in no program's words."""
    return Part("", (Atom(name, but),))


class Sheet:
    """A table while it is written: its chains, each from its first rule to its last."""

    def __init__(self, name: str, language: Language, cause: Location) -> None:
        self.name = name
        self.language = language
        self._cause = cause
        self._chains: dict[str, Chain] = {}
        self._rules: dict[str, list[Rule]] = {}

    def base(self, name: str, hook: Hook, priority: int, *, type_: Literal["filter", "nat"] = "filter") -> None:
        """A chain that packets come to by a hook; what it does not decide is accepted."""
        self._chains[name] = Chain(name, (), self._cause, hook, priority, "accept", type_)
        self._rules[name] = []

    def chain(self, *names: str) -> None:
        """Chains that others jump to."""
        for name in names:
            self._chains[name] = Chain(name, (), self._cause)
            self._rules[name] = []

    def add(self, chain: str, parts: Iterable[Part], deed: Deed, cause: Location | None = None) -> None:
        """A rule at the end of a chain; ``cause`` is what it is there for."""
        self._rules[chain].append(self._rule(chain, parts, deed, cause))

    def _rule(self, chain: str, parts: Iterable[Part], deed: Deed, cause: Location | None) -> Rule:
        found = list(parts)
        conditions = tuple(one for part in found for one in part.conditions)
        head = [] if self.language.words == "nft" else [f"-A {chain}"]
        text = " ".join(word for word in [*head, *(part.text for part in found), deed.text] if word)
        return Rule((conditions,), deed.action, text, cause or self._cause)

    def table(self) -> Table:
        """What has been written."""
        chains = tuple(replace(one, rules=tuple(self._rules[name])) for name, one in self._chains.items())
        program: Literal["nft", "iptables-nft"] = "nft" if self.language.words == "nft" else "iptables-nft"
        return Table(program, self.name, (self.language.family,), chains)
