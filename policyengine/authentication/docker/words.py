"""Words of lines that systemd and shells would split: systemd.service(5), COMMAND LINES; sh(1) of plain assignments."""

from __future__ import annotations

import re

_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+""", re.DOTALL)
_QUOTED = re.compile(r"""\\(.)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'""", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def words(line: str) -> list[str] | None:
    """The words of a line, quotes kept for :func:`plain`; None where a quote is not closed."""
    found = _WORD.findall(line)
    left = _WORD.sub("", line)
    return None if left.strip() else found


def plain(word: str) -> str:
    """A word without its quotes and backslashes."""
    return _QUOTED.sub(_unquoted, word)


def _unquoted(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    return _ESCAPED.sub(r"\1", match[2] if match[2] is not None else match[3])


def expanded(line: str, variables: dict[str, str]) -> list[str] | None:
    """The words of a command as systemd runs it.

    ``$NAME`` that is a word of its own is split at whitespace; ``${NAME}`` is one word, or a part of one; ``$$`` is a
    dollar. A variable that is not set is empty. None where a quote is not closed.
    """
    found = words(line)
    if found is None:
        return None
    done: list[str] = []
    for word in found:
        alone = re.fullmatch(r"\$(\w+)", word)
        if alone:
            done += [plain(part) for part in words(variables.get(alone[1], "")) or ()]
        else:
            done.append(_substituted(plain(word), variables))
    return done


def _substituted(word: str, variables: dict[str, str]) -> str:
    parts = word.split("$$")
    return "$".join(_VARIABLE.sub(lambda match: variables.get(match[1] or "", "") if match[1] else match[0], part)
                    for part in parts)  # fmt: skip


def assignments(text: str) -> dict[str, str]:
    """The variables that a file of assignments sets, as ``EnvironmentFile=`` reads it: systemd.exec(5)."""
    found: dict[str, str] = {}
    for line in re.sub(r"\\\r?\n", "", text).splitlines():
        name, equals, value = line.strip().partition("=")
        name = name.removeprefix("export ").strip()
        if equals and re.fullmatch(r"[A-Za-z_]\w*", name):
            found[name] = plain(value.strip())
    return found
