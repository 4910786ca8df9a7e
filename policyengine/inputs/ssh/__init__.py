"""ssh_config as a file of a project, with what it includes: of a tree with /etc/ssh, or of a directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "ssh"


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind."""
    from policyengine.inputs.authentication.ssh_client import SUPPLIES

    return SUPPLIES


def claims(document: Document) -> int:
    """2 for a document that is named as ssh_config is."""
    return 2 if document.format == "ssh" else 0


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The client that a file configures, with the files that it includes."""
    from policyengine.inputs.ssh import reading

    return reading.read(document, context)
