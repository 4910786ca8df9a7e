"""The words of a line of iptables-save, which quotes those with blanks (``xtables_save_string``)."""

from __future__ import annotations

import re

WORD = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^ \t"]+))(?=[ \t]|$)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Quoted(str):
    """A word that was quoted: never an option, even where it begins with a dash."""

    __slots__ = ()


def words(line: str) -> list[str]:
    """The words of a line: blanks and tabs part them, and nothing else does, nor is an apostrophe a quote
    (``add_param_to_argv`` in iptables/xshared.c).

    Raises ValueError where a quote is not closed, or stands within a word.
    """
    if '"' not in line and line.isascii() and line.isprintable():
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
        quoted, plain = match.groups()
        found.append(plain if plain is not None else Quoted(ESCAPED.sub(r"\1", quoted)))
        at = match.end()
    return found
