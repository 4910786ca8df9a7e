"""Unknown findings, grouped by the fact that is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyengine.outputs.summary import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.model.report import Finding


@dataclass(frozen=True, slots=True)
class Missing:
    """A missing fact and the findings that wait for it. ``fact`` is None where the policy could not say."""

    fact: str | None
    findings: tuple[Finding, ...]

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that wait for it, in the order of the report."""
        return tuple(dict.fromkeys(finding.policy for finding in self.findings))

    @property
    def resources(self) -> str:
        """How many resources lack it: ``12 containers``, or ``12 resources`` of several kinds."""
        refs = {finding.resource for finding in self.findings}
        kinds = {ref.kind for ref in refs}
        return plural(len(refs), kinds.pop().replace("_", " ") if len(kinds) == 1 else "resource")

    @property
    def settle(self) -> tuple[str, ...]:
        """What would settle it."""
        found = (finding.unknown.settle for finding in self.findings if finding.unknown)
        return tuple(dict.fromkeys(settle for settle in found if settle))


def missing_facts(findings: Iterable[Finding]) -> list[Missing]:
    """Group unknown findings by missing fact, the fact that most wait for first."""
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.unknown.fact if finding.unknown else None, []).append(finding)
    missing = [Missing(fact, tuple(group)) for fact, group in groups.items()]
    return sorted(missing, key=lambda group: -len(group.findings))
