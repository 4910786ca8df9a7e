"""The words of a line of iptables-save, which quotes those with blanks (``xtables_save_string``)."""

from __future__ import annotations

import re

WORD = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^ \t"]+))(?=[ \t]|$)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Quoted(str):
    """A word that was quoted: never an option, even where it begins with a dash."""

    __slots__ = ()


_OTHER_BLANKS = "\v\f\r\x1c\x1d\x1e\x1f"
"""What of ASCII ``str.split`` takes for blanks as well."""


def is_plain(text: str) -> bool:
    """Whether the blanks of a text are those of iptables-restore, which may then be asked once for many lines."""
    return text.isascii() and not any(one in text for one in _OTHER_BLANKS)


def words(line: str, *, plain: bool = False) -> list[str]:
    """The words of a line: blanks and tabs part them, and nothing else does, nor is an apostrophe a quote
    (``add_param_to_argv`` in iptables/xshared.c). ``plain``: the line is known to be (:func:`is_plain`).

    Raises ValueError where a quote is not closed, or stands within a word.
    """
    if '"' not in line and (plain or is_plain(line)):
        return line.split()
    found: list[str] = []
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
            continue
        match = WORD.match(line, at)
        if match is None:
            raise ValueError("a quote is not closed")
        quoted, bare = match.groups()
        found.append(bare if bare is not None else Quoted(ESCAPED.sub(r"\1", quoted)))
        at = match.end()
    return found
