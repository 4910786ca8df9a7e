"""How a report is to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.model.report import Finding

_PASSED = ("pass", "not_applicable")


class RenderOptions(Struct, frozen=True):
    """How a report is to be shown; a format takes what applies to it.

    ``colour`` allows ANSI colours, ``width`` is the terminal's width in cells, ``verbose`` adds what was left out and
    why, ``all`` adds the judgements that are no findings: passes, and waived violations where they are not shown
    otherwise, ``quiet`` leaves out what is no finding and no problem: the summary. ``by`` is ``control`` for a report
    that tells by control of benchmarks what was found, empty for one that tells by finding. ``links`` is the directory
    that paths are relative to, where the terminal can follow links to files; empty where it cannot.
    """

    colour: bool = False
    width: int = 100
    verbose: bool = False
    all: bool = False
    quiet: bool = False
    by: str = ""
    links: str = ""

    def lists(self, finding: Finding) -> bool:
        """Whether a list for people shows the finding: what nobody has to act on only with ``all``."""
        return self.keeps(finding) and (self.all or finding.status != "waived")

    def keeps(self, finding: Finding) -> bool:
        """Whether a list for programs has the finding: judgements that passed only with ``all``."""
        return self.all or finding.status not in _PASSED


def word(finding: Finding) -> str:
    """What a list calls a finding: a violation by its severity, ``warning(low)`` if it only warns; else its status."""
    if finding.status != "fail":
        return finding.status
    return f"warning({finding.severity})" if is_warning(finding) else finding.severity


def is_warning(finding: Finding) -> bool:
    """Whether the finding is told and does not make the run fail, because the settings say so."""
    return finding.status == "fail" and finding.enforcement == "warn"


DEFAULT = RenderOptions()
