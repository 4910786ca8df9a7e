"""Which stages of a Dockerfile end up in an image that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.dockerfile.images import named_images

if TYPE_CHECKING:
    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.inputs.dockerfile.stages import Stage


def shipped(document: DockerfileDocument, stages: list[Stage]) -> frozenset[int]:
    """The numbers of the stages whose layers are in an image that is kept.

    These are the last stage, the stages that no other uses, which are there to be built by ``--target``, and those
    that these stand on. What is left are stages that others only copy from.
    """
    used = _used(document, stages)
    ends = (stage for stage in stages if stage is stages[-1] or stage.index not in used)
    return frozenset(member.index for stage in ends for member in stage.line_of_descent())


def _used(document: DockerfileDocument, stages: list[Stage]) -> frozenset[int]:
    numbers = {name: stage.index for stage in stages for name in (str(stage.index), stage.name.lower())}
    found = {stage.parent.index for stage in stages if stage.parent}
    for instruction in document.instructions:
        for written, _, _ in named_images(instruction.trigger or instruction):
            number = numbers.get(written.lower())
            if number is not None:
                found.add(number)
    return frozenset(found)
