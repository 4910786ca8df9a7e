"""Compose projects: https://github.com/compose-spec/compose-spec/blob/main/spec.md.

Each service is a container, each image that it names an image reference, and what a project makes of networks and
volumes are such. A project is a file with its override file, or the files that ``COMPOSE_FILE`` in ``.env`` names,
and what they extend and include. Variables come from ``.env`` beside the first file and from ``--env``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.recognise import claims, unread
from policyengine.inputs.compose.siblings import may_have_others

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

__all__ = ["NAME", "claims", "judged_with", "read", "read_files", "supplies", "unread"]

NAME = "compose"


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind."""
    from policyengine.inputs.compose.reading import SUPPLIES

    return SUPPLIES


def judged_with(path: str, context: Context) -> str:
    """The file in whose name the one at ``path`` is judged: its base for an override file, else itself."""
    if not may_have_others(path, context):
        return path
    from policyengine.inputs.compose import reading

    return reading.judged_with(path, context)


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of the project that a file belongs to."""
    from policyengine.inputs.compose import reading

    return reading.read(document, context)


def read_files(paths: Sequence[str], context: Context) -> Iterator[Resource]:
    """The resources of the project that files make together, merged in order."""
    from policyengine.inputs.compose import reading

    return reading.read_files(paths, context)
