"""Finding the settings file of a working directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from policyengine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "policyengine.yaml"
PYPROJECT = "pyproject.toml"
_ALMOST = ("policyengine.yml", ".policyengine.yaml", ".policyengine.yml", "policyengine.toml", ".policyengine.toml")
"""What would be taken for a settings file by who wrote it."""


def found(start: Path, top: Path | None = None) -> Path | None:
    """The nearest settings file at or above a directory, up to the top of its repository, the home or the root.

    ``top`` is the highest directory that is looked into, if it is not one of these.
    It is ``policyengine.yaml``, or a ``pyproject.toml`` with a table ``[tool.policyengine]``. Raises
    :class:`UsageError` for a directory with both, for one with a file whose name is nearly right, and for a
    ``policyengine.yaml`` that is no file: settings that cannot be had are not the same as none.
    """
    for directory in _upwards(start, top):
        ours = directory / NAME
        if os.path.lexists(ours) and not os.path.isfile(ours):  # noqa: PTH113 - path objects raise where they may not look
            raise UsageError(no_file(ours), path=shown(ours), hint="make it a settings file, or give --no-config")
        files = filter(os.path.isfile, (ours, directory / PYPROJECT))  # path objects raise where they may not look
        here = [path for path in files if path is ours or has_table(path)]
        if len(here) > 1:
            both = f"{shown(here[0])} and [tool.policyengine] in {shown(here[1])}"
            raise UsageError(f"there are two settings: {both}", hint="keep one of them")
        if here:
            return here[0]
        for name in _ALMOST:
            if os.path.lexists(directory / name):
                hint = f"call it {NAME}, or give --config or --no-config"
                raise UsageError(
                    "settings are not read from a file of this name", path=shown(directory / name), hint=hint
                )
    return None


USUAL = {"waivers": "policyengine-waivers.yaml", "baseline": "policyengine-baseline.json"}
"""What files of exceptions are called."""


def nearest(start: Path, name: str, top: Path | None = None) -> Path | None:
    """What is nearest of a name at or above a directory, as far as settings are looked for.

    That it is no file, or a link that leads to none, is for who reads it to tell.
    """
    paths = (directory / name for directory in _upwards(start, top))
    return next(filter(os.path.lexists, paths), None)


def no_file(path: str | Path) -> str:
    """What a path is that is no regular file."""
    if os.path.isdir(path):  # noqa: PTH112 - path objects raise where they may not look
        return "is a directory"
    if os.path.exists(path):  # noqa: PTH110 - as above
        return "not a regular file"
    return "a link that leads to no file" if os.path.islink(path) else "no such file"  # noqa: PTH114 - as above


def _upwards(start: Path, top: Path | None = None) -> Iterator[Path]:
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    for directory in (start, *start.parents):
        yield directory
        if os.path.exists(directory / ".git") or str(directory) in (home, str(top)):  # noqa: PTH110 - as above
            return


def has_table(path: Path) -> bool:
    """Whether a file has a table ``[tool.policyengine]``; one that cannot be told may be somebody else's trouble."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    if "policyengine" not in text:
        return False
    import tomllib

    try:
        tool = tomllib.loads(text).get("tool")
    except (tomllib.TOMLDecodeError, RecursionError):
        return "[tool.policyengine" in text  # reading it tells what is wrong with it
    return isinstance(tool, dict) and "policyengine" in tool


def shown(path: Path) -> str:
    """A path relative to the working directory: a settings file is in it or above it, or was named."""
    return os.path.relpath(path)
