"""The files of a host: of a machine, a container or an image, as a snapshot has them.

A snapshot is a YAML or JSON document with ``host_snapshot: 1``, ``name`` and ``files``: what lies at a path, by path.
A file is its text, or a mapping with ``text``, ``mode`` (``"0640"``), ``uid`` and ``gid``; a symlink has ``symlink``,
a directory ``directory: true``, a FIFO, socket or device ``special: true``; what could not be read has ``unknown``, the
reason. What is not there, does not exist on the host; the directories above what is there do.

``host://`` is this host, ``host:///path`` the tree of files below a directory of it: a mounted image, a chroot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "host"
SCHEME = "host"


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind."""
    from policyengine.inputs.authentication import tree

    return tree.supplies()


def claims(document: Document) -> int:
    """A document with the key ``host_snapshot`` is nothing else."""
    values = document.values
    return 3 if len(values) == 1 and isinstance(values[0], dict) and "host_snapshot" in values[0] else 0


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The resources of a host's files. Raises :class:`DocumentError` for what is no snapshot."""
    from policyengine.inputs.host import reading

    return reading.read(document, context)


def read_live(url: str, context: Context) -> Iterator[Resource]:
    """The resources of this host's files, or of those below a directory. Raises :class:`SourceError`."""
    from policyengine.inputs.host import live

    return live.read_live(url, context)
