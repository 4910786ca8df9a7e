"""Files of accounts in a project: passwd, shadow, group, gshadow and login.defs, with those that lie beside them."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

NAME = "accounts"


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields it can fill, by kind: none about homes."""
    from policyengine.inputs.authentication.accounts import OF_HOMES, SUPPLIES

    return {kind: fields - OF_HOMES for kind, fields in SUPPLIES.items()}


def claims(document: Document) -> int:
    """2 for a document that is named as a file of accounts, and begins as one does."""
    if document.format != "accounts":
        return 0
    from policyengine.documents.accounts import has_form

    return 2 if has_form(posixpath.basename(document.path), document.text) else 0


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The accounts that a file, and those beside it, tell of."""
    from policyengine.inputs.accounts import reading

    return reading.read(document, context)
