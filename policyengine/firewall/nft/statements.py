"""The statements of one rule as what it does in which cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.nft.cases import FALSE, TRUE, Cases, NotModelled, both, either
from policyengine.firewall.nft.fields import selector
from policyengine.firewall.nft.joining import joined
from policyengine.firewall.nft.matching import looked_up, matched
from policyengine.firewall.nft.translating import TRANSLATIONS, translations
from policyengine.firewall.nft.words import PROTOCOLS
from policyengine.firewall.nft.writing import expression, statement
from policyengine.firewall.rules import Action, Call, Numbers, Return, Stop, Unknown, Untrack

if TYPE_CHECKING:
    from policyengine.firewall.nft.sets import Sets
    from policyengine.firewall.rules import Family

Done = tuple[Cases, Action | None]
"""What a rule does in these cases; None: nothing, the packet goes on."""

_VERDICTS: dict[str, Action | None] = {
    "accept": Stop("accept"),
    "drop": Stop("drop"),
    "return": Return(),
    "continue": None,
}

_WITHOUT_EFFECT = frozenset(
    {"counter", "log", "mangle", "comment", "flow", "dup", "last", "secmark", "ct helper", "ct timeout"}
    | {"ct expectation"}
)
"""What changes nothing that decides where the packet goes. A mark that is matched later is an unknown there."""

_ASKED = frozenset({"limit", "quota", "ct count", "meter", "set", "map"})
"""What may break off the rule: a limit that is exceeded, a set that is full."""

_OPAQUE_HINT = (
    "it is of iptables-nft's own, which nft does not tell: give what iptables-save and ip6tables-save write for it"
)


def done(statements: list[object], sets: Sets) -> list[Done]:
    """What a rule does: in the cases of one item, or of none, in which the packet goes on. No two items at once."""
    reading = _Reading(sets)
    together = joined(statements) if sets.around.joins else ([one] for one in statements)
    for group in together:
        if reading.ended:
            break
        if len(group) > 1:
            reading.meet_joined(group)
        else:
            reading.meet(group[0])
    return reading.done if reading.done else [(reading.cases, None)]


class _Reading:
    """Goes through the statements of a rule: ``cases`` are those in which the next one is met."""

    def __init__(self, sets: Sets) -> None:
        self.cases: Cases = TRUE
        self.done: list[Done] = []
        self.ended = False
        self._sets = sets

    def meet(self, value: object) -> None:
        """Go on by one statement. Raises :class:`DocumentError` for what is malformed, or not told by nft."""
        if not isinstance(value, dict) or len(value) != 1:
            raise self._sets.rule.error("a malformed statement")
        kind, said = next(iter(value.items()))
        if kind == "xt":
            raise self._sets.rule.error("a rule with an extension of xtables", _OPAQUE_HINT)
        if kind == "match" and isinstance(said, dict):
            self._ask(matched(said, self._sets))
        elif kind in _ASKED:
            self._ask(((self._sets.around.atom(statement(value)),),))
        elif kind in _WITHOUT_EFFECT and not _redirects(kind, said):
            self._ask_of_map(said)
        elif kind == "notrack":
            self.done.append((self.cases, Untrack()))
        else:
            self._end(kind, said, value)

    def meet_joined(self, group: list[object]) -> None:
        """Inequalities of which one is enough."""
        said = [one["match"] for one in group if isinstance(one, dict)]
        self._ask(either(matched(one, self._sets) for one in said))

    def _ask(self, cases: Cases) -> None:
        try:
            self.cases = both(self.cases, cases)
        except NotModelled:
            self.cases = both(self.cases, ((self._sets.around.atom("many cases"),),))

    def _ask_of_map(self, said: object) -> None:
        """A value that is looked up breaks off the rule where it is not found."""
        value = said.get("value") if isinstance(said, dict) else None
        if isinstance(value, dict) and "map" in value:
            self._ask(((self._sets.around.atom(f"{expression(value)} found"),),))

    def _end(self, kind: str, said: object, value: object) -> None:
        self.ended = True
        if kind == "mangle" and isinstance(said, dict):
            self._ask(selector(said.get("key"), self._sets.around).needs)
        if self._meets_untracked():
            self.done.append((self.cases, Unknown(statement(value))))
            return
        found = self._ends(kind, said, value)
        for cases, action in found:
            try:
                self.done.append((both(self.cases, cases), action))
            except NotModelled:
                self.done.append((self.cases, Unknown(statement(value))))
                return

    def _meets_untracked(self) -> bool:
        """Whether the rule has just changed the state that it asked for: what it does then is not worked out."""
        asked = any(isinstance(one, Numbers) and one.field in ("state", "nat") for case in self.cases for one in case)
        return bool(self.done) and asked

    def _ends(self, kind: str, said: object, value: object) -> list[Done]:
        if kind == "vmap" and isinstance(said, dict):
            return self._verdicts(said, value)
        if kind in TRANSLATIONS:
            return [*translations(kind, said, self._sets)]
        if kind == "reject":
            return [(_answered(said, self._sets.around.family), Stop("reject"))]
        return [(TRUE, self._verdict(kind, said, value))]

    def _verdicts(self, said: dict[str, object], value: object) -> list[Done]:
        """A map of verdicts: what each of its elements does."""
        try:
            found = looked_up(said.get("key"), said.get("data"), self._sets)
        except NotModelled:
            return [(TRUE, Unknown(statement(value)))]
        return [(cases, self._of_element(data, value)) for cases, data in found]

    def _of_element(self, data: object, value: object) -> Action | None:
        if not isinstance(data, dict) or len(data) != 1:
            return Unknown(statement(value))
        return self._verdict(*next(iter(data.items())), data)

    def _verdict(self, kind: str, said: object, value: object) -> Action | None:
        if kind in _VERDICTS:
            return _VERDICTS[kind]
        if kind in ("jump", "goto") and isinstance(said, dict):
            return Call(str(said.get("target")), back=kind == "jump")
        return Unknown(statement(value))


def _answered(said: object, family: Family) -> Cases:
    """The packets that a refusal of a type can answer, and no others does nft have it meet.

    It asks for them before, and leaves that out of a listing: ``stmt_evaluate_reject`` in src/evaluate.c of nftables.
    """
    kind = said.get("type") if isinstance(said, dict) else None
    if kind == "tcp reset":
        return ((Numbers("protocol", ((PROTOCOLS["tcp"], PROTOCOLS["tcp"]),)),),)
    return FALSE if kind in _ANSWERING and _ANSWERING[kind] != family else TRUE


_ANSWERING: dict[object, Family] = {"icmp": 4, "icmpv6": 6}

_REWRITTEN = frozenset(
    {("ip", "saddr"), ("ip", "daddr"), ("ip", "protocol"), ("ip6", "saddr"), ("ip6", "daddr"), ("ip6", "nexthdr")}
    | {
        (protocol, field)
        for protocol in ("tcp", "udp", "sctp", "dccp", "udplite", "th")
        for field in ("sport", "dport")
    }
    | {("tcp", "flags"), ("icmp", "type"), ("icmp", "code"), ("icmpv6", "type"), ("icmpv6", "code")}
)
"""What later matches ask for: a rule that writes it makes another packet, and that is not followed."""


def _redirects(kind: str, said: object) -> bool:
    """Whether a statement writes what later matches ask for."""
    key = said.get("key") if kind == "mangle" and isinstance(said, dict) else None
    payload = key.get("payload") if isinstance(key, dict) else None
    if not isinstance(payload, dict):
        return False
    return "base" in payload or (payload.get("protocol"), payload.get("field")) in _REWRITTEN
