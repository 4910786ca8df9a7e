"""The commands that a script runs, also through others: what ``sudo`` runs, and the script of ``sh -c``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.documents.shell import Command, parse
from policyengine.documents.shell_wrappers import found_by_find, name_of, scripts, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.documents.shell import Variables, Word

MAX_NESTING = 8
"""How deep commands may run commands."""

Place = tuple[int, int]
"""Offsets in the outermost text, from and to."""


class Run(Struct, frozen=True):
    """A command that is run. ``place`` is where it is written, ``places`` where each of its words is.

    ``name`` is None where a variable decides; ``through`` names the commands that run it, the outermost first.
    """

    name: str | None
    args: tuple[str, ...]
    place: Place
    places: tuple[Place, ...]
    text: str
    variables: Variables = ()
    through: tuple[str, ...] = ()
    piped: bool = False
    reads_from: tuple[str, ...] = ()


class Runs:
    """Collects what is run. ``errors`` are the places in the outermost text that were not understood."""

    def __init__(self) -> None:
        self.found: list[Run] = []
        self.errors: list[Place] = []
        self._seen: set[tuple[Place, str]] = set()

    def script(
        self,
        text: str,
        place: Callable[[int, int], Place],
        through: tuple[str, ...] = (),
        inputs: Mapping[int, Word] | None = None,
    ) -> None:
        """Take the commands of a script; ``place`` tells where its characters are in the outermost text."""
        if len(through) > MAX_NESTING:
            self.errors.append(place(0, len(text)))
            return
        script = parse(text, inputs)
        if script.error is not None:
            self.errors.append(place(script.error, len(text)))
        for command in script.commands:
            if command.words:
                self.command(command, text, place, through)

    def command(
        self, command: Command, text: str, place: Callable[[int, int], Place], through: tuple[str, ...] = ()
    ) -> None:
        """Take a command of a script, and what it runs."""
        run = _run(command, text, place, through)
        # A substitution in a script that is a word is a part of the command around it, too.
        if (run.place, run.text) in self._seen:
            return
        self._seen.add((run.place, run.text))
        self.found.append(run)
        outer = (*through, name_of(command.words[0]) or "")
        if len(outer) > MAX_NESTING:
            self.errors.append(place(command.start, command.end))
            return
        for inner in _inner(command):
            self.command(inner, text, place, outer)
        for word in scripts(command):
            self.script(word.text, _within(word, place), outer)


def _run(command: Command, text: str, place: Callable[[int, int], Place], through: tuple[str, ...]) -> Run:
    words = command.words
    return Run(
        name=name_of(words[0]),
        args=tuple(word.text for word in words[1:]),
        place=place(command.start, command.end),
        places=tuple(place(word.start, word.end) for word in words),
        text=text[command.start : command.end],
        variables=command.variables,
        through=through,
        piped=command.piped,
        reads_from=tuple(name for name in map(name_of, command.reads_from) if name),
    )


def _inner(command: Command) -> Iterator[Command]:
    """The commands that a command runs with its own words."""
    found = wrapped(command.words)
    if found:
        words, variables = found
        yield _part(command, words, (*command.variables, *variables))
    for words in found_by_find(command.words):
        yield _part(command, words, ())


def _part(command: Command, words: Sequence[Word], variables: Variables) -> Command:
    return replace(command, words=tuple(words), start=words[0].start, end=words[-1].end, variables=variables)


def _within(word: Word, place: Callable[[int, int], Place]) -> Callable[[int, int], Place]:
    """Where the characters of a word that is a script are; the whole word where escapes have moved them."""
    if not word.literal:
        return lambda _start, _end: place(word.start, word.end)
    shift = word.start + (word.end - word.start - len(word.text)) // 2
    return lambda start, end: place(start + shift, end + shift)
