"""The resources of a project whose files are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.documents.load import format_of
from policyengine.inputs.compose.container import container
from policyengine.inputs.compose.definitions import Definitions
from policyengine.inputs.compose.image import image_ref
from policyengine.inputs.compose.keys import report_misspelt
from policyengine.inputs.compose.loading import Frame
from policyengine.inputs.compose.network import network
from policyengine.inputs.compose.node import Node
from policyengine.inputs.compose.project import project, written_name
from policyengine.inputs.compose.recognise import claims
from policyengine.inputs.compose.section import nodes
from policyengine.inputs.compose.volume import volume
from policyengine.inputs.compose.whole import Whole
from policyengine.inputs.facts import mistyped
from policyengine.model.report import Skipped
from policyengine.model.types import STRING, map_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.document import Document
    from policyengine.inputs.compose.loading import Loader
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope
    from policyengine.model.unknown import Unknown


def resources(
    documents: Sequence[Document], known: Mapping[str, str | Unknown], loader: Loader, origin: str
) -> Iterator[Resource]:
    """A container for each service, an image reference for each image that is named, and networks and volumes."""
    scope = project(documents[0].path, written_name(documents), known)
    frame = Frame(loader.home, {"COMPOSE_PROJECT_NAME": scope.name, **known})
    tree = loader.model(documents, frame)
    if tree is None:
        return
    whole = Whole(documents[0].path, tree, loader.documents.values())
    definitions = Definitions(tree, loader.unread)
    services = dict(_services(whole, loader.context, definitions))
    for node in services.values():
        node.services = services
    elsewhere = _Elsewhere(loader, documents)
    here = [node for node in services.values() if not elsewhere.judged(loader.source(node.tree))]
    report_misspelt(here)
    for node in here:
        yield from _service(node, scope, origin)
    for section, made in _MADE.items():
        for node in nodes(section, whole, loader.context, definitions):
            if not elsewhere.judged(node.origin(node.at)[0].document):
                yield made(node, services.values(), scope, origin)


_MADE = {"networks": network, "volumes": volume}
"""What is made of the definitions of a section."""


def _services(whole: Whole, context: Context, definitions: Definitions) -> Iterator[tuple[str, Node]]:
    """Each service that is a mapping; others are problems."""
    for name, service in whole.tree.child("services").children():
        if isinstance(service.value, dict):
            yield name, Node(name, service, whole, context, definitions)
        else:
            at = whole.locate((0, "services", name))
            context.problem(mistyped(f'service "{name}"', map_of(STRING), service.value), at)


def _service(node: Node, scope: Scope, origin: str) -> Iterator[Resource]:
    """Nothing for a service that a provider runs instead of a container."""
    if node.get("provider") is not None:
        return
    _leave_inline(node)
    yield container(node, scope, origin)
    reference = image_ref(node, scope, origin)
    if reference is not None:
        yield reference


def _leave_inline(node: Node) -> None:
    """Tell of a Dockerfile that is written in the project: only those in files of their own are judged."""
    build = node.get("build")
    if isinstance(build, dict) and build.get("dockerfile_inline") is not None:
        at = node.document.locate((*node.at, "build", "dockerfile_inline"))
        what = f'the dockerfile_inline of service "{node.name}" in line {at.line}'
        node.context.skipped.append(Skipped(at.path, f"{what}: only Dockerfiles in files of their own are judged"))


class _Elsewhere:
    """Which included files are judged by themselves: those that a walk over the whole directory finds too."""

    def __init__(self, loader: Loader, documents: Sequence[Document]) -> None:
        self._context = loader.context
        self._own = {document.path for document in documents}
        self._known: dict[str, bool] = {}

    def judged(self, document: Document | None) -> bool:
        """Whether what comes from a document, and nowhere else, is judged with that document."""
        if document is None or document.path in self._own or not self._context.closed:
            return False
        if document.path not in self._known:
            home = Path(self._context.source).resolve()
            walked = format_of(document.path) == "yaml" and Path(document.path).resolve().is_relative_to(home)
            self._known[document.path] = walked and claims(document) > 0
        return self._known[document.path]
