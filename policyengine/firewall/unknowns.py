"""What two rule sets do not know, by one name where both say literally the same of it, and by two where they do not.

An unknown that depends on more than the packet is named by the place of its rule, which another version of the file has
elsewhere. Here it is named by the chain, the rule's text, and which of the rules with this text it is; where what it
depends on is made by other rules (marks, lists of addresses seen before), by those too. A target that is not modelled
becomes an unknown, too: the same target of the same rule does the same to a packet.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.firewall.rules import Atom, Call, Stop, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.firewall.rules import Chain, Condition, Rule, Ruleset, Table

_COUNTS_ITSELF = re.compile(
    r"(?:limit|dstlimit|hashlimit|connlimit|statistic|nth|random|quota|quota2|numgen|ct count)\b"
)
"""Matches whose answer hangs on how often their own rule has been asked, and on no other rule."""

_OF_RULE = re.compile(r"^\S+ \S+ \S+ rule \d+: ")
"""How what is written for nft names what is of a rule's own."""

_MAKES = re.compile(r"\b(?:MARK|CONNMARK|IPMARK|HMARK|SET|RATEEST|CT|recent|condition|(?<!-m )set|add|update|delete)\b")
"""What rules say that make what others match: marks, elements of sets, lists."""


def aligned(old: Ruleset, new: Ruleset) -> tuple[Ruleset, Ruleset]:
    """The two rule sets, deciding as before, with what neither knows named so that it can be compared."""
    makers = [tuple(_makers(one)) for one in (old, new)]
    names = ("", "") if makers[0] == makers[1] else (" as it was", " as it is")
    before, after = (_Aligning(ruleset, made_by).whole() for ruleset, made_by in zip((old, new), names, strict=True))
    return before, after


def _makers(ruleset: Ruleset) -> Iterator[tuple[str, ...]]:
    """The rules of the chains in which something is made that others match, and of those that lead to these."""
    for table in ruleset.tables:
        making = {chain.name for chain in table.chains if any(_MAKES.search(rule.text) for rule in chain.rules)}
        grown = True
        while grown:
            leading = {chain.name for chain in table.chains if any(_calls(rule, making) for rule in chain.rules)}
            grown = not leading <= making
            making |= leading
        for chain in table.chains:
            if chain.name in making:
                yield (table.program, table.name, chain.name, *(rule.text for rule in chain.rules))


def _calls(rule: Rule, names: set[str]) -> bool:
    return isinstance(rule.action, Call) and rule.action.chain in names


class _Aligning:
    """One of the two; ``made_by`` tells whose rules made what others match, where they are not the same in both."""

    def __init__(self, ruleset: Ruleset, made_by: str) -> None:
        self.ruleset = ruleset
        self.made_by = made_by

    def whole(self) -> Ruleset:
        return replace(self.ruleset, tables=tuple(self._table(table) for table in self.ruleset.tables))

    def _table(self, table: Table) -> Table:
        return replace(table, chains=tuple(self._chain(table, chain) for chain in table.chains))

    def _chain(self, table: Table, chain: Chain) -> Chain:
        """The chain, with other names; the very same where nothing in it is unknown."""
        met: Counter[str] = Counter()
        found: list[Rule] = []
        last = None
        for rule in chain.rules:
            if last is None or (rule.text, rule.where) != last:  # one that is written is read as several at times
                met[rule.text] += 1
            last = rule.text, rule.where
            if _is_known(rule):
                found.append(rule)
            else:
                place = f"{table.program} {table.name} {chain.name}: {rule.text} ({met[rule.text]})"
                found += self._rules(rule, place)
        return replace(chain, rules=tuple(found))

    def _rules(self, rule: Rule, place: str) -> Iterator[Rule]:
        where = str(rule.where)
        cases = tuple(tuple(self._named(one, where, place) for one in case) for case in rule.any_of)
        if isinstance(rule.action, Unknown):
            passes = Atom(f"what is done by {place}")
            yield replace(rule, any_of=tuple((*case, passes) for case in cases), action=Stop("accept"))
        yield replace(rule, any_of=cases)

    def _named(self, condition: Condition, where: str, place: str) -> Condition:
        if not isinstance(condition, Atom):
            return condition
        asked = _OF_RULE.sub("", condition.name.replace(where, ""))
        if asked == condition.name:
            return condition
        made_by = "" if _COUNTS_ITSELF.match(asked) else self.made_by
        return replace(condition, name=f"{asked}, {place}{made_by}")


def _is_known(rule: Rule) -> bool:
    asked = any(isinstance(one, Atom) for case in rule.any_of for one in case)
    return not asked and not isinstance(rule.action, Unknown)
