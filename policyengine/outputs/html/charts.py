"""Bars: drawn as SVG, told as text, each a link to the findings that it stands for.

Their widths are attributes of SVG: a style attribute would need a content security policy that lets styles in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from policyengine.model.report import SEVERITIES
from policyengine.outputs.html.markup import Markup, joined, tag
from policyengine.outputs.style import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_WIDTH = 1000
"""Of a whole bar, in the units of its own picture."""

Part = tuple[str, int]
"""A look and a number: ``("high", 3)``."""


def chart(title: str, name: str, bars: Sequence[Markup], empty: str, look: str = "") -> Markup:
    """A card with bars below each other; ``empty`` says why there are none, ``look`` gives labels more room."""
    content = tag("ul", bars, class_="bars") if bars else tag("p", empty, class_="muted")
    return tag(
        "section",
        tag("h2", title, id=f"chart-{name}"),
        content,
        class_=f"card {look}".rstrip(),
        aria_labelledby=f"chart-{name}",
    )


def bar(
    label: str, parts: Sequence[Part], longest: int, to: str, *, shown: str = "", told: str = "", code: bool = False
) -> Markup:
    """One bar of ``parts`` beside its number, as long as its share of ``longest``.

    ``shown`` stands in place of the number; ``told`` is read out instead of it, and shown where a pointer rests.
    """
    count = shown or f"{sum(count for _, count in parts):,}"
    return tag(
        "li",
        tag(
            "a",
            tag("span", label, class_="bar-label code" if code else "bar-label"),
            _picture(parts, longest),
            tag("span", count, class_="bar-count", aria_hidden="true" if told else None),
            tag("span", told, class_="unseen") if told else "",
            href=to,
            title=f"{label}: {told}" if told else label,
        ),
    )


def link(**filters: str) -> str:
    """The address, within the page, of the findings that the filters leave."""
    return f"#findings&{urlencode({name: visible(value) for name, value in filters.items()})}"


def by_severity(counts: Mapping[str, int]) -> list[Part]:
    """The parts of a bar, the worst first."""
    return [(severity, counts[severity]) for severity in SEVERITIES if counts.get(severity)]


def told(parts: Iterable[Part]) -> str:
    """Return ``2 critical, 1 high``."""
    return ", ".join(f"{count:,} {look.replace('-', ' ')}" for look, count in parts)


def _picture(parts: Sequence[Part], longest: int) -> Markup:
    pieces = joined(_pieces(parts, max(longest, 1)))
    box = f"0 0 {_WIDTH} 10"
    return tag("svg", pieces, class_="bar", viewBox=box, preserveAspectRatio="none", aria_hidden="true")


def _pieces(parts: Sequence[Part], longest: int) -> Iterator[Markup]:
    """Each part at its place; what there is of, however little, can be seen."""
    begin = 0
    for look, count in parts:
        width = max(round(_WIDTH * count / longest), 4) if count else 0
        yield tag("rect", x=begin, y=0, width=width, height=10, class_=f"fill-{look}")
        begin += width
