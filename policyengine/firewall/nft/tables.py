"""A dump's tables, with their chains and rules, for each family of packets that sees them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from policyengine.errors import DocumentError
from policyengine.firewall.calls import loop
from policyengine.firewall.nft.devices import gated
from policyengine.firewall.nft.fields import Circumstances
from policyengine.firewall.nft.joining import joins
from policyengine.firewall.nft.sets import Set, Sets, named_sets
from policyengine.firewall.nft.sleeping import is_dormant, perhaps_asked
from policyengine.firewall.nft.statements import done
from policyengine.firewall.nft.writing import expression, rule
from policyengine.firewall.rules import Call, Chain, Rule, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from policyengine.firewall.nft.dump import Object
    from policyengine.firewall.rules import Family, Hook

FAMILIES: Mapping[str, tuple[Family, ...]] = {"ip": (4,), "ip6": (6,), "inet": (4, 6), "netdev": (4, 6)}
"""The packets that tables of a family see. Those of ``arp`` and ``bridge`` see no packets, but frames."""

_HOOKS = ("ingress", "prerouting", "input", "forward", "output", "postrouting", "egress")


class Dump:
    """The objects of a dump, by what they belong to."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self.tables = [one for one in objects if one.kind == "table"]
        self.chains = _by_table(one for one in objects if one.kind == "chain")
        rules = [one for one in objects if one.kind == "rule"]
        self.rules = _by_chain(rules)
        self.sets = named_sets(objects, rules)
        self.rewritten = frozenset(_rewritten(rules))
        self._callers = [*rules, *(one for one in objects if one.kind in ("map", "element"))]
        self.joins = any(joins(str(one.value.get("version"))) for one in objects if one.kind == "metainfo")
        self._check(objects)

    @cached_property
    def _leaving(self) -> set[tuple[tuple[str, str], str]]:
        """The chains that are asked after routing, and the maps: what is left of a frame then depends on the driver."""
        calls: defaultdict[tuple[tuple[str, str], str], set[str]] = defaultdict(set)
        for one in self._callers:
            name = one.text("chain") if one.kind == "rule" else f"@{one.text('name')}"
            calls[one.table, name].update(_called(one.value))
        found = set()
        ahead = [
            (chain.table, chain.text("name"))
            for of in self.chains.values()
            for chain in of
            if chain.value.get("hook") == "postrouting"
        ]
        while ahead:
            key = ahead.pop()
            if key not in found:
                found.add(key)
                ahead += [(key[0], name) for name in calls[key]]
        return found

    def _check(self, objects: Iterable[Object]) -> None:
        """Raise :class:`DocumentError` for an object whose table, or whose chain, is not there."""
        tables = {one.table for one in self.tables}
        chains = {(one.table, one.text("name")) for of in self.chains.values() for one in of}
        for one in objects:
            if "table" in one.value and one.table not in tables:
                raise one.error(f"a {one.kind} of the table {' '.join(one.table)}, which the dump does not have")
            if one.kind == "rule" and (one.table, one.text("chain")) not in chains:
                raise one.error(f"a rule of the chain {one.text('chain')}, which the dump does not have")

    def read(self, leaving: Collection[tuple[str, str]] = ()) -> Iterator[Table]:
        """Its tables, those of no packets and those in ``leaving`` (family and name) left out."""
        for table in self.tables:
            for family in FAMILIES.get(table.table[0], ()):
                if table.table not in leaving and not is_dormant(table):
                    yield self._table(table, family)

    def passed_over(self) -> list[Object]:
        """The tables that see frames, and no packets."""
        return [one for one in self.tables if one.table[0] not in FAMILIES]

    def _table(self, table: Object, family: Family) -> Table:
        chains = tuple(self._chain(chain, family) for chain in self.chains.get(table.table, ()))
        if is_dormant(table) is None:
            chains = tuple(perhaps_asked(chain, table) for chain in chains)
        if (circle := loop(chains)) is not None:
            at = circle[1].where
            message = f"the chain {circle[0]} is called in a circle"
            raise DocumentError(message, path=at.path, line=at.line, column=at.column)
        return Table("nft", " ".join(table.table), (family,), chains)

    def _chain(self, chain: Object, family: Family) -> Chain:
        name = chain.text("name")
        found = self.rules.get((chain.table, name), [])
        rules = tuple(rule for number, one in enumerate(found, 1) for rule in self._rules(one, number, family))
        hook = chain.value.get("hook")
        return Chain(name, rules, chain.where) if hook is None else _base(chain, rules)

    def _rules(self, one: Object, number: int, family: Family) -> Iterator[Rule]:
        """One rule, or several with one text for one that does different things in different cases."""
        statements = one.value.get("expr")
        if not isinstance(statements, list):
            raise one.error("a rule without statements")
        place = f"{' '.join(one.table)} {one.text('chain')} rule {number}"
        text = rule(statements, one.value.get("comment"))
        vague = self.rewritten
        if "ether saddr" in text and (one.table, one.text("chain")) in self._leaving:
            vague |= {"ether saddr"}
        around = Circumstances(family, one.table[0], place, vague, self.joins)
        for cases, action in done(statements, Sets(self._named(one), one, around)):
            if isinstance(action, Call) and not self._has_chain(one, action.chain):
                raise one.error(f"a rule that goes on to the chain {action.chain}, which its table does not have")
            yield Rule(cases, action, text, one.where)

    def _named(self, one: Object) -> Mapping[str, Set]:
        return self.sets.get(one.table, {})

    def _has_chain(self, one: Object, name: str) -> bool:
        return any(chain.text("name") == name for chain in self.chains.get(one.table, ()))


def _base(chain: Object, rules: tuple[Rule, ...]) -> Chain:
    """A chain that is hooked in."""
    hook, priority, kind = chain.value.get("hook"), chain.value.get("prio"), chain.value.get("type")
    policy = chain.value.get("policy", "accept")
    if hook not in _HOOKS or not isinstance(priority, int) or kind not in ("filter", "nat", "route"):
        raise chain.error(f"the chain {chain.text('name')} has a hook, a priority or a type that is not known")
    if policy not in ("accept", "drop"):
        raise chain.error(f'the policy "{policy}" is not known')
    found = Chain(chain.text("name"), rules, chain.where, _hook(str(hook)), priority, policy, kind)
    return gated(found, chain) if hook in ("ingress", "egress") else found


def _hook(name: str) -> Hook:
    """The hook; egress comes after all others of what leaves, postrouting being the last that is told apart."""
    return "postrouting" if name == "egress" else name  # type: ignore[return-value]


def _by_table(objects: Iterable[Object]) -> dict[tuple[str, str], list[Object]]:
    found: dict[tuple[str, str], list[Object]] = {}
    for one in objects:
        found.setdefault(one.table, []).append(one)
    return found


def _by_chain(rules: Iterable[Object]) -> dict[tuple[tuple[str, str], str], list[Object]]:
    found: dict[tuple[tuple[str, str], str], list[Object]] = {}
    for one in rules:
        found.setdefault((one.table, one.text("chain")), []).append(one)
    return found


def _called(said: object) -> Iterator[str]:
    """The chains that anything within goes on to, and the maps (``@name``) that say so."""
    ahead = [said]
    while ahead:
        one = ahead.pop()
        if isinstance(one, dict):
            yield from (
                str(value["target"])
                for key, value in one.items()
                if key in ("jump", "goto") and isinstance(value, dict) and "target" in value
            )
            if isinstance(one.get("data"), str):
                yield one["data"]
            ahead += one.values()
        elif isinstance(one, list):
            ahead += one


def _rewritten(rules: Iterable[Object]) -> Iterator[str]:
    """The fields that any rule writes, as text: they may be another at each match."""
    for one in rules:
        statements = one.value.get("expr")
        for statement in statements if isinstance(statements, list) else ():
            said = statement.get("mangle") if isinstance(statement, dict) else None
            if isinstance(said, dict):
                yield expression(said.get("key"))
