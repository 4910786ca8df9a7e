"""Dockerfiles: what the image sets, its stages, its instructions, and the images it is built from.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from policyengine.inputs.facts import Facts
from policyengine.model.kinds import dockerfile as dockerfile_kind
from policyengine.model.kinds import image_ref as image_ref_kind
from policyengine.model.kinds import instruction as instruction_kind
from policyengine.model.kinds import stage as stage_kind
from policyengine.model.provenance import Provenance
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.inputs.dockerfile.images import ImageUse
    from policyengine.inputs.dockerfile.stages import Stage
    from policyengine.model.resource import Resource

NAME = "dockerfile"

_DEFAULT = Provenance("default", "Dockerfile reference")

SUPPLIES = {
    "dockerfile": frozenset(dockerfile_kind.KIND.fields),
    "stage": frozenset(stage_kind.KIND.fields),
    "instruction": frozenset(instruction_kind.KIND.fields),
    "image_ref": frozenset(image_ref_kind.KIND.fields),
}


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The file, its stages, the external images it names, and its instructions."""
    yield from _Reader(cast("DockerfileDocument", document), context).resources()


class _Reader:
    """Reads one file."""

    def __init__(self, document: DockerfileDocument, context: Context) -> None:
        from policyengine.inputs.dockerfile.stages import read_stages

        self._document = document
        self._context = context
        self._name = Path(document.path).name
        self._scope = Scope("dockerfile", _directory(document.path, context.source), document.path)
        self._reading = read_stages(document, context.env)
        self._stages = self._reading.stages

    def resources(self) -> Iterator[Resource]:
        from policyengine.inputs.dockerfile.images import image_uses

        yield self._file()
        yield from (self._stage(stage) for stage in self._stages)
        yield from (self._image_ref(use) for use in image_uses(self._document, self._stages))
        yield from self._instructions()

    @property
    def _parent(self) -> str:
        return f"dockerfile/{self._name}"

    def _file(self) -> Resource:
        from policyengine.images.user import default_user
        from policyengine.inputs.dockerfile.config import inherited, put_effective
        from policyengine.inputs.dockerfile.ignore import ignore
        from policyengine.inputs.dockerfile.images import identity
        from policyengine.inputs.dockerfile.stages import is_windows

        last = self._stages[-1]
        root = last.line_of_descent()[0]
        facts = Facts(dockerfile_kind.KIND, self._document, last.place, self._context)
        facts.put("name", self._name)
        facts.put("stages", len(self._stages))
        facts.put("base", root.base, root.place, inherited(root, last))
        facts.put("syntax", self._document.directives.get("syntax"))
        facts.put("check", self._document.directives.get("check"))
        if self._context.wants("dockerfile", "ignore"):
            facts.put("ignore", ignore(self._document.path, self._context))
        windows = self._document.escape == "`" or is_windows(last)
        facts.put("default_user", default_user(windows=windows), root.place)
        put_effective(facts, last)
        return replace(facts.resource(self._name, self._scope, NAME), identity=(identity(last),))

    def _stage(self, stage: Stage) -> Resource:
        from policyengine.inputs.dockerfile.config import put_own
        from policyengine.inputs.dockerfile.downloaders import put_downloaders
        from policyengine.inputs.dockerfile.images import identity

        facts = Facts(stage_kind.KIND, self._document, stage.place, self._context)
        facts.put("name", stage.name, (stage.at, "arguments", 2) if stage.named else stage.place)
        facts.put("index", stage.index)
        facts.put("final", stage is self._stages[-1])
        facts.put("duplicate", stage.duplicate)
        facts.put("base", stage.base)
        facts.put("platform", stage.platform, (stage.at, "flags", "platform") if stage.platform else None)
        put_own(facts, stage)
        if self._context.wants("stage", "downloaders"):
            put_downloaders(facts, self._document, stage, self._reading.sights)
        resource = facts.resource(stage.name, self._scope, NAME, self._parent)
        return replace(resource, identity=(identity(stage),))

    def _image_ref(self, use: ImageUse) -> Resource:
        facts = Facts(image_ref_kind.KIND, self._document, use.at, self._context)
        for part, value in use.parts.items():
            facts.put(part, value, how=_DEFAULT if part in use.implied else None)
        facts.put("used_by", use.used_by)
        resource = facts.resource(use.written, self._scope, NAME, self._parent)
        return replace(resource, identity=(use.name, use.used_by))

    def _instructions(self) -> Iterator[Resource]:
        from policyengine.inputs.dockerfile.instructions import InstructionReader

        reader = InstructionReader(self._document, self._context, self._scope, self._reading)
        starts = {stage.at: stage for stage in self._stages}
        stage: Stage | None = None
        for at in range(len(self._document.instructions)):
            stage = starts.get(at, stage)
            yield from reader.resources(at, stage, f"stage/{stage.name}" if stage else self._parent)


def _directory(path: str, source: str) -> str:
    """The name of a file's directory; none where everything starts, which has another name in every checkout."""
    if path == "-":
        return ""
    directory = os.path.realpath(Path(path).parent)
    top = directory in (os.path.realpath("."), os.path.realpath(source or "."))
    return "" if top else Path(directory).name
