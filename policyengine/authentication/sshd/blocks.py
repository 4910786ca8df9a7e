"""What each Match block changes for those for whom it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sshd.conditions import may_hold_for
from policyengine.authentication.sshd.effective import Configuration, Refusal
from policyengine.authentication.sshd.identity import NOBODY
from policyengine.authentication.sshd.reading import Decide
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
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
    """Takes one block to hold, with those that it is included in, and no other one but those for all."""

    def __init__(self, condition: Conditional) -> None:
        self._condition = condition
        self.lines: list[Line] = []

    def block(self, line: Line, holds: bool) -> bool:
        """Whether it is the block, or one for all."""
        where = line.keyword_at
        if where == self._condition.where or where in self._condition.within:
            self.lines.append(line)
            return True
        return holds


def blocks(configuration: Configuration) -> list[Block]:
    """The Match blocks that are not for all, in the order in which they are written.

    What one changes is told for somebody for whom no other one holds; whether root may log in, only of those that can
    hold for root. Values that sshd refuses for such a connection are unknown. Of a very long configuration only the
    first blocks are looked at.
    """
    common = configuration.of(NOBODY)
    if not isinstance(common, dict):
        return []
    counted = configuration.conditions[: max(1, MOST_LINES // (len(configuration.lines) + 1))]
    return [Block(one.text, one.where, _changes(configuration, common, one)) for one in counted]


def _changes(configuration: Configuration, common: Options, condition: Conditional) -> Options | Unknown:
    only = _Only(condition)
    found = configuration.of(NOBODY, only)
    if isinstance(found, Refusal):
        return Unknown("sshd_config", f"sshd refuses it for them: {found.problems[-1].message}")
    if isinstance(found, Unknown):
        return found
    changed = {name: one for name, one in found.items() if one.places and one != common.get(name)}
    groups = configuration.groups_of(ROOT)
    if not all(may_hold_for(line, ROOT, groups) for line in only.lines):
        changed.pop("permitrootlogin", None)
    return changed
