"""Which documents are Compose files."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from policyengine.inputs.compose.keys import SERVICE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.documents.document import Document

_FILE_NAME = re.compile(r"(?:docker-)?compose.*\.ya?ml|.+\.compose\.ya?ml", re.IGNORECASE).fullmatch

_TOP_KEYS = frozenset(["configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes"])
"""https://github.com/compose-spec/compose-spec/blob/main/spec.md"""


def claims(document: Document) -> int:
    """4 for a file of services that is named as Compose files are, 2 for another one that looks like one."""
    if document.format != "yaml":
        return 0
    tops = [value for value in document.values if isinstance(value, dict)]
    if _FILE_NAME(PurePath(document.path).name) and any(_has_content(top) for top in tops):
        return 4
    return 2 if len(document.values) == 1 and _looks_like_one(document.values[0]) else 0


def unread(document: Document) -> str | None:
    """Why a file that is named as Compose files are is none."""
    named = document.format == "yaml" and _FILE_NAME(PurePath(document.path).name)
    return "a Compose file without services: (Compose v1 is not read)" if named else None


def _has_content(top: dict[str, object]) -> bool:
    """A Compose file may consist of nothing but what it includes."""
    return isinstance(top.get("services"), dict) or ("services" not in top and isinstance(top.get("include"), list))


def _looks_like_one(value: object) -> bool:
    if not isinstance(value, dict) or "apiVersion" in value or "kind" in value:
        return False
    services = value.get("services")
    if not isinstance(services, dict) or not all(isinstance(service, dict) for service in services.values()):
        return False
    return any("image" in service or "build" in service for service in services.values()) or _says_no_more(value)


def _says_no_more(top: dict[str, dict[str, object]]) -> bool:
    """Whether a file has nothing but what Compose knows: one that adds to another need not say of what image it is."""
    services = top["services"].values()
    written = [key for service in services if isinstance(service, dict) for key in service]
    return bool(written) and _known(top, _TOP_KEYS) and _known(written, SERVICE_KEYS)


def _known(keys: Iterable[object], known: frozenset[str]) -> bool:
    return all(key in known or (isinstance(key, str) and key.startswith("x-")) for key in keys)
