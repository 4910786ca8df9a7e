"""What a sudoers file of a project sets and grants."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.sudoers.loading import DIRECTORY, MAIN
from policyengine.errors import SourceError
from policyengine.inputs.authentication.beside import Beside
from policyengine.inputs.authentication.legible import legible
from policyengine.inputs.authentication.sudoers import of_file
from policyengine.model.report import Skipped
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

ORIGIN = "sudoers"


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The file's own and those of the files that it includes.

    One of sudoers.d is a part, which is read with the sudoers above it where the whole directory is judged.
    """
    name = posixpath.basename(document.path)
    directory = posixpath.dirname(document.path)
    part = posixpath.basename(directory) == posixpath.basename(DIRECTORY)
    above = posixpath.join(posixpath.dirname(directory), posixpath.basename(MAIN[0]))
    if part and context.closed and _is_there(above, document, context):
        context.skipped.append(Skipped(document.path, f"read with {above}"))
        return
    main = f"{DIRECTORY}/{name}" if part else MAIN[0]
    root = Beside(document.path, main, document.text, context.files)
    found = of_file(root, main, name, Scope(ORIGIN, name, document.path), ORIGIN, fragment=part)
    yield from map(legible, found)


def _is_there(path: str, document: Document, context: Context) -> bool:
    """Whether there is a file in the project."""
    try:
        return context.files.read(path, by=document.path) is not None
    except SourceError:  # it lies outside of the project, or cannot be read, and is not judged
        return False
