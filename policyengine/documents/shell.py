"""The commands in a shell's script.

The grammar is tree-sitter's for bash, which holds that of the POSIX shell. Nothing is run, and no variable replaced.
https://github.com/tree-sitter/tree-sitter-bash
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MAX_SCRIPT = 12 * 1024
"""How many characters a script may have to be read; real ones stay below 6,000.

The way back from an error takes the grammar time and memory by the square."""

SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"))
"""Shells whose scripts are read."""

_NO_WORDS = frozenset(("file_redirect", "heredoc_redirect", "herestring_redirect", "heredoc_body", "comment"))
_DECLARATIONS = frozenset(("declaration_command", "unset_command"))
_COMMANDS = _DECLARATIONS | {"command"}
_STRING_ESCAPE = re.compile(r'\\([$`"\\])|\\\n')
_WORD_ESCAPE = re.compile(r"(?s)\\(.)")
_ANSI_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Word(Struct, frozen=True):
    """A word of a command: its text without quotes, variables as written, and its place in the script.

    ``literal`` says that the text between ``start`` and ``end`` is that text, between quotes if any;
    ``known`` that no variable and no other command's output is a part of it.
    """

    text: str
    start: int
    end: int
    known: bool = True
    literal: bool = False


Variables = tuple[tuple[str, str | None], ...]
"""Variables by name, with their values where these are known."""


class Command(Struct, frozen=True):
    """One command that a script may run. ``start`` and ``end`` are its offsets in the script.

    ``words`` are its name and its arguments. ``variables`` are those that are set for it alone (``A=1 make``), None for
    a value that is not known. ``piped`` says that its output is another's input; ``reads_from`` are the names of the
    commands whose output is its own input. ``script`` is the text that it is given as input (``sh <<EOF``).
    """

    words: tuple[Word, ...]
    start: int
    end: int
    variables: Variables = ()
    piped: bool = False
    reads_from: tuple[Word, ...] = ()
    script: Word | None = None


class Assignment(Struct, frozen=True):
    """A variable that a script sets for itself: ``A=1``, not ``A=1 make``. None is a value that is not known."""

    name: str
    value: str | None
    start: int
    end: int


class Script(Struct, frozen=True):
    """What was understood of a script: its commands in the order of the text, and where it was not understood.

    ``assignments`` are those that stand by themselves; those of ``export A=1`` are words of a command.
    """

    commands: tuple[Command, ...]
    error: int | None = None
    assignments: tuple[Assignment, ...] = ()


MAX_PIPES = 500
"""How many | a script may have to be read: of an error after them the grammar needs memory by the square."""

_UPSTREAM = 20
"""How many commands a command is told to read from, the nearest ones."""


class _Pipe(Struct, frozen=True):
    """A stage of a pipeline: the names of the commands in each stage, which stage this is, whether it is read from.

    ``before`` are the commands that the first stage reads from, where the pipeline is a part of another.
    """

    names: list[list[Word]]
    stage: int
    piped: bool
    before: tuple[Word, ...] = ()

    def upstream(self) -> tuple[Word, ...]:
        """The commands that it reads from."""
        if self.stage == 0:
            return self.before
        first = max(0, self.stage - _UPSTREAM)
        return tuple(name for names in self.names[first : self.stage] for name in names[:_UPSTREAM])[-_UPSTREAM:]


def parse(text: str, inputs: Mapping[int, Word] | None = None) -> Script:
    """The commands of a script; also those in ``if``, loops, functions, subshells and command substitutions.

    ``inputs`` are the texts that stand elsewhere of what is redirected (``<``) at an offset.

    A script that is too long, or too much work, is not read: its ``error`` is at its beginning.
    """
    data = text.encode("utf-8", "surrogatepass")
    root = _tree(data) if len(text) <= MAX_SCRIPT and text.count("|") <= MAX_PIPES else None
    if root is None:
        return Script((), 0)
    reader = _Reader(text, data, inputs or {})
    return Script(tuple(reader.commands(root)), reader.error, tuple(reader.assignments))


def _tree(data: bytes) -> Any:
    """The root of the syntax tree; None where the grammar loses its way: finding back may take gigabytes."""
    parser, steps = _parser(), 0

    def too_much(_offset: int, _error: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > _STEPS + len(data) // _BYTES_PER_STEP

    try:
        return parser.parse(lambda offset, _point: data[offset : offset + 65536], progress_callback=too_much).root_node
    except ValueError:
        parser.reset()
        return None


_STEPS, _BYTES_PER_STEP = 100, 16
"""How much work a script may be, in calls of the parser's progress callback: real ones need one for 100 bytes."""


@cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


class _Reader:
    """Reads one script."""

    def __init__(self, text: str, data: bytes, inputs: Mapping[int, Word]) -> None:
        self._text = text
        self._inputs = inputs
        self._offsets = None if len(data) == len(text) else _offsets(text)
        self.error: int | None = None
        self.assignments: list[Assignment] = []

    def commands(self, root: Any) -> Iterator[Command]:
        # A stack, not recursion: scripts may nest deeper than Python calls.
        waiting: list[tuple[Any, _Pipe | None, Any]] = [(root, None, None)]
        while waiting:
            node, pipe, redirects = waiting.pop()
            if node.type == "ERROR" or node.is_missing:
                self._failed(node)
            if node.type in _COMMANDS:
                command = self._command(node, pipe, redirects)
                if pipe and command.words:
                    pipe.names[pipe.stage].append(command.words[0])
                yield command
            elif node.type == "variable_assignment" and node.parent.type not in _COMMANDS:
                self.assignments.append(self._assignment(node))
            waiting.extend(reversed(list(self._below(node, pipe, redirects))))

    def _assignment(self, node: Any) -> Assignment:
        text, known = self._plain(node)
        name, value = variable(text, known=known)
        return Assignment(name, value, self._offset(node.start_byte), self._offset(node.end_byte))

    def _failed(self, node: Any) -> None:
        at = self._offset(node.start_byte)
        self.error = at if self.error is None else min(self.error, at)

    def _below(self, node: Any, pipe: _Pipe | None, redirects: Any) -> Iterator[tuple[Any, _Pipe | None, Any]]:
        """The nodes below one, each with the pipeline that it is in and what redirects its input."""
        children = node.children
        if node.type == "pipeline":
            stages = [child for child in children if child.is_named and child.type != "comment"]
            names: list[list[Word]] = [[] for _ in stages]
            around, before = pipe is not None and pipe.piped, pipe.upstream() if pipe else ()
            for number, stage in enumerate(stages):
                last = number == len(stages) - 1
                yield stage, _Pipe(names, number, around or not last, before), redirects if last else None
        elif node.type == "redirected_statement":
            for child in children:
                yield child, pipe, node
        elif node.type in _SUBSTITUTIONS:
            # What is run for its output is no part of the pipeline around it.
            yield from ((child, None, None) for child in children)
        else:
            # What redirects a list redirects its last command.
            heir = children[-1] if node.type in _TRANSPARENT and children else None
            yield from ((child, pipe, redirects if child is heir else None) for child in children)

    def _command(self, node: Any, pipe: _Pipe | None, redirected: Any) -> Command:
        words: list[Word] = []
        variables: list[tuple[str, str | None]] = []
        for child in node.children:
            if child.type == "variable_assignment" and node.type == "command":
                text, known = self._plain(child)
                variables.append(variable(text, known=known))
            elif child.type not in _NO_WORDS:
                word = self._word(child)
                # The grammar parts $a-$b where the shell sees one word.
                joined = words and words[-1].end == word.start
                words.append(_joined(words.pop(), word) if joined else word)
        late = [self._word(word) for word in _after_redirects(redirected)]
        return Command(
            (*words, *late),
            self._offset(node.start_byte),
            max([self._offset(node.end_byte), *(word.end for word in late)]),
            tuple(variables),
            pipe.piped if pipe else False,
            pipe.upstream() if pipe else (),
            self._input(redirected) or self._input(node),
        )

    def _word(self, node: Any) -> Word:
        if node.type == "command_name" and len(node.children) == 1:
            node = node.children[0]
        text, known = self._plain(node)
        start, end = self._offset(node.start_byte), self._offset(node.end_byte)
        quotes = 2 * int(node.type in _QUOTED)
        return Word(text, start, end, known, len(text) == end - start - quotes)

    def _plain(self, node: Any) -> tuple[str, bool]:
        """A word's text without quotes, and whether nothing is put into it."""
        written = self._slice(node)
        if node.type in _CONCATENATIONS:
            parts = [self._plain(child) for child in node.children]
            return "".join(text for text, _ in parts), all(known for _, known in parts)
        known = not any(child.type in _VARIABLE for child in node.children) and node.type not in _VARIABLE
        read = _UNQUOTED.get(node.type)
        return (read(written) if read else written), known

    def _input(self, node: Any) -> Word | None:
        """The text that a command is given as its input: a heredoc's, or a word's."""
        for child in node.children if node else ():
            if child.type == "herestring_redirect" and child.children:
                return self._word(child.children[-1])
            if child.type == "file_redirect" and (given := self._inputs.get(self._offset(child.start_byte))):
                return given
            if child.type == "heredoc_redirect":
                body = next((part for part in child.children if part.type == "heredoc_body"), None)
                if body is not None:
                    start, end = self._offset(body.start_byte), self._offset(body.end_byte)
                    return Word(self._text[start:end], start, end, literal=True)
        return None

    def _slice(self, node: Any) -> str:
        return self._text[self._offset(node.start_byte) : self._offset(node.end_byte)]

    def _offset(self, byte: int) -> int:
        return byte if self._offsets is None else self._offsets[byte]


def _offsets(text: str) -> list[int]:
    """For each byte of a text in UTF-8, and for its end, the character that it belongs to."""
    found: list[int] = []
    for at, char in enumerate(text):
        code = ord(char)
        found += [at] * (1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF))
    return [*found, len(text)]


def variable(written: str, *, known: bool) -> tuple[str, str | None]:
    """The name and the value of ``NAME=value``, or ``NAME+=value``."""
    name, _, value = written.partition("=")
    added = name.endswith("+")
    return name.removesuffix("+"), value if known and not added else None


def _after_redirects(node: Any) -> Iterator[Any]:
    """The words of a command that stand after what redirects it: ``b`` in ``a > file b``."""
    for child in node.children if node else ():
        if child.type == "file_redirect":
            yield from child.children_by_field_name("destination")[1:]
        elif child.type == "heredoc_redirect":
            yield from child.children_by_field_name("argument")


_SUBSTITUTIONS = frozenset(("command_substitution", "process_substitution"))
_TRANSPARENT = frozenset(("list", "negated_command"))
_VARIABLE = frozenset(("simple_expansion", "expansion", "command_substitution", "process_substitution", "array"))
_CONCATENATIONS = frozenset(("concatenation", "variable_assignment"))
_QUOTED = frozenset(("string", "raw_string"))


def _joined(first: Word, second: Word) -> Word:
    return Word(first.text + second.text, first.start, second.end, known=False)


def _string(written: str) -> str:
    return _STRING_ESCAPE.sub(lambda match: match[1] or "", written[1:-1])


def _ansi_string(written: str) -> str:
    return _WORD_ESCAPE.sub(lambda match: _ANSI_ESCAPES.get(match[1], match[1]), written[2:-1])


def _bare(written: str) -> str:
    return _WORD_ESCAPE.sub(lambda match: "" if match[1] == "\n" else match[1], written)


_UNQUOTED: dict[str, Callable[[str], str]] = {
    "string": _string,
    "raw_string": lambda written: written[1:-1],
    "ansi_c_string": _ansi_string,
    "translated_string": lambda written: _string(written[1:]),
    "word": _bare,
}
