"""Matches of a rule that are not modelled: each ``-m`` is one unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.iptables.extensions import BY_RULE, COMPLEMENTED, MODIFYING
from policyengine.firewall.iptables.words import Quoted
from policyengine.firewall.rules import Atom

if TYPE_CHECKING:
    from collections.abc import Sequence


class Opaque:
    """One ``-m`` with all its options as they are written.

    The unknown is the whole match: an option may change what another means (``--string A --to 60``), and what is
    negated may be one of several. Two matches of one extension in a rule are two unknowns.
    """

    def __init__(self, module: str) -> None:
        self.module = module
        self.options: list[tuple[str, ...]] = []

    def add(self, option: str, values: Sequence[str], negated: bool) -> None:
        """One more option of it."""
        self.options.append(("!", option, *values) if negated else (option, *values))

    def atom(self, place: str) -> Atom:
        """The unknown: of the packet, or of the rule at a place, where rules that ask the same may be told otherwise.

        That is so as well of a match of which no option is seen: they may stand behind those of the target.
        """
        first = self.options[0] if self.options else ()
        negated = self.module in COMPLEMENTED and len(self.options) == 1 and first[0] == "!"
        said = first[1:] if negated else [word for option in self.options for word in option]
        asks_itself = self.module in BY_RULE or self.module in MODIFYING or not self.options
        text = " ".join((self.module, *map(_written, said)))
        return Atom(text + (f" ({place})" if asks_itself else ""), negated)


def _written(word: str) -> str:
    """A word as iptables-save writes it, so that a value never reads as an option."""
    if not isinstance(word, Quoted) or not (" " in word or word[:1] in ("", "-", "!")):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
