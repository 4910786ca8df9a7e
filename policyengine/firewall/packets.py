"""One packet, with every property that a rule can ask for."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from policyengine.firewall.protocols import TCP
from policyengine.firewall.rules import NEW, NO_CARD, Family, Field

SOME_CARD = 0x02_00_00_00_00_01
"""The address of a network card that witnesses come from where rules do not care: a local one."""

Path = Literal["input", "forward", "output", "loopback"]
"""Whether a packet is received by the host, passes through it, is sent by it, or is sent by it to itself: out by the
loopback interface and in again."""

Verdict = Literal["accept", "drop", "reject", "undecided", "absent"]
"""What becomes of a packet. "undecided": a target that is not modelled has it. "absent": no such packet takes this way,
for its destination is (or is not) the host's own, or is routed to another interface."""

Kinds = Literal["source", "destination", "translated"]


class Concrete(Struct, frozen=True):
    """A packet as it comes to the host (path "input", "forward") or as the host makes it (path "output",
    "loopback").

    ``into`` and ``out`` are names of interfaces, "" where the path has none. ``state`` is a number of STATES, that
    which connection tracking gives it. ``card`` is the network card that it comes from, NO_CARD for none. ``atoms``
    says of unknown matches by name whether they hold (others do not). ``kinds`` says of which KINDS the addresses are,
    where the host's are not known ("translated": the destination after its translation). ``chosen`` says what
    translation chooses where it may choose.
    """

    family: Family
    path: Path
    source: int
    destination: int
    into: str = ""
    out: str = ""
    protocol: int = TCP
    state: int = NEW
    sport: int = 0
    dport: int = 0
    flags: int = 2
    icmp: int = 0
    nat: int = 0
    card: int = NO_CARD
    atoms: dict[str, bool] = {}
    kinds: dict[Kinds, str] = {}
    chosen: dict[Field, int] = {}
