"""Files that configure Docker in a project: daemon.json of an engine, config.json of a user's client."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "docker_config"


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind: not the modes and owners that files of a project have nowhere but there."""
    from policyengine.inputs.docker_config.reading import SUPPLIES

    return SUPPLIES


def claims(document: Document) -> int:
    """2 for a document that is called and made as one of these files is."""
    if not document.path.endswith(("daemon.json", "config.json")):
        return 0
    from policyengine.inputs.docker_config import recognise

    return 2 if recognise.file_of(document) else 0


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The engine or the client that a file configures."""
    from policyengine.inputs.docker_config import reading

    return reading.read(document, context)
