"""Compose projects: https://github.com/compose-spec/compose-spec/blob/main/spec.md.

Each service is a container, each image that it names an image reference, and what a project makes of networks and
volumes are such. A project is a file with its override file, or the files that ``COMPOSE_FILE`` in ``.env`` names,
and what they extend and include. Variables come from ``.env`` beside the first file and from ``--env``.
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from policyengine.inputs.compose.container import SUPPLIED as OF_CONTAINERS
from policyengine.inputs.compose.dotenv import is_file, variables
from policyengine.inputs.compose.extends import extended
from policyengine.inputs.compose.include import included
from policyengine.inputs.compose.loading import Loader
from policyengine.inputs.compose.network import SUPPLIED as OF_NETWORKS
from policyengine.inputs.compose.resources import resources
from policyengine.inputs.compose.siblings import main, together
from policyengine.inputs.compose.volume import SUPPLIED as OF_VOLUMES
from policyengine.model.kinds.image_ref import KIND as IMAGE_REF
from policyengine.model.location import Location
from policyengine.model.report import Skipped
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "compose"

SUPPLIES: Mapping[str, frozenset[str]] = {
    "container": OF_CONTAINERS,
    "image_ref": frozenset(IMAGE_REF.fields),
    "network": OF_NETWORKS,
    "volume": OF_VOLUMES,
}


def judged_with(path: str, context: Context) -> str:
    """The file in whose name the one at ``path`` is judged: its base for an override file, else itself."""
    return main(_together(path, variables(path, context), context), path)


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of the project that a file belongs to.

    An override file that was found in a directory is judged with its base, which was found there too. Named alone,
    it stands for the whole project.
    """
    known = variables(document.path, context)
    paths = _together(document.path, known, context)
    first = main(paths, document.path)
    if context.closed and first != document.path:
        context.skipped.append(Skipped(document.path, f"judged with {first}"))
        return
    loader = _loader(paths[0], context)
    loader.documents[document.path] = document
    yield from _read(paths, known, loader)


def read_files(paths: Sequence[str], context: Context) -> Iterator[Resource]:
    """The resources of the project that files make together, merged in order as with ``docker compose -f A -f B``.

    A file that is not there, or cannot be read, is a problem.
    """
    yield from _read(paths, variables(paths[0], context), _loader(paths[0], context))


def _together(path: str, known: Mapping[str, str | Unknown], context: Context) -> tuple[str, ...]:
    return together(path, known, context) if is_file(path) else (path,)


def _loader(path: str, context: Context) -> Loader:
    return Loader(context, os.path.dirname(path), extended, included)  # noqa: PTH120


def _read(paths: Sequence[str], known: Mapping[str, str | Unknown], loader: Loader) -> Iterator[Resource]:
    found = [loader.file(path, paths[0], Location(paths[0])) for path in paths]
    documents = [document for document in found if not isinstance(document, Unknown)]
    if documents:
        yield from resources(documents, known, loader, NAME)
