"""Chains at the hooks of devices: ingress, where a packet comes in, and egress, where it goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.nft.cases import Cases, NotModelled, both
from policyengine.firewall.rules import Atom, Call, Interface, Return, Rule, Stop, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.nft.dump import Object
    from policyengine.firewall.rules import Chain

LAST = 2**31 - 1
"""The priority of what comes after all others of a hook."""


def gated(chain: Chain, told: Object) -> Chain:
    """The chain for packets of its devices only; its policy too is for them, and so the last of its rules.

    Not every nft tells the devices (1.0.6 does not): then whether it sees a packet is unknown.
    """
    egress = told.value.get("hook") == "egress"
    gate = _gate(told, "out" if egress else "in")
    rules = [one for rule in chain.rules for one in _through(gate, rule, chain)]
    if chain.policy == "drop":
        rules.append(_dropping(gate, chain))
    priority = LAST if egress else chain.priority
    return replace(chain, rules=tuple(rules), policy="accept", priority=priority)


def _gate(told: Object, side: str) -> Cases:
    devices = told.value.get("dev")
    names = devices if isinstance(devices, list) else [devices] if isinstance(devices, str) else []
    if names:
        return ((Interface("out" if side == "out" else "in", tuple(map(str, names))),),)
    return ((Atom(f"{side} by a device of the chain {' '.join(told.table)} {told.text('name')}"),),)


def _dropping(cases: Cases, chain: Chain) -> Rule:
    return Rule(cases, Stop("drop"), "policy drop", chain.where)


def _through(gate: Cases, rule: Rule, chain: Chain) -> Iterator[Rule]:
    """A rule for packets of the devices; what would meet the chain's policy after it does so."""
    try:
        cases = both(gate, rule.any_of)
    except NotModelled:
        yield replace(rule, any_of=gate, action=Unknown(rule.text))
        return
    if isinstance(rule.action, Return):
        yield replace(rule, any_of=cases, action=Stop(chain.policy))
    elif isinstance(rule.action, Call) and not rule.action.back and chain.policy == "drop":
        yield replace(rule, any_of=cases, action=Call(rule.action.chain))
        yield _dropping(cases, chain)
    else:
        yield replace(rule, any_of=cases)
