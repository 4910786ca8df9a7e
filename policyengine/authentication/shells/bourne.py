"""Start-up files of shells of Bourne's family: sh, bash, dash, ksh, zsh."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.authentication.shells.masks import mask
from policyengine.authentication.shells.settings import Mask, Run, Told, Variable, location
from policyengine.documents import shell
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.resolving import Text

FACT = "login_environment"

_DECLARING = {"export": "x", "readonly": "r", "declare": "", "typeset": "", "local": "", "integer": ""}
"""The builtins that declare variables, with the attribute that each gives without being asked."""

_RUNNING = frozenset(("command", "builtin", "exec"))
_OPTION_WITH_VALUE = {"exec": "-a"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch


def told(file: Text) -> Told:
    """What a file says, in the order of the file; of a part that is no shell's language nothing is known."""
    script = shell.parse(file.text)
    unread = Unknown(FACT, f"{file.where} is not understood as a script of a shell")
    commands = [one for one in map(_plain, script.commands) if one.words]
    return Told(
        tuple(_masks(file, commands)),
        tuple(_variables(file, script, commands)),
        tuple(_runs(file, script.commands)),
        None if script.error is None else unread,
    )


def _plain(command: shell.Command) -> shell.Command:
    """A command without what only says how it is run: ``exec``, ``command``, ``builtin``."""
    words = command.words
    while words and words[0].text in _RUNNING:
        takes = _OPTION_WITH_VALUE.get(words[0].text)
        words = words[1:]
        while words and words[0].text.startswith("-"):
            words = words[2:] if words[0].text == takes else words[1:]
    return replace(command, words=words)


def _masks(file: Text, commands: list[shell.Command]) -> Iterator[Mask]:
    """What umask is called with; without an operand it changes nothing."""
    for command in commands:
        operands = [word for word in command.words[1:] if not word.text.startswith("-")]
        if command.words[0].text == "umask" and operands:
            word = operands[0]
            value = mask(word.text) if word.known else None
            why = f"the umask {word.text} depends on what else is set"
            yield Mask(value or Unknown(FACT, why), location(file, command.start, command.end))


def _variables(file: Text, script: shell.Script, commands: list[shell.Command]) -> list[Variable]:
    """What is given to variables, with the attributes that they have anywhere in the file."""
    given = [(one.name, one.value, one.start, one.end) for one in script.assignments]
    attributes: dict[str, set[str]] = {}
    for command in commands:
        if command.words[0].text in _DECLARING:
            given += _declared(command, attributes)
    found = sorted(given, key=lambda one: one[2])
    return [_variable(file, attributes.get(name, set()), name, value, start, end) for name, value, start, end in found]


def _declared(command: shell.Command, attributes: dict[str, set[str]]) -> Iterator[tuple[str, str | None, int, int]]:
    """The values that a declaration gives; what else it says is noted by the variables' names."""
    flags = set(_DECLARING[command.words[0].text])
    for word in command.words[1:]:
        if word.text[:1] in ("-", "+"):
            flags |= set(word.text[1:]) if word.text[0] == "-" else set()
            continue
        name, value = shell.variable(word.text, known=word.known)
        attributes.setdefault(name, set()).update(flags)
        if "=" in word.text and _NAME(name):
            yield name, value, command.start, command.end


def _variable(file: Text, flags: set[str], name: str, value: str | None, start: int, end: int) -> Variable:
    known = Unknown(FACT, f"what {name} is set to depends on what else is set") if value is None else value
    return Variable(name, known, location(file, start, end), "x" in flags, "r" in flags)


def _runs(file: Text, commands: tuple[shell.Command, ...]) -> Iterator[Run]:
    """The commands whose names are known, but those that declare variables."""
    for command in commands:
        plain = _plain(command)
        if plain.words and plain.words[0].known and plain.words[0].text not in _DECLARING:
            name, *args = (word.text for word in plain.words)
            where = location(file, command.start, command.end)
            yield Run(name.rpartition("/")[2], tuple(args), where, command.words[0].text == "exec")
