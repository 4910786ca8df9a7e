"""Edits of a Dockerfile as data, by the numbers that its instructions have before any of them is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.editing import commands, dockerfile
from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Argument(Struct, frozen=True):
    """Another argument in an instruction; None takes it away."""

    number: int
    index: int
    text: str | None


class Rewritten(Struct, frozen=True):
    """An instruction that is written otherwise: another keyword, or the whole of it in one line."""

    number: int
    text: str


class Inserted(Struct, frozen=True):
    """An instruction before that of a number."""

    number: int
    text: str


class Dropped(Struct, frozen=True):
    """An instruction that goes."""

    number: int


class WordsAfter(Struct, frozen=True):
    """Words after one of a command."""

    number: int
    command: int
    word: int
    text: str


class Word(Struct, frozen=True):
    """Another word in a command; None takes it away, the name of a command that only runs another among them."""

    number: int
    command: int
    word: int
    text: str | None


class Followed(Struct, frozen=True):
    """A command that is run after all others of a RUN."""

    number: int
    text: str


InstructionEdit = Argument | Rewritten | Inserted | Dropped | WordsAfter | Word | Followed


def edited(path: str, text: str, edits: Sequence[InstructionEdit]) -> str:
    """The text after edits, each once. Raises :class:`EditError` where one cannot be made, or they contradict."""
    unique = list({repr(edit): edit for edit in edits}.values())
    _agreeing(unique, path)
    for edit in sorted(unique, key=_place, reverse=True):  # what comes later in the file first: no number changes
        text = _made(path, text, edit)
    return text


def _agreeing(edits: Sequence[InstructionEdit], path: str) -> None:
    """Raise :class:`EditError` where an instruction goes that another edit is of, or a place is written twice."""
    gone = {edit.number for edit in edits if isinstance(edit, Dropped)}
    once: set[object] = set()
    for edit in edits:
        many = isinstance(edit, Dropped | Inserted | WordsAfter | Followed)
        place = None if many else (type(edit), *_place(edit))
        if edit.number in gone and not isinstance(edit, Dropped | Inserted):
            raise EditError("one policy takes away what another changes", path=path)
        if place is not None and place in once:
            raise EditError("two policies want different values there", path=path)
        once.add(place)


def _place(edit: InstructionEdit) -> tuple[int, int, int, int]:
    """Where an edit is in its file; what is put before an instruction is before all that is in it."""
    if isinstance(edit, WordsAfter | Word):
        return edit.number, 1, edit.command, edit.word
    if isinstance(edit, Argument):
        return edit.number, 1, 0, edit.index
    return edit.number, 0 if isinstance(edit, Inserted) else 2, 0, 0


def _made(path: str, text: str, edit: InstructionEdit) -> str:
    number = edit.number
    if isinstance(edit, Dropped):
        return dockerfile.without_instruction(path, text, number)
    if isinstance(edit, Word) and edit.text is None and edit.word == 0:
        return commands.without_wrapper(path, text, number, edit.command)
    if isinstance(edit, Word) and edit.text is None:
        return commands.without_word(path, text, number, edit.command, edit.word)
    if isinstance(edit, Word):
        return commands.with_word(path, text, number, edit.command, edit.word, edit.text or "")
    if isinstance(edit, WordsAfter):
        return commands.with_words_after(path, text, number, edit.command, edit.word, edit.text)
    return _whole(path, text, edit)


def _whole(path: str, text: str, edit: Argument | Rewritten | Inserted | Followed) -> str:
    if isinstance(edit, Argument):
        return dockerfile.with_argument(path, text, edit.number, edit.index, edit.text)
    if isinstance(edit, Rewritten):
        return dockerfile.with_keyword(path, text, edit.number, edit.text)
    if isinstance(edit, Inserted):
        return dockerfile.with_instruction(path, text, edit.number, edit.text)
    return commands.followed(path, text, edit.number, edit.text)
