"""The commands of an instruction as facts."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.dockerfile_commands import scripted
from policyengine.documents.shell import SHELLS
from policyengine.inputs.calls import UNNAMED, call
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath
    from policyengine.documents.shell_commands import Run
    from policyengine.inputs.facts import Facts

_FACT = "commands"


class Calls(Struct, frozen=True):
    """The commands that an instruction runs. ``unknown`` says why there may be others; ``unread`` that none is read."""

    found: tuple[Run, ...] = ()
    unknown: Unknown | None = None
    unread: bool = False


def shell_name(shell: Sequence[str]) -> str:
    """The name of the program that reads a shell form, without directory and ending."""
    return posixpath.basename(shell[0].replace("\\", "/")).lower().removesuffix(".exe")


def read_calls(document: DockerfileDocument, at: DocPath, instruction: Instruction, shell: Sequence[str]) -> Calls:
    """The commands that an instruction runs; ``shell`` is what reads its shell form."""
    if scripted(instruction):
        name = shell_name(shell)
        if name not in SHELLS:
            why = f"{name or 'an empty name'} is no shell whose commands are read"
            return Calls(unknown=Unknown(_FACT, why), unread=True)
    found = document.commands(at)
    why = f"line {found.error.line} is not understood as a shell's script" if found.error else ""
    return Calls(tuple(placed.run for placed in found.found), Unknown(_FACT, why) if why else None)


def hide_passwords(document: DockerfileDocument, at: DocPath, calls: Calls) -> None:
    """Keep out of excerpts what is given to chpasswd and passwd: ``echo root:secret | chpasswd``."""
    if all(run.name not in ("chpasswd", "passwd") for run in calls.found):
        return
    for number, run in enumerate(calls.found):
        if run.piped and run.name in ("echo", "printf"):
            for arg in range(len(run.args)):
                document.hide((*at, "commands", number, "args", arg))


def put_commands(facts: Facts, at: DocPath, calls: Calls) -> None:
    """Give the facts the commands that an instruction runs."""
    if calls.unread:
        facts.put(_FACT, calls.unknown, at)
        return
    facts.put(_FACT, [call(run) for run in calls.found], (*at, "commands"))
    if calls.unknown is not None:
        facts.leave_open(_FACT, calls.unknown)


def put_calls(facts: Facts, at: DocPath, calls: Calls) -> None:
    """Give the facts the same commands by the name of their program."""
    if calls.unread:
        facts.put("calls", calls.unknown, at)
        return
    by_name: dict[str, list[int]] = {}
    for number, run in enumerate(calls.found):
        if run.name is not None:
            by_name.setdefault(run.name, []).append(number)
    found = {name: [call(calls.found[number]) for number in numbers] for name, numbers in by_name.items()}
    facts.put("calls", found or None, (*at, "commands"))
    for name, numbers in by_name.items():
        facts.place(("calls", name), (*at, "commands", numbers[0], "name"))
        for index, number in enumerate(numbers):
            facts.place(("calls", name, index), (*at, "commands", number))
    if calls.unknown or any(run.name is None for run in calls.found):
        facts.leave_open("calls", calls.unknown or UNNAMED)
