"""Telling templates that have yet to be rendered from the YAML they would render to."""

from __future__ import annotations

import re
from pathlib import PurePath

REASON = "Helm template, not rendered"

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL).search
_BARE_ACTION = re.compile(r"""^[ \t]*(?:- +)*(?:["']?[\w./-]+["']?[ \t]*:[ \t]+)?\{\{""", re.MULTILINE).search


def unrendered(path: str, text: str, *, malformed: bool = False) -> str | None:
    """Why a file is left out as a Go template; None when it is to be read.

    A file below a directory ``templates``, as Helm's charts have it, is a template when it contains an action
    (``{{ ... }}``). Elsewhere ``{{`` may be text that YAML quotes (an alert's annotation), so there it takes a
    ``malformed`` file too, one that does not parse, with an action where a value, an item or a line would stand.
    """
    if "{{" not in text:
        return None
    if "templates" in PurePath(path).parts[:-1] and _ACTION(text):
        return REASON
    return REASON if malformed and _BARE_ACTION(text) and _ACTION(text) else None
