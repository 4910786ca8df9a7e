"""Dockerfiles: their instructions, and where each part of one stands."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from policyengine.documents.dockerfile_instruction import Instruction, opened_heredocs, parse
from policyengine.documents.dockerfile_lines import BOM, SPACE, Joined, LineReader, MalformedError
from policyengine.documents.document import Comment, DocPath, Document, Entry, Span, seeming
from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.dockerfile_commands import Commands
    from policyengine.documents.dockerfile_parts import Heredoc, Part

MAX_STAGES = 1000
"""How many stages a file may have; real files stay below 50."""

MAX_UNREAD = 8 * 1024
"""How many characters of a file's scripts may be no shell's script before no more are read: each takes its time."""

MAX_COMMANDS = 10_000
"""How many commands of a file are read; real files stay below 500."""

Range = tuple[int, int]
"""Where a part begins and ends in its instruction's joined text."""


class DockerfileDocument(Document):
    """A Dockerfile. ``values`` holds its instructions in the order of the file.

    A path into it is ``(instruction,)`` for the whole instruction, and below that ``"keyword"``; ``"arguments"``, all
    or, with a number, one of its words; ``"flags"``, with a flag's name, with a number where a flag is repeated, with
    the name of a ``name=value`` in the flag's value (``--mount``); ``"pairs"``, with a name the pair's value;
    ``"commands"``, with a number one of them, below that ``"name"`` and ``"args"``; ``"trigger"`` for the instruction
    in an ONBUILD, and below it the same again.

    ``directives`` are the parser directives (syntax, escape, check) by name. The values of ENV and ARG are hidden in
    excerpts. Raises :class:`DocumentError` at once when the text is malformed.
    """

    format = "dockerfile"

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        parser = _Parser(path, self.lines)
        self._instructions = parser.parse()
        self.directives = parser.directives
        self._commands: dict[DocPath, Commands] = {}
        self._unread = 0
        self._read = 0
        for index, instruction in enumerate(self._instructions):
            if instruction.keyword in ("ARG", "ENV"):
                self.hide((index, "pairs"))
            elif instruction.trigger and instruction.trigger.keyword in ("ARG", "ENV"):
                self.hide((index, "trigger", "pairs"))

    @property
    def values(self) -> list[object]:
        """The instructions."""
        return cast("list[object]", self._instructions)

    @property
    def escape(self) -> str:
        """The escape character."""
        return self.directives.get("escape", "\\")

    @property
    def instructions(self) -> list[Instruction]:
        """The instructions, in the order of the file."""
        return self._instructions

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines as Docker has them: a carriage return alone ends none."""
        return [line.rstrip("\r") for line in self.text.split("\n")]

    def commands(self, path: DocPath) -> Commands:
        """The commands of the instruction at ``path``, where a shell like sh reads its shell form."""
        if path not in self._commands:
            instruction = self._instruction(path)
            if instruction and path[1:] == ("trigger",):
                instruction = instruction.trigger
            self._commands[path] = self._read_commands(instruction)
        return self._commands[path]

    def _read_commands(self, instruction: Instruction | None) -> Commands:
        from policyengine.documents.dockerfile_commands import Commands, commands

        if instruction is None:
            return Commands()
        if self._unread > MAX_UNREAD or self._read > MAX_COMMANDS:
            source = instruction.source
            return Commands(error=source.span(instruction.arguments.start, instruction.arguments.end))
        found = commands(instruction)
        self._read += len(found.found)
        if found.error:
            self._unread += len(instruction.source.text) + len(instruction.body)
        return found

    def span(self, path: DocPath) -> Span:
        """The span of the part at ``path``; of the nearest part around it when there is none."""
        instruction = self._instruction(path)
        if instruction is None:
            return Span(1, 1, 1, 1)
        if "commands" in path[1:3]:
            at = path.index("commands")
            return _command_span(self.commands(path[:at]), path[at + 1 :]) or self.span((*path[:at], "arguments"))
        range_ = _below(instruction, path[1:])
        if range_ is None:
            return _whole_span(instruction)
        return instruction.source.span(*range_)

    def scalar_spans(self, path: DocPath) -> Iterator[Span]:
        """The spans of the values at or below ``path``: of pairs each value, of anything else the whole."""
        instruction = self._instruction(path)
        steps = path[1:]
        while instruction and steps[:1] == ("trigger",):
            instruction, steps = instruction.trigger, steps[1:]
        if instruction is None:
            return
        if steps[:1] != ("pairs",):
            yield self.span(path)
            return
        valued = False
        for pair in instruction.pairs:
            # A name without a value after one with a value may be the rest of that, were its quotes forgotten.
            shown = pair.value or (pair.name if valued else None)
            valued = valued or pair.value is not None
            if shown and steps[1:2] in ((), (pair.name.text,)):
                yield instruction.source.span(shown.start, shown.end)

    def comments(self) -> Iterator[Comment]:
        """The comments: lines that begin with #, also between continued lines, and not those of heredocs."""
        texts = {line for one in self._instructions for line in _heredoc_lines(one)}
        for number, line in enumerate(self.lines, 1):
            text = line.removeprefix(BOM).lstrip(SPACE)
            if text.startswith("#") and number not in texts:
                yield Comment(number, line.index("#") + 1, text[1:], alone=True)

    def seeming_comments(self) -> Iterator[Comment]:
        """What only a shell takes for a comment, in no heredoc: for Docker it is a part of the instruction."""
        none = {line for one in self._instructions for line in _heredoc_lines(one)}
        none.update(comment.line for comment in self.comments())
        return seeming((number, line) for number, line in enumerate(self.lines, 1) if number not in none)

    def entries(self) -> Iterator[Entry]:
        """The stages, each from its FROM to its end, and the instructions; what stands before the first FROM."""
        spans = [_whole_span(one) for one in self._instructions]
        starts = [index for index, one in enumerate(self._instructions) if one.keyword == "FROM"]
        last = {start: end - 1 for start, end in zip(starts, [*starts[1:], len(spans)], strict=True)}
        for index, span in enumerate(spans):
            if index in last:
                end = spans[last[index]]
                yield Entry((index,), Span(span.line, span.column, end.end_line, end.end_column))
            else:
                yield Entry((index,), span)

    def _instruction(self, path: DocPath) -> Instruction | None:
        index = path[0] if path else None
        if isinstance(index, int) and 0 <= index < len(self._instructions):
            return self._instructions[index]
        return None


def _heredoc_lines(instruction: Instruction) -> range:
    if instruction.last is None:
        return range(0)
    return range(instruction.source.places[-1][0] + 1, instruction.last[0] + 1)


def _command_span(found: Commands, steps: DocPath) -> Span | None:
    """The span of a command, or of its name or one of its ``args``."""
    number = steps[0] if steps else None
    if not isinstance(number, int) or number >= len(found.found):
        return None
    placed = found.found[number]
    if steps[1:2] == ("name",):
        return placed.words[0]
    index = steps[2] if steps[1:2] == ("args",) and len(steps) > 2 else None
    if isinstance(index, int) and index + 1 < len(placed.words):
        return placed.words[index + 1]
    return placed.span


def _whole_span(instruction: Instruction) -> Span:
    span = instruction.source.span(instruction.written.start, len(instruction.source.text))
    if instruction.last is None:
        return span
    return Span(span.line, span.column, *instruction.last)


def _below(instruction: Instruction, steps: DocPath) -> Range | None:
    """The range of the part at ``steps``, or of the nearest around it; None for the whole instruction."""
    if not steps:
        return None
    first, rest = steps[0], steps[1:]
    if first == "keyword":
        return _range(instruction.written)
    if first == "flags":
        return _flag(instruction, rest)
    if first == "pairs":
        return _pair(instruction, rest) or _arguments(instruction, ())
    if first == "trigger" and instruction.trigger:
        whole = (instruction.trigger.written.start, len(instruction.source.text))
        return _below(instruction.trigger, rest) or whole
    return _arguments(instruction, rest) if first == "arguments" else None


def _range(part: Part) -> Range:
    return part.start, part.end


def _arguments(instruction: Instruction, steps: DocPath) -> Range | None:
    index = steps[0] if steps else None
    if isinstance(index, int) and 0 <= index < len(instruction.words):
        return _range(instruction.words[index])
    return _range(instruction.arguments) if instruction.arguments.text else None


def _flag(instruction: Instruction, steps: DocPath) -> Range | None:
    if not instruction.flags:
        return None
    named = [flag.value for flag in instruction.flags if steps and flag.name == steps[0]]
    if not named:
        # From the first flag's dashes to the end of the last one's value.
        return _flags_start(instruction), instruction.flags[-1].value.end
    number = steps[1] if len(steps) > 1 else -1
    value = named[number] if isinstance(number, int) and number < len(named) else named[-1]
    return _named_in(value, steps[2]) if len(steps) > 2 else _range(value)


def _flags_start(instruction: Instruction) -> int:
    return instruction.source.text.index("--", instruction.written.end)


def _named_in(value: Part, name: str | int) -> Range:
    """The range of a value in ``type=bind,from=build``."""
    at = value.start
    for item in value.text.split(","):
        key, equals, _ = item.partition("=")
        if equals and key == name and value.end - value.start == len(value.text):
            return at + len(key) + 1, at + len(item)
        at += len(item) + 1
    return _range(value)


def _pair(instruction: Instruction, steps: DocPath) -> Range | None:
    pairs = instruction.pairs
    if pairs and not steps:
        return pairs[0].name.start, (pairs[-1].value or pairs[-1].name).end
    named = (pair.value or pair.name for pair in reversed(pairs) if steps and pair.name.text == steps[0])
    found = next(named, None)
    return _range(found) if found else None


class _Parser:
    """Reads a file's instructions."""

    def __init__(self, path: str, lines: list[str]) -> None:
        self._path = path
        self._lines = lines
        self._found: list[Instruction] = []
        self._stages = 0
        self.directives: dict[str, str] = {}

    def parse(self) -> list[Instruction]:
        self._refuse_nul()
        try:
            reader = LineReader(self._lines)
        except MalformedError as error:
            raise DocumentError(error.message, path=self._path, line=error.offset, column=1) from None
        self.directives = reader.directives
        while source := reader.instruction():
            self._take(source, reader)
        if not self._stages:
            raise DocumentError("no FROM: not a Dockerfile, or nothing to build", path=self._path, line=1)
        return self._found

    def _take(self, source: Joined, reader: LineReader) -> None:
        try:
            instruction = parse(source, reader.escape)
            self._check_place(instruction)
            self._found.append(_with_heredocs(instruction, reader, self._lines))
        except MalformedError as error:
            raise self._error(error, source) from None

    def _check_place(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._stages += 1
            if self._stages > MAX_STAGES:
                raise MalformedError(f"more than {MAX_STAGES:,} stages", instruction.written.start)
        elif not self._stages and instruction.keyword != "ARG":
            message = f"{instruction.keyword} before the first FROM, where only ARG may be"
            raise MalformedError(message, instruction.written.start)

    def _refuse_nul(self) -> None:
        for number, line in enumerate(self._lines, 1):
            column = line.find("\0") + 1
            if column:
                message = "a NUL character: this is no text"
                raise DocumentError(message, path=self._path, line=number, column=column)

    def _error(self, error: MalformedError, source: Joined) -> DocumentError:
        place = source.span(error.offset, error.offset)
        return DocumentError(error.message, path=self._path, line=place.line, column=place.column, hint=error.hint)


def _with_heredocs(instruction: Instruction, reader: LineReader, lines: list[str]) -> Instruction:
    """The instruction with the text of its heredocs."""
    start = reader.read
    found = [heredoc for heredoc in map(partial(_read, reader, instruction), opened_heredocs(instruction)) if heredoc]
    if not found:
        return instruction
    trigger = replace(instruction.trigger, heredocs=tuple(found)) if instruction.trigger else None
    body = "\n".join(lines[start : reader.read])
    last = (reader.read, len(lines[reader.read - 1]) + 1)
    return replace(instruction, trigger=trigger, heredocs=tuple(found), body=body, last=last)


def _read(reader: LineReader, instruction: Instruction, heredoc: Heredoc) -> Heredoc | None:
    """A heredoc with its text; None for what turns out to be none."""
    first = reader.read + 1
    lines = reader.heredoc(heredoc.name, tabs=heredoc.tabs)
    if lines is not None:
        return replace(heredoc, line=first, lines=lines)
    if heredoc.spaced:
        return None
    hint = f"it ends with a line {heredoc.name}" if len(heredoc.name) <= 40 else None
    raise MalformedError("nothing ends the heredoc", instruction.arguments.start, hint)
