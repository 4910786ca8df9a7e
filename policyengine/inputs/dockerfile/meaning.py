"""What the commands of RUN mean, as facts: packages, downloads, what is not verified, and whose failure counts."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

from policyengine.images.calls import assigned
from policyengine.images.managers import SYSTEM
from policyengine.images.packages import Stage, Step, note_copy, note_script, package_commands, unsigned
from policyengine.inputs.calls import package_command, unsure
from policyengine.inputs.dockerfile.commands import shell_name
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath
    from policyengine.documents.shell_commands import Run
    from policyengine.images.packages import PackageCommand
    from policyengine.inputs.dockerfile.commands import Calls
    from policyengine.inputs.dockerfile.sight import Sight
    from policyengine.inputs.facts import Facts

_WINDOWS_SHELLS = frozenset(("cmd", "powershell"))
_PIPING = frozenset(("ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"))
_UNFAILING = frozenset(("echo", "printf", "true", ":", "yes"))
"""Commands before a | whose failure nobody waits for; yes is even meant to be stopped by it."""


def put_meaning(facts: Facts, at: DocPath, calls: Calls, sight: Sight, instruction: Instruction, stage: Stage) -> None:
    """Give the facts what the commands of a RUN mean; ``stage`` is what earlier ones have settled, and learns."""
    if calls.unread and calls.unknown:
        _put_unread(facts, at, calls.unknown, windows=shell_name(sight.shell) in _WINDOWS_SHELLS)
        return
    script = f"{instruction.arguments.text}\n{instruction.body}"
    known = {name: value for name, value in sight.variables.items() if isinstance(value, str)} | assigned(script)
    note_script(stage, script)
    _put_packages(
        facts,
        at,
        package_commands(calls.found, stage, Step(known, tuple(_mounts(instruction)), shell_name(sight.shell))),
    )
    _put_unsigned(facts, at, calls, script)
    _put_downloads(facts, at, calls, known)
    _put_tls(facts, at, calls, known)
    first = next((number for number, run in enumerate(calls.found) if run.piped and run.name not in _UNFAILING), None)
    if first is not None:
        failing = _names_pipefail_before(first, instruction, calls.found, sight.shell)
        facts.put("pipefail", failing, (*at, "commands", first))
    if calls.unknown is not None:
        for field in ("packages", "downloads", "tls_off"):
            facts.leave_open(field, calls.unknown)


def _put_unread(facts: Facts, at: DocPath, unknown: Unknown, *, windows: bool) -> None:
    """Of a shell that is not read nothing is known, but what there is not on Windows."""
    for field in ("downloads", "tls_off"):
        facts.put(field, unknown, at)
    facts.put("packages", {manager: [] for manager in SYSTEM} if windows else {}, at)
    facts.leave_open("packages", unknown)


def learn_copy(stage: Stage, instruction: Instruction) -> None:
    """Note what COPY and ADD bring into a stage."""
    if instruction.words:
        note_copy(stage, instruction.words[-1].text)


def put_variables_off(facts: Facts, at: DocPath, variables: Mapping[str, object]) -> None:
    """Give the facts the variables of ENV, or the defaults of ARG, that turn the verification of certificates off."""
    from policyengine.images.tls import VARIABLES, by_variable

    found: list[tuple[str, object]] = []
    for name, value in variables.items():
        off = by_variable(name, value if isinstance(value, str) else None)
        if off is not None:
            found.append((name, {"tool": off.tool, "how": off.how}))
        elif isinstance(value, Unknown) and name in VARIABLES:
            found.append((name, value))
    facts.put("tls_off", [item for _, item in found] or None)
    for number, (name, _) in enumerate(found):
        facts.place(("tls_off", number), (*at, "pairs", name), hide=False)


def _mounts(instruction: Instruction) -> Iterator[str]:
    """The targets of the mounts that are no part of the image: caches and file systems in memory."""
    for flag in instruction.flags:
        if flag.name == "mount":
            options = dict(option.strip().partition("=")[::2] for option in flag.value.text.split(","))
            target = options.get("target") or options.get("dst") or options.get("destination")
            if target and options.get("type") in ("cache", "tmpfs"):
                yield target


def _put_packages(facts: Facts, at: DocPath, commands: list[PackageCommand]) -> None:
    by_manager: dict[str, list[PackageCommand]] = {}
    for command in commands:
        by_manager.setdefault(command.manager, []).append(command)
    facts.put("packages", {name: list(map(package_command, found)) for name, found in by_manager.items()} or None)
    facts.place(("packages",), (*at, "commands"))
    for name, found in by_manager.items():
        for number, command in enumerate(found):
            facts.place(("packages", name, number), (*at, "commands", command.at))
            if "unpinned" in command.unsure:
                _leave_open(facts, name, number)


def _leave_open(facts: Facts, manager: str, number: int) -> None:
    from policyengine.model.unknown import OpenList

    packages = facts["packages"]
    if isinstance(packages, dict):
        command = packages[manager][number]
        command["unpinned"] = OpenList(command.get("unpinned", ()), unsure("unpinned"))


def _put_unsigned(facts: Facts, at: DocPath, calls: Calls, script: str) -> None:
    found = unsigned(script)
    facts.put("unsigned", found or None, (*at, "arguments"))
    for number, what in enumerate(found):
        words = (
            (call, arg)
            for call, run in enumerate(calls.found)
            for arg, text in enumerate(run.args)
            if what in unsigned(text)
        )
        for call, arg in islice(words, 1):
            facts.place(("unsigned", number), (*at, "commands", call, "args", arg))


def _put_downloads(facts: Facts, at: DocPath, calls: Calls, known: Mapping[str, str]) -> None:
    from policyengine.images.downloads import downloads

    found = list(downloads(calls.found, known))
    unknown = Unknown("downloads.url", "a variable names the address")
    facts.put("downloads", [{"url": one.url or unknown, "verified": one.verified} for one in found] or None)
    for number, one in enumerate(found):
        facts.place(("downloads", number), (*at, "commands", one.call, "args", one.arg))


def _put_tls(facts: Facts, at: DocPath, calls: Calls, known: Mapping[str, str]) -> None:
    from policyengine.images.tls import by_calls

    found = list(by_calls(calls.found, known))
    facts.put("tls_off", [{"tool": off.tool, "how": off.how} for _, off in found] or None)
    for number, (call, off) in enumerate(found):
        steps = () if off.arg is None else ("args", off.arg)
        facts.place(("tls_off", number), (*at, "commands", call, *steps))


def _names_pipefail_before(first: int, instruction: Instruction, runs: Sequence[Run], shell: tuple[str, ...]) -> bool:
    """Whether the shell is told that a pipe fails when any of its commands does: by SHELL, or before the first one."""
    if instruction.form == "shell" and shell_name(shell) in _PIPING and _names_pipefail(shell):
        return True
    return any((run.name == "set" or run.name in _PIPING) and _names_pipefail(run.args) for run in runs[: first + 1])


def _names_pipefail(args: tuple[str, ...]) -> bool:
    """Whether ``-o pipefail`` is among arguments, maybe with other letters: ``-euo pipefail``."""
    return any(
        option.startswith("-") and option.endswith("o") and value == "pipefail" for option, value in pairwise(args)
    )
