"""A report turned round: for each control of a benchmark what the run came to.

A control is met only where all that speaks for it was judged: every policy that can judge an input kind of the run for
this control was in the run, at least one of them judged something, and none found anything. What is found counts
however little was judged.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from policyengine.outputs.unknowns import are_left_out
from policyengine.outputs.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.coverage import Benchmark, Coverage, KnownControl
    from policyengine.model.report import Finding, Report, Status
    from policyengine.outputs.options import RenderOptions

ControlStatus = Literal["fail", "error", "unknown", "waived", "pass", "not_checked"]
CONTROL_STATUSES: tuple[ControlStatus, ...] = ("fail", "error", "unknown", "waived", "pass", "not_checked")
"""From what needs work most to what needs least, and what was not checked."""

Gap = Literal["no-policy", "not-in-run", "nothing-to-judge", "switched-off", "ignored"]
GAPS: Mapping[Gap, str] = {
    "no-policy": "no policy speaks for it",
    "not-in-run": "not all that speaks for it was in this run",
    "nothing-to-judge": "there was nothing to judge for it",
    "switched-off": "the settings leave violations untold",
    "ignored": "what is unknown of it is ignored",
}
"""Why a control was not checked."""

EXAMPLES = 10
"""Findings of a control and status that are kept to be shown; all are counted, and told by their fingerprints."""

FOUND: tuple[Literal["fail", "error", "unknown", "waived"], ...] = ("fail", "error", "unknown", "waived")
"""The statuses of what is found, the worst first."""


class Control(Struct):
    """A control and what the run came to.

    ``title`` is that of the policy that speaks for it, empty where several do. ``policies`` are the ids of those that
    speak for it, ``missing`` those of them that were not in the run although it had something for them. ``counts`` are
    passed judgements, and findings by status; ``violated`` are policies with the statuses of their findings. ``gap``
    says why it was not checked.
    """

    benchmark: str
    version: str
    id: str
    title: str
    status: ControlStatus = "not_checked"
    gap: Gap | None = None
    policies: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    counts: Counter[Status] = field(default_factory=Counter)
    fingerprints: list[str] = field(default_factory=list)
    kept: dict[str, list[Finding]] = field(default_factory=dict)
    violated: set[tuple[str, Status]] = field(default_factory=set)

    @property
    def examples(self) -> list[Finding]:
        """The first findings of those that its status comes from."""
        return self.kept.get(self.status, [])

    @property
    def found(self) -> int:
        """How many findings there are."""
        return sum(self.counts[status] for status in FOUND)

    def add(self, finding: Finding) -> None:
        """Count a finding."""
        self.counts[finding.status] += 1
        self.fingerprints.append(finding.fingerprint)
        self.violated.add((finding.policy, finding.status))
        kept = self.kept.setdefault(finding.status, [])
        if len(kept) < EXAMPLES:
            kept.append(finding)

    def leave_out_unknowns(self) -> None:
        """Tell none of them. What is only known to be unknown counts as not checked; it is never met."""
        self.counts["unknown"] = 0
        if self.status == "unknown":
            self.status, self.gap = "not_checked", "ignored"


class Sheet(Struct, frozen=True):
    """The controls of one version of a benchmark, in its order; ``complete`` if it has no others."""

    benchmark: str
    version: str
    complete: bool
    controls: tuple[Control, ...]

    @property
    def title(self) -> str:
        """The benchmark with its version."""
        return f"{self.benchmark} {self.version}"

    def total(self, status: ControlStatus) -> int:
        """How many controls came to a status."""
        return sum(control.status == status for control in self.controls)

    @property
    def checked(self) -> int:
        """How many controls were checked."""
        return len(self.controls) - self.total("not_checked")


def sheets(report: Report) -> tuple[Sheet, ...]:
    """The controls of every benchmark that a policy of the run speaks for; none where the report has no coverage."""
    coverage = report.coverage
    if coverage is None:
        return ()
    made = tuple(_sheet(benchmark, coverage) for benchmark in coverage.benchmarks)
    _add_findings(report, {_key(control): control for sheet in made for control in sheet.controls})
    for sheet, benchmark in zip(made, coverage.benchmarks, strict=True):
        for control, known in zip(sheet.controls, benchmark.controls, strict=True):
            _decide(control, known, coverage)
    return made


def shown(report: Report, options: RenderOptions) -> tuple[Sheet, ...]:
    """The same as formats for people tell it: without unknowns where the run ignores them, unless all is asked for."""
    made = sheets(report)
    if are_left_out(report, options):
        for sheet in made:
            for control in sheet.controls:
                control.leave_out_unknowns()
    return made


def controls(report: Report) -> Iterator[Control]:
    """All of them, benchmark by benchmark."""
    for sheet in sheets(report):
        yield from sheet.controls


def _sheet(benchmark: Benchmark, coverage: Coverage) -> Sheet:
    made = (_control(benchmark, known, coverage) for known in benchmark.controls)
    return Sheet(benchmark.name, benchmark.version, benchmark.complete, tuple(made))


def _control(benchmark: Benchmark, known: KnownControl, coverage: Coverage) -> Control:
    control = Control(benchmark.name, benchmark.version, known.id, known.title)
    control.policies = tuple(sorted(known.policies))
    for id_, inputs in known.policies.items():
        passes = coverage.passes.get(id_, {})
        control.counts["pass"] += sum(passes.get(origin, 0) for origin in inputs)
    return control


def _key(control: Control) -> tuple[str, str, str]:
    return control.benchmark, control.version, control.id


def _add_findings(report: Report, known: Mapping[tuple[str, str, str], Control]) -> None:
    """Count every finding for the controls that it names: those that speak of its input."""
    spoken: dict[tuple[str, str], list[Control]] = {}
    for finding in report.findings:
        if finding.status in FOUND:
            key = (finding.policy, finding.resource.origin)
            if key not in spoken:
                spoken[key] = list(_spoken_for(finding, known))
            for control in spoken[key]:
                control.add(finding)


def _spoken_for(finding: Finding, known: Mapping[tuple[str, str, str], Control]) -> Iterator[Control]:
    for control in finding.controls:
        found = known.get((str(control.get("benchmark")), str(control.get("version")), str(plain(control["id"]))))
        if found is not None:
            yield found


def _decide(control: Control, known: KnownControl, coverage: Coverage) -> None:
    control.missing = tuple(sorted(_missing(known, coverage)))
    found = next((status for status in FOUND if control.counts[status]), None)
    if found is not None:
        control.status = found
        return
    control.gap = _gap(control, coverage)
    control.status = "not_checked" if control.gap else "pass"


def _missing(known: KnownControl, coverage: Coverage) -> Iterator[str]:
    """The policies that did not judge an input kind of the run that they can judge for the control."""
    for id_, inputs in known.policies.items():
        acts = coverage.acts.get(id_, frozenset())
        if any(coverage.resources.get(origin) and acts is not None and origin not in acts for origin in inputs):
            yield id_


def _gap(control: Control, coverage: Coverage) -> Gap | None:
    """Why nothing can be said, although nothing was found."""
    if not control.policies:
        return "no-policy"
    if control.missing:
        return "not-in-run"
    if coverage.off.intersection(control.policies):
        return "switched-off"
    return None if control.counts["pass"] else "nothing-to-judge"
