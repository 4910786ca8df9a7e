"""What a run found: plain data, the same for every output format, for remediation and for history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.model.location import Location
    from policyengine.model.provenance import Provenance
    from policyengine.model.unknown import Unknown

Status = Literal["pass", "fail", "unknown", "not_applicable", "waived", "error"]
STATUSES: tuple[Status, ...] = ("pass", "fail", "unknown", "not_applicable", "waived", "error")

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
"""From the worst down."""

Enforcement = Literal["block", "warn", "off"]


class ResourceRef(Struct, frozen=True):
    """Which resource a finding is about."""

    kind: str
    name: str
    origin: str
    scope: str
    parent: str | None = None

    def __str__(self) -> str:
        own = f"{self.kind}/{self.name}"
        return f"{self.parent}/{own}" if self.parent else own


class Place(NamedTuple):
    """A location and what it is to its finding: ``primary``, or ``related``."""

    location: Location
    role: str = "primary"


class Finding(Struct, frozen=True):
    """One judgement worth telling. ``actual`` and ``excerpt`` are already masked.

    ``field`` is the path of the value as policies write it, or None when the finding is about the whole resource.
    ``excerpt`` is the source line of the primary location, None for live objects. ``controls`` are those
    that speak of the resource's input: mappings with ``benchmark``, ``version`` and ``id``, or ``tool``, ``id`` and
    ``inputs``. ``remedy`` says how to mend it.
    ``fix`` is ``safe``, ``unsafe`` or None when there is no automatic fix.
    """

    policy: str
    status: Status
    severity: Severity
    category: str
    title: str
    message: str
    resource: ResourceRef
    places: tuple[Place, ...]
    fingerprint: str
    enforcement: Enforcement = "block"
    field: str | None = None
    actual: object = None
    provenance: Provenance | None = None
    unknown: Unknown | None = None
    witness: str | None = None
    controls: tuple[Mapping[str, object], ...] = ()
    remedy: str | None = None
    fix: str | None = None
    excerpt: str | None = None

    @property
    def location(self) -> Location:
        """The primary location."""
        return self.places[0].location


class Problem(NamedTuple):
    """Something that kept the tool from doing all of its job; everything else was still judged."""

    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None


class Skipped(NamedTuple):
    """An input that was left out, and why."""

    path: str
    reason: str


class PolicyCounts(Struct, frozen=True):
    """How often a policy came to each status."""

    id: str
    counts: Mapping[Status, int]


class Run(Struct, frozen=True):
    """The circumstances of a run. ``started`` is RFC 3339 in UTC, ``seconds`` the wall time."""

    id: str
    tool: str
    started: str
    seconds: float
    settings_digest: str
    packs: tuple[Mapping[str, str], ...] = ()


class Report(Struct, frozen=True):
    """Everything a run found. Findings, problems and skipped inputs are in a stable order."""

    run: Run
    inputs: int
    resources: int
    policies: tuple[PolicyCounts, ...]
    findings: Sequence[Finding]
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unknown: Literal["fail", "warn", "ignore"] = "warn"
    fail_on: Severity = "info"
    require_match: bool = False
    rules: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Per policy id: title, why, severity, category, controls, help; what SARIF and HTML say about a rule."""

    def total(self, status: Status) -> int:
        """How many judgements came to a status."""
        return sum(policy.counts.get(status, 0) for policy in self.policies)

    @property
    def evaluations(self) -> int:
        """How many judgements were made."""
        return sum(self.total(status) for status in STATUSES)

    @property
    def blocking(self) -> Sequence[Finding]:
        """The findings that make the run fail."""
        return [finding for finding in self.findings if self._blocks(finding)]

    @property
    def exit_code(self) -> int:
        """0 compliant; 1 violations that block; 2 the tool could not do its job."""
        if self.problems or self.total("error") or (self.require_match and not self._matched):
            return 2
        return int(any(map(self._blocks, self.findings)))

    @property
    def _matched(self) -> bool:
        return self.evaluations > self.total("not_applicable")

    def _blocks(self, finding: Finding) -> bool:
        counts = finding.status == "fail" or (finding.status == "unknown" and self.unknown == "fail")
        severe = SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.fail_on)
        return counts and severe and finding.enforcement == "block"
