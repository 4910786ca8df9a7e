"""What is asked: which packets, on which of the ways through a host."""

from __future__ import annotations

from msgspec import Struct

from policyengine.firewall.intervals import Intervals  # noqa: TC001 - structures are made by these types
from policyengine.firewall.packets import Path  # noqa: TC001 - as above
from policyengine.firewall.rules import Family, Field  # noqa: TC001 - as above


class Query(Struct, frozen=True):
    """The packets of a family on a path, of which ``sent`` fixes fields as they are sent.

    ``reached`` fixes the destination and its port as they are when translation is done: with ``destination`` a
    container's address, these are the packets that get to it by whatever address they were sent to. ``into`` and
    ``out`` are names of interfaces; None: any. ``beyond``: not by the loopback. ``sure``: without
    what translation sends to an address of which it is not known whether it is the host's own. The smaller the
    question, the faster the answer.
    """

    family: Family = 4
    path: Path = "forward"
    sent: dict[Field, Intervals] = {}
    reached: dict[Field, Intervals] = {}
    into: tuple[str, ...] | None = None
    out: tuple[str, ...] | None = None
    beyond: bool = False
    sure: bool = False
