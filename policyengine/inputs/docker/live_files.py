"""What the files of an engine's containers say."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.connections.docker_context import endpoint
from policyengine.connections.docker_errors import NoEngineError, StuckError
from policyengine.connections.docker_files import files_of
from policyengine.errors import SourceError
from policyengine.inputs.authentication import tree
from policyengine.inputs.docker.files import ContainerFiles, hidden
from policyengine.inputs.docker.image import WINDOWS
from policyengine.inputs.docker.saved.reading import exported
from policyengine.inputs.docker.saved.unpacking import Room
from policyengine.inputs.docker.snapshot import image_name, name_of
from policyengine.inputs.docker.swarm_files import SwarmFiles
from policyengine.inputs.docker.task import is_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from policyengine.connections.docker import Limits
    from policyengine.connections.docker_files import EngineFiles
    from policyengine.inputs.context import Context
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.inputs.docker.url import DockerUrl
    from policyengine.model.resource import Resource

    _Read = tuple[list[Resource], Context, NoEngineError | None]

ORIGIN = "host"
"""Files are read in the same way, whoever has them."""

_STUCK = 2
"""How many containers whose files are not told in time make an engine one that hangs."""

_AHEAD = 8
"""Containers that are read ahead."""


def resources_of_files(snapshot: Snapshot, source: DockerUrl, limits: Limits) -> Iterator[Resource]:
    """The resources that the files of all containers make, or those of the one that was asked for.

    An engine that stops to answer is a problem of the context.
    """
    if source.kind == "image":
        yield from _of_image(snapshot, source, limits)
        return
    containers = [one for one in snapshot.containers if _has_files(one)]
    if source.kind is not None:
        containers = containers[:1] if source.kind == "container" else []
    if not containers:
        return
    try:
        with files_of(endpoint(source.context), limits) as files:
            yield from _of_containers(containers, snapshot, files)
    except NoEngineError as error:
        # It may have ended before: that is told once.
        if not any(problem.message.startswith(error.message) for problem in snapshot.context.problems):
            snapshot.context.failed(error)


def _of_containers(containers: list[Node], snapshot: Snapshot, files: EngineFiles) -> Iterator[Resource]:
    """Raises :class:`NoEngineError` when the engine does not answer any more.

    A container of which an answer does not come in time, because a volume of its hangs, is a problem of its own.
    """
    context, stuck = snapshot.context, 0
    pool = ThreadPoolExecutor(files.engine.limits.requests)
    try:
        swarm = SwarmFiles(files.engine.service)
        for found, own, failed in _ahead(pool, lambda one: _read(one, snapshot, files, swarm), containers):
            context.problems += own.problems
            yield from found
            stuck += isinstance(failed, StuckError)
            if failed is not None and (stuck >= _STUCK or not isinstance(failed, StuckError)):
                raise failed
            if failed is not None:
                context.failed(failed)
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(pool: ThreadPoolExecutor, read: Callable[[Node], _Read], containers: list[Node]) -> Iterator[_Read]:
    """What is read of containers, in their order. A few are read ahead, not all: each may be large."""
    waiting: deque[Future[_Read]] = deque()
    for container in containers:
        waiting.append(pool.submit(read, container))
        if len(waiting) > _AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _read(container: Node, snapshot: Snapshot, files: EngineFiles, swarm: SwarmFiles) -> _Read:
    """The resources of a container's files, with a context of its own for problems; an engine that has ended."""
    root, own = _root(container, snapshot, files, swarm), replace(snapshot.context, problems=[])
    found = list(_resources(root, container, snapshot, own))
    return found, own, root.failed if isinstance(root.failed, NoEngineError) else None


def _has_files(container: Node) -> bool:
    """Whether a container's files are those of a Unix, and it is one that lives on."""
    return not is_over(container) and container["Platform"].text != WINDOWS


def _root(container: Node, snapshot: Snapshot, files: EngineFiles, swarm: SwarmFiles) -> ContainerFiles:
    id_ = container["Id"].text
    mounted, overlaid = swarm.of(container)
    return ContainerFiles(
        lambda path, limit: files.taken(id_, path, limit),
        lambda path: files.seen(id_, path),
        snapshot.document.locate(container.at).path,
        {**hidden(container), **mounted},
        overlaid,
        follows=snapshot.is_podman,
    )


def _resources(root: ContainerFiles, container: Node, snapshot: Snapshot, context: Context) -> Iterator[Resource]:
    name = name_of(container)
    handle = {"context": snapshot.root["context"].text, "id": container["Id"].text}
    for resource in tree.resources(root, name, snapshot.scope, ORIGIN, context):
        yield replace(resource, parent=f"container/{name}", handle=handle)


def _of_image(snapshot: Snapshot, source: DockerUrl, limits: Limits) -> Iterator[Resource]:
    """What the files of the image that was asked for say. All of it is fetched, and kept on disk meanwhile.

    Of a whole engine no images are read so: a container tells what it has of its image, at a small part of the cost.
    """
    (image,) = snapshot.images
    if image["Os"].text == WINDOWS:
        return
    with Room() as room:
        try:
            with (
                files_of(endpoint(source.context), limits) as files,
                files.exported(image["Id"].text or source.name) as answer,
            ):
                file = room.spooled(iter(answer.read, b""))
        except SourceError as error:
            snapshot.context.failed(error)
            return
        where = snapshot.document.locate(image.at).path
        yield from exported(file, snapshot.scope, where, image_name(image), room, snapshot.context)
