"""What a rule of iptables does: its target with the target's options as an action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.addresses import number
from policyengine.firewall.iptables.extensions import FOREIGN, NEVER_ALONE, PASSING, UNDECIDED
from policyengine.firewall.iptables.matches import port
from policyengine.firewall.rules import Action, Call, Family, Return, Stop, Translate, Unknown, Untrack

if TYPE_CHECKING:
    from policyengine.firewall.intervals import Intervals

Options = dict[str, list[str]]

VERDICTS: dict[str, Action] = {
    "ACCEPT": Stop("accept"),
    "DROP": Stop("drop"),
    "REJECT": Stop("reject"),
    "RETURN": Return(),
}

WITHOUT_OPTIONS = frozenset({"ACCEPT", "DROP", "RETURN"})
"""Targets after which, as after a chain, options are those of a match."""

TRANSLATING = frozenset({"DNAT", "SNAT", "REDIRECT", "MASQUERADE"})

KNOWN = frozenset({*VERDICTS, *TRANSLATING, *PASSING, *UNDECIDED})
"""All targets that are not chains."""

RESERVED = frozenset({"ACCEPT", "DROP", "QUEUE", "RETURN"})
"""What no chain can be called (``TC_CREATE_CHAIN`` in libiptc/libiptc.c)."""


def action(target: str, options: Options, family: Family, chains: frozenset[str], goes: bool) -> Action | None:
    """What a target does; None: the packet goes on. ``goes``: it is gone to (``-g``). Raises ValueError.

    Where a chain is called as an extension is, ``-j`` means the extension if that is installed.
    """
    if goes or (target in chains and target not in KNOWN):
        if target not in chains:
            raise ValueError(f'there is no chain "{target}"')
        return Call(target, back=not goes)
    if target in chains and target in FOREIGN and not options:
        return Call(target) if target in NEVER_ALONE else Unknown(target)
    if target in VERDICTS:
        return VERDICTS[target]
    if target in TRANSLATING:
        return _translate(target, options, family)
    if target == "NOTRACK" or (target == "CT" and "--notrack" in options):
        return Untrack()
    if target in PASSING:
        return None
    if target in UNDECIDED:
        return Unknown(target)
    raise ValueError(f'"{target}" is no chain of this table and no known target')


def _translate(target: str, options: Options, family: Family) -> Translate:
    if target in ("REDIRECT", "MASQUERADE"):
        ports, _ = _ports(options.get("--to-ports", [""])[0])
        return Translate("redirect" if target == "REDIRECT" else "masquerade", ports=ports)
    wanted = "--to-destination" if target == "DNAT" else "--to-source"
    if not options.get(wanted):
        raise ValueError(f"{target} without {wanted}")
    address, port_text = _split(options[wanted][0], family)
    ports, shift = _ports(port_text)
    return Translate("dnat" if target == "DNAT" else "snat", _addresses(address, family), ports, shift)


def _split(text: str, family: Family) -> tuple[str, str]:
    """``10.0.0.2:80`` and ``[fd00::2]:80``: addresses and ports."""
    if family == 4:
        address, _, ports = text.partition(":")
        return address, ports
    if not text.startswith("["):
        return text, ""
    # a range may be written as [fd00::2]-[fd00::3]:80 or [fd00::2-fd00::3]:80
    address, _, ports = text.rpartition("]")
    return address.replace("[", "").replace("]", ""), ports.removeprefix(":")


def _addresses(text: str, family: Family) -> Intervals | None:
    if not text:
        return None
    low, dash, high = text.partition("-")
    pair = number(low, family), number(high if dash else low, family)
    if pair[0] > pair[1]:
        raise ValueError(f'"{text}" is a range from high to low')
    return (pair,)


def _ports(text: str) -> tuple[Intervals | None, int | None]:
    """The ports, and the first of those that are mapped to them one by one (``8000-8010/80``)."""
    if not text:
        return None, None
    ports, slash, base = text.partition("/")
    low, dash, high = ports.partition("-")
    pair = port(low), port(high if dash else low)
    if pair[0] > pair[1]:
        raise ValueError(f'"{text}" is a range from high to low')
    return (pair,), port(base) if slash else None
