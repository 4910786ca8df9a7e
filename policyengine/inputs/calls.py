"""Calls of programs, and what package managers are told, as facts: the same from a Dockerfile and from an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.images.calls import without_user
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.documents.shell_commands import Run
    from policyengine.images.packages import PackageCommand

UNNAMED = Unknown("commands.name", "a variable names the command")
_JUDGED = ("assume_yes", "recommends", "keeps_cache", "stale_index")


def call(run: Run) -> dict[str, object]:
    """A call as the model has it."""
    return {
        "name": UNNAMED if run.name is None else run.name,
        "args": list(run.args),
        "options": list(dict.fromkeys(_options(run.args))),
        "operands": [arg for arg in run.args if not _is_option(arg)],
        "text": run.text,
        "variables": dict(run.variables),
        "through": list(run.through),
        "piped": run.piped,
        "reads_from": list(run.reads_from),
    }


def _is_option(arg: str) -> bool:
    return len(arg) > 1 and arg[0] == "-"


def _options(args: Sequence[str]) -> Iterator[str]:
    """The names of the options; of one dash each letter is one, up to what cannot be."""
    for arg in args:
        if arg == "--":
            return
        if arg.startswith("--"):
            yield arg[2:].partition("=")[0]
        elif _is_option(arg):
            yield from (letter for letter in arg[1:].partition("=")[0] if letter.isalnum())


def package_command(command: PackageCommand) -> dict[str, object]:
    """A command of a package manager as the model has it."""
    found: dict[str, object] = {
        "program": command.program,
        "action": command.action,
        "packages": list(map(without_user, command.packages)),
        "unpinned": None if command.unpinned is None else list(map(without_user, command.unpinned)),
        "verified": command.verified,
    }
    for field in _JUDGED:
        found[field] = unsure(field) if field in command.unsure else getattr(command, field)
    return found


def unsure(field: str) -> Unknown:
    """What a variable decides of a command of a package manager."""
    return Unknown(f"packages.{field}", "a variable decides")
