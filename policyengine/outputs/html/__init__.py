"""``html``: a page for people, one file that needs no network: search, filters, charts, and every finding in detail.

The page lists findings by a script of its own, from data inside it; all else, and the first findings, is there without
it. It may load nothing and run nothing but what the renderer wrote: its content security policy names the digests of
its style and its scripts (https://www.w3.org/TR/CSP3/#grammardef-hash-source), and the script makes no markup of texts
(https://www.w3.org/TR/trusted-types/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.controls import shown
from policyengine.outputs.html.controls import controls_view
from policyengine.outputs.html.data import data_pieces
from policyengine.outputs.html.lists import first_findings, notices, problems, skipped, unknown_view
from policyengine.outputs.html.overview import charts, circumstances, verdict
from policyengine.outputs.html.tally import tally
from policyengine.outputs.html.template import page
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.unknowns import heeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policyengine.model.report import Report

SHOWS_LINES = True
BY_CONTROL = TELLS_CONTROLS = True


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield the page, in ASCII.

    What is waived is in it and filtered out at first; ``all`` shows it at once and adds passes, and unknowns where the
    run ignores them; ``by`` opens the view of controls.
    """
    return page(_parts(report, options))


def _parts(report: Report, options: RenderOptions) -> dict[str, Callable[[], Iterable[str]]]:
    """What stands where in the template, made when it is its turn."""
    counted = tally(report)
    controls = shown(report, options)
    facts, unknown = unknown_view(report, options)
    found = heeded(report, options)
    kept = sum(map(options.keeps, found))
    listed = kept if options.all else kept - counted.statuses["waived"]
    return {
        "verdict": lambda: verdict(report, counted),
        "charts": lambda: charts(counted, controls),
        "findings": lambda: f"{kept:,}",
        "first": lambda: first_findings(filter(options.lists, found), listed),
        "controls": lambda: controls_view(controls),
        "facts": lambda: f"{facts:,}",
        "unknown": lambda: unknown,
        "notes": lambda: f"{len(report.problems) + len(report.notices):,}",
        "problems": lambda: problems(report),
        "notices": lambda: notices(report),
        "circumstances": lambda: circumstances(report),
        "skipped": lambda: skipped(report),
        "view": lambda: "controls" if options.by == "control" else "findings",
        "all": lambda: "true" if options.all else "false",
        "data": lambda: data_pieces(filter(options.keeps, found), report),
    }
