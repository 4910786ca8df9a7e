"""Which program a file of rules is of."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from policyengine.documents.document import Document

Program = Literal["iptables", "ipset", "nftables", "ufw", "firewalld"]

_NAMED: dict[str, Program] = {"ufw.conf": "ufw", "firewalld.conf": "firewalld"}
_SAVED = re.compile(r"rules\.v[46]|ip6?tables[-_.](?:save|rules).*").fullmatch
"""The names that files of iptables have and no others, whatever they hold: it may be cut off, or empty."""


def program_of(document: Document) -> Program | None:
    """The program whose file a document is; None for a file of another kind."""
    from policyengine.firewall import dumps

    name = PurePath(document.path).name
    if name in _NAMED:
        return _NAMED[name]
    kind = dumps.kind(document.text)
    if kind is None:
        return "iptables" if _SAVED(name) else None
    return "nftables" if kind == "nft" else kind
