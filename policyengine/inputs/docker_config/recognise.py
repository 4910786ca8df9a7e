"""Which of Docker's files a document is."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from policyengine.authentication.docker.client import CONFIG as CLIENT
from policyengine.authentication.docker.client import DIRECTORY
from policyengine.authentication.docker.daemon import CONFIG as DAEMON
from policyengine.authentication.docker.options import OPTIONS, PROXIES
from policyengine.authentication.homes import ROOT

if TYPE_CHECKING:
    from policyengine.documents.document import Document

CLIENT_FILE = f"{ROOT}/{DIRECTORY}/{CLIENT}"
_OF_CLIENTS = frozenset(("auths", "credsStore", "credHelpers"))
"""What only a client's config.json has: many programs have a file of that name."""


def file_of(document: Document) -> str | None:
    """The path in a system that a document stands for: of daemon.json, or of root's config.json; None for others."""
    directory, name = posixpath.split(document.path)
    around = posixpath.basename(directory)
    values = document.values
    value = values[0] if len(values) == 1 else {} if not values else None
    if not isinstance(value, dict):
        return None
    keys = {str(key) for key in value}
    if name == "daemon.json":
        return DAEMON if around == "docker" or keys & (OPTIONS.keys() | {PROXIES}) else None
    if name == CLIENT:
        return CLIENT_FILE if around == DIRECTORY or keys & _OF_CLIENTS else None
    return None
