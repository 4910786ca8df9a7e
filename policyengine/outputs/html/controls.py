"""The report turned round: what each control of each benchmark came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.by_control import reason, status_word
from policyengine.outputs.controls import CONTROL_STATUSES, FOUND
from policyengine.outputs.html.charts import link
from policyengine.outputs.html.markup import Markup, joined, tag, text
from policyengine.outputs.html.tables import policy_list, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.outputs.controls import Control, Sheet

_HEADS = ("Control", "Result", "What it asks", "Findings", "Passed", "Policies")


def counts_of(sheet: Sheet) -> list[tuple[str, int]]:
    """How many controls came to each status, in words, the worst first; those that none came to are left out."""
    counts = [(status.replace("_", " "), sheet.total(status)) for status in CONTROL_STATUSES]
    return [(word, count) for word, count in counts if count]


def look_of(word: str) -> str:
    """The class of a control's status: ``not-checked``."""
    return word.replace(" ", "-")


def controls_view(found: Sequence[Sheet]) -> Markup:
    """A table for each benchmark."""
    if not found:
        return tag("p", "No policy of this run speaks for a benchmark's control.", class_="muted")
    return joined(map(_benchmark, found))


def _benchmark(sheet: Sheet) -> Markup:
    counts = joined(tag("span", f"{count} {word}", class_=f"badge {look_of(word)}") for word, count in counts_of(sheet))
    return tag(
        "section",
        tag("h3", sheet.title),
        tag("p", counts, class_="counts"),
        table(f"Controls of {sheet.title}", _HEADS, map(_row, sheet.controls), "controls-table"),
        class_="benchmark",
    )


def _row(control: Control) -> list[Markup]:
    found = ", ".join(f"{control.counts[status]:,} {status}" for status in FOUND if control.counts[status])
    word = status_word(control)
    name = " ".join(filter(None, (control.benchmark, control.version, control.id)))
    return [
        tag("span", control.id, class_="code"),
        tag("div", tag("span", word, class_=f"badge {look_of(word)}"), _gap(control)),
        text(control.title or "-"),
        tag("a", found, href=link(status="", control=name)) if found else text("-"),
        text(f"{control.counts['pass']:,}"),
        policy_list(control.policies) if control.policies else text("-"),
    ]


def _gap(control: Control) -> Markup:
    why = reason(control)
    return tag("span", why, class_="also") if why else Markup()
