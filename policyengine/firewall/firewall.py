"""A firewall: the rules of one host, and what is known of it beside them."""

from __future__ import annotations

import json

import msgspec
from msgspec import Struct

from policyengine.firewall.host import UNKNOWN_HOST, Host
from policyengine.firewall.rules import Ruleset  # noqa: TC001 - structures are made by these types


class Firewall(Struct, frozen=True):
    """All rules that are read of a host; ``host`` is what they are applied to."""

    ruleset: Ruleset
    host: Host = UNKNOWN_HOST


def packed(firewall: Firewall) -> str:
    """A firewall as JSON. Addresses of IPv6 are more than what all writers of JSON can write as numbers."""
    return json.dumps(msgspec.to_builtins(firewall), separators=(",", ":"))


def unpacked(text: str) -> Firewall:
    """The firewall that :func:`packed` made a text of."""
    return msgspec.convert(json.loads(text), Firewall)
