"""A matrix as a picture (SVG 1.1): a row for each source, a column for each target, in the cell what gets there."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.commands.firewall.groups import groups, shortened
from policyengine.commands.firewall.ports import words
from policyengine.outputs.style import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.commands.firewall.groups import Group
    from policyengine.commands.firewall.matrix import Matrix
    from policyengine.firewall.reach import Flows

_CHARACTER = 7.0
"""Pixels that a character of the font takes, at most; of those that are written wide, two."""
_ROW = 26
_MARGIN = 16
_WIDEST_NAME, _WIDEST_CELL = 36, 18
"""Characters that are shown of a name, and in a cell; all are in what is shown when it is pointed at."""
_NARROWEST_CELL = 6
_STEEP = 0.71
"""The sine and the cosine of 45 degrees, by which the names of columns are turned."""

_STYLE = """\
text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b1f24; }
.page { fill: #ffffff; } .name { font-weight: bold; font-size: 13px; }
.none { fill: #f3f4f6; } .self { fill: #d5d9de; } .allowed { fill: #b6dcf5; } .unknown { fill: #fbdf9d; }
.both { fill: #b6dcf5; stroke: #d9980f; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e8eb; } .page { fill: #14171a; }
  .none { fill: #1f2429; } .self { fill: #343b43; } .allowed { fill: #0f4a73; } .unknown { fill: #6b4c00; }
  .both { fill: #0f4a73; }
}
"""
_LEGEND = (("allowed", "reaches"), ("unknown", "may reach (?): not all is known"), ("none", "does not reach"))

_SIDES = "from \N{DOWNWARDS ARROW} to \N{RIGHTWARDS ARROW}"


class _Panel(Struct, frozen=True):
    """The picture of one network: its groups, and the pixels of its parts."""

    made: Matrix
    rows: tuple[Group, ...]
    columns: tuple[Group, ...]
    left: float
    above: float
    cell: float

    @property
    def width(self) -> float:
        """With the room that the last column's turned name takes on the right."""
        return self.left + self.cell * len(self.columns) + self.above

    @property
    def height(self) -> float:
        """With the heading, the names of the columns and all rows."""
        return _ROW + self.above + _ROW * len(self.rows)


def render(matrices: Sequence[Matrix]) -> Iterator[str]:
    """The pictures of all networks, one below the other, and what the colours mean."""
    panels = [_panel(made) for made in matrices]
    width = max([panel.width for panel in panels] + [_MARGIN + _legend_width()]) + _MARGIN
    height = sum(panel.height + _MARGIN for panel in panels) + _ROW + _MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:.0f}" height="{height:.0f}"'
    yield f' viewBox="0 0 {width:.0f} {height:.0f}">\n'
    yield f"<title>{_text('Who reaches whom: ' + ', '.join(made.network for made in matrices))}</title>\n"
    yield f'<style>\n{_STYLE}</style>\n<rect class="page" width="100%" height="100%"/>\n'
    top = float(_MARGIN)
    for panel in panels:
        yield f'<g transform="translate({_MARGIN} {top:.0f})">\n'
        yield from _drawn(panel)
        yield "</g>\n"
        top += panel.height + _MARGIN
    yield from _legend(top)
    yield "</svg>\n"


def _panel(made: Matrix) -> _Panel:
    found = groups(made)
    sources, targets = ({one.name for one in side} for side in (made.sources, made.targets))
    rows = tuple(group for group in found if group.first in sources)
    columns = tuple(group for group in found if group.first in targets)
    cells = [_label(flows) for flows in made.cells.values()]
    widest = min(max([_NARROWEST_CELL, *map(_wide, cells)]), _WIDEST_CELL)
    left = _CHARACTER * max([_wide(_SIDES), *(_wide(_name(group)) for group in rows)]) + _MARGIN
    above = _STEEP * _CHARACTER * max((_wide(_name(group)) for group in columns), default=0) + _MARGIN
    return _Panel(made, rows, columns, left, above, _CHARACTER * widest + 12)


def _drawn(panel: _Panel) -> Iterator[str]:
    yield f'<text class="name" y="13">{_text(panel.made.title)}</text>\n'
    top = _ROW + panel.above
    yield f'<text x="{panel.left - 8:.1f}" y="{top - 6:.1f}" text-anchor="end">{_SIDES}</text>\n'
    for number, column in enumerate(panel.columns):
        x, y = panel.left + panel.cell * (number + 0.5), top - 6
        turned = f"translate({x:.1f} {y:.1f}) rotate(-45)"
        yield f'<text transform="{turned}">{_titled(_name(column), ", ".join(column.names))}</text>\n'
    for number, row in enumerate(panel.rows):
        y = top + _ROW * number
        named = _titled(_name(row), ", ".join(row.names))
        yield f'<text x="{panel.left - 8:.1f}" y="{y + 17:.1f}" text-anchor="end">{named}</text>\n'
        yield from (_cell(panel, row, column, at, y) for at, column in enumerate(panel.columns))


def _cell(panel: _Panel, row: Group, column: Group, at: int, y: float) -> str:
    pair = column.reached_from(row)
    flows = panel.made.between(*pair) if pair else None
    label = _label(flows) if flows else ""
    look = _look(flows)
    x = panel.left + panel.cell * at
    box = f'<rect class="{look}" x="{x + 1:.1f}" y="{y + 1:.1f}" width="{panel.cell - 2:.1f}" height="{_ROW - 2}"/>'
    middle = f'x="{x + panel.cell / 2:.1f}" y="{y + 17:.1f}" text-anchor="middle"'
    written = f"<text {middle}>{_text(_short(label, _WIDEST_CELL))}</text>" if label else ""
    told = f"{shortened(row.names)} \N{RIGHTWARDS ARROW} {shortened(column.names)}: {label or 'nothing'}"
    return f"<g><title>{_text(told)}</title>{box}{written}</g>\n"


def _look(flows: Flows | None) -> str:
    """The class of a cell."""
    if flows is None:
        return "self"
    if flows.allowed:
        return "both" if flows.unknown else "allowed"
    return "unknown" if flows.unknown else "none"


def _label(flows: Flows) -> str:
    """What gets there, and after a question mark what may."""
    sure, perhaps = words(flows.allowed), words(flows.unknown)
    return " ".join(filter(None, (sure, perhaps and f"? {perhaps}")))


def _legend(top: float) -> Iterator[str]:
    x = float(_MARGIN)
    for look, meaning in _LEGEND:
        yield f'<rect class="{look}" x="{x:.1f}" y="{top:.1f}" width="18" height="18"/>'
        yield f'<text x="{x + 26:.1f}" y="{top + 13:.1f}">{meaning}</text>\n'
        x += 26 + _CHARACTER * len(meaning) + _MARGIN


def _legend_width() -> float:
    return sum(26 + _CHARACTER * len(meaning) + _MARGIN for _, meaning in _LEGEND)


def _name(group: Group) -> str:
    return _short(visible(shortened(group.names, 1)), _WIDEST_NAME)


def _short(text: str, most: int) -> str:
    """As much of a text as there is room for."""
    if _wide(text) <= most:
        return text
    while _wide(text) >= most:
        text = text[:-1]
    return f"{text}\N{HORIZONTAL ELLIPSIS}"


def _wide(text: str) -> int:
    """The columns that a text takes, those of East Asia written wide: https://www.unicode.org/reports/tr11/"""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _titled(shown: str, whole: str) -> str:
    return f"<title>{_text(whole)}</title>{_text(shown)}"


def _text(text: str) -> str:
    return escape(visible(text))
