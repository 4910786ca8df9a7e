"""The ``.dockerignore`` of a Dockerfile.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import os.path
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.errors import SourceError
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.context import Context

_FACT = "build context"
_MAX_BYTES = 1024 * 1024


def ignore(path: str, context: Context) -> list[str] | Unknown | None:
    """The patterns that hold for a Dockerfile; None where there is no such file whatever directory is the context.

    The file's own (``Dockerfile.dockerignore``) wins over that of the directory. Podman reads ``.containerignore``
    first, which counts for what is called Containerfile. One that is only further up holds if that is the context.
    """
    if path == "-":
        return Unknown(_FACT, "standard input has no .dockerignore")
    file = Path(path)
    found = _first(_beside(file), path, context)
    if found is not None:
        return found
    above = (directory / ".dockerignore" for directory in _above(file, context.source))
    if any(os.path.isfile(candidate) for candidate in above):  # noqa: PTH113 - a path object raises where it may not look
        return Unknown(_FACT, "a directory above has a .dockerignore, and may be the context")
    return None


def _beside(file: Path) -> Iterator[Path]:
    yield file.with_name(f"{file.name}.dockerignore")
    if "containerfile" in file.name.lower():
        yield file.with_name(".containerignore")
    yield file.with_name(".dockerignore")


def _above(file: Path, source: str) -> list[Path]:
    """The directories above a file's that are a part of the project: up to the working directory, or a repository's."""
    home = file.absolute().parent
    tops = {Path.cwd(), Path(source).absolute()} if source else {Path.cwd()}
    found: list[Path] = []
    for directory in (home, *home.parents):
        found.append(directory)
        if directory in tops or os.path.exists(directory / ".git"):  # noqa: PTH110 - as above
            return found[1:]
    return []


def _first(candidates: Iterator[Path], by: str, context: Context) -> list[str] | Unknown | None:
    for candidate in candidates:
        try:
            data = context.files.read(str(candidate), by=by, limit=_MAX_BYTES)
        except SourceError as error:
            context.failed(error)
            return Unknown(_FACT, f"{candidate.name} cannot be read")
        if data is not None:
            return list(patterns(data.decode("utf-8-sig", errors="replace")))
    return None


def patterns(text: str) -> Iterator[str]:
    """The patterns of a .dockerignore as Docker reads them: without comments, cleaned, ``!`` before an exception.

    https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go
    """
    for line in text.splitlines():
        pattern = line.strip()
        if not pattern or line.startswith("#"):
            continue
        exception = pattern.startswith("!")
        path = pattern.removeprefix("!").strip()
        if path:
            cleaned = posixpath.normpath(path)
            path = cleaned.lstrip("/") or "/"
        yield "!" * exception + path
