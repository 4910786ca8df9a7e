"""Calls of programs as a build makes them, and how their arguments are read: options, their values, and the rest."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WHOLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})").fullmatch
_LEADING = re.compile(r"\$(?:(\w+)|\{(\w+)\})").match
_VARIABLE = re.compile(r"\$(?:\w+|\{[^}]*\}|\(.*\))|`.*`", re.DOTALL).fullmatch
_USER = re.compile(r"(?<=://)[^/@\s]*@")
_ASSIGNED = re.compile(
    r"""(?<![^\s;&|(])(?P<name>[A-Za-z_]\w*)=(?P<value>'[^']*'|"[^"$`\\]*"|[^\s;&|"'$`()<>\\]+)(?=[\s;&|)]|$)"""
)
_SET = re.compile(r"\b([A-Za-z_]\w*)\+?=")
_READ = re.compile(r"\b(?:read|for)\b([^;&|\n]*)")
_PYTHON = re.compile(r"(?:python|pypy)[0-9.]*").fullmatch


class Call(Protocol):
    """A program that is called; ``name`` is None where a variable decides."""

    @property
    def name(self) -> str | None:
        """The program, without its directory."""

    @property
    def args(self) -> tuple[str, ...]:
        """Its arguments without quotes, variables as written."""

    @property
    def variables(self) -> tuple[tuple[str, str | None], ...]:
        """The variables that are set for it alone; None for a value that is not known."""

    @property
    def through(self) -> tuple[str, ...]:
        """The programs that run it: sudo, xargs."""

    @property
    def reads_from(self) -> tuple[str, ...]:
        """The programs whose output is its input."""


class Arg(Struct, frozen=True):
    """An argument, with known variables replaced; ``at`` is its number among those written."""

    text: str
    at: int


class Option(Struct, frozen=True):
    """An option without its dashes, and its value where it has one: ``-t sid``, ``--option=value``."""

    name: str
    value: str | None
    at: int


class Arguments(Struct, frozen=True):
    """Arguments by what they are. ``operands`` are those that are neither options nor values of options."""

    options: tuple[Option, ...]
    operands: tuple[Arg, ...]

    def has(self, *names: str) -> bool:
        """Whether one of the options is given, whatever its value."""
        return any(option.name in names for option in self.options)

    def values(self, *names: str) -> Iterator[str]:
        """The values of these options."""
        return (option.value for option in self.options if option.name in names and option.value is not None)

    def opaque(self) -> bool:
        """Whether a variable that is not known stands for whole words, among which options may be."""
        return any(is_variable(arg.text) and _may_hold_options(arg.text) for arg in self.operands)


def _may_hold_options(text: str) -> bool:
    name = text.upper()
    return any(word in name for word in ("OPT", "FLAG", "ARG", "PARAM"))


def is_variable(text: str) -> bool:
    """Whether a variable, or another command's output, is all of a word."""
    return _VARIABLE(text) is not None


def assigned(script: str) -> dict[str, str]:
    """The variables that a script itself gives one value, which is written out: ``deps='gcc make'``."""
    times = Counter(_SET.findall(script))
    times.update(word for words in _READ.findall(script) for word in words.split())
    literals = ((match["name"], match["value"].strip("'\"")) for match in _ASSIGNED.finditer(script))
    return {name: value for name, value in literals if times[name] == 1}


def without_user(url: str) -> str:
    """An address without user and password."""
    return _USER.sub("", url)


def replaced(args: Sequence[str], known: Mapping[str, str]) -> list[Arg]:
    """The arguments, those that are a variable replaced by the words of its value, a leading one by its value."""
    found: list[Arg] = []
    for at, text in enumerate(args):
        whole = _WHOLE(text) if "$" in text else None
        if whole and (whole[1] or whole[2]) in known:
            found += (Arg(word, at) for word in known[whole[1] or whole[2]].split())
        else:
            found.append(Arg(_leading(text, known), at))
    return found


def _leading(text: str, known: Mapping[str, str]) -> str:
    match = _LEADING(text) if text.startswith("$") else None
    value = known.get(match[1] or match[2]) if match else None
    return text if match is None or value is None else value + text[match.end() :]


def read(args: Sequence[Arg], valued: frozenset[str], *, long_dash: bool = False) -> Arguments:
    """Tell options from operands; ``valued`` are the options that take a value: ``t``, ``target-release``.

    ``long_dash``: long options may stand behind one dash, as Go's do. After ``--`` there are operands only.
    """
    options: list[Option] = []
    operands: list[Arg] = []
    waiting = list(reversed(args))
    while waiting:
        arg = waiting.pop()
        if arg.text == "--":
            operands += reversed(waiting)
            break
        if len(arg.text) < 2 or not arg.text.startswith("-"):
            operands.append(arg)
            continue
        found = list(_long(arg) if long_dash or arg.text.startswith("--") else _short(arg, valued))
        last = found[-1]
        if last.value is None and last.name in valued and waiting:
            found[-1] = Option(last.name, waiting.pop().text, last.at)
        options += found
    return Arguments(tuple(options), tuple(operands))


def _long(arg: Arg) -> Iterator[Option]:
    name, equals, value = arg.text.lstrip("-").partition("=")
    yield Option(name, value if equals else None, arg.at)


def _short(arg: Arg, valued: frozenset[str]) -> Iterator[Option]:
    """Letters behind one dash; what follows one that takes a value, or ``=``, is its value."""
    letters = arg.text[1:]
    for index, letter in enumerate(letters):
        rest = letters[index + 1 :]
        if rest.startswith("=") or (letter in valued and rest):
            yield Option(letter, rest.removeprefix("="), arg.at)
            return
        yield Option(letter, None, arg.at)


def program(call: Call) -> tuple[str, tuple[str, ...], int]:
    """The program that is called, its arguments, and how many before them are not its own.

    ``python3 -m pip install`` is pip's.
    """
    name = call.name or ""
    if _PYTHON(name) and "-m" in call.args:
        at = call.args.index("-m")
        if at + 1 < len(call.args) and all(arg.startswith("-") for arg in call.args[:at]):
            return call.args[at + 1], call.args[at + 2 :], at + 2
    return name, call.args, 0


def exported(call: Call) -> Iterator[tuple[str, str, int]]:
    """The variables that ``export`` sets, with their values and the numbers of the arguments."""
    if call.name in ("export", "declare", "typeset"):
        for at, arg in enumerate(call.args):
            name, equals, value = arg.partition("=")
            if equals:
                yield name, value, at
