"""The external images that a Dockerfile names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.images.reference import PARTS, fields, implied
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath
    from policyengine.inputs.dockerfile.stages import Stage

ALL_PARTS = ("reference", *PARTS)


class ImageUse(Struct, frozen=True):
    """An external image: as written, its parts, what names it, and where."""

    written: str
    parts: dict[str, object]
    used_by: str
    at: DocPath

    @property
    def name(self) -> str:
        """Registry and repository; all that is written where these are not known."""
        name = self.parts["name"]
        return name if isinstance(name, str) else self.written

    @property
    def implied(self) -> frozenset[str]:
        """The parts that nobody wrote."""
        reference = self.parts["reference"]
        return implied(reference) if isinstance(reference, str) else frozenset()


def identity(stage: Stage) -> str:
    """What a stage is called when its number is no name: by the image that it stands on, whatever its version."""
    if stage.named or stage.base == "scratch":
        return stage.name if stage.named else "scratch"
    return identity(stage.parent) if stage.parent else next(_base(stage)).name


def image_uses(document: DockerfileDocument, stages: list[Stage]) -> Iterator[ImageUse]:
    """Every use of an image that is neither a stage of the file nor scratch, in the order of the file."""
    bases = {stage.at: stage for stage in stages}
    names = {stage.name.lower() for stage in stages}
    for at, instruction in enumerate(document.instructions):
        if at in bases:
            yield from _base(bases[at])
        user, place = (instruction.trigger, (at, "trigger")) if instruction.trigger else (instruction, (at,))
        for written, used_by, steps in named_images(user):
            # BuildKit lets COPY and RUN refer to later stages too; a number is a stage's.
            if written and written.lower() not in names and not written.isdecimal() and written != "scratch":
                yield ImageUse(written, _parts(written), used_by, (*place, *steps))


def _base(stage: Stage) -> Iterator[ImageUse]:
    if stage.parent is None and stage.base != "scratch":
        parts = _unknown_parts(stage.base, stage.image_name) if isinstance(stage.base, Unknown) else fields(stage.base)
        yield ImageUse(stage.written, parts, "FROM", stage.place)


def _unknown_parts(unknown: Unknown, name: str | None) -> dict[str, object]:
    """The parts of a reference with a variable that has no value; its name is known where only the tag has it."""
    parts: dict[str, object] = dict.fromkeys(ALL_PARTS, unknown)
    if name is not None:
        known = fields(name)
        parts |= {part: known[part] for part in ("registry", "repository", "name")}
    return parts


def _parts(written: str) -> dict[str, object]:
    if "$" not in written:
        return fields(written)
    unknown = Unknown("image", "a variable stands where Docker replaces none: a stage must name the image")
    return {**dict.fromkeys(PARTS, unknown), "reference": written}


def named_images(instruction: Instruction) -> Iterator[tuple[str, str, DocPath]]:
    """What COPY --from and RUN --mount=from name, what names it, and where in the instruction."""
    if instruction.keyword == "COPY":
        source = instruction.flag("from")
        if source is not None:
            yield source.text, "COPY --from", ("flags", "from")
    if instruction.keyword == "RUN":
        mounts = [flag.value.text for flag in instruction.flags if flag.name == "mount"]
        for number, mount in enumerate(mounts):
            options = dict(option.partition("=")[::2] for option in mount.split(","))
            yield options.get("from", ""), "RUN --mount", ("flags", "mount", number, "from")
