"""One line ``-A CHAIN ...`` of iptables-save as a rule."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from policyengine.errors import did_you_mean
from policyengine.firewall.iptables.extensions import (
    BY_PACKET,
    BY_RULE,
    MODELLED,
    MODIFYING,
    OPTIONS,
    OWN,
    WITHOUT_EFFECT,
)
from policyengine.firewall.iptables.matches import (
    ALWAYS,
    OF_CONNECTION,
    READERS,
    Alternatives,
    beside_state,
    read,
    syn,
    tcp_flags,
)
from policyengine.firewall.iptables.opaque import Opaque
from policyengine.firewall.iptables.refusing import refused
from policyengine.firewall.iptables.targets import KNOWN, WITHOUT_OPTIONS, Options, action
from policyengine.firewall.iptables.words import Quoted
from policyengine.firewall.rules import Action, Atom, Family, Rule
from policyengine.firewall.sets import AddressSet, alternatives

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.model.location import Location

PORTS = frozenset({"--sport", "--source-port", "--dport", "--destination-port"})
PROTOCOL = frozenset({"-p", "--protocol", "--proto"})
NONE: frozenset[str] = frozenset()
STATE = frozenset({"--ctstate"})
MODULES = frozenset({*MODELLED, *BY_PACKET, *BY_RULE, *WITHOUT_EFFECT})


class Context:
    """What the rules of a table are read in: the family, the table's chains, the sets that are known.

    ``changed`` are those that rules add to or take from: what is in them depends on when it is asked.

    ``joins``: ``! --sport 22 ! --dport 80`` matches what has not both ports, as iptables-nft 1.8.8 to 1.8.10 compiled
    it (``add_tcp_udp`` in iptables/nft-shared.c and what calls it), rather than what has neither.
    """

    def __init__(
        self,
        family: Family,
        chains: frozenset[str],
        sets: Mapping[str, AddressSet],
        joins: bool = False,
        changed: frozenset[str] = frozenset(),
    ) -> None:
        self.family = family
        self.chains = chains
        self.sets = sets
        self.joins = joins
        self.changed = changed


def rule(words: list[str], text: str, where: Location, context: Context, chain: str = "") -> Rule:
    """The rule of the words after ``-A CHAIN``; ``chain`` is that of a base chain. Raises ValueError with what is
    wrong."""
    reading = _Reading(words, text, where, context)
    found = reading.rule()
    if why := refused(tuple(reading.asked), chain):
        raise ValueError(why)
    return found


class _Reading:
    """A rule on its way from words to conditions and an action."""

    def __init__(self, words: list[str], text: str, where: Location, context: Context) -> None:
        self.words = words
        self.at = 0
        self.text = text
        self.where = where
        self.context = context
        self.matches: list[Alternatives] = []
        self.unequal: list[Alternatives] = []
        self.asked: list[str] = []
        self.owner: str = ""
        self.opaque: dict[str, list[Opaque]] = {}
        self.own: frozenset[str] = NONE
        self.target: str = ""
        self.goes = False
        self.options: Options = {}

    def rule(self) -> Rule:
        words, end, asked = self.words, len(self.words), self.asked
        family = self.context.family
        while self.at < end:
            word = words[self.at]
            self.at += 1
            negated = word == "!"
            if negated:
                word = self._value("!")
            if word in READERS and word not in self.own:
                value = self._value(word)
                if value == "!" and not negated:  # as iptables wrote it up to 1.4.2: --dport ! 80
                    negated, value = True, self._value(word)
                asked.append(f"{word}," if "," in value else word)
                if word in PROTOCOL:
                    asked.append(value)
                found = read(word, value, negated, family)
                if negated and self.context.joins and word in PORTS and value.isdecimal():
                    self.unequal.append(found)
                elif found is not ALWAYS:
                    self.matches.append(found)
            else:
                self._other(word, negated)
        for matches in self.opaque.values():
            self.matches += [((one.atom(str(self.where)),),) for one in matches]
        if self.unequal:
            self.matches.append(tuple(conditions for found in self.unequal for conditions in found))
        return Rule(self._any_of(), self._action(), self.text, self.where)

    def _value(self, option: str) -> str:
        if self.at >= len(self.words):
            raise ValueError(f"the value of {option} is missing")
        self.at += 1
        return self.words[self.at - 1]

    def _other(self, word: str, negated: bool) -> None:
        if word in self.own:
            self._own(word, negated)
        elif word == "--set" and self.owner == "set":
            self.match_set(negated)
        elif word in _SPECIAL and not isinstance(word, Quoted):
            _SPECIAL[word](self, negated)
        elif word in OPTIONS:
            self._option(word, negated)
        elif not word.startswith("-") or isinstance(word, Quoted):
            raise ValueError(f'"{word}" is unexpected')
        elif self.owner.isupper():
            self.options[word] = self._values()
        elif self.owner in self.opaque:
            self.opaque[self.owner][-1].add(word, self._values(), negated)
        elif self.owner in WITHOUT_EFFECT:
            self._values()
        else:
            hint = did_you_mean(word, READERS)
            raise ValueError(f"there is no option {word}" + (f": {hint}" if hint else ""))

    def _own(self, word: str, negated: bool) -> None:
        """An option of what is not modelled, or of conntrack beside a state."""
        if self.owner != "conntrack":
            self.opaque[self.owner][-1].add(word, self._values(), negated)
            return
        if word in READERS:
            self.matches.append(read(word, self._value(word), negated, self.context.family))
        else:
            self._option(word, negated)
        self.matches[-1] = beside_state(self.matches[-1])

    def _option(self, word: str, negated: bool) -> None:
        """An option of a modelled match. Of a connection translation changes what its replies are sent to."""
        module, place = OPTIONS[word], f" ({self.where})" if word.startswith("--ctrepl") else ""
        asked = Atom(" ".join((module, word, *self._values())) + place, negated)
        self.matches.append(((asked, OF_CONNECTION) if module == "conntrack" else (asked,),))

    def _values(self) -> list[str]:
        """The words up to the next option."""
        found = []
        while self.at < len(self.words):
            word = self.words[self.at]
            if not isinstance(word, Quoted) and (word == "!" or (word[0] == "-" and not word[1:].isdecimal())):
                break
            found.append(word)
            self.at += 1
        return found

    def _any_of(self) -> Alternatives:
        found: Alternatives = ((),)
        for one in self.matches:
            if len(one) == 1 and len(found) == 1:
                found = ((*found[0], *one[0]),)
            else:
                found = tuple((*here, *there) for here in found for there in one)
        return found

    def _action(self) -> Action | None:
        if not self.target:
            return None
        return action(self.target, self.options, self.context.family, self.context.chains, self.goes)

    def module(self, _: bool) -> None:
        self.owner = self._value("-m")
        self.asked += ("-m", self.owner)
        if self.owner not in MODULES:
            raise ValueError(f'there is no match "{self.owner}"')
        is_modelled = self.owner in MODELLED or self.owner in WITHOUT_EFFECT
        if is_modelled and not (self.owner in MODIFYING and self._has(MODIFYING[self.owner])):
            is_beside = self.owner == "conntrack" and self._has(OWN["conntrack"]) and self._has(STATE)
            self.own = OWN["conntrack"] if is_beside else NONE
            return
        self.opaque.setdefault(self.owner, []).append(Opaque(self.owner))
        self.own = OWN.get(self.owner, NONE)

    def _has(self, options: frozenset[str]) -> bool:
        """Whether any of these follow, before another match of the same extension."""
        if options.isdisjoint(self.words):
            return False
        rest = self.words[self.at :]
        others = (at for at, told in enumerate(pairwise(rest)) if told in (("-m", self.owner), ("--match", self.owner)))
        return not options.isdisjoint(rest[: next(others, len(rest))])

    def jump(self, _: bool) -> None:
        self._end(goes=False)

    def go(self, _: bool) -> None:
        self._end(goes=True)

    def _end(self, goes: bool) -> None:
        if self.target:
            raise ValueError("a rule has one target only")
        self.target, self.goes = self._value("-j"), goes
        if self.target in KNOWN and self.target not in WITHOUT_OPTIONS:
            self.owner, self.own = self.target, NONE

    def tcp_flags(self, negated: bool) -> None:
        self.asked.append("--tcp-flags")
        mask = self._value("--tcp-flags")
        if mask == "!" and not negated:
            negated, mask = True, self._value("--tcp-flags")
        self.matches.append(tcp_flags(mask, self._value("--tcp-flags"), negated))

    def syn(self, negated: bool) -> None:
        self.asked.append("--syn")
        self.matches.append(syn(negated))

    def fragment(self, negated: bool) -> None:
        self.asked.append("-f")
        self.matches.append(((Atom("fragment", negated),),))

    def comment(self, _: bool) -> None:
        self._value("--comment")

    def counters(self, _: bool) -> None:
        self._value("-c")
        self._value("-c")

    def match_set(self, negated: bool) -> None:
        name, sides = self._value("--match-set"), self._value("--match-set").split(",")
        if set(sides) - {"src", "dst"}:
            raise ValueError(f'"{",".join(sides)}" is neither src nor dst')
        if name in self.context.changed:
            self.matches.append(((Atom(f"set {name} {','.join(sides)} ({self.where})", negated),),))
            return
        self.matches.append(alternatives(self.context.sets.get(name), name, sides, negated, self.context.family))


_SPECIAL: dict[str, Callable[[_Reading, bool], None]] = {
    "-m": _Reading.module,
    "--match": _Reading.module,
    "-j": _Reading.jump,
    "--jump": _Reading.jump,
    "-g": _Reading.go,
    "--goto": _Reading.go,
    "--tcp-flags": _Reading.tcp_flags,
    "--syn": _Reading.syn,
    "-f": _Reading.fragment,
    "--fragment": _Reading.fragment,
    "--comment": _Reading.comment,
    "-c": _Reading.counters,
    "--set-counters": _Reading.counters,
    "--match-set": _Reading.match_set,
}
