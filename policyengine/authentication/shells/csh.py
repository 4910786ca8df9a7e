"""Start-up files of csh and tcsh, line by line: tcsh(1).

What follows ``if (...)`` on its line is a command of its own. A word with a variable or a command's output in it is
not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.shells.masks import mask
from policyengine.authentication.shells.settings import Mask, Run, Told, Variable, location
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.resolving import Text
    from policyengine.model.location import Location

FACT = "login_environment"

_TOKEN = re.compile(
    r"(?P<blank>(?:[ \t]|\\\n)+)|(?P<comment>#[^\n]*)|(?P<end>\n|;|&&|\|\|?|&)"
    r"|(?P<word>(?:\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|`[^`\n]*`|\\.|[^\s;&|\"'`\\])+|[\"'`\\])",
    re.DOTALL,
)
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|\\(.)", re.DOTALL)
_CONDITION = frozenset(("if", "while"))


class Word(Struct, frozen=True):
    """A word without its quotes. ``known``: nothing is put into it."""

    text: str
    known: bool


class Command(Struct, frozen=True):
    """A command with its place in the text."""

    words: tuple[Word, ...]
    start: int
    end: int


def told(file: Text) -> Told:
    """What a file says, in the order of the file."""
    masks: list[Mask] = []
    variables: list[Variable] = []
    runs: list[Run] = []
    for command in commands(file.text):
        where = location(file, command.start, command.end)
        name = command.words[0].text
        if name == "umask" and len(command.words) > 1:
            masks.append(Mask(_mask(command.words[1]), where))
        elif name == "setenv" and len(command.words) > 1:
            variables.append(_setenv(command.words, where))
        elif name == "set":
            variables += _set(command.words[1:], where)
        elif command.words[0].known:
            runs.append(_run(command.words, where))
    return Told(tuple(masks), tuple(variables), tuple(run for run in runs if run.name))


def commands(text: str) -> Iterator[Command]:
    """The commands of a script."""
    words: list[tuple[Word, int, int]] = []
    for token in _TOKEN.finditer(f"{text}\n"):
        if token.lastgroup == "word":
            words.append((_word(token[0]), token.start(), token.end()))
        elif token.lastgroup == "end":
            words = _unconditional(words)
            if words:
                yield Command(tuple(word for word, _, _ in words), words[0][1], words[-1][2])
            words = []


def _word(written: str) -> Word:
    known = "$" not in re.sub(r"'[^']*'|\\.", "", written) and "`" not in written
    return Word(_QUOTED.sub(lambda match: match[1] or match[2] or match[3] or "", written), known)


def _unconditional(words: list[tuple[Word, int, int]]) -> list[tuple[Word, int, int]]:
    """What is left of a command without ``if (...)`` before it, and without ``then`` and ``else``."""
    at = 0
    while at < len(words) and words[at][0].text in (*_CONDITION, "then", "else"):
        depth = int(words[at][0].text in _CONDITION)
        at += 1
        first = depth
        while first and at < len(words):
            depth += words[at][0].text.count("(") - words[at][0].text.count(")")
            first = depth > 1
            at += 1
    return words[at:]


def _mask(word: Word) -> str | Unknown:
    """csh takes octal numbers only."""
    value = mask(word.text) if word.known and word.text.isdigit() else None
    return value or Unknown(FACT, f"the umask {word.text} depends on what else is set")


def _setenv(words: tuple[Word, ...], where: Location) -> Variable:
    value = words[2] if len(words) > 2 else Word("", known=True)
    return Variable(words[1].text, _value(words[1].text, value), where, exported=True)


def _set(words: tuple[Word, ...], where: Location) -> Iterator[Variable]:
    """``set -r autologout=15 a = b``: -r makes variables that cannot be changed; lists are in ``()``."""
    readonly = bool(words) and words[0].text == "-r"
    rest = list(reversed(words[readonly:]))
    while rest:
        word = rest.pop()
        name, _, value = word.text.partition("=")
        given = Word(value, word.known)
        if "=" not in word.text and rest and rest[-1].text == "=":
            rest.pop()
            given = rest.pop() if rest else given
        while given.text.startswith("(") and not given.text.endswith(")") and rest:
            more = rest.pop()
            given = Word(f"{given.text} {more.text}", given.known and more.known)
        yield Variable(name, _value(name, given), where, readonly=readonly)


def _value(name: str, word: Word) -> str | Unknown:
    return word.text if word.known else Unknown(FACT, f"what {name} is set to depends on what else is set")


def _run(words: tuple[Word, ...], where: Location) -> Run:
    replaces = words[0].text == "exec"
    rest = words[replaces:]
    name = rest[0].text.rpartition("/")[2] if rest and rest[0].known else ""
    return Run(name, tuple(word.text for word in rest[1:]), where, replaces)
