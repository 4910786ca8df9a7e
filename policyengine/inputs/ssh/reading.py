"""The client of SSH that a file of a project configures."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.ssh.effective import CONFIG
from policyengine.inputs.authentication.beside import Beside
from policyengine.inputs.authentication.legible import legible
from policyengine.inputs.authentication.ssh_client import client
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

ORIGIN = "ssh"


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The client; what ssh refuses of its configuration is a problem, and nothing is told of it."""
    root = Beside(document.path, CONFIG, document.text, context.files)
    name = posixpath.basename(document.path)
    fragment = posixpath.basename(posixpath.dirname(document.path)) == "ssh_config.d"
    scope = Scope(ORIGIN, name, document.path)
    found = client(root, name, scope, ORIGIN, context.problem, fragment=fragment)
    if found is not None:
        yield legible(found)
