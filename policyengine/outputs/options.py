"""How a report is to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.model.report import Finding

_QUIET = ("pass", "not_applicable", "waived")


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How a report is to be shown; a format takes what applies to it.

    ``colour`` allows ANSI colours, ``width`` is the terminal's width in cells, ``verbose`` adds what was left out and
    why, ``all`` adds the judgements that are no findings: passes, and waived violations where they are not shown
    otherwise.
    """

    colour: bool = False
    width: int = 100
    verbose: bool = False
    all: bool = False

    def lists(self, finding: Finding) -> bool:
        """Whether a list for people shows the finding: what nobody has to act on only with ``all``."""
        return self.all or finding.status not in _QUIET


DEFAULT = RenderOptions()
