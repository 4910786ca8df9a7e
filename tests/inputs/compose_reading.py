"""Compose texts and files as lines that show everything that was read: value, place and provenance of each field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import compose
from policyengine.inputs.context import Context
from policyengine.model.kinds import kind
from policyengine.model.paths import render
from policyengine.model.unknown import OpenList, OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.report import Problem
    from policyengine.model.resource import Resource

FIXTURES = Path(__file__).parents[2] / "fixtures" / "compose"
FILES = [
    min(directory.glob("*.y*ml"), key=lambda path: ("override" in path.name, path.name))
    for directory in sorted(FIXTURES.iterdir())
]
"""The file that each fixture is read by."""


def read(
    text: str, path: str = "compose.yaml", env: Mapping[str, str] | None = None
) -> tuple[list[Resource], list[Problem]]:
    """The resources of a text, and the problems."""
    context = Context(env=env or {})
    return list(compose.read(YamlDocument(path, text), context)), context.problems


def container(service: str, env: Mapping[str, str] | None = None) -> Mapping[str, object]:
    """The facts of one service, written as a flow mapping's inside; there must be no problem."""
    resources, problems = read(f"services: {{web: {{{service}}}}}", env=env)
    assert problems == []
    return resources[0].facts


def described(path: Path) -> str:
    """All that is read from a file."""
    context = Context()
    lines: list[str] = []
    for resource in compose.read(YamlDocument(str(path), path.read_text()), context):
        at = _at(resource.where(), path)
        lines += ["", f"{resource.kind} {resource.parent} {resource.name} ({resource.scope}) {at}"]
        lines += _fields(resource, path)
    lines += ["", *(f"{_problem(problem, path)}" for problem in context.problems)] if context.problems else []
    lines += ["", *(f"skipped {skipped.path}: {skipped.reason}" for skipped in context.skipped)]
    return "\n".join(lines).strip().replace(f"{path.parent}/", "") + "\n"


def _fields(resource: Resource, path_: Path) -> Iterator[str]:
    type_ = kind(resource.kind).type
    for path, value in sorted(_leaves(resource.facts, ()), key=lambda leaf: str(leaf[0][:1])):
        how = resource.provenance(path)
        note = "" if how.how in ("declared", "absent") else f" ({how.how}: {how.of})"
        yield f"  {_at(resource.where(path), path_):12} {render(path, type_)} = {_shown(value)}{note}"


def _leaves(value: object, path: FieldPath) -> Iterator[tuple[FieldPath, object]]:
    if isinstance(value, OpenList | OpenMap):
        yield path, value.unknown
        if not value:
            return
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _shown(value: object) -> str:
    return f"? {value.fact}: {value.why}" if isinstance(value, Unknown) else json.dumps(value)


def _at(location: Location, path: Path) -> str:
    end = location.end_column if location.end_line == location.line else f"{location.end_line}:{location.end_column}"
    file = "" if location.path == str(path) else f"{location.path}:"
    return f"{file}{location.line}:{location.column}-{end}"


def _problem(problem: Problem, path: Path) -> str:
    name = Path(problem.path).name if problem.path else ""
    return f"problem {name if name != path.name else ''}{problem.line}:{problem.column} {problem.message}"
