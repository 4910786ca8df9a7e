"""The page around the parts: the template, the style and the scripts, which are files beside this one."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

SCRIPTS = ("elements.js", "model.js", "filters.js", "detail.js", "rows.js", "views.js", "main.js")
"""The parts of the page's script, in the order in which they stand on each other."""

_PLACE = re.compile(r"\{\{(\w+)\}\}")


def page(parts: Mapping[str, Callable[[], str | Iterable[str]]]) -> Iterator[str]:
    """Yield the page, each part where the template names it. Every part has its place, and every place its part."""
    ours: dict[str, Callable[[], str]] = {"policy": policy, "style": style, "early": early, "script": script}
    pieces = _PLACE.split(_file("page.html"))
    for text, name in zip(pieces[::2], [*pieces[1::2], None], strict=True):
        yield text
        if name is not None:
            made = parts[name]() if name in parts else ours[name]()
            yield from [made] if isinstance(made, str) else made


def policy() -> str:
    """The page's content security policy: nothing may be loaded, and nothing run but what is named."""
    scripts = f"{_digest(early())} {_digest(script())}"
    rules = (
        "default-src 'none'",
        f"script-src {scripts}",
        f"style-src {_digest(style())}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return "; ".join(rules)


@cache
def style() -> str:
    """The style sheet."""
    return _file("page.css")


@cache
def early() -> str:
    """What has to be done before the page is first drawn."""
    return _file("early.js")


@cache
def script() -> str:
    """The script: its parts share one scope."""
    return '"use strict";\n' + "".join(map(_file, SCRIPTS))


def _file(name: str) -> str:
    return (files(__package__) / "page" / name).read_text(encoding="ascii")


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode('ascii')).digest()).decode()}'"
