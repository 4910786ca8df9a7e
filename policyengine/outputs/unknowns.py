"""Unknown findings: the fact that is missing, and what is told once of several that lack the same."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.outputs.summary import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.model.location import Location
    from policyengine.model.report import Finding, Report
    from policyengine.outputs.options import RenderOptions


class Missing(Struct):
    """A missing fact and what is told of the findings that wait for it: of all of them little, of one as an example.

    ``fact`` is None where the policy could not say.
    """

    fact: str | None
    example: Finding
    count: int = 0
    _policies: dict[str, None] = field(default_factory=dict)
    _settle: dict[str, None] = field(default_factory=dict)
    _kinds: set[str] = field(default_factory=set)
    _resources: set[int] = field(default_factory=set)

    def take(self, finding: Finding) -> None:
        """One more finding waits for it."""
        self.count += 1
        self._policies[finding.policy] = None
        self._kinds.add(finding.resource.kind)
        self._resources.add(hash(finding.resource))
        if finding.unknown and finding.unknown.settle:
            self._settle[finding.unknown.settle] = None

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that wait for it, in the order of the report."""
        return tuple(self._policies)

    @property
    def resources(self) -> str:
        """How many resources lack it: ``12 containers``, or ``12 resources`` of several kinds."""
        noun = next(iter(self._kinds)).replace("_", " ") if len(self._kinds) == 1 else "resource"
        return plural(len(self._resources), noun)

    @property
    def settle(self) -> tuple[str, ...]:
        """What would settle it."""
        return tuple(self._settle)


def are_left_out(report: Report, options: RenderOptions) -> bool:
    """Whether unknown findings are not shown: where the run ignores them, unless all is asked for."""
    return report.unknown == "ignore" and not options.all


def heeded(report: Report, options: RenderOptions) -> Sequence[Finding]:
    """The findings of a report without those that are left out since they are unknown."""
    if not are_left_out(report, options):
        return report.findings
    return [finding for finding in report.findings if finding.status != "unknown"]


def missing_text(finding: Finding) -> str:
    """Return `` (image.user; --resolve engine)``: the fact that is missing, and what would settle it; or nothing."""
    unknown = finding.unknown
    return f" ({'; '.join(filter(None, (unknown.fact, unknown.settle)))})" if unknown else ""


def missing_facts(findings: Iterable[Finding]) -> list[Missing]:
    """Group unknown findings by missing fact, the fact that most wait for first."""
    groups: dict[str | None, Missing] = {}
    for finding in findings:
        fact = finding.unknown.fact if finding.unknown else None
        if fact not in groups:
            groups[fact] = Missing(fact, finding)
        groups[fact].take(finding)
    return sorted(groups.values(), key=lambda group: -group.count)


def told_once(findings: Iterable[Finding]) -> Iterator[tuple[Finding, Sequence[str]]]:
    """Each finding with its policy; of a resource's that lack the same fact at one place the first, with all policies.

    They must stand in the order of the report.
    """
    for _, at_one_place in groupby(findings, key=_place):
        missing: dict[object, list[Finding]] = {}
        for number, finding in enumerate(at_one_place):
            missing.setdefault((finding.resource, finding.unknown) if finding.unknown else number, []).append(finding)
        for same in missing.values():
            yield same[0], list(dict.fromkeys(one.policy for one in same))


def _place(finding: Finding) -> Location:
    return finding.location
