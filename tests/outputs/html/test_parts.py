"""The parts that are written without the script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.outputs.controls import sheets
from policyengine.outputs.html.charts import bar, link
from policyengine.outputs.html.controls import controls_view
from policyengine.outputs.html.lists import first_findings, notices, problems, skipped, unknown_view
from policyengine.outputs.html.markup import Markup, joined, tag, text
from policyengine.outputs.html.overview import verdict
from policyengine.outputs.html.tally import tally
from policyengine.outputs.options import RenderOptions
from tests.outputs.reports import CLEAN, CONTROLLED, EMPTY, EVERYTHING, PRIVILEGED, PROBLEM, USER, report

from .reports import many

if TYPE_CHECKING:
    from policyengine.model.report import Report


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("\"'", "&quot;&#x27;"),
        ("é\U0001f433", "&#233;&#128051;"),
        ("\x1b[2J\u202e\udcff", "\\x1b[2J\\u202e\\udcff"),
    ],
)
def test_text_is_no_markup(given: str, expected: str) -> None:
    assert text(given) == expected


def test_an_element() -> None:
    made = tag("p", "<", tag("b", "x"), [" ", Markup("<br/>")], class_="a b", aria_label='"', hidden=True, title=None)
    assert made == '<p class="a b" aria-label="&quot;" hidden>&lt;<b>x</b> <br/></p>'
    assert joined(["<", Markup("<b>")], ", ") == "&lt;, <b>"


def test_a_bar() -> None:
    made = bar("run<time", [("critical", 1), ("low", 3)], 8, link(status="fail", category="run<time"), told="4: 1, 3")
    assert made == (
        '<li><a href="#findings&amp;status=fail&amp;category=run%3Ctime" title="run&lt;time: 4: 1, 3">'
        '<span class="bar-label">run&lt;time</span>'
        '<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect x="0" y="0" width="125" height="10" class="fill-critical"/>'
        '<rect x="125" y="0" width="375" height="10" class="fill-low"/></svg>'
        '<span class="bar-count" aria-hidden="true">4</span><span class="unseen">4: 1, 3</span></a></li>'
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (CLEAN, ("Compliant", "Exit code 0: nothing that makes the run fail.")),
        (report(PRIVILEGED), ("Not compliant", "Exit code 1: 1 finding makes the run fail.")),
        (
            EVERYTHING,
            (
                "Incomplete",
                "Exit code 2: 2 problems kept something from being judged; 1 judgement could not be made; "
                "2 findings make the run fail.",
            ),
        ),
        (
            replace(EMPTY, require_match=True),
            ("Incomplete", "Exit code 2: no policy applied to anything, and one was required to."),
        ),
    ],
)
def test_the_verdict(found: Report, expected: tuple[str, str]) -> None:
    made = verdict(found, tally(found))
    assert made.split("</p>")[0].rpartition(">")[2] == expected[0]
    assert f"<div><p>{expected[1]}</p><p class=" in made


def test_controls_by_benchmark() -> None:
    sheet = sheets(CONTROLLED)[0]
    made = controls_view([replace(sheet, controls=tuple(one for one in sheet.controls if one.id in ("1.1.1", "5.5")))])
    assert made.split("<tbody")[0].startswith(
        '<section class="benchmark"><h3>CIS Docker 1.7.0</h3><p class="counts"><span class="badge fail">1 fail</span>'
        '<span class="badge not-checked">1 not checked</span></p>'
    )
    assert made.partition('<tbody role="rowgroup">')[2] == (
        '<tr role="row"><th scope="row" role="rowheader"><span class="code">1.1.1</span></th>'
        '<td role="cell" data-label="Result"><div><span class="badge not-checked">not checked</span>'
        '<span class="also">no policy speaks for it</span></div></td>'
        '<td role="cell" data-label="What it asks">-</td><td role="cell" data-label="Findings">-</td>'
        '<td role="cell" data-label="Passed">0</td><td role="cell" data-label="Policies">-</td></tr>'
        '<tr role="row"><th scope="row" role="rowheader"><span class="code">5.5</span></th>'
        '<td role="cell" data-label="Result"><div><span class="badge fail">fail</span></div></td>'
        '<td role="cell" data-label="What it asks">Containers do not run privileged</td>'
        '<td role="cell" data-label="Findings">'
        '<a href="#findings&amp;status=&amp;control=CIS+Docker+1.7.0+5.5">1 fail</a></td>'
        '<td role="cell" data-label="Passed">3</td>'
        '<td role="cell" data-label="Policies"><div class="code muted">privileged</div></td></tr>'
        "</tbody></table></div></section>"
    )


def test_no_controls() -> None:
    expected = "No policy of this run speaks for a benchmark&#x27;s control."
    assert controls_view(sheets(EMPTY)) == f'<p class="muted">{expected}</p>'


def test_missing_facts_that_the_run_ignores() -> None:
    ignored = replace(report(USER), unknown="ignore")
    told = '<p class="muted">1 unknown left out: the settings say to ignore what is unknown.</p>'
    assert unknown_view(ignored) == (0, told)
    assert unknown_view(ignored, RenderOptions(all=True)) == unknown_view(report(USER))


def test_missing_facts() -> None:
    count, made = unknown_view(report(USER))
    assert count == 1
    assert made == (
        '<div class="scroller" tabindex="0" role="group" aria-label="Missing facts, to scroll">'
        '<table class="plain facts-table" role="table" aria-label="Missing facts">'
        '<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Missing fact</th>'
        '<th scope="col" role="columnheader">Findings</th><th scope="col" role="columnheader">Of</th>'
        '<th scope="col" role="columnheader">Why, for example</th><th scope="col" role="columnheader">To settle it</th>'
        '<th scope="col" role="columnheader">Policies that wait</th></tr></thead>'
        '<tbody role="rowgroup"><tr role="row"><th scope="row" role="rowheader">'
        '<span class="code">image.user</span></th>'
        '<td role="cell" data-label="Findings">'
        '<a href="#findings&amp;status=unknown&amp;q=%22image.user%22">1</a></td>'
        '<td role="cell" data-label="Of">1 container</td>'
        '<td role="cell" data-label="Why, for example"><div>the image nginx:1.25 decides '
        '<span class="code muted">deploy.yaml:14:11</span></div></td>'
        '<td role="cell" data-label="To settle it">--resolve engine</td>'
        '<td role="cell" data-label="Policies that wait"><div class="code muted">run-as-uid-0</div></td>'
        "</tr></tbody></table></div>"
    )


def test_problems_notices_and_what_was_skipped() -> None:
    found = many(1)
    assert problems(report(problems=[PROBLEM])) == (
        '<section class="problems" aria-labelledby="problems-title"><h3 id="problems-title">Problems (1)</h3>'
        '<ul class="told"><li><span class="code place">broken.yaml:7:3</span> '
        "<span>mapping values are not allowed here</span></li></ul></section>"
    )
    assert '<span class="badge medium">unused</span> <span class="code place">policyengine-waivers.yaml:9:5</span>' in (
        notices(found)
    )
    assert skipped(found) == (
        '<details class="skipped"><summary>Skipped (1)</summary><ul class="told"><li>'
        '<span class="code place">chart/templates/x.yaml</span> Helm template, not rendered</li></ul></details>'
    )
    assert problems(EMPTY) + notices(EMPTY) + skipped(EMPTY) == ""


def test_the_first_findings() -> None:
    assert first_findings([PRIVILEGED], 2) == (
        '<ol class="static"><li><p><span class="badge critical">critical</span> fail '
        '<strong>web runs privileged</strong></p><p><span class="code">compose.yaml:4:17: privileged</span> '
        "service/web container/web</p><pre>    privileged: <mark>true</mark></pre><p>Remove privileged: true.</p>"
        '</li></ol><p class="muted">The first 1 of 2 findings; the others are shown by the script of this page.</p>'
    )
