"""The commands that an instruction runs, and where each of them stands in the file."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.dockerfile_lines import Joined
from policyengine.documents.shell import Command, Word
from policyengine.documents.shell_commands import Run, Runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.dockerfile_parts import Heredoc, Part
    from policyengine.documents.document import Span

_SHEBANG = re.compile(r"#![ \t]*(\S+)(?:[ \t]+(\S.*?))?[ \t]*").fullmatch
_ONE_HEREDOC = re.compile(r"[0-9]*<<-?[ \t]*\S+").fullmatch
_BEGINS = re.compile(r"[0-9]*<<").match
_OPENING = re.compile(r"(?P<file>[0-9]*)<<-?(?=[ \t]*[^\s<(])")
_INPUT = ("", "0")
"""How a redirect says that it is of the standard input."""
_SUBSTITUTION = re.compile(r"\$\(|`").search


class Placed(Struct, frozen=True):
    """A command, and the spans of the whole and of each of its words, its name first."""

    run: Run
    span: Span
    words: tuple[Span, ...]


class Commands(Struct, frozen=True):
    """The commands of an instruction. ``error`` is the first place that was not understood."""

    found: tuple[Placed, ...] = ()
    error: Span | None = None


def commands(instruction: Instruction) -> Commands:
    """The commands that RUN, CMD, ENTRYPOINT or HEALTHCHECK runs; of the shell form as a POSIX shell reads it."""
    if instruction.form == "exec":
        return _exec(instruction)
    source, start = instruction.source, _start(instruction)
    if not instruction.heredocs:
        return _script(_sliced(source, start))
    if _ONE_HEREDOC(instruction.arguments.text):
        # BuildKit gives the text itself to the shell, or to the program that its first line names.
        return _heredoc(instruction.heredocs[0])
    together = _together([_sliced(source, start), *map(_whole, instruction.heredocs)])
    alike = len(instruction.heredocs) == 1 and not _BEGINS(instruction.arguments.text)
    return _script(together) if alike else _files(together, instruction)


def scripted(instruction: Instruction) -> bool:
    """Whether a shell decides what the commands are; the exec form names its command itself."""
    return instruction.form == "shell" and bool(instruction.arguments.text)


def _start(instruction: Instruction) -> int:
    return instruction.words[1].start if instruction.keyword == "HEALTHCHECK" else instruction.arguments.start


def _exec(instruction: Instruction) -> Commands:
    parts = instruction.words[1:] if instruction.keyword == "HEALTHCHECK" else instruction.words
    if not parts or not parts[0].text:
        return Commands()
    return _command(tuple(map(_word, parts)), instruction.source)


def _word(part: Part) -> Word:
    return Word(part.text, part.start, part.end, literal=len(part.text) + 2 == part.end - part.start)


def _command(words: tuple[Word, ...], source: Joined, script: Word | None = None) -> Commands:
    runs = Runs()
    command = Command(words, words[0].start, words[-1].end, script=script)
    runs.command(command, source.text, lambda start, end: (start, end))
    return _placed(runs, source)


def _script(source: Joined) -> Commands:
    runs = Runs()
    runs.script(source.text, lambda start, end: (start, end))
    return _placed(runs, source)


def _files(source: Joined, instruction: Instruction) -> Commands:
    """Heredocs that the grammar does not know, several or before a command: their texts are taken for those of files.

    ``RUN <<EOF python3`` is one before its command.
    """
    line, _, _ = source.text.partition("\n")
    inputs: dict[int, Word] = {}
    given: list[Word] = []
    at = len(line) + 1
    openings = _OPENING.finditer(line)
    for heredoc, opening in zip(instruction.heredocs, openings, strict=False):
        text = "\n".join(heredoc.lines)
        given.append(Word(text, at, at + len(text), literal=True))
        if opening["file"] in _INPUT:
            inputs[opening.end("file")] = given[-1]
        at += len(text) + len(heredoc.name) + 1 + bool(heredoc.lines)
    runs = Runs()
    shown = _OPENING.sub(_redirected, line)
    runs.script(shown, lambda start, end: (start, end), inputs=inputs)
    for heredoc, word in zip(instruction.heredocs, given, strict=False):
        if not heredoc.quoted and _SUBSTITUTION(word.text):
            runs.errors.append((word.start, word.end))
    return _placed(runs, source)


def _redirected(opening: re.Match[str]) -> str:
    """What opens a heredoc as what opens a file. The grammar takes the number of the standard input for a word."""
    file = opening["file"]
    return f"{' ' * len(file) if file in _INPUT else file}<".ljust(len(opening[0]))


def _heredoc(heredoc: Heredoc) -> Commands:
    source = _lines(heredoc, heredoc.lines)
    first, _, rest = source.text.partition("\n")
    shebang = _SHEBANG(first)
    if shebang is None:
        return _script(source)
    named = [Word(shebang[group], *shebang.span(group), literal=True) for group in (1, 2) if shebang[group]]
    return _command(tuple(named), source, Word(rest, len(first) + 1, len(source.text), literal=True))


def _placed(runs: Runs, source: Joined) -> Commands:
    found = (
        Placed(run, source.span(*run.place), tuple(source.span(*place) for place in run.places)) for run in runs.found
    )
    error = min(runs.errors, default=None)
    return Commands(tuple(found), source.span(*error) if error else None)


def _whole(heredoc: Heredoc) -> Joined:
    """A heredoc's lines and the one that ends it."""
    return _lines(heredoc, (*heredoc.lines, heredoc.name), tabs=False)


def _lines(heredoc: Heredoc, lines: Sequence[str], *, tabs: bool = True) -> Joined:
    """Lines as one text, without the tabs before them where the heredoc is one with tabs."""
    shown = [line.lstrip("\t") for line in lines] if tabs and heredoc.tabs else lines
    starts = accumulate((len(line) + 1 for line in shown[:-1]), initial=0)
    columns = (len(line) - len(rest) + 1 for line, rest in zip(lines, shown, strict=True))
    places = tuple((heredoc.line + number, column) for number, column in enumerate(columns))
    return Joined("\n".join(shown), tuple(starts), places or ((heredoc.line, 1),))


def _sliced(source: Joined, start: int) -> Joined:
    """The text from ``start`` on."""
    kept = [(at, place) for at, place in zip(source.starts, source.places, strict=True) if at > start]
    first = source.span(start, start)
    starts = (0, *(at - start for at, _ in kept))
    return Joined(source.text[start:], starts, ((first.line, first.column), *(place for _, place in kept)))


def _together(texts: Sequence[Joined]) -> Joined:
    """Texts below each other."""
    starts: list[int] = []
    shift = 0
    for text in texts:
        starts += [shift + at for at in text.starts]
        shift += len(text.text) + 1
    places = tuple(place for text in texts for place in text.places)
    return Joined("\n".join(text.text for text in texts), tuple(starts), places)
