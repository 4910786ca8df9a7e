"""Closures and service matrices of real dumps that were proved in Isabelle: ours agree with them.

They are those of "Verified iptables Firewall Analysis" (Diekmann and others, BSD-2-Clause,
https://github.com/diekmann/Iptables_Semantics), beside the repository (``../shared/corpora/firewall``) or where
POLICYENGINE_FIREWALL_CORPORA says; they are read in place, and no part of the project.

Theirs are of new packets and of the chains of ``filter`` alone. The *upper* closure lets through what may be let
through, for whatever the matches say that they do not model, and the *lower* one what surely is. An interface is to
them the addresses behind it (``ipassmt``: spoofing is ruled out), so packets that come in by it from elsewhere are not
asked about. What they do not model, and we do: types of addresses, and of ICMP, and flags of TCP in part.
"""

from __future__ import annotations

import os
import re
from ipaddress import IPv4Address
from itertools import product
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, NamedTuple

import pytest
from msgspec.structs import replace

from policyengine.firewall.addresses import first_and_last
from policyengine.firewall.answers import verdict
from policyengine.firewall.deciding import decide
from policyengine.firewall.host import UNKNOWN_HOST
from policyengine.firewall.intervals import complement, intersection, normalised
from policyengine.firewall.iptables import read
from policyengine.firewall.protocols import FLAGS, TCP, UDP
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import NEW, Ruleset
from policyengine.firewall.universe import SOURCE_KIND, universe
from tests.installation import ROOT
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.answers import Decided
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.packets import Path, Verdict
    from policyengine.firewall.rules import Field

CORPORA = FilePath(os.environ.get("POLICYENGINE_FIREWALL_CORPORA") or ROOT.parent / "shared" / "corpora" / "firewall")
PROVED = CORPORA / "diekmann"
EXAMPLES = PROVED / "thy" / "Iptables_Semantics" / "Examples"
SYNOLOGY = EXAMPLES / "Synology_Diskstation_DS414" / "iptables-save_jun_2015_cleanup"
GOLDEN = PROVED / "haskell_tool" / "test" / "Suites" / "GoldenFiles" / f"synology_{SYNOLOGY.name}"

pytestmark = [
    ONCE,
    pytest.mark.skipif(not PROVED.is_dir(), reason=f"no proofs beside the repository in {CORPORA.name}"),
]

BEHIND = {"openvpn.eu": {"eth0": "192.168.0.0/24", "eth1": "192.168.2.0/24"}}
"""The addresses behind the interfaces of a dump, as its theory states them, beside those of the loopback."""

SYN = FLAGS["SYN"]
LOOPBACK = {"lo": "127.0.0.0/8"}
ELSEWHERE = "other0"
"""An interface that no dump names."""
INTERFACE = re.compile(r" -[io] (\w+)(?= )")

ROW = re.compile(r"(ACCEPT|DROP) +(\S+) +-- +(\S+) +(\S+) *(.*)")
PORTS = re.compile(r"([sd])p(?:or)?ts?: ?(\d+)(?::(\d+))?")


class Case(NamedTuple):
    """A dump, the path that its closures are of, and these as text."""

    dump: FilePath
    path: Path
    upper: str
    lower: str = ""

    @property
    def behind(self) -> dict[str, Intervals]:
        """The addresses from which packets come in by each interface."""
        known = {name: (first_and_last(to, 4),) for name, to in {**LOOPBACK, **BEHIND.get(self.name, {})}.items()}
        rest = complement(normalised(pair for zone in known.values() for pair in zone), (1 << 32) - 1)
        return dict.fromkeys((*INTERFACE.findall(self.dump.read_text()), ELSEWHERE), rest) | known

    @property
    def name(self) -> str:
        return self.dump.parent.name


def cases() -> dict[str, Case]:
    found = [Case(SYNOLOGY, "input", GOLDEN.read_text().partition("== to even-simpler firewall ==")[2])]
    for upper in sorted(EXAMPLES.rglob("*.upper")):
        stem = upper.with_suffix("")
        path: Path = "input" if stem.suffix == ".INP" else "forward"
        lower = stem.with_name(f"{stem.name}.lower").read_text()
        found.append(Case(stem.with_name(stem.name.removesuffix(f".Ln{stem.suffix}")), path, upper.read_text(), lower))
    return {case.name: case for case in found}


CASES = cases() if PROVED.is_dir() else {}
EVERYTHING = "ACCEPT all -- 0.0.0.0/0 0.0.0.0/0"


def filtering(text: str) -> Ruleset:
    return Ruleset(tuple(table for table in read(text, "dump", 4) if table.name == "filter"))


def closure(text: str, path: Path) -> Ruleset:
    """What ``iptables -L -n`` writes, or their own tool, as rules."""
    chain = path.upper()
    rows = [match for line in text.splitlines() if (match := ROW.fullmatch(line.strip()))]
    lines = [f"*filter\n:{chain} ACCEPT [0:0]"]
    for target, protocol, source, destination, ports in (row.groups() for row in rows):
        matches = [f"--{side}port {low}:{high or low}" for side, low, high in PORTS.findall(ports)]
        asked = "" if protocol == "all" else f"-p {protocol}"
        lines.append(f"-A {chain} -s {source} -d {destination} {asked} {' '.join(matches)} -j {target}")
    return filtering("\n".join([*lines, "COMMIT\n"]))


def test_the_rows_of_a_closure_are_read() -> None:
    text = """
        ACCEPT     udp  --  0.0.0.0/0            224.0.0.251          udp spt:67 dpt:68
        DROP     tcp  --  192.0.2.0/24            0.0.0.0/0    dports: 3240:3262
        ACCEPT     all  --  0.0.0.0/0            0.0.0.0/0
    """
    (table,) = closure(text, "input").tables
    assert [rule.text for rule in table.chains[0].rules] == [
        "-A INPUT -s 0.0.0.0/0 -d 224.0.0.251 -p udp --sport 67:67 --dport 68:68 -j ACCEPT",
        "-A INPUT -s 192.0.2.0/24 -d 0.0.0.0/0 -p tcp --dport 3240:3262 -j DROP",
        "-A INPUT -s 0.0.0.0/0 -d 0.0.0.0/0   -j ACCEPT",
    ]


def queries(case: Case) -> Iterator[Query]:
    """New packets by each interface, from the addresses behind it."""
    for name, zone in case.behind.items():
        yield Query(4, case.path, {"state": ((NEW, NEW),), "source": zone}, into=(name,))


Fates = frozenset[tuple["Verdict", "Verdict"]]
"""By the one and by the other, for whatever unknown matches say, and types of addresses that nobody knows."""


class Compared:
    """Two rule sets' decisions of a query, walked through together: all that any packet fares."""

    def __init__(self, one: Ruleset, other: Ruleset, query: Query) -> None:
        known = universe(4, (one, other), UNKNOWN_HOST, query.into or ())
        self.one, self.other = (decide(rules, None, query, known=known) for rules in (one, other))
        self._known: dict[tuple[int, int], frozenset[Fates]] = {}

    def fates(self) -> frozenset[Fates]:
        return self._fates(self.one.diagram, self.other.diagram)

    def _fates(self, one: int, other: int) -> frozenset[Fates]:
        known = self._known.get((one, other))
        if known is None:
            known = self._known[one, other] = self._below(one, other)
        return known

    def _below(self, one: int, other: int) -> frozenset[Fates]:
        if one < 0 and other < 0:
            return frozenset({frozenset({(verdict(one), verdict(other))})})
        dimension = min(top(self.one, one), top(self.other, other))
        found = frozenset().union(*(self._fates(*pair) for pair in self._pairs(dimension, one, other)))
        return found if dimension < SOURCE_KIND else frozenset({frozenset().union(*found)})

    def _pairs(self, dimension: int, one: int, other: int) -> set[tuple[int, int]]:
        asked = self.one.known.get(dimension) or ((0, self.one.universe.tops[dimension]),)
        return {
            (mine, theirs)
            for here, mine in children(self.one, dimension, one)
            for there, theirs in children(self.other, dimension, other)
            if intersection(intersection(here, there), asked)
        }


def top(decided: Decided, node: int) -> int:
    return decided.diagrams.dimensions[node] if node >= 0 else len(decided.universe.tops)


def children(decided: Decided, dimension: int, node: int) -> Iterator[tuple[Intervals, int]]:
    if top(decided, node) != dimension:
        yield ((0, decided.universe.tops[dimension]),), node
        return
    low = 0
    for bound, child in zip(decided.diagrams.bounds[node], decided.diagrams.children[node], strict=True):
        yield ((low, bound),), child
        low = bound + 1


def compared(case: Case, theirs: str, query: Query) -> list[tuple[set[Verdict], Verdict]]:
    """What our verdicts of a packet may be, and theirs, for all packets that there are."""
    rules = filtering(case.dump.read_text())
    found = []
    for fates in Compared(rules, closure(theirs, case.path), query).fates():
        coming = {pair for pair in fates if "absent" not in pair}
        if coming:
            (other,) = {other for _, other in coming}
            found.append(({mine for mine, _ in coming}, other))
    return found


@pytest.mark.parametrize("name", CASES)
def test_what_surely_gets_through_does_and_what_cannot_does_not(name: str) -> None:
    case = CASES[name]
    for query in queries(case):
        lower = compared(case, case.lower or EVERYTHING.replace("ACCEPT", "DROP"), query)
        assert all(ours == {"accept"} for ours, theirs in lower if theirs == "accept")
        assert all("accept" not in ours for ours, theirs in compared(case, case.upper, query) if theirs == "drop")


@pytest.mark.parametrize("protocol", [TCP, UDP])
@pytest.mark.parametrize("name", CASES)
def test_what_may_get_through_of_first_packets_is_the_same(name: str, protocol: int) -> None:
    """All that they do not model of these dumps is of ICMP, or may be so or so to us too."""
    case = CASES[name]
    first: dict[Field, Intervals] = {"protocol": ((protocol, protocol),), "flags": ((SYN, SYN),)}
    for query in queries(case):
        found = compared(case, case.upper, replace(query, sent={**query.sent, **first}))
        assert found
        assert all(("accept" in ours) == (theirs == "accept") for ours, theirs in found)


MATRIX = re.compile(r"=+ TCP port (\d+)->(\d+) =+\n(.*?)\n\n((?:\(\w+,\w+\)\n)+)", re.DOTALL)
RANGE = re.compile(r"\{([\d.]+)(?: \.\. ([\d.]+))?\}")


class Matrix(NamedTuple):
    """Who reaches whom on a port: the addresses by their group's name, and the pairs of groups."""

    sport: int
    dport: int
    groups: dict[str, Intervals]
    edges: set[tuple[str, str]]


def matrices(text: str) -> list[Matrix]:
    found = []
    for sport, dport, groups, edges in MATRIX.findall(text):
        named = dict(line.split(" |-> ") for line in groups.splitlines())
        pairs = {tuple(line[1:-1].split(",")) for line in edges.split()}
        found.append(Matrix(int(sport), int(dport), {name: _ranges(one) for name, one in named.items()}, pairs))
    return found


def _ranges(text: str) -> Intervals:
    return normalised((int(IPv4Address(low)), int(IPv4Address(high or low))) for low, high in RANGE.findall(text))


def test_service_matrices_are_read() -> None:
    text = "=========== TCP port 10000->80 =========\na |-> {0.0.0.0 .. 9.255.255.255} u {11.0.0.0}\n\n(a,a)\n\n"
    ten = 10 << 24
    assert matrices(text) == [Matrix(10000, 80, {"a": ((0, ten - 1), ((11 << 24), (11 << 24)))}, {("a", "a")})]


def test_service_matrices_agree() -> None:
    """Of two groups that they let reach each other, every address may reach every other's; of others none does."""
    found = matrices(GOLDEN.read_text())
    assert [(one.dport, len(one.groups), len(one.edges)) for one in found] == [(22, 1, 1), (8080, 2, 2), (80, 2, 2)]
    case = CASES[SYNOLOGY.parent.name]
    for matrix, query in product(found, queries(case)):
        for source, target in product(matrix.groups, repeat=2):
            ours = compared(case, EVERYTHING, between(matrix, query, source, target))
            assert all(("accept" in one) == ((source, target) in matrix.edges) for one, _ in ours)


def between(matrix: Matrix, query: Query, source: str, target: str) -> Query:
    """The first packets of a matrix' connections from one group to another."""
    sent: dict[Field, Intervals] = {
        **query.sent,
        "protocol": ((TCP, TCP),),
        "flags": ((SYN, SYN),),
        "sport": ((matrix.sport, matrix.sport),),
        "dport": ((matrix.dport, matrix.dport),),
        "source": intersection(matrix.groups[source], query.sent["source"]),
        "destination": matrix.groups[target],
    }
    return replace(query, sent=sent)
