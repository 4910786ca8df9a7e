"""Dockerfiles: what the image sets, its stages, its instructions, and the images it is built from.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "dockerfile"


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind."""
    from policyengine.inputs.dockerfile.reading import SUPPLIES

    return SUPPLIES


def claims(document: Document) -> int:
    """A document that was read as a Dockerfile is one."""
    return int(document.format == "dockerfile")


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The file, its stages, the external images it names, and its instructions."""
    from policyengine.inputs.dockerfile import reading

    return reading.read(document, context)
