"""The commands of an instruction as facts."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.documents.dockerfile_commands import scripted
from policyengine.documents.shell import SHELLS
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath
    from policyengine.documents.shell_commands import Run
    from policyengine.inputs.facts import Facts

_FACT = "commands"


def put_commands(
    facts: Facts, document: DockerfileDocument, at: DocPath, instruction: Instruction, shell: Sequence[str]
) -> None:
    """Give the facts the commands that an instruction runs; ``shell`` is what reads its shell form."""
    if scripted(instruction):
        name = posixpath.basename(shell[0].replace("\\", "/")).lower().removesuffix(".exe")
        if name not in SHELLS:
            facts.put(_FACT, Unknown(_FACT, f"{name or 'an empty name'} is no shell whose commands are read"), at)
            return
    found = document.commands(at)
    facts.put(_FACT, [_command(placed.run) for placed in found.found], (*at, "commands"))
    if found.error is not None:
        why = f"line {found.error.line} is not understood as a shell's script"
        facts.leave_open(_FACT, Unknown(_FACT, why))


def _command(run: Run) -> dict[str, object]:
    options = list(dict.fromkeys(_options(run.args)))
    return {
        "name": Unknown("commands.name", "a variable names the command") if run.name is None else run.name,
        "args": list(run.args),
        "options": options,
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
