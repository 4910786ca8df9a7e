"""Dockerfiles as lines that show everything that was read: value, place and provenance of each field."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.inputs import dockerfile
from policyengine.inputs.context import Context
from policyengine.model.kinds import kind
from policyengine.model.paths import render
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Resource

FIXTURES = Path(__file__).parents[2] / "fixtures" / "dockerfile"


def read(text: str, path: str = "app/Dockerfile", env: Mapping[str, str] | None = None) -> list[Resource]:
    """The resources of a text; there must be no problem."""
    context = Context(env=env or {})
    resources = list(dockerfile.read(DockerfileDocument(path, text), context))
    assert context.problems == []
    return resources


def of_kind(name: str, text: str, env: Mapping[str, str] | None = None) -> list[Resource]:
    """The resources of one kind."""
    return [resource for resource in read(text, env=env) if resource.kind == name]


def described(path: Path, env: Mapping[str, str] | None = None) -> str:
    """All that is read from a file. Its directory stands alone: one above with a .dockerignore may be the context."""
    lines: list[str] = []
    with TemporaryDirectory() as place:
        alone = Path(place, path.parent.name)
        shutil.copytree(path.parent, alone)
        for resource in read(path.read_text(), str(alone / path.name), env):
            within = f" in {resource.parent}" if resource.parent else ""
            lines += ["", f"{resource.kind} {resource.name}{within} ({resource.scope}) {at(resource.where())}"]
            lines += _fields(resource)
    return "\n".join(lines).lstrip() + "\n"


def _fields(resource: Resource) -> Iterator[str]:
    type_ = kind(resource.kind).type
    for path, value in sorted(leaves(resource.facts, ()), key=lambda leaf: str(leaf[0][:1])):
        how = resource.provenance(path)
        note = "" if how.how in ("declared", "absent") else f" ({how.how}: {how.of})"
        yield f"  {at(resource.where(path)):12} {render(path, type_)} = {_shown(value)}{note}"


def leaves(value: object, path: FieldPath) -> Iterator[tuple[FieldPath, object]]:
    """Every value that holds no other, with its path."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value


def _shown(value: object) -> str:
    return f"? {value.fact}: {value.why}" if isinstance(value, Unknown) else json.dumps(value)


def at(location: Location) -> str:
    """``line:column-end``, the end's line too when it is another."""
    end = location.end_column if location.end_line == location.line else f"{location.end_line}:{location.end_column}"
    return f"{location.line}:{location.column}-{end}"
