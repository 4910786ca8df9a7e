"""How the runner of GitHub Actions reads what a step prints.

Modelled on https://github.com/actions/runner: ``ActionCommand.TryParseV2`` and ``TryParse`` for the two ways of writing
a command, ``ActionCommandManager.TryProcessCommand`` for their order and ``ValidateLinesAndColumns``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

COMMANDS = frozenset(
    {
        "add-mask",
        "add-matcher",
        "add-path",
        "debug",
        "echo",
        "endgroup",
        "error",
        "group",
        "notice",
        "remove-matcher",
        "save-state",
        "set-env",
        "set-output",
        "stop-commands",
        "warning",
    }
)
_DATA = {"%0D": "\r", "%0A": "\n", "%25": "%"}
_PROPERTY = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
_OLD = {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%25": "%"}


class Command(NamedTuple):
    """A command as the runner understands it."""

    name: str
    properties: dict[str, str]
    data: str

    @property
    def span(self) -> tuple[str | None, ...]:
        """The file, the first and last line and column that an annotation has."""
        return tuple(self.properties.get(name) for name in ("file", "line", "endLine", "col", "endColumn"))


def commands(output: str) -> list[Command]:
    """Every command in the output of a step."""
    lines = re.split("\r\n|\r|\n", output)  # as .NET's StreamReader.ReadLine does
    return [command for line in lines if (command := _new(line) or _old(line))]


def _new(line: str) -> Command | None:
    """``::name key=value,key=value::data``, at the start of a line."""
    line = line.lstrip()
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    return _command(line[2:end], line[end + 2 :], ",", _PROPERTY, _DATA)


def _old(line: str) -> Command | None:
    """``##[name key=value;key=value]data``, anywhere in a line."""
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    return _command(line[start + 3 : end], line[end + 1 :], ";", _OLD, _OLD)


def _command(
    head: str, data: str, separator: str, of_property: dict[str, str], of_data: dict[str, str]
) -> Command | None:
    name, _, properties = head.partition(" ")
    if name.lower() not in COMMANDS:
        return None
    pairs = [pair.lstrip("=").partition("=") for pair in properties.strip().split(separator)]
    values = {key: _unescaped(value.lstrip("="), of_property) for key, _, value in pairs if key and value}
    return Command(name, values, _unescaped(data, of_data))


def _unescaped(text: str, escapes: dict[str, str]) -> str:
    for escape, token in escapes.items():
        text = text.replace(escape, token)
    return text


def faults(command: Command) -> list[str]:
    """What the runner finds wrong with the place of a command, and then leaves out."""
    _, line, end, column, end_column = command.span
    found = []
    if end and not line:
        found.append("a last line without a first")
    if (column or end_column) and not line:
        found.append("columns without a line")
    if end_column and not column:
        found.append("a last column without a first")
    if (column or end_column) and end and line != end:
        found.append("columns of several lines")
    if line and end and int(end) < int(line):
        found.append("the last line before the first")
    if column and end_column and int(end_column) < int(column):
        found.append("the last column before the first")
    return found
