"""Rule sets of netfilter, whichever program they are written by: tables, chains, rules, what they match and do.

What iptables-save, ``nft -j``, ipset, ufw and firewalld say is read into these; diagrams and the interpreter both
stand on them and on nothing of each other. The words are netfilter's: iptables(8), iptables-extensions(8), nft(8).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from policyengine.firewall.intervals import Intervals  # noqa: TC001 - structures are made by these types
from policyengine.model.location import Location  # noqa: TC001 - as above

Family = Literal[4, 6]
"""IPv4 and IPv6 are universes of their own: no packet is in both."""

Field = Literal[
    "protocol",
    "state",
    "source",
    "card",
    "destination",
    "dport",
    "sport",
    "flags",
    "icmp",
    "odestination",
    "odport",
    "nat",
]
"""What of a packet is matched by numbers, beside its interfaces.

``state`` is that of connection tracking (STATES), ``card`` is the address (MAC) of the network card that the packet's
frame came from, or NO_CARD of what no Ethernet interface received (xt_mac.c), ``flags`` are the six of TCP (FIN 1,
SYN 2, RST 4, PSH 8, ACK 16, URG 32), ``icmp`` is type * 256 + code, ``odestination`` and ``odport`` are what they were
before DNAT (``--ctorigdst``, ``--ctorigdstport``, ``ct original``), ``nat`` is what has been translated of the
packet's connection: nothing 0, its destination 1, its source 2, both 3 (``--ctstate DNAT``, ``ct status dnat``).
"""

NO_CARD = 1 << 48
"""What stands for the network card where there is none."""

STATES = ("new", "established", "related", "invalid", "untracked")
"""Of connection tracking, by number."""

NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED = range(len(STATES))

KINDS = ("unicast", "local", "broadcast", "multicast", "anycast", "blackhole", "unreachable", "prohibit", "unspec")
"""The types of addresses that ``AddressType`` may name (``ip route`` writes them so), by number."""

Hook = Literal["ingress", "prerouting", "input", "forward", "output", "postrouting"]


class Numbers(Struct, frozen=True, tag_field="is", tag="numbers"):
    """A field is one of these numbers. A negated match is already complemented."""

    field: Field
    values: Intervals


class Interface(Struct, frozen=True, tag_field="is", tag="interface"):
    """The packet came in by (``side`` "in") or goes out by one of these; a name may end in ``*``, for any rest."""

    side: Literal["in", "out"]
    names: tuple[str, ...]
    negated: bool = False


class AddressType(Struct, frozen=True, tag_field="is", tag="address"):
    """An address is of a type of the routing table (``KINDS``): ``-m addrtype --dst-type LOCAL``, ``fib daddr type``.

    It is decided where the host's addresses are known; elsewhere it is a property of the packet like any other, which
    says of which type its address happens to be.
    """

    side: Literal["source", "destination"]
    kind: str
    negated: bool = False


class Atom(Struct, frozen=True, tag_field="is", tag="atom"):
    """What is not modelled: true or false, nobody knows. One ``name`` is one unknown.

    Who reads a rule names by the packet what depends on the packet alone (``length 0:100``: every rule asks the same),
    and by the rule, with its place, what depends on when and how often it is asked (limit, recent, statistic, marks
    that rules set).
    """

    name: str
    negated: bool = False


Condition = Numbers | Interface | AddressType | Atom


class Stop(Struct, frozen=True, tag_field="is", tag="stop"):
    """The rules end here for the hook's chain (accept) or for the packet (drop, reject)."""

    does: Literal["accept", "drop", "reject"]


class Call(Struct, frozen=True, tag_field="is", tag="call"):
    """On to another chain, and back after it (jump) or not (goto)."""

    chain: str
    back: bool = True


class Return(Struct, frozen=True, tag_field="is", tag="return"):
    """Back to the chain that called; in a base chain: its policy."""


class Translate(Struct, frozen=True, tag_field="is", tag="translate"):
    """Network address translation, which ends the chain: the destination (dnat, redirect) or the source (snat,
    masquerade).

    ``addresses`` and ``ports`` are what the packet may then have: several are chosen from as the kernel pleases.
    None: as it was (of masquerade and redirect: an address of the interface). ``shift`` is the first port of the
    ``base`` that a range of ports is mapped to one by one (``--to-destination 10.0.0.2:8000-8010/80``).
    """

    does: Literal["dnat", "redirect", "snat", "masquerade"]
    addresses: Intervals | None = None
    ports: Intervals | None = None
    shift: int | None = None


class Untrack(Struct, frozen=True, tag_field="is", tag="untrack"):
    """The packet is not tracked (``NOTRACK``, ``notrack``): its state is "untracked". The chain goes on."""


class Unknown(Struct, frozen=True, tag_field="is", tag="unknown"):
    """A target that is not modelled (``queue``, ``TPROXY``, ...): what becomes of the packet is undecided."""

    text: str


Action = Stop | Call | Return | Translate | Untrack | Unknown


class Rule(Struct, frozen=True):
    """``any_of``: the rule matches where all conditions of one of them hold (``((),)``: every packet).

    ``action`` None: the packet goes on (counters, logs, marks). ``text`` is the rule as its program writes it,
    ``where`` the line that it is written on. A map of verdicts (``vmap``) is several rules with one text.
    """

    any_of: tuple[tuple[Condition, ...], ...]
    action: Action | None
    text: str
    where: Location


class Chain(Struct, frozen=True):
    """A chain; a base chain has a hook, a priority and a policy, and its ``type`` says whether it translates."""

    name: str
    rules: tuple[Rule, ...]
    where: Location
    hook: Hook | None = None
    priority: int = 0
    policy: Literal["accept", "drop"] = "accept"
    type: Literal["filter", "nat", "route"] = "filter"


class Table(Struct, frozen=True):
    """A table of one program: two programs may each have a ``filter``, and a packet goes through both.

    ``families``: the packets that see it (``inet`` is both). A rule that matches addresses is for one family: a table
    of both with such rules is given as two, each with the rules of its family. ``jump`` stays within its table.
    """

    program: Literal["iptables-nft", "iptables-legacy", "nft"]
    name: str
    families: tuple[Family, ...]
    chains: tuple[Chain, ...]


class Ruleset(Struct, frozen=True):
    """All tables that a packet of a host meets. They, and their chains, stand in the order in which they were made.

    Within a hook the order is by priority; of equal ones the kernel asks the latest first (``nf_hook_entries_grow`` in
    net/netfilter/core.c).

    ``whole``: whether these are all there are (the host's live rules), or some of them (a file).
    """

    tables: tuple[Table, ...]
    whole: bool = False

    def has(self, family: Family) -> bool:
        """Whether anything is known of a family: nothing is where a dump of the other's rules is all that there is."""
        return self.whole or any(family in table.families for table in self.tables)
