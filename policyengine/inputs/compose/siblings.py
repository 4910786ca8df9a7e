"""The files that Compose reads together without being told: override files, and those that ``COMPOSE_FILE`` names.

https://docs.docker.com/compose/how-tos/multiple-compose-files/merge/ and
https://docs.docker.com/compose/how-tos/environment-variables/envvars/#compose_file
"""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.inputs.context import Context
    from policyengine.model.unknown import Unknown

_BASES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
"""In compose-go's order (``cli.DefaultFileNames``): of several the first is read."""


def may_have_others(path: str, context: Context) -> bool:
    """Whether a file may be read together with others: by its name, or because there is a ``.env`` to say so."""
    directory, name = os.path.split(path)
    if name in _BASES or name in _OVERRIDES:
        return True
    try:
        return context.files.read(os.path.join(directory, ".env"), by=path) is not None  # noqa: PTH118
    except SourceError:
        return True


def together(path: str, variables: Mapping[str, str | Unknown], context: Context) -> tuple[str, ...]:
    """The files that are read together with the one at ``path``, in order; only itself where there are no others."""
    directory, name = os.path.split(path)
    listed = variables.get("COMPOSE_FILE")
    if listed and isinstance(listed, str):
        separator = variables.get("COMPOSE_PATH_SEPARATOR")
        found = split(listed, directory, separator if separator and isinstance(separator, str) else ":")
        return found if os.path.normpath(path) in found else (path,)
    if name not in _BASES and name not in _OVERRIDES:
        return (path,)
    base = _first(_BASES, directory, name, path, context)
    override = _first(_OVERRIDES, directory, name, path, context)
    return (base, override) if base and override and path in (base, override) else (path,)


def split(listed: str, directory: str, separator: str = ":") -> tuple[str, ...]:
    """The paths of a list such as ``COMPOSE_FILE`` holds, relative ones starting in a directory."""
    names = (name.strip() for name in listed.split(separator))
    return tuple(os.path.normpath(os.path.join(directory, name)) for name in names if name)  # noqa: PTH118


def main(paths: tuple[str, ...], path: str) -> str:
    """The file in whose name those that are read together with ``path`` are judged: the first beside it."""
    directory = os.path.dirname(os.path.normpath(path))  # noqa: PTH120
    return next((other for other in paths if os.path.dirname(other) == directory), path)  # noqa: PTH120


def _first(names: Iterable[str], directory: str, name: str, path: str, context: Context) -> str | None:
    """The path of the first of the names that is there; ``name``, which stands at ``path``, is."""
    for candidate in names:
        if candidate == name:
            return path
        other = os.path.join(directory, candidate)  # noqa: PTH118
        try:
            if context.files.read(other, by=path) is not None:
                return other
        except SourceError:
            return other  # it is there, and what keeps it from being read is told when it is
    return None
