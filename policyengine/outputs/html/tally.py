"""What the page counts: one walk over the findings."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from policyengine.model.report import Finding, Report


class Tally(Struct):
    """Violations by severity, and by category and policy and then by severity; findings by status.

    ``blocking`` is how many make the run fail.
    """

    violations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    blocking: int = 0
    categories: dict[str, Counter[str]] = field(default_factory=dict)
    policies: dict[str, Counter[str]] = field(default_factory=dict)

    def take(self, finding: Finding) -> None:
        """Count one more finding."""
        self.statuses[finding.status] += 1
        if finding.status == "fail":
            self.violations[finding.severity] += 1
            self.categories.setdefault(finding.category, Counter())[finding.severity] += 1
            self.policies.setdefault(finding.policy, Counter())[finding.severity] += 1

    def worst_policies(self, count: int) -> list[tuple[str, Counter[str]]]:
        """The policies that are violated most."""
        ordered = sorted(self.policies.items(), key=lambda item: (-item[1].total(), item[0]))
        return list(islice(ordered, count))


def tally(report: Report) -> Tally:
    """Count a report."""
    counted = Tally()
    for finding in report.findings:
        counted.take(finding)
        counted.blocking += report.blocks(finding)
    return counted
