"""What the files of this host say, or those of a tree on it."""

from __future__ import annotations

import posixpath
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from policyengine.errors import SourceError
from policyengine.inputs.authentication import tree
from policyengine.inputs.authentication.host_files import HostFiles
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

ORIGIN = "host"
URL = "host://"


def read_live(url: str, context: Context) -> Iterator[Resource]:
    """The resources of this host's files, or of those below a directory.

    Raises :class:`SourceError` for another host's URL, and for a directory that is not there.
    """
    directory = url.removeprefix(URL)
    if directory and not directory.startswith("/"):
        raise SourceError("no host but this one is read", path=url, hint=f"it is {URL}, a tree on it {URL}/PATH")
    if not context.wants_any(tree.supplies()):
        return
    name = posixpath.normpath(directory) if directory.strip("/") else socket.gethostname()
    with closing(HostFiles(directory or "/")) as root:
        yield from tree.resources(root, name, Scope(ORIGIN, name, url), ORIGIN, context)
