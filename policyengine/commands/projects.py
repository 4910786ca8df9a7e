"""Compose files as sources of what runs: the containers that were made from them."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import endpoint
from policyengine.errors import UsageError
from policyengine.remediation.project.service import files_of, is_member, name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.connections.docker import Answer


def running(sources: Sequence[str]) -> list[str]:
    """Sources with the running containers of projects in the place of the Compose files that these were made from.

    They are looked for on the environment's engine, by the files that Docker Compose labelled them with: whatever the
    project was called. Raises :class:`UsageError` for a file from which nothing was made that runs there, or for
    what is no file.
    """
    if all("://" in source for source in sources):
        return list(sources)
    for path in (source for source in sources if "://" not in source):
        _check_file(path)
    with connected(endpoint()) as engine:
        shorts = [short for short in engine.containers() if short.get("State") == "running"]
    found = [part for source in sources for part in ([source] if "://" in source else _made_from(source, shorts))]
    return list(dict.fromkeys(found))


def _check_file(path: str) -> None:
    """Raise UsageError for what is no file, before an engine is asked."""
    if not os.path.isfile(path):  # noqa: PTH113 - a text
        reason = "not a file" if os.path.exists(path) else "no such file"  # noqa: PTH110 - as above
        raise UsageError(reason, path=path, hint="a Compose file, or docker://CONTEXT/container/NAME")


def _made_from(path: str, shorts: Sequence[Answer]) -> list[str]:
    real = os.path.realpath(path)
    mine = [one for one in shorts if real in {os.path.realpath(file) for file in files_of({"Config": one})}]
    found = [f"docker:///container/{name_of(_named(one))}" for one in mine if is_member({"Config": one})]
    if not found:
        raise UsageError("nothing runs that was made from it", path=path, hint=f"policyengine check --fix {path}")
    return sorted(found)


def _named(short: Answer) -> Answer:
    names = short.get("Names")
    return {"Name": names[0] if isinstance(names, list) and names else ""}
