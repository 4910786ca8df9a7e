"""Whether kernel, interpreter and diagrams agree, in a namespace of its own:

``python -m tests.firewall.kernel.differential --program iptables-nft --family 4 --packets 10000 [--seed N]``.

It prints what it found as JSON: how much it compared, and every mismatch with all that it takes to see why.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from ipaddress import ip_address
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from policyengine.firewall.host import Host, HostInterface, host_address, route
from policyengine.firewall.interpreter import Walked, walk
from policyengine.firewall.packets import Concrete
from policyengine.firewall.rules import NEW, NO_CARD, STATES, UNTRACKED, Atom, Chain, Rule, Ruleset, Table, Untrack
from policyengine.model.location import Location
from tests.firewall.kernel.dumps import Dump
from tests.firewall.kernel.lab import CARDS, DEVICES, Lab, Seen, enter_namespace
from tests.firewall.kernel.predicting import SLICES, Diagrams
from tests.firewall.kernel.probes import Probe, Prober, prepared
from tests.firewall.kernel.programs import PROGRAMS, Loaded, Program, program
from tests.firewall.kernel.values import LIMITED_BROADCAST, Values
from tests.firewall.kernel.wire import ICMP, ICMPV6, RST, SCTP, TCP, UDP, card, made, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.packets import Path
    from policyengine.firewall.rules import Family, Field, Hook

HOST = Host(
    interfaces=(
        HostInterface("lo", (host_address("127.0.0.1/8"), host_address("::1/128"))),
        *(
            HostInterface(device.name, (host_address(f"{device.ipv4}/32"), host_address(f"{device.ipv6}/128")))
            for device in DEVICES
        ),
    ),
    routes=tuple(route(to, device.name) for device in DEVICES for to in device.routes),
)
"""What the lab is."""

HOOKS: tuple[Hook, ...] = ("prerouting", "output")

LAB_UNTRACKS = "the lab's packets that are not tracked"
WHERE = Location("lab", 1)
UNTRACKING = Table(
    program="nft",
    name="lab",
    families=(4, 6),
    chains=tuple(
        Chain(hook, (Rule(((Atom(LAB_UNTRACKS),),), Untrack(), "notrack", WHERE),), WHERE, hook, -350) for hook in HOOKS
    ),
)
"""The lab's rules that make packets untracked, before all others."""

PACKETS = 800
"""With one rule set."""
SHOWN = 20
"""Mismatches that are told in full."""


class Found(Struct):
    """What a run compared, and where it disagreed."""

    program: str
    family: int
    packets: int = 0
    rulesets: int = 0
    rules: int = 0
    counters: int = 0
    met: int = 0
    mismatched: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    seen: dict[str, int] = {}
    mismatches: list[str] = []

    def tell(self, what: str) -> None:
        self.mismatched += 1
        if len(self.mismatches) < SHOWN:
            self.mismatches.append(what)


def compare(lab: Lab, chosen: Program, family: Family, packets: int, lot: random.Random, found: Found) -> None:
    """Rule sets by lot until so many packets have been sent."""
    while found.packets < packets:
        values = Values(lot, family)
        text = chosen.ruleset(values, lot.choice((5, 20, 60)))
        way = lot.choice(("routed", "routed", "own"))
        prober = Prober(values, translated=_translates(text), original="orig" in text)
        probes = prober.drawn(way, min(PACKETS, packets - found.packets))
        _Comparing(lab, chosen, lot, found).ruleset(text, probes)


def _translates(text: str) -> bool:
    return any(word in text for word in ("DNAT", "SNAT", "MASQ", "REDIR", "dnat", "snat", "masq", "redir"))


class _Comparing:
    """One rule set."""

    def __init__(self, lab: Lab, chosen: Program, lot: random.Random, found: Found) -> None:
        self.lab = lab
        self.program = chosen
        self.lot = lot
        self.found = found
        self.expected: Counter[int] = Counter()

    def ruleset(self, text: str, probes: list[Probe]) -> None:
        """Load it, send the packets, and compare what became of them, and what was counted."""
        self.program.clear()
        self.lab.netlink.forget_connections()
        prepared(self.lab, probes)
        self.program.load(text)
        seen = [self.lab.sent(made(probe.content, serial), probe.into) for serial, probe in enumerate(probes, 1)]
        loaded = self.program.saved()
        self.compare(loaded, probes, seen)
        self.found.rulesets += 1
        self.found.packets += len(probes)

    def compare(self, loaded: Loaded, probes: list[Probe], seen: list[Seen]) -> None:
        ruleset = Ruleset((UNTRACKING, *loaded.tables), whole=True)
        gates = _gates(ruleset)
        diagrams = Diagrams(ruleset, HOST, self.lot.choice(SLICES))
        for probe, one in zip(probes, seen, strict=True):
            walked, sent = walked_through(ruleset, probe, one, gates)
            decided = diagrams.verdict(sent)
            for rule in walked.rules:
                self.expected[id(rule)] += 1
            wrong = _differences(probe, one, walked)
            if decided != walked.verdict:
                wrong.append(f"the diagram says {decided} ({diagrams.slice})")
            self._count(probe, one)
            if wrong:
                self.found.tell(_told(wrong, probe, one, walked, loaded.text))
        self._counters(loaded)

    def _count(self, probe: Probe, one: Seen) -> None:
        key = f"{STATES[probe.state]} {one.verdict}"
        self.found.seen[key] = self.found.seen.get(key, 0) + 1

    def _counters(self, loaded: Loaded) -> None:
        for rules, count in loaded.counted:
            self.found.counters += 1
            self.found.rules += len(rules)
            self.found.met += count
            expected = sum(self.expected[id(rule)] for rule in rules)
            if count != expected:
                self.found.tell(f"counter {count}, expected {expected}: {rules[0].text}\n{loaded.text}")


def walked_through(ruleset: Ruleset, probe: Probe, seen: Seen, gates: Gates) -> tuple[Walked, Concrete]:
    """What the interpreter says, by the way that the packet takes: translation may have it forwarded or delivered.

    A martian takes none of them. Where translation may choose, the kernel has chosen.
    """
    chosen = _chosen(probe, seen)
    first = None
    for way in _ways(probe):
        packet = replace(way, chosen=chosen, atoms={**way.atoms, **_open(gates, way)})
        found = walk(ruleset, HOST, packet), packet
        if found[0].verdict != "absent":
            return found
        first = first or found
    assert first is not None
    return first


Gates = dict[str, tuple[str, ...]]
"""Chains of devices that nft does not tell, as unknown matches: their names tell the devices (``nft_rules``)."""


def _gates(ruleset: Ruleset) -> Gates:
    atoms = (
        one.name
        for table in ruleset.tables
        for chain in table.chains
        for rule in chain.rules
        for conditions in rule.any_of
        for one in conditions
        if isinstance(one, Atom) and " by a device of the chain " in one.name
    )
    return {name: tuple(name.split("_")[2:]) for name in atoms}


def _open(gates: Gates, packet: Concrete) -> dict[str, bool]:
    return {name: (packet.into if name.startswith("in ") else packet.out) in to for name, to in gates.items()}


def _chosen(probe: Probe, seen: Seen) -> dict[Field, int]:
    """What the kernel has translated a packet to, as far as that was to be seen: at times to what it was."""
    content = read(seen.translated) if seen.translated else probe.content
    found: dict[Field, int] = {"destination": content.destination, "dport": content.dport}
    if seen.packet and seen.verdict == "accept":
        content = read(seen.packet)
        found |= {"source": content.source, "sport": content.sport}
    return found


def _ways(probe: Probe) -> Iterator[Concrete]:
    """The packet on each way that it could take, the likely one first."""
    content = probe.content
    if not probe.into:
        yield from (_concrete(probe, "output", out) for out in _outs(content.destination, content.family))
        return
    forwarded = [_concrete(probe, "forward", out) for out in _outs(content.destination, content.family)]
    received = _concrete(probe, "input", "")
    local = HOST.local(4 if content.family == 4 else 6) or ()
    if any(low <= content.destination <= high for low, high in local):
        yield from (received, *forwarded)
    else:
        yield from (forwarded[0], received, *forwarded[1:])


def _outs(destination: int, family: int) -> list[str]:
    """All interfaces, that by which an address is routed first."""
    outs = HOST.outs(4 if family == 4 else 6) or {}
    return sorted(outs, key=lambda name: not any(low <= destination <= high for low, high in outs[name]))


def _concrete(probe: Probe, path: Path, out: str) -> Concrete:
    content = probe.content
    return Concrete(
        family=4 if content.family == 4 else 6,
        path=path,
        source=content.source,
        destination=content.destination,
        into=probe.into,
        out=out,
        protocol=content.protocol,
        state=NEW if probe.state == UNTRACKED else probe.state,
        sport=content.sport,
        dport=content.dport,
        flags=content.flags,
        icmp=content.icmp,
        card=card(content) if probe.into in CARDS else NO_CARD,
        atoms={LAB_UNTRACKS: probe.state == UNTRACKED},
    )


def _differences(probe: Probe, seen: Seen, walked: Walked) -> list[str]:
    """In what the kernel and the interpreter differ. Of what takes no way at all, nothing comes out."""
    if walked.verdict == "absent" and seen.verdict == "drop":
        return []
    if seen.verdict != walked.verdict:
        silent = seen.verdict == "drop" and walked.verdict == "reject" and not _is_answered(probe, walked)
        return [] if silent else [f"the interpreter says {walked.verdict}"]
    if seen.verdict != "accept":
        return []
    packet = walked.packet
    out = packet.out if packet.path != "input" else ""
    got = read(seen.packet)
    pairs = [(seen.out, out), (got.source, packet.source), (got.destination, packet.destination)]
    pairs += [(got.sport, packet.sport), (got.dport, packet.dport)]
    return [f"{one} came out, {other} was expected" for one, other in pairs if one != other]


def _is_answered(probe: Probe, walked: Walked) -> bool:
    """Whether a rejected packet is told so: no reset answers a reset (RFC 9293), no ICMP error an error (RFC 1122).

    IPv6 tells nobody of a packet that does not add up (nf_reject_ipv6.c), and translation does not mend the sum of
    a protocol that it does not know.
    """
    content = probe.content
    if content.destination == LIMITED_BROADCAST:
        return False  # nobody is told of what was sent to all (RFC 1122)
    if content.protocol == TCP:
        return not content.flags & RST
    if content.family == 6 and content.protocol not in (UDP, SCTP) and walked.packet.nat:
        return False
    return content.protocol not in (ICMP, ICMPV6)


def _told(wrong: list[str], probe: Probe, seen: Seen, walked: Walked, text: str) -> str:
    content = probe.content
    ends = f"{ip_address(content.source)}:{content.sport} -> {ip_address(content.destination)}:{content.dport}"
    lines = [
        "; ".join(wrong),
        f"packet {STATES[probe.state]} {ends} protocol {content.protocol} flags {content.flags} icmp {content.icmp}"
        f" in {probe.into!r}",
        f"kernel {seen.verdict} out {seen.out!r} {read(seen.packet) if seen.packet else ''}",
        f"interpreter {walked.verdict} {walked.packet}",
        *(f"    {hit[0]} {hit[1]} {hit[2]}: {rule.text}" for hit, rule in zip(walked.hits, walked.rules, strict=True)),
        text,
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", choices=PROGRAMS, required=True)
    parser.add_argument("--family", type=int, choices=(4, 6), default=4)
    parser.add_argument("--dump", type=FilePath, help="the file of iptables-save to load instead of rules by lot")
    parser.add_argument("--packets", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    enter_namespace()
    lab = Lab()
    family: Family = 4 if chosen.family == 4 else 6
    rules: Program = program(chosen.program, family)
    if chosen.dump is not None:
        dump = Dump(chosen.dump, chosen.program)
        rules, family = dump, dump.family
    found = Found(chosen.program, family)
    began = time.monotonic()
    lot = random.Random(f"{chosen.program} {family} {chosen.seed}")
    compare(lab, rules, family, chosen.packets, lot, found)
    found.seconds = round(time.monotonic() - began, 1)
    used = os.times()
    found.processor = round(used.user + used.system + used.children_user + used.children_system, 1)
    if lab.strays:
        shown = ", ".join(str(read(packet)) for packet in lab.strays[:SHOWN])
        found.tell(f"{len(lab.strays)} packets came out that nobody had sent: {shown}")
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    return 1 if found.mismatched else 0


if __name__ == "__main__":
    sys.exit(main())
