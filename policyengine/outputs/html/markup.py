"""HTML that no text of a file can break out of: text becomes markup here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.xml import escaped

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset({"br", "rect"})
"""Elements without an end: ``rect`` is written ``<rect/>``, for in SVG it is ours to say."""

Attribute = str | int | bool | None


class Markup(str):
    """A piece of HTML, right as it is. Everything else that is a ``str`` is text."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Text as HTML in ASCII: what a terminal would not be shown is written as an escape here as well."""
    return Markup(escaped(value))


def tag(name: str, *children: str | Iterable[str], **attributes: Attribute) -> Markup:
    """An element. Children are text unless they are Markup; ``class_`` is class, ``aria_label`` is aria-label.

    An attribute that is None or False is left out, one that is True stands without a value.
    """
    head = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{head}/>")
    return Markup(f"<{head}>{joined(children)}</{name}>")


def joined(children: Iterable[str | Iterable[str]], between: str = "") -> Markup:
    """Children, and lists of children, as one piece."""
    return Markup(between.join(_child(child) for child in children))


def _child(child: str | Iterable[str]) -> Markup:
    if isinstance(child, Markup):
        return child
    return text(child) if isinstance(child, str) else joined(child)


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
