"""Tables that a narrow screen shows as one block a row: each cell says what it is, and all say that they are a table's.

The roles are written out since a table's parts lose theirs where a style sheet lays them out as blocks
(https://www.w3.org/TR/html-aam-1.0/#el-table).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.html.markup import Markup, tag, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MANY = 4
"""Policies in one row that are shown at once."""


def table(label: str, heads: Sequence[str], rows: Iterable[Sequence[Markup]], look: str = "") -> Markup:
    """A table in a frame that scrolls by itself; the first cell of each row is its head."""
    titles = [tag("th", title, scope="col", role="columnheader") for title in heads]
    head = tag("thead", tag("tr", titles, role="row"), role="rowgroup")
    body = tag("tbody", [_row(heads, row) for row in rows], role="rowgroup")
    made = tag("table", head, body, class_=f"plain {look}".rstrip(), role="table", aria_label=label)
    return tag("div", made, class_="scroller", tabindex=0, role="group", aria_label=f"{label}, to scroll")


def _row(heads: Sequence[str], cells: Sequence[Markup]) -> Markup:
    first = tag("th", cells[0], scope="row", role="rowheader")
    rest = [tag("td", cell, role="cell", data_label=head) for head, cell in zip(heads[1:], cells[1:], strict=True)]
    return tag("tr", first, rest, role="row")


def policy_list(policies: Sequence[str]) -> Markup:
    """The names of policies, folded where they are many."""
    names = text(", ".join(policies))
    if len(policies) > _MANY:
        names = tag("details", tag("summary", f"{len(policies)} policies"), names)
    return tag("div", names, class_="code muted")
