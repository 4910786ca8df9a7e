"""What comes out of random stacks: ours beside what the real libpam says."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from policyengine.authentication.files import Given
from policyengine.authentication.pam.running import result
from policyengine.authentication.pam.services import Configuration, configuration, stack
from tests.authentication.pam import random_stacks
from tests.authentication.pam.libpam import DEBUG, asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from policyengine.authentication.pam.entries import Entry, Task


class Compared(NamedTuple):
    """The files of a case, and what comes out by task; None where the service is given up."""

    files: dict[str, str]
    ours: dict[Task, str | None]
    real: dict[Task, str | None]


def compared(cases: int, seed: int, directory: Path) -> Iterator[Compared]:
    """So many random cases, whose files are written below a directory."""
    draw = random.Random(seed)
    for number in range(cases):
        at = directory / str(number)
        at.mkdir()
        files = random_stacks.files(draw, at)
        for name, text in files.items():
            (at / name).write_text(text)
        ours = {task: _ours(at, files, task) for task in random_stacks.TASKS}
        yield Compared(files, ours, {task: asked(at, random_stacks.SERVICE, task) for task in random_stacks.TASKS})


def _ours(directory: Path, files: dict[str, str], task: Task) -> str | None:
    placed = {f"{directory}/{name}": text for name, text in files.items()}
    named = {f"/etc/pam.d/{name}": files[name] for name in (random_stacks.SERVICE, "other")}
    found = configuration(Given(placed | named))
    assert isinstance(found, Configuration)
    services = {service.name: service for service in found.services}
    service, other = services[random_stacks.SERVICE], services["other"]
    if service.stacks is None or other.stacks is None:
        return None
    return result(stack(service, task, other), lambda entry: _returned(entry, task))


def _returned(entry: Entry, task: Task) -> str:
    """What pam_debug returns for the arguments that it has; there is no other module."""
    if entry.module != "pam_debug.so":
        return "module_unknown"
    told = dict(argument.split("=") for argument in entry.arguments if "=" in argument)
    return told.get(DEBUG[task], "success")
