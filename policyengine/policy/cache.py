"""Checked policies and what was worked out of them, kept between runs by what they were made from.

A cache that fails is no cache.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator


def directory() -> Path:
    """``$POLICYENGINE_CACHE_DIR``, else ``$XDG_CACHE_HOME/policyengine``, else ``~/.cache/policyengine``."""
    named = os.environ.get("POLICYENGINE_CACHE_DIR")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "policyengine"


_USED = ContextVar("used", default=True)


@contextmanager
def used(*, wanted: bool) -> Iterator[None]:
    """Unless it is ``wanted``, nothing is read and nothing is kept until the context ends."""
    before = _USED.set(wanted and _USED.get())
    try:
        yield
    finally:
        _USED.reset(before)


@cache
def tool_digest() -> str:
    """Names, sizes and times of policyengine's modules, so that a changed checkout is a changed tool."""
    package = Path(__file__).resolve().parent.parent
    stamps = sorted(_stamps(str(package)))
    return sha256(f"{__version__}{stamps!r}".encode()).hexdigest()


def _stamps(directory: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                with suppress(FileNotFoundError):  # an editor's lock leads nowhere
                    stat = entry.stat()
                    yield entry.path, stat.st_size, stat.st_mtime_ns
            elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                yield from _stamps(entry.path)


def read(key: str) -> str | None:
    """What was kept under a key; None when there is nothing, it cannot be read, or it is not what was written."""
    if not _USED.get():
        return None
    try:
        digest, _, text = _file(key).read_text(encoding="utf-8").partition("\n")
    except (OSError, RuntimeError, UnicodeDecodeError):
        return None
    return text if digest == _digest(text) else None


def write(key: str, text: str) -> None:
    """Keep a text under a key, whole or not at all; a place that cannot be written keeps nothing."""
    if not _USED.get():
        return
    import tempfile  # takes as long to import as a small file to judge

    try:
        place = directory()
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=place, prefix="policies-", suffix=".part")
        try:
            with open(handle, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - a handle has no path
                file.write(f"{_digest(text)}\n{text}")
            Path(name).replace(_file(key))
        except OSError:
            Path(name).unlink(missing_ok=True)
        _prune(place)
    except (OSError, RuntimeError):
        return


MOST = 32
"""How many sets of policies are kept: those that were written last."""


def _prune(place: Path) -> None:
    """Remove what was kept of policies that have changed since. Another run may do so at the same time."""
    kept: list[tuple[int, Path]] = []
    for path in place.glob("policies-*.json"):
        with suppress(FileNotFoundError):
            kept.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(kept)[:-MOST]:
        path.unlink(missing_ok=True)


def _file(key: str) -> Path:
    return directory() / f"policies-{key}.json"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
