"""ufw: what ``ufw enable`` loads of /etc/ufw and /etc/default/ufw (ufw-framework(8), ``ufw-init-functions``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.firewall.rules import Table
    from policyengine.firewall.written import Written

CONF = "ufw.conf"
DEFAULTS = "default"
RULES = ("before.rules", "after.rules", "user.rules")
RULES6 = ("before6.rules", "after6.rules", "user6.rules")
FILES = (CONF, DEFAULTS, *RULES, *RULES6)
"""What it consists of: ``default`` stands for /etc/default/ufw."""


def read(files: Mapping[str, Written]) -> tuple[Table, ...]:
    """The tables that are loaded, by the names of FILES; none where ufw is not enabled.

    A file of rules that is not there has none; of ``default`` that is not there, ufw's own defaults count. Raises
    :class:`DocumentError` with the file and the line for what iptables-restore would refuse.
    """
    from policyengine.firewall.ufw.loading import tables

    return tables(files)
