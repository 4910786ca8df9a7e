"""What a plan says of a change of a service: its steps, how long it takes, and what people should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.remediation.docker.inspected import read
from policyengine.remediation.docker.way import healthy_after
from policyengine.remediation.project.recreating import replaceable
from policyengine.remediation.project.service import name_of
from policyengine.remediation.writes import warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.connections.docker import Answer
    from policyengine.remediation.changes import FieldChange
    from policyengine.remediation.images.asking import Chosen
    from policyengine.remediation.project.means import Means
    from policyengine.remediation.project.patching import Patch
    from policyengine.remediation.project.scene import Scene
    from policyengine.remediation.targets import Around

_STOP = 10
"""Seconds that a container has to end where nothing else is said:
https://docs.docker.com/reference/compose-file/services/#stop_grace_period"""
_START = 1.0
_SHOWN = 3


def steps(found: Scene, by: Means, patch: Patch, around: Around, image: Chosen | None) -> Iterator[str]:
    """What is done, in order."""
    if image is not None:
        yield f"have {image.reference} on the engine"
    if patch.after:
        yield "keep what its Compose files hold, to put them back"
        yield from (f"write {path}: {'; '.join(patch.lines(path))}" for path in patch.after)
    names = " ".join(found.up)
    if by.way == "compose":
        yield f"docker compose up -d {names}: each container is stopped, then a new one started"
    else:
        yield from (f"replace {name_of(one)} over the container API" for one in found.members)
    yield f"wait until it is healthy, {around.care.gate:g} s at most"
    yield f"if that fails, put {'the files and ' if patch.after else ''}the containers back as they were"


def gap(found: Scene, by: Means, changes: Sequence[FieldChange], around: Around) -> float | None:
    """The seconds without service to expect of a program that ends when it is asked to."""
    if by.way == "recreate":
        gaps = [replaceable(one, changes, around) for one in found.members]
        return max((one for one in gaps if one is not None), default=None)
    return max(_START + healthy_after(read(one)) for one in found.members)


def warnings(found: Scene, by: Means, patch: Patch, around: Around, lost: tuple[str, ...]) -> Iterator[str]:
    """What people should know; ``lost`` are the files that containers have written into their own."""
    if by.missing_files:
        yield f"{by.missing_files}: it still violates the policies, and undoes this as soon as it is brought up"
    elif by.missing_compose:
        yield f"{by.missing_compose}: the next docker compose up makes the containers anew from the changed files"
    host = around.acting.engine.endpoint.host
    if patch.after and not host.startswith("unix://"):
        yield f"the engine is elsewhere; {', '.join(patch.after)} is a file of this machine"
    told = warning(lost)
    if told:
        yield told
    if by.way == "compose":
        longest = max(_grace(one) for one in found.members)
        yield f"its containers are stopped first, and have {longest} s to end"
    others = [name_of(one) for one in found.followers]
    if others:
        yield f"{', '.join(others)} is made anew, too: it shares namespaces with {found.service.name}"


def _grace(container: Answer) -> int:
    config = container.get("Config")
    told = config.get("StopTimeout") if isinstance(config, dict) else None
    return told if isinstance(told, int) else _STOP
