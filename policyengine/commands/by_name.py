"""Containers that sources name by their ids: they are meant by name, for what takes their place has another id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.connections.docker import NotThereError, connected
from policyengine.connections.docker_context import endpoint
from policyengine.inputs.docker.url import SCHEME, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.inputs.docker.url import DockerUrl

_ID = re.compile("[0-9a-f]{1,64}").fullmatch


def by_name(sources: Sequence[str]) -> list[str]:
    """Sources with the name of a container in the place of its id, or of the beginning of that.

    An engine is asked only where a name may be an id; what is not there is left as it is.
    """
    return list(dict.fromkeys(map(_by_name, sources)))


def _by_name(source: str) -> str:
    if not source.startswith(f"{SCHEME}://"):
        return source
    parsed = parse(source)
    if parsed.kind != "container" or not _ID(parsed.name):
        return source
    return f"{SCHEME}://{parsed.context}/container/{_called(parsed)}"


def _called(meant: DockerUrl) -> str:
    with connected(endpoint(meant.context)) as engine:
        try:
            return str(engine.container(meant.name).get("Name") or meant.name).lstrip("/")
        except NotThereError:
            return meant.name
