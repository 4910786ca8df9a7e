"""The project that a Compose file belongs to."""

from __future__ import annotations

import os.path
import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.interpolation import MalformedError, substitute
from policyengine.model.scope import Scope
from policyengine.model.secret_names import names_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.documents.document import Document
    from policyengine.model.unknown import Unknown

_NOT_IN_NAMES = re.compile(r"[^-_a-z0-9]")


def project(document: Document, index: int, variables: Mapping[str, str | Unknown]) -> Scope:
    """The scope of the resources in one document of a file.

    Its name is COMPOSE_PROJECT_NAME, else the file's ``name``, else that of the file's directory.
    """
    written = (variables.get("COMPOSE_PROJECT_NAME"), _written(document, index, variables), _directory(document.path))
    names = (normalized(name) for name in written if isinstance(name, str))
    return Scope("compose", next((name for name in names if name), ""), document.path)


def _written(document: Document, index: int, variables: Mapping[str, str | Unknown]) -> str | Unknown | None:
    value = document.values[index]
    text = scalar_text(value.get("name")) if isinstance(value, dict) else None
    try:
        # A project's name is shown with everything in it.
        shown = {name: value for name, value in variables.items() if not names_secret(name)}
        return None if text is None else substitute(text, shown)[0]
    except MalformedError:  # it says nothing about any service
        return None


def _directory(path: str) -> str:
    return PurePath(os.path.abspath(path)).parent.name  # noqa: PTH100 (Compose does not resolve links)


def normalized(name: str) -> str:
    """A name as compose-go's NormalizeProjectName has it: lower case letters, digits, ``-`` and ``_``."""
    return _NOT_IN_NAMES.sub("", name.lower()).lstrip("_-")
