"""The other lists of a report: missing facts, problems, notices, what was skipped, and the first findings as text."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from policyengine.outputs.excerpt import marked
from policyengine.outputs.html.charts import link
from policyengine.outputs.html.markup import Markup, joined, tag, text
from policyengine.outputs.html.tables import policy_list, table
from policyengine.outputs.notes import resource_text
from policyengine.outputs.options import DEFAULT, is_warning
from policyengine.outputs.summary import joined as words
from policyengine.outputs.unknowns import are_left_out, missing_facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.model.report import Finding, Notice, Problem, Report
    from policyengine.outputs.options import RenderOptions
    from policyengine.outputs.unknowns import Missing

FIRST = 200
"""Findings that can be read without the script."""
_LINE = 160
"""Cells of a source line that are worth showing."""


def unknown_view(report: Report, options: RenderOptions = DEFAULT) -> tuple[int, Markup]:
    """How many facts are missing, and a table of them, the one that most findings wait for first.

    Only that there are some is told where they are left out.
    """
    unknown = [finding for finding in report.findings if finding.status == "unknown"]
    if unknown and are_left_out(report, options):
        told = f"{len(unknown):,} unknown left out: the settings say to ignore what is unknown."
        return 0, tag("p", told, class_="muted")
    facts = missing_facts(unknown)
    if not facts:
        return 0, tag("p", "No fact is missing: everything that applies was judged.", class_="muted")
    heads = ("Missing fact", "Findings", "Of", "Why, for example", "To settle it", "Policies that wait")
    return len(facts), table("Missing facts", heads, map(_fact, facts), "facts-table")


def _fact(missing: Missing) -> list[Markup]:
    example = missing.example
    why = example.unknown.why if example.unknown else example.message
    address = link(status="unknown", q=_quoted(missing.fact)) if missing.fact else link(status="unknown")
    return [
        tag("span", missing.fact or "something that the policy reads", class_="code"),
        tag("a", f"{missing.count:,}", href=address),
        text(missing.resources),
        tag("div", why, " ", tag("span", str(example.location), class_="code muted")),
        text(words(missing.settle) if missing.settle else "-"),
        policy_list(missing.policies),
    ]


def _quoted(fact: str) -> str:
    """A fact as one word of a search."""
    return " ".join(f'"{part}"' for part in fact.split('"') if part.strip())


def problems(report: Report) -> Markup:
    """What kept the tool from judging something; nothing where there is none."""
    return _list("Problems", "problems", [tag("li", _placed(one)) for one in report.problems])


def notices(report: Report) -> Markup:
    """What somebody should see to; nothing where there is none."""
    told = [tag("li", tag("span", one.kind, class_="badge medium"), " ", _placed(one)) for one in report.notices]
    return _list("Notices about exceptions", "notices", told)


def _placed(one: Problem | Notice) -> Markup:
    at = one.location
    place = tag("span", str(at), class_="code place") if at else Markup()
    return joined([place, " " if at else "", tag("span", one.message)])


def _list(title: str, name: str, items: list[Markup]) -> Markup:
    if not items:
        return Markup()
    heading = tag("h3", f"{title} ({len(items):,})", id=f"{name}-title")
    return tag("section", heading, tag("ul", items, class_="told"), class_=name, aria_labelledby=f"{name}-title")


def skipped(report: Report) -> Markup:
    """What was left out and why, folded."""
    if not report.skipped:
        return Markup()
    items = [tag("li", tag("span", one.path, class_="code place"), " ", one.reason) for one in report.skipped]
    return tag(
        "details", tag("summary", f"Skipped ({len(items):,})"), tag("ul", items, class_="told"), class_="skipped"
    )


def first_findings(findings: Iterable[Finding], total: int) -> Markup:
    """The first findings for those who read without the script, or with a program."""
    items = [_finding(finding) for finding in islice(findings, FIRST)]
    if not items:
        return tag("p", "No findings.")
    left = total - len(items)
    more = f"The first {len(items)} of {total:,} findings; the others are shown by the script of this page."
    return joined([tag("ol", items, class_="static"), tag("p", more, class_="muted") if left > 0 else ""])


def _finding(finding: Finding) -> Markup:
    word = "warning" if is_warning(finding) else finding.status
    return tag(
        "li",
        tag(
            "p",
            tag("span", finding.severity, class_=f"badge {finding.severity}"),
            f" {word} ",
            tag("strong", finding.message),
        ),
        tag(
            "p",
            tag("span", f"{finding.location}: {finding.policy}", class_="code"),
            f" {resource_text(finding.resource)}",
        ),
        _source(finding),
        tag("p", finding.remedy) if finding.remedy else "",
    )


def _source(finding: Finding) -> Markup:
    at = finding.location
    if finding.excerpt is None or at.line is None:
        return Markup()
    before, value, after = marked(finding.excerpt, _LINE)
    return tag("pre", before, tag("mark", value) if value else "", after)
