"""Edits of Dockerfiles by the number of an instruction. What is not edited stays as it is, byte for byte.

Every edit is proved: the edited text is read again, and has the instructions meant, or
:class:`~policyengine.errors.EditError` says why there is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.editing.changes import Change, changed
from policyengine.documents.templates import unrendered
from policyengine.errors import DocumentError, EditError

if TYPE_CHECKING:
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.dockerfile_parts import Part
    from policyengine.documents.document import Span

_ONE_LINE = re.compile(r"[^\r\n]+").fullmatch
_STARTS = ("CMD", "ENTRYPOINT")

Told = tuple[object, ...]


def with_argument(path: str, text: str, number: int, index: int, argument: str | None) -> str:
    """The text with another argument in an instruction, or without it: of FROM the first is the image.

    ``number`` counts instructions, ``index`` an instruction's words, both from 0.
    What is no list of words (USER) is one.
    """
    document = opened(path, text)
    instruction = instruction_at(document, number, path)
    words = instruction.words or _whole(instruction)
    if not 0 <= index < len(words):
        raise EditError(f"{instruction.keyword} has no argument {index}", path=path)
    span = instruction.source.span(words[index].start, words[index].end)
    if span.line != span.end_line:
        raise EditError("the argument stands in several lines", path=path)
    said = all_told(document)
    texts = [word.text for word in words]
    texts[index : index + 1] = [] if argument is None else [argument]
    said[number] = told(instruction, tuple(texts))
    start, end = offsets(text, span)
    if argument is None:
        start = len(text[:start].rstrip(" \t"))
    return _proved(path, text, [Change(start, end, argument or "")], said)


def with_keyword(path: str, text: str, number: int, written: str) -> str:
    """The text with an instruction's keyword, and what follows it up to its end, written otherwise.

    ``written`` is the whole of the instruction, as ``LABEL a="b"``; one word (``COPY``) leaves the arguments alone.
    """
    document = opened(path, text)
    instruction = instruction_at(document, number, path)
    source = instruction.source
    start, alone = instruction.written.start, len(written.split()) == 1
    end = instruction.written.end if alone else len(source.text)
    if instruction.trigger or (instruction.body and not alone) or _ONE_LINE(written) is None:
        raise EditError("the instruction is not written otherwise", path=path)
    said = all_told(document)
    said[number] = (written, *said[number][1:]) if alone else _alone(path, written)
    return _proved(path, text, [Change(*offsets(text, source.span(start, end)), written)], said)


def _alone(path: str, written: str) -> Told:
    return told(DockerfileDocument(path, f"FROM scratch\n{written}\n").instructions[-1])


def _whole(instruction: Instruction) -> tuple[Part, ...]:
    """What has no words by itself as one: of USER, of WORKDIR."""
    one = instruction.form is None and not instruction.pairs and not instruction.trigger
    return (instruction.arguments,) if one and instruction.arguments.text else ()


def with_instruction(path: str, text: str, before: int, written: str) -> str:
    """The text with another instruction, on a line of its own, before that of a number, or after the last one.

    It is indented as the instruction is that it stands before.
    """
    document = opened(path, text)
    if _ONE_LINE(written) is None:
        raise EditError("an instruction of several lines is not put in", path=path)
    said = all_told(document)
    if not 0 < before <= len(said):
        raise EditError("there is no place for the instruction", path=path)
    said.insert(before, _alone(path, written))
    return _proved(path, text, [_inserted(document, text, before, written)], said)


def _inserted(document: DockerfileDocument, text: str, before: int, written: str) -> Change:
    ending = "\r\n" if "\r\n" in text else "\n"
    if before == len(document.instructions):
        at = _after(document, text, before - 1)
        at -= _break_before(text, at)
        return Change(at, at, ending + written)
    line = document.instructions[before].line
    at = _line(text, line)
    margin = text[at : len(text) - len(text[at:].lstrip(" \t"))]
    while document.lines[line - 2].lstrip(" \t").startswith("#") and line - 2 >= _last_line(document, before - 1):
        line -= 1  # the comment above it is about it
    at = _line(text, line)
    return Change(at, at, margin + written + ending)


def stage_user_place(path: str, text: str, first: int) -> int:
    """Where a USER would stand in the stage that begins with instruction ``first``: a number for
    :func:`with_instruction`. It is before the CMD and ENTRYPOINT that end the stage, else the stage's end.
    """
    instructions = opened(path, text).instructions
    _instruction_from(instructions, first, path)
    later = (n for n, one in enumerate(instructions) if n > first and one.keyword == "FROM")
    end = next(later, len(instructions))
    while end - 1 > first and instructions[end - 1].keyword in _STARTS:
        end -= 1
    return end


def without_instruction(path: str, text: str, number: int) -> str:
    """The text without the lines of an instruction; comments above it stay."""
    document = opened(path, text)
    instruction = instruction_at(document, number, path)
    said = all_told(document)
    del said[number]
    start, end = _line(text, instruction.line), _after(document, text, number)
    if end == len(text) and not text.endswith("\n") and start:
        start -= _break_before(text, start)
    return _proved(path, text, [Change(start, end, "")], said)


def opened(path: str, text: str) -> DockerfileDocument:
    """The Dockerfile that is edited. Raises :class:`EditError` for a template."""
    if unrendered(path, text):
        raise EditError("the file is a template: what it is rendered to is not known", path=path)
    return DockerfileDocument(path, text)


def instruction_at(document: DockerfileDocument, number: int, path: str) -> Instruction:
    """An instruction by its number. Raises :class:`EditError` where there is none."""
    return _instruction_from(document.instructions, number, path)


def _instruction_from(instructions: list[Instruction], number: int, path: str) -> Instruction:
    if not 0 <= number < len(instructions):
        raise EditError(f"there is no instruction {number}", path=path)
    return instructions[number]


def told(instruction: Instruction, words: tuple[str, ...] | None = None) -> Told:
    """What an instruction says, wherever it stands."""
    flags = tuple((flag.name, flag.value.text) for flag in instruction.flags)
    if words is None:
        words = tuple(word.text for word in instruction.words or _whole(instruction))
    said: object = words or instruction.arguments.text
    trigger = None if instruction.trigger is None else told(instruction.trigger)
    return instruction.keyword, flags, said, instruction.form, instruction.body, trigger


def all_told(document: DockerfileDocument) -> list[Told]:
    """What all instructions say."""
    return [told(instruction) for instruction in document.instructions]


def _proved(path: str, text: str, changes: list[Change], said: list[Told]) -> str:
    after = changed(text, changes)
    try:
        document = DockerfileDocument(path, after)
    except DocumentError as error:
        raise EditError("the edited text would be malformed", path=path, hint=error.message) from None
    if all_told(document) != said or document.directives != DockerfileDocument(path, text).directives:
        raise EditError("the edited text would not say what is meant, or something else with it", path=path)
    return after


def _break_before(text: str, at: int) -> int:
    """How long the line break is that ends just before a character; 0 where there is none."""
    return 2 if text[max(at - 2, 0) : at] == "\r\n" else int(text[max(at - 1, 0) : at] == "\n")


def offsets(text: str, span: Span) -> tuple[int, int]:
    """Where a span begins and ends in the text."""
    return _line(text, span.line) + span.column - 1, _line(text, span.end_line) + span.end_column - 1


def _line(text: str, line: int) -> int:
    """Where a line begins, as Docker counts them; the end of the text for the one after the last."""
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at


def _after(document: DockerfileDocument, text: str, number: int) -> int:
    """Where the line begins after an instruction and its heredocs."""
    return _line(text, _last_line(document, number) + 1)


def _last_line(document: DockerfileDocument, number: int) -> int:
    """The number of the line in which an instruction ends."""
    instruction = document.instructions[number]
    return instruction.last[0] if instruction.last else instruction.source.places[-1][0]
