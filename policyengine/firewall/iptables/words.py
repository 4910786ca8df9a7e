"""The words of a line of iptables-save, which quotes those with blanks (``xtables_save_string``)."""

from __future__ import annotations

import re

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\s|$)|\'([^\']*)\'(?=\s|$)|([^\s"\']\S*)')
ESCAPED = re.compile(r"\\(.)")


class Quoted(str):
    """A word that was quoted: never an option, even where it begins with a dash."""

    __slots__ = ()


def words(line: str) -> list[str]:
    """The words of a line. Raises ValueError where a quote is not closed."""
    if '"' not in line and "'" not in line:
        return line.split()
    found: list[str] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        match = WORD.match(line, at)
        if match is None:
            raise ValueError("a quote is not closed")
        double, single, plain = match.groups()
        found.append(plain if plain is not None else Quoted(ESCAPED.sub(r"\1", double) if single is None else single))
        at = match.end()
    return found
