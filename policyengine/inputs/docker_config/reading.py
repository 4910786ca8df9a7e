"""The engine, or the client, that a file of a project configures."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.authentication.docker.daemon import CONFIG as DAEMON
from policyengine.authentication.homes import ROOT
from policyengine.inputs.authentication import docker_client, docker_daemon
from policyengine.inputs.authentication.beside import Beside
from policyengine.inputs.docker_config.recognise import file_of
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource

ORIGIN = "docker_config"

_OF_HOSTS = frozenset(
    {
        *("tls_ca_mode", "tls_certificate_mode", "tls_key_mode", "tls_files", "swarm"),
        *("mode", "host", "content_trust"),
    }
)
"""What only a host knows: owners and modes, what its files set for all, whether it is in a Swarm."""


def _known(fields: frozenset[str]) -> frozenset[str]:
    return fields - _OF_HOSTS


SUPPLIES: Mapping[str, frozenset[str]] = {
    kind: _known(fields) for part in (docker_daemon, docker_client) for kind, fields in part.SUPPLIES.items()
}


def read(document: Document, context: Context) -> Iterator[Resource]:
    """The engine or the client; what dockerd or docker refuses is a problem, and nothing is told of it."""
    file = file_of(document)
    if file is None:
        return
    root = Beside(document.path, file, document.text, context.files)
    name = posixpath.basename(document.path)
    scope = Scope(ORIGIN, name, document.path)
    if file == DAEMON:
        found = docker_daemon.engine(root, name, scope, ORIGIN, context.problem, alone=not root.is_tree)
    else:
        found = docker_client.user(root, ROOT, name, scope, ORIGIN, context.problem)
    for resource in found:
        known = SUPPLIES[resource.kind]
        yield replace(resource, facts={field: value for field, value in resource.facts.items() if field in known})
