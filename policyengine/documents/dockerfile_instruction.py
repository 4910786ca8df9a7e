"""One instruction of a Dockerfile: its keyword, its flags and its arguments in the shape that the keyword gives them.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from policyengine.documents.dockerfile_lines import SPACE, Joined, MalformedError
from policyengine.documents.dockerfile_parts import (
    Flag,
    Heredoc,
    Pair,
    Part,
    flags,
    heredocs,
    json_strings,
    pairs,
    words,
)
from policyengine.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

_KEYWORD = re.compile(r"[^\t\v\f\r ]+").match
_SPOKEN_KEYWORD = re.compile(r"[A-Za-z]{1,20}").fullmatch
_CHECK = re.compile(rf"([^{SPACE}]+)[{SPACE}]*").match
_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*", re.IGNORECASE | re.ASCII).fullmatch


class Instruction(Struct, frozen=True):
    """One instruction.

    ``keyword`` is in upper case where ``written`` is as written. ``arguments`` is what follows the flags.
    ``words`` are the arguments one by one: of the exec form the array's items, of HEALTHCHECK its type first; what a
    shell is to split is not split. ``pairs`` are those of ENV, ARG and LABEL. ``form`` is None for instructions that
    have but one. ``trigger`` is the instruction in an ONBUILD, which has the heredocs. ``body`` is
    the text of the ``heredocs`` with the lines that end them, and ``last`` the line and column just after it.
    """

    keyword: str
    written: Part
    source: Joined
    arguments: Part
    flags: tuple[Flag, ...] = ()
    words: tuple[Part, ...] = ()
    pairs: tuple[Pair, ...] = ()
    form: Literal["exec", "shell"] | None = None
    trigger: Instruction | None = None
    heredocs: tuple[Heredoc, ...] = ()
    body: str = ""
    last: tuple[int, int] | None = None

    @property
    def line(self) -> int:
        """The line that it starts on, 1-based."""
        return self.source.span(self.written.start, self.written.start).line

    def flag(self, name: str) -> Part | None:
        """The value of a flag; of the last one when it is repeated."""
        return next((flag.value for flag in reversed(self.flags) if flag.name == name), None)


def opened_heredocs(instruction: Instruction) -> list[Heredoc]:
    """The heredocs that the instruction, or the one in it, opens; their text is yet to be read."""
    opener = instruction.trigger or instruction
    if opener.keyword not in ("ADD", "COPY", "RUN"):
        return []
    return heredocs(opener.source.text, opener.arguments.start)


def parse(source: Joined, escape: str) -> Instruction:
    """The instruction that ``source`` holds. Raises :class:`MalformedError` for what Docker would not build."""
    return _parse(source, source.text.rstrip(SPACE), _start(source.text, 0), escape)


def _parse(source: Joined, text: str, start: int, escape: str, within: str | None = None) -> Instruction:
    match = _KEYWORD(text, start)
    written = Part(match[0], match.start(), match.end()) if match else Part("", start, start)
    keyword = written.text.upper()
    shape = _SHAPES.get(keyword)
    if shape is None:
        raise _unknown(written)
    if within and keyword in ("FROM", "MAINTAINER", within):
        raise MalformedError(f"ONBUILD cannot trigger {keyword}", start)
    found, at = flags(text, written.end)
    arguments = Part(text[at:], at, len(text))
    if not arguments.text and keyword not in ("CMD", "ENTRYPOINT"):
        raise MalformedError(f"{keyword} needs an argument", start)
    return shape(Instruction(keyword, written, _stripped(source, text), arguments, found), escape)


def _stripped(source: Joined, text: str) -> Joined:
    """The same source without the space at its end."""
    return source if len(text) == len(source.text) else replace(source, text=text)


def _start(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip(SPACE))


def _unknown(written: Part) -> MalformedError:
    """What to tell of an unknown instruction. A word that looks like none may be half of a secret: it is not told."""
    if _SPOKEN_KEYWORD(written.text) is None:
        return MalformedError("not an instruction", written.start)
    message = f'unknown instruction "{written.text}"'
    return MalformedError(message, written.start, did_you_mean(written.text.upper(), _SHAPES))


def _from(instruction: Instruction, _escape: str) -> Instruction:
    found = words(instruction.source.text, instruction.arguments.start)
    if len(found) not in (1, 3) or (len(found) == 3 and found[1].text.upper() != "AS"):
        raise MalformedError("FROM takes an image and, if any, AS and a name", instruction.written.start)
    if len(found) == 3 and not _STAGE_NAME(found[2].text):
        raise MalformedError("a stage's name has letters, digits, _, . and -, a letter first", found[2].start)
    return replace(instruction, words=found)


def _command(instruction: Instruction, _escape: str) -> Instruction:
    items = json_strings(instruction.source.text, instruction.arguments.start)
    if items is None:
        return replace(instruction, form="shell")
    return replace(instruction, words=items, form="exec")


def _shell(instruction: Instruction, escape: str) -> Instruction:
    parsed = _command(instruction, escape)
    if not parsed.words:
        raise MalformedError("SHELL takes a JSON array of strings", instruction.arguments.start)
    return parsed


def _list(instruction: Instruction, _escape: str) -> Instruction:
    text, start = instruction.source.text, instruction.arguments.start
    items = json_strings(text, start)
    if items is None:
        return replace(instruction, words=words(text, start))
    return replace(instruction, words=items, form="exec")


def _copy(instruction: Instruction, escape: str) -> Instruction:
    parsed = _list(instruction, escape)
    if len(parsed.words) < 2:
        raise MalformedError(f"{parsed.keyword} needs a source and a destination", instruction.arguments.start)
    return parsed


def _pairs(instruction: Instruction, escape: str) -> Instruction:
    found = pairs(instruction.source.text, instruction.arguments.start, escape, instruction.keyword)
    return replace(instruction, pairs=found)


def _expose(instruction: Instruction, _escape: str) -> Instruction:
    return replace(instruction, words=words(instruction.source.text, instruction.arguments.start))


def _text(instruction: Instruction, _escape: str) -> Instruction:
    return instruction


def _healthcheck(instruction: Instruction, _escape: str) -> Instruction:
    text, start = instruction.source.text, instruction.arguments.start
    match = _CHECK(text, start)
    type_ = match[1].upper() if match else ""
    at = match.end() if match else start
    first = Part(type_, start, start + len(type_))
    if type_ == "NONE" and at == len(text):
        return replace(instruction, words=(first,))
    if type_ != "CMD" or at == len(text):
        raise MalformedError("HEALTHCHECK takes CMD and a command, or NONE", start)
    items = json_strings(text, at)
    if items is None:
        return replace(instruction, words=(first, Part(text[at:], at, len(text))), form="shell")
    return replace(instruction, words=(first, *items), form="exec")


def _onbuild(instruction: Instruction, escape: str) -> Instruction:
    source = instruction.source
    trigger = _parse(source, source.text, instruction.arguments.start, escape, within="ONBUILD")
    return replace(instruction, trigger=trigger)


_SHAPES: dict[str, Callable[[Instruction, str], Instruction]] = {
    "ADD": _copy,
    "ARG": _pairs,
    "CMD": _command,
    "COPY": _copy,
    "ENTRYPOINT": _command,
    "ENV": _pairs,
    "EXPOSE": _expose,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _pairs,
    "MAINTAINER": _text,
    "ONBUILD": _onbuild,
    "RUN": _command,
    "SHELL": _shell,
    "STOPSIGNAL": _text,
    "USER": _text,
    "VOLUME": _list,
    "WORKDIR": _text,
}
