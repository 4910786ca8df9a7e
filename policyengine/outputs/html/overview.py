"""What the run came to: the verdict, and charts of what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.report import SEVERITIES
from policyengine.outputs.html.charts import bar, by_severity, chart, link, told
from policyengine.outputs.html.controls import counts_of, look_of
from policyengine.outputs.html.markup import Markup, joined, tag
from policyengine.outputs.summary import plural, summary

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence

    from policyengine.model.report import Report
    from policyengine.outputs.controls import Sheet
    from policyengine.outputs.html.tally import Tally

_WORST = 5
"""Policies that the chart of policies shows."""

_VERDICTS = {0: ("good", "Compliant"), 1: ("bad", "Not compliant"), 2: ("broken", "Incomplete")}


def verdict(report: Report, counted: Tally) -> Markup:
    """In a word, the exit code and why it is that one, and in a line what was found."""
    code = report.exit_code
    look, title = _VERDICTS[code]
    reasons = "; ".join(_reasons(report, counted)) or "nothing that makes the run fail"
    return tag(
        "div",
        tag("p", title, class_=f"verdict {look}"),
        tag("div", tag("p", f"Exit code {code}: {reasons}."), tag("p", summary(report), class_="muted")),
        class_="verdict-line",
    )


def _reasons(report: Report, counted: Tally) -> Iterator[str]:
    if report.problems:
        yield f"{plural(len(report.problems), 'problem')} kept something from being judged"
    if errors := report.total("error"):
        yield f"{plural(errors, 'judgement')} could not be made"
    if report.require_match and not report.matched:
        yield "no policy applied to anything, and one was required to"
    if counted.blocking:
        yield f"{counted.blocking:,} {'finding makes' if counted.blocking == 1 else 'findings make'} the run fail"


def circumstances(report: Report) -> Markup:
    """Which tool ran when, with which packs, on how much."""
    run = report.run
    packs = ", ".join(" ".join(filter(None, (pack.get("name"), pack.get("version")))) for pack in run.packs)
    facts = {
        "Tool": run.tool,
        "Started": run.started,
        "Took": f"{run.seconds:.1f} s",
        "Packs": packs or "none",
        "Inputs": f"{report.inputs:,} ({len(report.skipped):,} skipped)",
        "Resources": f"{report.resources:,}",
        "Policies": f"{len(report.policies):,}",
        "Judgements": f"{report.evaluations:,}",
        "Passed": f"{report.total('pass'):,}",
        "Fails at": f"severity {report.fail_on} or worse; unknown: {report.unknown}",
        "Settings": run.settings_digest,
        "Run": run.id,
    }
    return tag("dl", [tag("div", tag("dt", key), tag("dd", value)) for key, value in facts.items()], class_="facts")


def charts(counted: Tally, sheets: Sequence[Sheet]) -> Markup:
    """Four cards of bars."""
    none = "No violations."
    return joined(
        [
            chart("Violations by severity", "severity", _severities(counted), none),
            chart("Violations by category", "category", _categories(counted), none),
            chart("Most violated policies", "policies", _policies(counted), none, "even"),
            chart(
                "Failing controls by benchmark",
                "controls",
                _controls(sheets),
                "No policy maps to any.",
                "wide",
            ),
        ]
    )


def _severities(counted: Tally) -> list[Markup]:
    """A bar for each severity, 0 as well; none where there is nothing at all."""
    if not counted.violations:
        return []
    longest = max(counted.violations.values())
    counts = [(severity, counted.violations[severity]) for severity in SEVERITIES]
    return [
        bar(severity, [(severity, count)], longest, link(status="fail", severity=severity))
        for severity, count in counts
    ]


def _categories(counted: Tally) -> list[Markup]:
    ordered = sorted(counted.categories.items(), key=lambda item: (-item[1].total(), item[0]))
    return [_stacked(name, counts, ordered[0][1], link(status="fail", category=name)) for name, counts in ordered]


def _policies(counted: Tally) -> list[Markup]:
    worst = counted.worst_policies(_WORST)
    return [_stacked(name, counts, worst[0][1], link(status="fail", policy=name), code=True) for name, counts in worst]


def _stacked(name: str, counts: Counter[str], longest: Counter[str], to: str, *, code: bool = False) -> Markup:
    parts = by_severity(counts)
    return bar(name, parts, longest.total(), to, told=f"{counts.total():,}: {told(parts)}", code=code)


def _controls(sheets: Sequence[Sheet]) -> list[Markup]:
    """For each benchmark a bar of what its controls came to."""
    return [_benchmark(sheet) for sheet in sheets]


def _benchmark(sheet: Sheet) -> Markup:
    counts = counts_of(sheet)
    parts = [(look_of(word), count) for word, count in counts]
    total = len(sheet.controls)
    return bar(sheet.title, parts, total, "#controls", shown=f"{sheet.total('fail')}/{total}", told=told(counts))
