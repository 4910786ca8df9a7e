"""What each Match block changes for those for whom it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sshd.conditions import criteria, may_hold_for
from policyengine.authentication.sshd.effective import Configuration, Refusal
from policyengine.authentication.sshd.identity import NOBODY
from policyengine.authentication.sshd.implying import implied
from policyengine.authentication.sshd.reading import Decide
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from policyengine.authentication.sshd.implying import Criterion
    from policyengine.authentication.sshd.line import Line
    from policyengine.authentication.sshd.options import Options
    from policyengine.authentication.sshd.reading import Conditional
    from policyengine.model.location import Location

ROOT = "root"

MOST_LINES = 20_000
"""How many lines are read for all blocks together: each is a reading of the whole configuration."""


class Block(Struct, frozen=True):
    """A Match block: its condition as it is written, and the options that are other than for everybody."""

    condition: str
    where: Location
    changes: Options | Unknown


class _Only(Decide):
    """Takes some Match lines to hold, and no other one but those for all; remembers those that are asked for."""

    def __init__(self, holding: Container[Location], asked: Container[Location] = ()) -> None:
        self._holding = holding
        self._asked = asked
        self.lines: list[Line] = []

    def block(self, line: Line, holds: bool) -> bool:
        """Whether it is one of them, or one for all."""
        where = line.keyword_at
        if where in self._asked:
            self.lines.append(line)
        return holds or where in self._holding


def blocks(configuration: Configuration) -> list[Block]:
    """The Match blocks that are not for all, in the order in which they are written.

    What one changes is told for somebody for whom no other one holds but those that hold for all whom it is about: what
    those set is told of them alone, and counts where they come first. Whether root may log in is told only of those
    that can hold for root. Values that sshd refuses for such a connection are unknown. Of a very long configuration
    only the first blocks are looked at.
    """
    common = configuration.of(NOBODY)
    if not isinstance(common, dict):
        return []
    counted = configuration.conditions[: max(1, MOST_LINES // (len(configuration.lines) + 1))]
    known = {one.where: tuple(criteria(one.text)) for one in counted}
    return [Block(one.text, one.where, _changes(configuration, common, one, known)) for one in counted]


def _changes(
    configuration: Configuration,
    common: Options,
    condition: Conditional,
    known: Mapping[Location, tuple[Criterion, ...]],
) -> Options | Unknown:
    own = {condition.where, *condition.within}
    met = [criterion for where in own for criterion in known.get(where, ())]
    others = {where for where, wanted in known.items() if where not in own and implied(met, wanted)}
    only = _Only(own | others, own)
    found = configuration.of(NOBODY, only)
    if others and isinstance(without := configuration.of(NOBODY, _Only(others)), dict):
        common = without
    if isinstance(found, Refusal):
        return Unknown("sshd_config", f"sshd refuses it for them: {found.problems[-1].message}")
    if isinstance(found, Unknown):
        return found
    changed = {name: one for name, one in found.items() if one.places and one != common.get(name)}
    groups = configuration.groups_of(ROOT)
    if not all(may_hold_for(line, ROOT, groups) for line in only.lines):
        changed.pop("permitrootlogin", None)
    return changed
