"""Rules that are meant to keep a published port shut and do not: they match what a packet was sent to.

Where packets pass a host, their destination has been translated: of a port 18080 that is published for a container's
port 80, ``-A DOCKER-USER -p tcp --dport 18080 -j DROP`` sees none, and ``-m conntrack --ctorigdstport 18080`` sees all.
iptables-extensions(8), conntrack; https://docs.docker.com/engine/network/packet-filtering-firewalls/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.firewall.addresses import BITS
from policyengine.firewall.intervals import Intervals, complement, contains, intersection, union
from policyengine.firewall.rules import NEW, Call, Interface, Numbers, Stop, Translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.host import Host
    from policyengine.firewall.rules import Chain, Condition, Family, Field, Rule, Ruleset, Table

Ranges = dict["Field", Intervals]


class Mistaken(Struct, frozen=True):
    """A rule that drops none of the packets that it seems to be for, and the rule that translates these."""

    family: Family
    table: str
    chain: str
    rule: Rule
    translated_by: Rule


class _Translated(Struct, frozen=True):
    """The packets of a rule that translates by what they are sent to, and by what they go to then; by interface."""

    rule: Rule
    sent: Ranges
    then: Ranges
    into: tuple[Interface, ...]
    aims: bool


def before_translation(ruleset: Ruleset, host: Host) -> Iterator[Mistaken]:
    """The rules for what passes that drop or reject by a destination that no packet of theirs has any more.

    A rule counts that would match what some rule of DNAT translates, were it not translated, and matches nothing of
    what any of them has translated.
    """
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        translated = list(_translated(ruleset, family))
        for table, chain, rule in _dropping(ruleset, family) if translated else ():
            if any(_meets(case, one, one.then, family) for one in translated for case in rule.any_of):
                continue
            meant = next((one for one in translated if _is_meant_for(rule, one, host, family)), None)
            if meant is not None:
                yield Mistaken(family, table.name, chain.name, rule, meant.rule)


def _translated(ruleset: Ruleset, family: Family) -> Iterator[_Translated]:
    for table in ruleset.tables:
        for chain in table.chains if family in table.families else ():
            for rule in chain.rules:
                if isinstance(rule.action, Translate) and rule.action.does == "dnat":
                    yield from (_of_case(rule, rule.action, case, family) for case in rule.any_of)


def _of_case(rule: Rule, action: Translate, case: tuple[Condition, ...], family: Family) -> _Translated:
    sent = _numbers(case, family)
    sent |= {"odestination": sent["destination"], "odport": sent["dport"]}
    then = {**sent, "destination": action.addresses or sent["destination"], "dport": action.ports or sent["dport"]}
    into = tuple(one for one in case if isinstance(one, Interface) and one.side == "in")
    return _Translated(rule, sent, then, into, _names(case, "destination"))


def _numbers(case: tuple[Condition, ...], family: Family) -> Ranges:
    """The numbers that packets may have by conditions, of the fields that say where a packet goes."""
    found = {field: complement((), top) for field, top in _tops(family).items()}
    for one in case:
        if isinstance(one, Numbers) and one.field in found:
            found[one.field] = intersection(found[one.field], one.values)
    return found


def _tops(family: Family) -> dict[Field, int]:
    address = (1 << BITS[family]) - 1
    return {"protocol": 255, "destination": address, "odestination": address, "dport": 65535, "odport": 65535}


def _dropping(ruleset: Ruleset, family: Family) -> Iterator[tuple[Table, Chain, Rule]]:
    """The rules that drop or reject some of what passes the host, by its destination."""
    for table in ruleset.tables:
        for chain in _passing(table) if family in table.families else ():
            for rule in chain.rules:
                drops = isinstance(rule.action, Stop) and rule.action.does != "accept"
                if drops and any(_names(case, "dport") or _names(case, "destination") for case in rule.any_of):
                    yield table, chain, rule


def _passing(table: Table) -> list[Chain]:
    """The chains that packets meet which pass the host: base chains, and what these call."""
    by_name = {chain.name: chain for chain in table.chains}
    waiting = [chain.name for chain in table.chains if chain.hook == "forward"]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [rule.action.chain for rule in by_name[name].rules if isinstance(rule.action, Call)]
    return [chain for chain in table.chains if chain.name in found]


def _is_meant_for(rule: Rule, translated: _Translated, host: Host, family: Family) -> bool:
    """Whether a rule would match what is translated, were it not; all that it matches being for what comes in so."""
    return all(
        _meets(case, translated, translated.sent, family)
        and _has_state(case)
        and _goes(case, translated, host, family)
        and _aims(case, translated, host, family)
        for case in rule.any_of
    )


def _meets(case: tuple[Condition, ...], translated: _Translated, packets: Ranges, family: Family) -> bool:
    wanted = _numbers(case, family)
    into = [one for one in case if isinstance(one, Interface) and one.side == "in"]
    return all(intersection(wanted[field], packets[field]) for field in wanted) and _some_name(
        [*into, *translated.into]
    )


def _some_name(conditions: list[Interface]) -> bool:
    """Whether an interface may be called so that all conditions hold."""
    names = [name.rstrip("*") for one in conditions for name in one.names]
    return any(all(_holds(one, name) for one in conditions) for name in (*names, "\0"))


def _holds(condition: Interface, name: str) -> bool:
    named = any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in condition.names)
    return named != condition.negated


def _has_state(case: tuple[Condition, ...]) -> bool:
    """Whether new packets are matched: these only are translated."""
    return all(contains(one.values, NEW) for one in case if isinstance(one, Numbers) and one.field == "state")


def _goes(case: tuple[Condition, ...], translated: _Translated, host: Host, family: Family) -> bool:
    """Whether what is translated leaves by the interface that a rule names; where routes are not known it does not."""
    wanted = [one for one in case if isinstance(one, Interface) and one.side == "out"]
    outs = host.outs(family)
    if not wanted or outs is None:
        return not wanted
    names = [name for name, to in outs.items() if intersection(to, translated.then["destination"])]
    return any(all(_holds(one, name) for one in wanted) for name in names)


def _aims(case: tuple[Condition, ...], translated: _Translated, host: Host, family: Family) -> bool:
    """Whether the destination that a rule names, if any, is what the translated packets were or are sent to."""
    if not _names(case, "destination") or translated.aims:
        return True
    named = _numbers(case, family)["destination"]
    return bool(intersection(named, union(translated.then["destination"], host.local(family) or ())))


def _names(case: tuple[Condition, ...], field: Field) -> bool:
    return any(isinstance(one, Numbers) and one.field == field for one in case)
