"""Docker engines: live, or a snapshot of one's answers.

A snapshot is a YAML or JSON document with ``docker_snapshot: 1``, ``context`` and the parts ``containers``,
``images``, ``networks``, ``volumes``, ``services``, ``info`` and ``version``. The parts, all optional, are what the API
answers (``docker inspect``, ``docker info``, ``docker version``); an image may have ``History`` beside that, which is
what ``/images/NAME/history`` answers, and a container ``Execs``: what ``/exec/ID/json`` answers for each of its
``ExecIDs``. ``incomplete`` names parts of which something is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import DocumentError
from policyengine.inputs.authentication import tree
from policyengine.inputs.docker.container import container
from policyengine.inputs.docker.engine import engine
from policyengine.inputs.docker.fields import FIELDS
from policyengine.inputs.docker.image import image
from policyengine.inputs.docker.network import network
from policyengine.inputs.docker.snapshot import INCOMPLETE, ORIGIN, LiveAnswers, Snapshot
from policyengine.inputs.docker.task import OVER, is_over
from policyengine.inputs.docker.url import parse
from policyengine.inputs.docker.volume import volume
from policyengine.model.kinds import engine as engine_kind
from policyengine.model.kinds import image as image_kind
from policyengine.model.kinds import image_ref as image_ref_kind
from policyengine.model.kinds import network as network_kind
from policyengine.model.kinds import volume as volume_kind
from policyengine.model.report import Skipped
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.connections.docker import Limits
    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = ORIGIN
VERSION = 1

SUPPLIES: Mapping[str, frozenset[str]] = {
    "container": FIELDS,
    "image_ref": frozenset(image_ref_kind.KIND.fields),
    "image": frozenset(image_kind.KIND.fields),
    "network": frozenset(network_kind.KIND.fields),
    "volume": frozenset(volume_kind.KIND.fields),
    "engine": frozenset(engine_kind.KIND.fields),
}

_PARTS = {
    "containers": ("container", "image_ref"),
    "images": ("image",),
    "networks": ("network",),
    "volumes": ("volume",),
    "info": ("engine",),
    "version": ("engine",),
}


FILES_LEFT = (
    "what the files of all containers say takes long to ask for, and is left to policies that are asked for: "
    "--pack strict, --select authentication"
)


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of a recorded snapshot. Raises :class:`DocumentError` for a version that is not 1."""
    root = document.values[0]
    if not isinstance(root, dict) or root.get("docker_snapshot") != VERSION:
        place = document.locate((0, "docker_snapshot"))
        raise DocumentError(
            f"docker_snapshot is not {VERSION}, the version that is read",
            path=place.path,
            line=place.line,
            column=place.column,
        )
    snapshot = Snapshot(document, scope(root, context.source, whole=True), context)
    snapshot.check()
    snapshot.hide()
    yield from _resources(snapshot)


def read_live(url: str, context: Context, limits: Limits | None = None) -> Iterator[Resource]:
    """The resources of the engine, or of the one object, that ``docker://...`` names.

    Raises :class:`SourceError` when the engine does not answer or has no such object. An engine that fails in the
    middle is a problem of the context, and what it told is read. ``limits`` are how long it is waited for.
    """
    from policyengine.connections.docker import DEFAULTS
    from policyengine.connections.docker_context import endpoint
    from policyengine.inputs.docker.fetch import fetch

    source = parse(url)
    answers = fetch(endpoint(source.context), source, context, limits or DEFAULTS)
    snapshot = Snapshot(LiveAnswers(answers), scope(answers, url, whole=source.kind is None), context)
    yield from _resources(snapshot) if source.kind is None else _one(snapshot, source.kind)
    if source.kind is None and not context.asks_for_any(tree.supplies()):
        if context.wants_any(tree.supplies()):
            context.skipped.append(Skipped(snapshot.document.path, FILES_LEFT))
    elif context.wants_any(tree.supplies()):
        from policyengine.inputs.docker.live_files import resources_of_files

        yield from resources_of_files(snapshot, source, limits or DEFAULTS)


def scope(root: Mapping[str, object], source: str, *, whole: bool) -> Scope:
    """An engine sees all of itself; a snapshot, and a URL of one object, as much as is there."""
    told = {kind for part, kinds in _PARTS.items() for kind in kinds if part in root}
    missing = root.get(INCOMPLETE)
    partly = {kind for part in (missing if isinstance(missing, list) else []) for kind in _PARTS.get(str(part), ())}
    closed = frozenset(told - partly) if whole else frozenset()
    name = root.get("context")
    return Scope(ORIGIN, name if isinstance(name, str) else "", source, closed)


def _resources(snapshot: Snapshot) -> Iterator[Resource]:
    for node in snapshot.containers:
        if is_over(node):
            snapshot.context.skipped.append(Skipped(snapshot.document.locate(node.at).path, OVER))
        else:
            yield from container(node, snapshot)
    for node in snapshot.images:
        yield image(node, snapshot)
    for node in snapshot.networks:
        yield network(node, snapshot)
    for node in snapshot.volumes:
        yield volume(node, snapshot)
    if isinstance(snapshot.info.value, dict) or isinstance(snapshot.root["version"].value, dict):
        yield engine(snapshot)


def _one(snapshot: Snapshot, kind: str) -> Iterator[Resource]:
    """The object that was asked for; the others are there to explain it."""
    if kind == "container":
        yield from container(snapshot.containers[0], snapshot)
    elif kind == "image":
        yield image(snapshot.images[0], snapshot)
    elif kind == "network":
        yield network(snapshot.networks[0], snapshot)
    else:
        yield volume(snapshot.volumes[0], snapshot)
