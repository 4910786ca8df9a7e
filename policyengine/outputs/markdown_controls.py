"""Markdown by control: a section for each benchmark. What ``markdown`` is where a report goes by control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.by_control import HEADERS, headline, status_word, unchecked
from policyengine.outputs.controls import shown
from policyengine.outputs.markup import code, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Report
    from policyengine.outputs.controls import Control
    from policyengine.outputs.options import RenderOptions


def markdown(report: Report, options: RenderOptions) -> Iterator[str]:
    """The lines of a section for each benchmark: a heading, and a table of what was checked; then what was not."""
    for sheet in shown(report, options):
        yield f"### {marked(headline(sheet))}"
        yield ""
        checked = [control for control in sheet.controls if control.gap is None]
        if checked:
            yield f"| {' | '.join(HEADERS)} |"
            yield f"|{' --- |' * len(HEADERS)}"
            yield from map(_row, checked)
            yield ""
        others = [f"- Not checked, {why}: {', '.join(map(code, ids))}" for why, ids in unchecked(sheet)]
        yield from [*others, ""] if others else ()


def _row(control: Control) -> str:
    numbers = [str(control.counts[status] or "") for status in ("fail", "unknown", "pass")]
    policies = ", ".join(map(code, control.policies))
    return f"| {' | '.join([code(control.id), status_word(control), marked(control.title), *numbers, policies])} |"
