"""The server that a file of a project configures."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.sshd.effective import CONFIG
from policyengine.inputs.authentication.beside import Beside
from policyengine.inputs.authentication.legible import legible
from policyengine.inputs.authentication.sshd import server
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

ORIGIN = "sshd"


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The server; what sshd refuses of its configuration is a problem, and nothing is told of it."""
    root = Beside(document.path, CONFIG, document.text, context.files)
    name = posixpath.basename(document.path)
    scope = Scope(ORIGIN, name, document.path)
    fragment = posixpath.basename(posixpath.dirname(document.path)) == "sshd_config.d"
    found = server(root, name, scope, ORIGIN, context.problem, fragment=fragment)
    if found is not None:
        yield legible(found)
