"""Edits of the commands that a RUN of a Dockerfile runs, by the number of a command and of a word, each from 0.

Each is proved: read again, the instruction runs the same commands but for the words meant, and every other instruction
says what it said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.editing.changes import Change, changed
from policyengine.documents.editing.dockerfile import instruction_at, offsets, opened, told
from policyengine.errors import DocumentError, EditError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.documents.dockerfile_commands import Placed

_BLANKS = re.compile(r"[ \t]+")
_ONE_LINE = re.compile(r"[^\r\n\\]+").fullmatch


class _Said(Struct, frozen=True):
    """What a command says: its words, its name first, and the commands that run it."""

    words: tuple[str, ...]
    through: tuple[str, ...]


def with_words_after(path: str, text: str, number: int, command: int, word: int, added: str) -> str:
    """The text with more words after one of a command of the instruction ``number``."""
    editor = _Editor(path, text, number)
    _, end = editor.place(command, word)
    words = editor.said[command].words
    meant = (*words[: word + 1], *added.split(), *words[word + 1 :])
    return editor.proved(Change(end, end, f" {added}"), _spread(editor.said, command, meant))


def with_word(path: str, text: str, number: int, command: int, word: int, other: str) -> str:
    """The text with another word in a command."""
    editor = _Editor(path, text, number)
    words = editor.said[command].words
    meant = (*words[:word], other, *words[word + 1 :])
    return editor.proved(Change(*editor.place(command, word), other), _spread(editor.said, command, meant))


def without_word(path: str, text: str, number: int, command: int, word: int) -> str:
    """The text without a word of a command that is not its name."""
    editor = _Editor(path, text, number)
    words = editor.said[command].words
    return editor.proved(editor.gap(command, word), _spread(editor.said, command, (*words[:word], *words[word + 1 :])))


def without_wrapper(path: str, text: str, number: int, command: int) -> str:
    """The text without the name of a command that does nothing but run the rest of its words: ``sudo make``."""
    editor = _Editor(path, text, number)
    said = editor.said
    inner = _Said(said[command].words[1:], (*said[command].through, said[command].words[0].rpartition("/")[2]))
    if inner not in said[command + 1 :]:
        raise EditError(f"{said[command].words[0]} has options here, which would be lost", path=path)
    return editor.proved(editor.gap(command, 0), _unwrapped(said, command))


def followed(path: str, text: str, number: int, added: str) -> str:
    """The text of a RUN in which another command is run after all others, where these have not failed."""
    editor = _Editor(path, text, number)
    instruction = editor.instruction
    if instruction.arguments.text.rstrip().endswith(("&", ";", "|")):
        raise EditError("the instruction ends in an operator", path=path)
    if instruction.form != "shell" or instruction.heredocs or instruction.keyword != "RUN" or not editor.said:
        raise EditError("the instruction is no list of commands that another can follow", path=path)
    span = instruction.source.span(instruction.arguments.start, instruction.arguments.end)
    end = offsets(text, span)[1]
    between = " "
    if span.line != span.end_line:
        begin = text.rfind("\n", 0, end) + 1
        margin = _BLANKS.match(text, begin)
        ending = "\r\n" if text[begin - 2 : begin] == "\r\n" else "\n"
        between = f" {editor.escape}{ending}{margin[0] if margin else '    '}"
    after = _said(DockerfileDocument(path, f"FROM scratch\nRUN {added}\n"), 1)
    return editor.proved(Change(end, end, f"{between}&& {added}"), [*editor.said, *after])


class _Editor:
    """One instruction of a text, and the proof of what is changed in it."""

    def __init__(self, path: str, text: str, number: int) -> None:
        self.path = path
        self._text = text
        self._number = number
        self._document = opened(path, text)
        self.instruction = instruction_at(self._document, number, path)
        self.escape = self._document.escape
        self.said = _said(self._document, number)
        if self._document.commands((number,)).error or self.instruction.form == "exec":
            raise EditError("the instruction is no shell's script that is understood as a whole", path=path)

    def place(self, command: int, word: int) -> tuple[int, int]:
        """Where a word of a command stands in the text."""
        found: Sequence[Placed] = self._document.commands((self._number,)).found
        if not (0 <= command < len(found) and 0 <= word < len(found[command].words)):
            raise EditError("there is no such word in the instruction", path=self.path)
        return offsets(self._text, found[command].words[word])

    def gap(self, command: int, word: int) -> Change:
        """The change that takes out a word with the space after it; before it, where it ends its line."""
        start, end = self.place(command, word)
        after = _BLANKS.match(self._text, end)
        if after and self._text[after.end() : after.end() + 1] not in (self.escape, "\r", "\n", ""):
            return Change(start, after.end(), "")
        return Change(len(self._text[:start].rstrip(" \t")), end, "")

    def proved(self, change: Change, meant: list[_Said]) -> str:
        """The text after a change that makes the commands what is meant, and nothing else."""
        if change.text and _ONE_LINE(change.text.split("\n")[-1]) is None:
            raise EditError("what is put in is no part of a line", path=self.path)
        after = changed(self._text, [change])
        try:
            document = DockerfileDocument(self.path, after)
        except DocumentError as error:
            raise EditError("the edited text would be malformed", path=self.path, hint=error.message) from None
        if not self._leaves_the_others(document) or _said(document, self._number) != meant:
            raise EditError("the edited text would not run what is meant, or something else with it", path=self.path)
        return after

    def _leaves_the_others(self, after: DockerfileDocument) -> bool:
        before = self._document
        if len(after.instructions) != len(before.instructions) or after.directives != before.directives:
            return False
        pairs = zip(before.instructions, after.instructions, strict=True)
        return all(
            told(old) == told(new) if number != self._number else told(old)[:2] == told(new)[:2]
            for number, (old, new) in enumerate(pairs)
        )


def _said(document: DockerfileDocument, number: int) -> list[_Said]:
    runs = (placed.run for placed in document.commands((number,)).found)
    names = ((_first(document, number, index), run) for index, run in enumerate(runs))
    return [_Said((name, *run.args), run.through) for name, run in names]


def _first(document: DockerfileDocument, number: int, command: int) -> str:
    """The first word of a command as it is written, with a directory."""
    placed = document.commands((number,)).found[command]
    return placed.run.name or placed.run.text.split()[0]


def _spread(said: Sequence[_Said], command: int, meant: tuple[str, ...]) -> list[_Said]:
    """What commands say when one says something else: those that run it by its words say it, too."""
    old = said[command].words
    found = []
    for number, one in enumerate(said):
        runs_it = number < command and len(one.words) > len(old) and one.words[-len(old) :] == old
        found.append(replace(one, words=(*one.words[: -len(old)], *meant)) if runs_it else one)
    found[command] = replace(said[command], words=meant)
    return found


def _unwrapped(said: Sequence[_Said], command: int) -> list[_Said]:
    """What commands say when one is left out that only ran another: what it ran is run by nobody."""
    gone = said[command]
    name, depth = gone.words[0], len(gone.through)
    before = [
        replace(one, words=one.words[: -len(gone.words)] + gone.words[1:])
        if len(one.words) > len(gone.words) and one.words[-len(gone.words) :] == gone.words
        else one
        for one in said[:command]
    ]
    after: list[_Said] = []
    inside = True
    for one in said[command + 1 :]:
        inside = inside and one.through[: depth + 1] == (*gone.through, name)
        after.append(replace(one, through=one.through[:depth] + one.through[depth + 1 :]) if inside else one)
    return [*before, *after]
