"""The accounts that a file of a project tells of, together with the files beside it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.accounts import database
from policyengine.inputs.authentication import accounts
from policyengine.inputs.authentication.beside import Beside
from policyengine.model.report import Skipped
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Entry
    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

ORIGIN = "accounts"
_FIRST = (database.PASSWD, database.GROUP, database.SHADOW, database.GSHADOW, database.LOGIN_DEFS)
"""Of files that lie together the first is read, with all others."""


class Project(Beside):
    """The files of accounts beside one: what is not there may well be on the system that they are for."""

    def entry(self, path: str) -> Entry | Unknown | None:
        """See :class:`Beside`: a file of accounts that is not there is unknown."""
        found = super().entry(path)
        if found is None and path in database.FILES:
            return Unknown(posixpath.basename(path), f"{posixpath.basename(path)} does not lie beside {self.by}")
        return found


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The accounts; nothing for a file of a directory that is read with another one."""
    name = posixpath.basename(document.path)
    root = Project(document.path, f"/etc/{name}", document.text, context.files)
    first = next(path for path in _FIRST if not isinstance(root.entry(path), Unknown))
    if context.source and posixpath.basename(first) != name:
        context.skipped.append(Skipped(document.path, f"judged with {root.where(first)}"))
        return
    scope = Scope(ORIGIN, name, document.path)
    yield from accounts.resources(root, name, scope, ORIGIN, context.problem, homes=False)
