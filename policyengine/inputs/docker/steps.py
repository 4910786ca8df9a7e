"""What the steps of an image's history ran, as facts.

A step is told as its builder wrote it down: ``/bin/sh -c make``, ``|1 VERSION=1 /bin/sh -c make``, by BuildKit
``RUN |1 VERSION=1 /bin/sh -c make # buildkit``; what ran nothing begins with ``#(nop)``, or with its instruction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.shell import MAX_SCRIPT
from policyengine.documents.shell_commands import Run, Runs
from policyengine.images.packages import Stage, Step, package_commands
from policyengine.inputs.calls import UNNAMED, call, package_command
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.facts import Facts

_SCRIPT = re.compile(
    r"(?:RUN )?(?:\|\d+ .*?)?/(?:usr/)?bin/(?:a|ba|da)?sh (?:-\S+ |pipefail )*?-\w*c (?!#\(nop\))", re.DOTALL
)
_LONGEST = 2 * MAX_SCRIPT
_NOT_READ = Unknown("image.history", "a step is not understood as a shell's script")


def put_steps(facts: Facts, history: Node) -> None:
    """Give an image's facts the calls and the commands of package managers of its history, the oldest first."""
    if not isinstance(history.value, list):
        for field in ("calls", "packages"):
            facts.put(field, Unknown("image.history", "the engine was not asked for it"), history.at)
        return
    calls: dict[str, list[tuple[object, DocPath]]] = {}
    packages: dict[str, list[tuple[object, DocPath]]] = {}
    stage, error, unnamed = Stage(), False, False
    for created_by in _scripts(history):
        runs, not_read = _read(created_by.text)
        error, unnamed = error or not_read, unnamed or any(run.name is None for run in runs)
        for run in runs:
            calls.setdefault(run.name or "", []).append((call(run), created_by.at))
        for command in package_commands(runs, stage, Step({})):
            told = {**package_command(command), "keeps_cache": None}
            packages.setdefault(command.manager, []).append((told, created_by.at))
    calls.pop("", None)
    _put(facts, "calls", calls)
    _put(facts, "packages", packages)
    if error or unnamed:
        facts.leave_open("calls", _NOT_READ if error else UNNAMED)
    if error:
        facts.leave_open("packages", _NOT_READ)


def _put(facts: Facts, field: str, found: dict[str, list[tuple[object, DocPath]]]) -> None:
    facts.put(field, {name: [item for item, _ in items] for name, items in found.items()} or None)
    for name, items in found.items():
        facts.place((field, name), items[0][1])
        for number, (_, at) in enumerate(items):
            facts.place((field, name, number), at)


def _scripts(history: Node) -> Iterator[Node]:
    """What made the steps that ran a shell, the oldest first, as the engine tells it."""
    return (step["CreatedBy"] for step in reversed(history.items()) if _ran(step["CreatedBy"].text))


def _ran(created_by: str) -> bool:
    """Whether a step may have run a shell: one that is too long to be looked at may."""
    return len(created_by) > _LONGEST or _SCRIPT.match(created_by) is not None


def _read(created_by: str) -> tuple[list[Run], bool]:
    """What a step ran, and whether a part of it is not understood."""
    match = _SCRIPT.match(created_by) if len(created_by) <= _LONGEST else None
    if match is None:
        return [], True
    runs = Runs()
    runs.script(created_by[match.end() :], lambda start, end: (start, end))
    return runs.found, bool(runs.errors)
