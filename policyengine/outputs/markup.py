"""Text of files in GitHub Flavored Markdown: shown as it is, and never markup, link or mention.

https://github.github.com/gfm/. Beside what the specification has, GitHub makes links of ``@name``, ``#1``, ``GH-1``,
of commits, and of what a project's own patterns find, emoji of ``:name:``, formulas of ``$x$``: nowhere in code spans,
and they are not to be escaped. So a word with anything but letters and common punctuation in it is shown as code.
"""

from __future__ import annotations

import re
from itertools import pairwise

from policyengine.outputs.style import visible

_WORD = re.compile(r"([(\"']*)(.*?)([)\"',;:.!?…]*)")
"""What is before a word, the word, and what is after it."""
_PLAIN = re.compile(r"[^\W\d_]+(?:['’/-][^\W\d_]+)*|\d{1,6}(?:\.\d{1,6})?|[—–=]|")
"""A word that is nothing but a word, or a small number."""
_LINKED = re.compile(r"(?:[0-9a-f]{7,40}|www)\b", re.IGNORECASE)
"""A word of letters that GitHub may take for a commit, or for the beginning of an address."""
_QUOTED = re.compile("`([^`]+)`")
_SPACED = re.compile(r"\S+")
_NOTHING = "<!-- -->"
_BACKTICKS = re.compile("`+")


def prose(text: str) -> str:
    """A sentence, with words that are names, paths or values as code."""
    return " ".join(map(_word, visible(text).split()))


def marked(text: str) -> str:
    """A sentence of a policy: what stands in backticks is code, the rest is as in :func:`prose`."""
    parts = _QUOTED.split(visible(text))
    pieces = [code(part) if number % 2 else _SPACED.sub(_spaced, part) for number, part in enumerate(parts)]
    return "".join(f"{_NOTHING if _touch(*pair) else ''}{pair[1]}" for pair in pairwise(["", *pieces]))


def _touch(one: str, other: str) -> bool:
    """Whether two code spans side by side would be taken for one."""
    return one.endswith("`") and other.startswith("`")


def code(text: str) -> str:
    """A text as code. A bar is outside, escaped: a table would take it for the end of its cell also within code."""
    return r"\|".join(map(_span, visible(text).split("|")))


def _spaced(found: re.Match[str]) -> str:
    return _word(found[0])


def _word(text: str) -> str:
    found = _WORD.fullmatch(text)
    before, word, after = found.groups() if found else ("", text, "")
    if _PLAIN.fullmatch(word) and not _LINKED.match(word):
        return text
    return f"{before}{code(word)}{after}"


def _span(text: str) -> str:
    """A code span: its fence is longer than any in it, and what is at its ends is kept apart from the fence."""
    if not text.strip(" "):
        return text and f"`{text}`"
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(text)), default=0))
    apart = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{apart}{text}{apart}{fence}"
