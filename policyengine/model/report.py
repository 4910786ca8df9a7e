"""What a run found: plain data, the same for every output format, for remediation and for history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct, field

from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.model.artifact import Artifact
    from policyengine.model.coverage import Coverage
    from policyengine.model.provenance import Provenance
    from policyengine.model.source_line import SourceLine
    from policyengine.model.unknown import Unknown

Status = Literal["pass", "fail", "unknown", "not_applicable", "waived", "error"]
STATUSES: tuple[Status, ...] = ("pass", "fail", "unknown", "not_applicable", "waived", "error")

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
"""From the worst down."""

CATEGORIES = ("image", "authentication", "firewall", "runtime")
"""What policies are about."""

Enforcement = Literal["block", "warn", "off"]

ExemptionKind = Literal["waiver", "inline", "annotation", "label", "baseline", "new-since"]
NoticeKind = Literal["expired", "unused", "ignored"]


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


class Passed(NamedTuple):
    """A rule that a witness meets on its way: where it is written, the rule, and what it does."""

    location: Location | None
    text: str
    does: str = ""


class Exemption(Struct, frozen=True):
    """Why a violation is let pass, or was until it expired.

    ``kind`` is what says so, ``place`` where it stands, ``until`` the last day, as ``2027-01-31``, on which it holds.
    """

    kind: ExemptionKind
    place: Location | None = None
    reason: str | None = None
    until: str | None = None
    owner: str | None = None


class Finding(Struct, frozen=True):
    """One judgement worth telling. ``actual`` and ``excerpt`` are already masked.

    ``field`` is the path of the value as policies write it, or None when the finding is about the whole resource.
    ``excerpt`` is the source line of the primary location, None for live objects. ``controls`` are those
    that speak of the resource's input: mappings with ``benchmark``, ``version`` and ``id``, or ``tool``, ``id`` and
    ``inputs``. ``remedy`` says how to mend it.
    ``fix`` is ``safe``, ``unsafe`` or None when there is no automatic fix. ``exemption`` says of what is ``waived``
    why it is, and of a violation which exemption would have let it pass, had it not expired. ``content`` is a digest of
    what the fingerprint is made of but for the scope: it stays where a file moves to another directory.
    Of flows ``witness`` is a packet that shows the violation, ``path`` what it meets on its way, and ``alike`` says
    which others fare as it does.
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
    excerpt: SourceLine | None = None
    exemption: Exemption | None = None
    content: str = ""
    path: tuple[Passed, ...] = ()
    alike: str | None = None

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

    @property
    def location(self) -> Location | None:
        """Where it is; None where it is about no one place."""
        return Location(self.path, self.line, self.column) if self.path else None


class Notice(NamedTuple):
    """Something about exceptions that somebody should see to, and that keeps nothing from being judged.

    ``kind`` is ``expired`` for what no longer lets anything pass, ``unused`` for what has nothing to let pass, and
    ``ignored`` for what does not count in this run.
    """

    kind: NoticeKind
    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def location(self) -> Location | None:
        """Where it is; None where it is about no one place."""
        return Location(self.path, self.line, self.column) if self.path else None


class Skipped(NamedTuple):
    """An input that was left out, and why."""

    path: str
    reason: str


class PolicyCounts(Struct, frozen=True):
    """How often a policy came to each status."""

    id: str
    counts: Mapping[Status, int]


class Run(Struct, frozen=True):
    """The circumstances of a run. ``started`` is RFC 3339 in UTC, ``seconds`` the wall time.

    ``since`` is the git commit whose findings were not new.
    """

    id: str
    tool: str
    started: str
    seconds: float
    settings_digest: str
    packs: tuple[Mapping[str, str], ...] = ()
    since: str | None = None


class Report(Struct, frozen=True):
    """Everything a run found. Findings, problems, notices and skipped inputs are in a stable order."""

    run: Run
    inputs: int
    resources: int
    policies: tuple[PolicyCounts, ...]
    findings: Sequence[Finding]
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[Notice, ...] = ()
    unknown: Literal["fail", "warn", "ignore"] = "warn"
    fail_on: Severity = "info"
    require_match: bool = False
    rules: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Per policy id: title, why, severity, category, controls, help; what SARIF and HTML say about a rule."""
    coverage: Coverage | None = None
    """What controls are to be told by; None where no format of the run tells of controls."""
    artifacts: tuple[Artifact, ...] = ()
    """What was judged, by path; none where no format of the run names it."""

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
        return [finding for finding in self.findings if self.blocks(finding)]

    @property
    def exit_code(self) -> int:
        """0 compliant; 1 violations that block; 2 the tool could not do its job."""
        if self.problems or self.total("error") or (self.require_match and not self.matched):
            return 2
        return int(any(map(self.blocks, self.findings)))

    @property
    def matched(self) -> bool:
        """Whether a policy applied to anything."""
        return self.evaluations > self.total("not_applicable")

    def blocks(self, finding: Finding) -> bool:
        """Whether a finding makes the run fail."""
        counts = finding.status == "fail" or (finding.status == "unknown" and self.unknown == "fail")
        severe = SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.fail_on)
        return counts and severe and finding.enforcement == "block"
