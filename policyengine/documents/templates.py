"""Telling templates that have yet to be rendered from the YAML they would render to."""

from __future__ import annotations

import re
from os.path import splitext

REASON = "Helm template, not rendered"
JINJA = "Jinja template, not rendered"
YTT = "ytt template, not rendered"

_BARE_ACTION = re.compile(r"""^[ \t]*(?:- +)*(?:["']?[\w./-]+["']?[ \t]*:[ \t]+)?\{\{""", re.MULTILINE).search
_JINJA = re.compile(
    r"^[ \t]*\{%[-+]?[ \t]*(?:if|for|set|block|macro|include|import|extends|raw)\b", re.MULTILINE
).search
_YTT = re.compile(
    r"^[ \t]*#@(?:/|data/|overlay/|schema/|library/|yaml/|[ \t]*(?:load\(|def |if |for |end\b))|[:-][ \t]+#@[ \t]+\S",
    re.MULTILINE,
).search
"""Annotations and code of ytt stand in comments, so that the file is YAML (https://carvel.dev/ytt/)."""

_SUFFIXES = {
    ".jsonnet": "Jsonnet, not rendered",
    ".libsonnet": "Jsonnet, not rendered",
    ".cue": "CUE, not exported",
    ".j2": JINJA,
    ".jinja": JINJA,
    ".jinja2": JINJA,
    ".tpl": REASON,
    ".gotmpl": "Go template, not rendered",
    ".tmpl": "Go template, not rendered",
    ".erb": "ERB template, not rendered",
    ".ejs": "EJS template, not rendered",
    ".hbs": "Handlebars template, not rendered",
    ".mustache": "Mustache template, not rendered",
    ".m4": "m4 template, not rendered",
    ".template": "template, not rendered",
    ".in": "template, not rendered (Podman runs it through cpp, others through configure)",
}


def unrendered(path: str, text: str, *, malformed: bool = False) -> str | None:
    """Why a file is left out as a template; None when it is to be read.

    Some have names of their own. A file below a directory ``templates``, as Helm's charts have it, is a template when
    it contains an action (``{{ ... }}``). Elsewhere ``{{`` may be text that YAML quotes (an alert's annotation), so
    there it takes a ``malformed`` file too, one that does not parse, with an action where a value, an item or a line
    would stand.
    """
    suffix = splitext(path)[1].lower()  # noqa: PTH122 - a path object takes longer, and this is asked of every file
    named = _SUFFIXES.get(suffix)
    if named:
        return named
    if "#@" in text and suffix in (".yaml", ".yml") and _YTT(text):
        return YTT
    if malformed and "{%" in text and _JINJA(text):
        return JINJA
    if "{{" not in text:
        return None
    if "templates" in path.split("/")[:-1] and _has_action(text):
        return REASON
    return REASON if malformed and _BARE_ACTION(text) and _has_action(text) else None


def _has_action(text: str) -> bool:
    """Whether something stands in double braces; no regular expression, whose time would grow with their square."""
    start = text.find("{{")
    return start >= 0 and text.find("}}", start + 2) >= 0
