"""The output formats: one module each, found by walking this package.

A format ``NAME`` is the module ``policyengine/outputs/NAME.py``, or the package, a hyphen of its name an underscore
there, with

``render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]``
    the whole report as text that ends with a line feed, or nothing at all when there is nothing to say; in pieces,
    since a report may be larger than memory.

``SHOWS_LINES = True``
    where it shows the findings' source lines: they are looked up only where a format of the run does.

``BY_CONTROL = True``
    where it heeds ``options.by``, or tells of controls anyhow; ``TELLS_CONTROLS = True`` where it always does.

``NAMES_ARTIFACTS = True``
    where it tells the digests of what was judged.

``report.Finding`` comes with its values and its source line already masked; a format shows what is in the report and
nothing else. What a terminal shows goes through :func:`policyengine.outputs.style.visible`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.model.report import Report
    from policyengine.outputs.options import RenderOptions

SHARED = frozenset(
    {
        "by_control",
        "controls",
        "deliver",
        "excerpt",
        "happenings",
        "identifiers",
        "junit_controls",
        "markdown_controls",
        "markup",
        "notes",
        "options",
        "order",
        "oscal_parts",
        "pieces",
        "places",
        "select",
        "style",
        "summary",
        "taxonomies",
        "unknowns",
        "uris",
        "values",
        "xml",
    }
)
"""The modules of this package that are no formats but serve them."""


class Format(Protocol):
    """What the module of a format defines."""

    def render(self, report: Report, options: RenderOptions = ...) -> Iterator[str]:
        """The whole report as text, in pieces."""


class _Formats(Mapping[str, Format]):
    """Formats by name. A module is imported when it is asked for, not when its name is."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Format:
        if name not in self._names:
            raise KeyError(name)
        return cast("Format", import_module(f"{__name__}.{name.replace('-', '_')}"))

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def formats() -> Mapping[str, Format]:
    """Every output format by name, in alphabetical order. Looking at the names imports none of them."""
    names = (info.name for info in pkgutil.iter_modules(__path__))
    return _Formats(tuple(sorted(name.replace("_", "-") for name in names if name not in SHARED)))


def shows_lines(name: str) -> bool:
    """Whether a format shows the findings' source lines."""
    return bool(getattr(formats()[name], "SHOWS_LINES", False))


def turns_round(name: str) -> bool:
    """Whether a format can tell by control what was found."""
    return bool(getattr(formats()[name], "BY_CONTROL", False))


def tells_controls(name: str) -> bool:
    """Whether a format tells of controls however it is called."""
    return bool(getattr(formats()[name], "TELLS_CONTROLS", False))


def names_artifacts(name: str) -> bool:
    """Whether a format tells the digests of what was judged."""
    return bool(getattr(formats()[name], "NAMES_ARTIFACTS", False))
