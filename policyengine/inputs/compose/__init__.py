"""Compose files, one at a time: https://github.com/compose-spec/compose-spec/blob/main/spec.md.

Each service is a container, and each image that a service names an image reference. Variables come from ``.env``
beside the file and from ``--env``. What a service takes from elsewhere, with ``extends`` or because it adds to
one in another file, is unknown; files that ``include`` or ``env_file`` name are not read.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from policyengine.documents.yaml import YamlDocument
from policyengine.inputs.compose.container import container
from policyengine.inputs.compose.definitions import Definitions
from policyengine.inputs.compose.dotenv import variables
from policyengine.inputs.compose.hiding import hide_secrets
from policyengine.inputs.compose.image import image_ref
from policyengine.inputs.compose.interpolation import Interpolation
from policyengine.inputs.compose.keys import report_misspelt
from policyengine.inputs.compose.node import Node
from policyengine.inputs.compose.project import project
from policyengine.inputs.facts import mistyped
from policyengine.model.kinds.container import KIND as CONTAINER
from policyengine.model.kinds.image_ref import KIND as IMAGE_REF
from policyengine.model.types import STRING, map_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import DocPath, Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

NAME = "compose"

SUPPLIES: Mapping[str, frozenset[str]] = {
    "container": frozenset(CONTAINER.fields) - {"state"},
    "image_ref": frozenset(IMAGE_REF.fields),
}

_FILE_NAME = re.compile(r"(?:docker-)?compose.*\.ya?ml|.+\.compose\.ya?ml", re.IGNORECASE).fullmatch


def claims(document: Document) -> int:
    """4 for a file of services that is named as Compose files are, 2 for another one that looks like one."""
    if not isinstance(document, YamlDocument):
        return 0
    services = [value.get("services") for value in document.values if isinstance(value, dict)]
    if _FILE_NAME(PurePath(document.path).name) and any(isinstance(found, dict) for found in services):
        return 4
    return 2 if len(document.values) == 1 and _looks_like_one(document.values[0]) else 0


def unread(document: Document) -> str | None:
    """Why a file that is named as Compose files are is none."""
    named = isinstance(document, YamlDocument) and _FILE_NAME(PurePath(document.path).name)
    return "a Compose file without services: (Compose v1 is not read)" if named else None


def _looks_like_one(value: object) -> bool:
    if not isinstance(value, dict) or "apiVersion" in value or "kind" in value:
        return False
    services = value.get("services")
    if not isinstance(services, dict) or not all(isinstance(service, dict) for service in services.values()):
        return False
    return any("image" in service or "build" in service for service in services.values())


def read(document: Document, context: Context) -> Iterator[Resource]:
    """A container for each service, and an image reference for each image that is named."""
    hide_secrets(document)
    known = variables(document.path, context)
    for index, value in enumerate(document.values):
        if isinstance(value, dict) and value.get("services") is not None:
            name = project(document, index, known)
            reading = Interpolation(document, {"COMPOSE_PROJECT_NAME": name.name, **known}, context)
            definitions = Definitions(value, (index,), reading)
            for service, at in _services(value["services"], (index, "services"), document, context):
                yield from _service(Node(str(at[-1]), service, at, document, reading, context, definitions), name)


def _services(
    services: object, at: DocPath, document: Document, context: Context
) -> Iterator[tuple[dict[str, object], DocPath]]:
    """Each service that is a mapping, and where it is; others are problems."""
    if not isinstance(services, dict):
        context.problem(mistyped("services", map_of(STRING), services), document.locate(at))
        return
    for name, service in services.items():
        if not isinstance(service, dict):
            context.problem(mistyped(f'service "{name}"', map_of(STRING), service), document.locate((*at, name)))
            continue
        report_misspelt(document, (*at, name), service, context)
        yield service, (*at, name)


def _service(node: Node, scope: Scope) -> Iterator[Resource]:
    """Nothing for a service that a provider runs instead of a container."""
    if node.get("provider") is not None:
        return
    yield container(node, scope, NAME)
    reference = image_ref(node, scope, NAME)
    if reference is not None:
        yield reference
