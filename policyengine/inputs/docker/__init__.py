"""Docker engines: live, or a snapshot of one's answers.

A snapshot is a YAML or JSON document with ``docker_snapshot: 1``, ``context`` and the parts ``containers``,
``images``, ``networks``, ``volumes``, ``services``, ``info`` and ``version``. The parts, all optional, are what the API
answers (``docker inspect``, ``docker info``, ``docker version``); an image may have ``History`` beside that, which is
what ``/images/NAME/history`` answers, and a container ``Execs``: what ``/exec/ID/json`` answers for each of its
``ExecIDs``. ``incomplete`` names parts of which something is not known.

``image://PATH`` are the images in a file that ``docker save`` wrote, or in an OCI image layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.connections.docker import Limits
    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "docker"
SCHEME = "docker"
SCHEMES = (SCHEME, "image")


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind."""
    from policyengine.inputs.docker.reading import SUPPLIES

    return SUPPLIES


def claims(document: Document) -> int:
    """A document with the key ``docker_snapshot`` is nothing else."""
    values = document.values
    return 3 if len(values) == 1 and isinstance(values[0], dict) and "docker_snapshot" in values[0] else 0


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of a recorded snapshot. Raises :class:`DocumentError` for a version that is not 1."""
    from policyengine.inputs.docker import reading

    return reading.read(document, context)


def read_live(url: str, context: Context, limits: Limits | None = None) -> Iterator[Resource]:
    """The resources of the engine, or of the one object, that ``docker://...`` names, or of images that are files.

    Raises :class:`SourceError` when the engine does not answer or has no such object. An engine that fails in the
    middle is a problem of the context, and what it told is read. ``limits`` are how long it is waited for.
    """
    from policyengine.inputs.docker import reading

    if not url.startswith(f"{SCHEME}://"):
        from policyengine.inputs.docker.saved import reading as saved

        return saved.read_live(url, context)
    return reading.read_live(url, context, limits)
