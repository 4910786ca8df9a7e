"""Projects of several Compose files, written to a directory and read there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.documents.load import document
from policyengine.inputs import compose
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policyengine.model.resource import Resource


@dataclass(frozen=True)
class Project:
    """What was read: containers by name, all resources, and problems and what was left out as lines."""

    resources: list[Resource]
    problems: list[str]
    skipped: list[tuple[str, str]]

    @property
    def containers(self) -> dict[str, Resource]:
        return {found.name: found for found in self.resources if found.kind == "container"}

    def fact(self, name: str, field: str) -> object:
        return self.containers[name].facts.get(field)

    def place(self, name: str, *path: str | int) -> str:
        return str(self.containers[name].where(path))


def write(files: Mapping[str, str]) -> None:
    """Write files below the working directory."""
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def project(
    files: Mapping[str, str],
    read: str | Sequence[str] = "compose.yaml",
    *,
    closed: bool = False,
    env: Mapping[str, str] | None = None,
) -> Project:
    """What is read of a file among others, or of several that are merged, in the working directory."""
    write(files)
    context = Context("." if closed else "", closed, env or {}, Files("." if closed else ""))
    if isinstance(read, str):
        found = list(compose.read(document(read, Path(read).read_bytes()), context))
    else:
        found = list(compose.read_files(read, context))
    problems = [
        ":".join(str(part) for part in (problem.path, problem.line, problem.column, f" {problem.message}") if part)
        for problem in context.problems
    ]
    return Project(found, problems, [(skipped.path, skipped.reason) for skipped in context.skipped])
