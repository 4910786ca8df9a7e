"""firewalld: the rules that it makes of /etc/firewalld and /usr/lib/firewalld (firewalld(1), firewalld.zone(5)).

They are laid out as firewalld 1.3 does for nftables: one table ``inet firewalld``, with chains for each zone in use and
each policy in effect; interfaces are in the zones that the files say, and what a connection manager or a command adds
while it runs is not in files. Logging, marks, helpers and the clamping of segment sizes decide nothing and are left
out. ``direct.xml`` becomes rules of iptables, which a packet must pass too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.rules import Table
    from policyengine.firewall.written import Written
    from policyengine.model.location import Location

CONF = "firewalld.conf"
DIRECT = "direct.xml"
DIRECTORIES = ("zones", "policies", "services", "ipsets", "icmptypes")
"""What consists of one file for each zone, policy, ...: others than these (helpers, lockdown) decide nothing."""


def read(own: Mapping[str, Written], stock: Mapping[str, Written] | None = None) -> tuple[Table, ...]:
    """The tables that are loaded, of the files of /etc/firewalld by their names there (``zones/public.xml``).

    ``stock`` are those of /usr/lib/firewalld; where they are not known, firewalld's own zones and the best known of
    its services count, and a packet to any other service is an unknown. Raises :class:`DocumentError`, with the file
    and the line, for what firewalld would refuse or pass over with a warning.
    """
    from policyengine.firewall.firewalld.loading import tables

    return tables(own, stock)


def frames(direct: Written) -> list[Location]:
    """The direct rules of ebtables, which decide about frames, and not about packets, and are passed over."""
    from policyengine.firewall.firewalld.direct import passed_over

    return [one.where for one in passed_over(direct)]
