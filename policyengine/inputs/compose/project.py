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
    from collections.abc import Mapping, Sequence

    from policyengine.documents.document import Document
    from policyengine.model.unknown import Unknown

_NOT_IN_NAMES = re.compile(r"[^-_a-z0-9]")


def project(path: str, name: object, variables: Mapping[str, str | Unknown]) -> Scope:
    """The scope of the resources in a project whose first file is at ``path``.

    Its name is COMPOSE_PROJECT_NAME, else the ``name`` that its files write, else that of the directory.
    """
    written = (variables.get("COMPOSE_PROJECT_NAME"), _written(name, variables), _directory(path))
    names = (normalized(name) for name in written if isinstance(name, str))
    return Scope("compose", next((name for name in names if name), ""), path)


def written_name(documents: Sequence[Document]) -> object:
    """The ``name`` that files write, of several the last."""
    tops = (value for document in documents for value in document.values if isinstance(value, dict))
    names = [top["name"] for top in tops if top.get("name") is not None]
    return names[-1] if names else None


def _written(name: object, variables: Mapping[str, str | Unknown]) -> str | Unknown | None:
    text = scalar_text(name)
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
