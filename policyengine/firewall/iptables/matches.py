"""What a rule of iptables matches: each option with its value as conditions.

Each reader below takes the option's value, whether it is negated, and the family, and gives alternatives: the option
matches where all conditions of one of them hold. Readers raise ValueError for what iptables would refuse too.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from policyengine.firewall.addresses import BITS, first_and_last
from policyengine.firewall.directions import original, reply
from policyengine.firewall.intervals import complement, normalised
from policyengine.firewall.iptables.numbers import address, network, whole
from policyengine.firewall.protocols import FLAGS, ICMP_TYPES, ICMPV6_TYPES, PROTOCOLS, icmp_numbers
from policyengine.firewall.rules import (
    INVALID,
    KINDS,
    NEW,
    NO_CARD,
    RELATED,
    STATES,
    UNTRACKED,
    AddressType,
    Atom,
    Condition,
    Family,
    Field,
    Interface,
    Numbers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Alternatives = tuple[tuple[Condition, ...], ...]

ALWAYS: Alternatives = ((),)
"""Matches every packet."""

NEVER: Alternatives = ()
"""Matches no packet."""


def _numbers(field: Field, values: Iterable[tuple[int, int]], top: int, negated: bool) -> Alternatives:
    found = normalised(values)
    found = complement(found, top) if negated else found
    if not found:
        return NEVER
    return ALWAYS if found == ((0, top),) else ((Numbers(field, found),),)


def _addresses(
    field: Field, network: Callable[[str, Family], tuple[int, int]] = network
) -> Callable[[str, bool, Family], Alternatives]:
    def read(text: str, negated: bool, family: Family) -> Alternatives:
        if negated and "," in text:
            raise ValueError(f'"! {text}" has several addresses, of which none can be negated')
        pairs = [network(one, family) for one in text.split(",")]
        return _numbers(field, pairs, (1 << BITS[family]) - 1, negated)

    return read


def _range(field: Field) -> Callable[[str, bool, Family], Alternatives]:
    def read(text: str, negated: bool, family: Family) -> Alternatives:
        low, dash, high = text.partition("-")
        pair = address(low, family), address(high if dash else low, family)
        if pair[0] > pair[1]:
            raise ValueError(f'"{text}" is a range from high to low')
        return _numbers(field, [pair], (1 << BITS[family]) - 1, negated)

    return read


def _interface(side: str) -> Callable[[str, bool, Family], Alternatives]:
    def read(text: str, negated: bool, _: Family) -> Alternatives:
        if text == "+":
            return NEVER if negated else ALWAYS
        if text.endswith("*"):  # to iptables no sign for any rest: that is "+"
            return ((Atom(f"{side} by an interface that is just called {text}", negated),),)
        name = f"{text[:-1]}*" if text.endswith("+") else text
        return ((Interface("in" if side == "in" else "out", (name,), negated),),)

    return read


def protocol_number(text: str) -> int | None:
    """The number of a protocol by name or number; None for all."""
    name = text.lower()
    if name == "all":
        return None
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    found = whole(name)
    if found is not None and found <= 255:
        return found or None
    raise ValueError(f'there is no protocol "{text}"')


def _protocol(text: str, negated: bool, _: Family) -> Alternatives:
    found = protocol_number(text)
    if found is None:
        return NEVER if negated else ALWAYS
    return _numbers("protocol", [(found, found)], 255, negated)


def port(text: str) -> int:
    """A port by number or by the name that a service has in /etc/services.

    Of ``022`` each match makes what it likes: to tcp it is eighteen, to udp twenty-two (iptables 1.8.9).
    """
    if text.isdecimal():
        if int(text) > 65535:
            raise ValueError(f'"{text}" is no port')
        if text[0] == "0" and len(text) > 1:
            raise ValueError(f'"{text}" is octal to some matches and not to others: leave the zero away')
        return int(text)
    try:
        return socket.getservbyname(text)
    except OSError:
        raise ValueError(f'"{text}" is no port') from None


def _port_range(text: str) -> tuple[int, int]:
    low, colon, high = text.partition(":")
    first = port(low) if low or not colon else 0
    last = (port(high) if high else 65535) if colon else first
    if first > last:
        raise ValueError(f'"{text}" is a range from high to low')
    return first, last


def _port_ranges(text: str) -> list[tuple[int, int]]:
    return [_port_range(one) for one in text.split(",")]


def _ports(field: Field) -> Callable[[str, bool, Family], Alternatives]:
    def read(text: str, negated: bool, _: Family) -> Alternatives:
        return _numbers(field, _port_ranges(text), 65535, negated)

    return read


MANY_PORTS = 15
"""So many ports one multiport may have, a range being two (``XT_MULTI_PORTS``)."""


def _several_ports(field: Field) -> Callable[[str, bool, Family], Alternatives]:
    """multiport's ``--sports`` and ``--dports``."""

    def read(text: str, negated: bool, _: Family) -> Alternatives:
        _check_several(text)
        return _numbers(field, _port_ranges(text), 65535, negated)

    return read


def _check_several(text: str) -> None:
    parts = text.split(",")
    if len(parts) + text.count(":") > MANY_PORTS:
        raise ValueError(f'"{text}" has more than {MANY_PORTS} ports, a range being two: make two rules of it')
    if open_ := [one for one in parts if one.startswith(":") or one.endswith(":")]:
        raise ValueError(f'"{open_[0]}" has no end, which multiport needs')


def _either_port(text: str, negated: bool, _: Family) -> Alternatives:
    """multiport's ``--ports``: the source's or the destination's; negated: neither is."""
    _check_several(text)
    source, destination = (_numbers(field, _port_ranges(text), 65535, negated) for field in ("sport", "dport"))
    return _both(source, destination) if negated else (*source, *destination)


def _both(one: Alternatives, other: Alternatives) -> Alternatives:
    return tuple((*here, *there) for here in one for there in other)


def _states(text: str, negated: bool, _: Family) -> Alternatives:
    """``--ctstate``: one of the states; or what NAT has done, which iptables takes for states as well."""
    states: list[tuple[int, int]] = []
    nat: list[tuple[int, int]] = []
    for name in text.split(","):
        if name in ("DNAT", "SNAT"):
            nat += [(1, 1), (3, 3)] if name == "DNAT" else [(2, 3)]
        elif name.lower() in STATES:
            states.append((STATES.index(name.lower()),) * 2)
        else:
            raise ValueError(f'there is no state "{name}" of a connection')
    found = [_numbers("state", states, len(STATES) - 1, negated)] if states else []
    found += [_numbers("nat", nat, 3, negated)] if nat else []
    if len(found) == 1:
        return found[0]
    return _both(*found) if negated else (*found[0], *found[1])


def _original(read: Callable[[str, bool, Family], Alternatives]) -> Callable[[str, bool, Family], Alternatives]:
    """What asks for how a connection began is false, negated or not, of a packet that is of none (xt_conntrack.c)."""

    def of_connection(text: str, negated: bool, family: Family) -> Alternatives:
        return tuple((*conditions, OF_CONNECTION) for conditions in read(text, negated, family))

    return of_connection


def _original_port(field: Literal["sport", "odport"]) -> Callable[[str, bool, Family], Alternatives]:
    """What stands for ports of ICMP: the type and code for the destination's, the identifier for the source's
    (``struct nf_conntrack_man_proto``)."""

    def read(text: str, negated: bool, family: Family) -> Alternatives:
        icmp = PROTOCOLS["icmp" if family == 4 else "ipv6-icmp"]
        others = _numbers("protocol", [(icmp, icmp)], 255, negated=True)
        found = _both(_numbers(field, _port_ranges(text), 65535, negated), others)
        asked: Alternatives = ((Atom(f"the identifier of an echo is {text}", negated),),)
        if field == "odport":
            asked = _numbers("icmp", _port_ranges(text), 65535, negated)
        return (*found, *_both(_numbers("protocol", [(icmp, icmp)], 255, negated=False), asked))

    return read


def _direction(text: str, negated: bool, _: Family) -> Alternatives:
    """``--ctdir``, of which the opposite is the other direction."""
    if negated:
        raise ValueError("--ctdir cannot be negated")
    if text.upper() not in ("ORIGINAL", "REPLY"):
        raise ValueError(f'"{text}" is neither ORIGINAL nor REPLY')
    name = "conntrack --ctdir ORIGINAL"
    return original(name) if text.upper() == "ORIGINAL" else reply(name)


OF_CONNECTION = Numbers("state", ((NEW, RELATED),))
"""Packets that connection tracking has a connection for: neither "invalid" nor "untracked"."""

OF_NONE = Numbers("state", ((INVALID, UNTRACKED),))
"""Those that it has none for."""


def beside_state(found: Alternatives) -> Alternatives:
    """What an option of conntrack matches that stands with ``--ctstate``: of a packet without a connection only the
    state is asked, and all other options hold (``conntrack_mt`` in net/netfilter/xt_conntrack.c)."""
    return (*found, (OF_NONE,))


def _kind(side: Literal["source", "destination"]) -> Callable[[str, bool, Family], Alternatives]:
    def read(text: str, negated: bool, family: Family) -> Alternatives:
        kinds = [name.lower() for name in text.split(",")]
        if strange := sorted(set(kinds) - set(KINDS)):
            raise ValueError(f'there is no address type "{strange[0].upper()}"')
        parts = [kinds] if family == 4 else _of_ipv6(kinds)
        if negated:
            return tuple(tuple(AddressType(side, kind, negated=True) for kind in part) for part in parts)
        found = ALWAYS
        for part in parts:
            found = _both(found, tuple((AddressType(side, kind),) for kind in part))
        return found

    return read


def _of_ipv6(kinds: list[str]) -> list[list[str]]:
    """The kinds of which an address must be one, and one of the next, ...: IPv6 asks for the form of an address, by
    which the host's own are unicast too, and then for its routes (``match_type6`` in xt_addrtype.c)."""
    forms = [
        UNICAST_FORMS if kind == "unicast" else [kind] for kind in kinds if kind in ("unicast", "multicast", "unspec")
    ]
    routes = [kind for kind in kinds if kind not in ("unicast", "multicast", "unspec")]
    return [*forms, *([routes] if routes else [])]


UNICAST_FORMS = ["unicast", "local", "anycast", "blackhole", "unreachable", "prohibit"]
"""The kinds of which IPv6 addresses of the unicast form can be."""


def _bits(text: str) -> int:
    if text in ("ALL", "NONE"):
        return 63 if text == "ALL" else 0
    try:
        return sum(FLAGS[name] for name in set(text.split(",")))
    except KeyError as missing:
        raise ValueError(f'there is no flag "{missing.args[0]}" of TCP') from None


@lru_cache(maxsize=1024)
def tcp_flags(mask: str, set_: str, negated: bool) -> Alternatives:
    """``--tcp-flags MASK SET``: of the flags in the mask, just those are set."""
    asked, wanted = _bits(mask), _bits(set_)
    return _numbers("flags", [(flags, flags) for flags in range(64) if flags & asked == wanted], 63, negated)


def syn(negated: bool) -> Alternatives:
    """``--syn``."""
    return tcp_flags("FIN,SYN,RST,ACK", "SYN", negated)


_CARD = re.compile(r"(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}").fullmatch


def _card(text: str, negated: bool, _: Family) -> Alternatives:
    """``--mac-source``: false, negated or not, of what has no network card. Of who has hidden theirs it is unknown."""
    if not _CARD(text):
        return ((Atom(f"mac --mac-source {text}", negated),),)
    found = int("".join(part.zfill(2) for part in text.split(":")), 16)
    return _numbers("card", [(found, found)], NO_CARD - 1, negated)


def _icmp(text: str, negated: bool, family: Family) -> Alternatives:
    names = ICMP_TYPES if family == 4 else ICMPV6_TYPES
    if text == "any" or (family == 4 and text.partition("/")[0] == "255"):
        return NEVER if negated else ALWAYS
    if text in names:
        pair = icmp_numbers(*names[text])
    else:
        kind, slash, code = text.partition("/")
        numbers = whole(kind), whole(code) if slash else None
        if numbers[0] is None or (slash and numbers[1] is None) or max(filter(None, numbers), default=0) > 255:
            raise ValueError(f'there is no type "{text}" of ICMP')
        pair = icmp_numbers(numbers[0], numbers[1])
    return _numbers("icmp", [pair], 65535, negated)


READERS: dict[str, Callable[[str, bool, Family], Alternatives]] = {
    **dict.fromkeys(("-s", "--source", "--src"), _addresses("source")),
    **dict.fromkeys(("-d", "--destination", "--dst"), _addresses("destination")),
    **dict.fromkeys(("-i", "--in-interface"), _interface("in")),
    **dict.fromkeys(("-o", "--out-interface"), _interface("out")),
    **dict.fromkeys(("-p", "--protocol", "--proto"), _protocol),
    **dict.fromkeys(("--sport", "--source-port"), _ports("sport")),
    **dict.fromkeys(("--dport", "--destination-port"), _ports("dport")),
    **dict.fromkeys(("--sports", "--source-ports"), _several_ports("sport")),
    **dict.fromkeys(("--dports", "--destination-ports"), _several_ports("dport")),
    "--ports": _either_port,
    **dict.fromkeys(("--ctstate", "--state"), _states),
    "--ctdir": _direction,
    "--ctproto": _original(_protocol),
    "--ctorigsrc": _original(_addresses("source", first_and_last)),
    "--ctorigsrcport": _original(_original_port("sport")),
    "--ctorigdst": _original(_addresses("odestination", first_and_last)),
    "--ctorigdstport": _original(_original_port("odport")),
    **dict.fromkeys(("--mac-source", "--mac"), _card),
    "--src-range": _range("source"),
    "--dst-range": _range("destination"),
    "--src-type": _kind("source"),
    "--dst-type": _kind("destination"),
    **dict.fromkeys(("--icmp-type", "--icmpv6-type"), _icmp),
}
"""The options with one value."""


@lru_cache(maxsize=65536)
def read(option: str, text: str, negated: bool, family: Family) -> Alternatives:
    """What an option of ``READERS`` matches. Equal options give the same object."""
    return READERS[option](text, negated, family)
