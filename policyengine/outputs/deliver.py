"""Writing a rendered report to where it goes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from policyengine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def deliver(text: str | Iterable[str], path: Path | None) -> None:
    """Write a rendered report, a text or its pieces, to a file, or to standard output when ``path`` is None.

    A file is replaced in one step, so that nobody reads half a report and a failed run leaves the last one alone; a
    device or a pipe is written to as it is. Standard output whose encoding lacks a character gets an escape for it.
    Raises UsageError for a file that cannot be written.
    """
    pieces = [text] if isinstance(text, str) else text
    if path is None:
        _print(pieces)
        return
    try:
        replace_file(path, (piece.encode("utf-8", "backslashreplace") for piece in pieces))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"cannot write: {reason}", path=str(path)) from error


def _print(pieces: Iterable[str]) -> None:
    """Write to standard output. When its reader went away (``| head``), what is left is not wanted: no error."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        for piece in pieces:
            sys.stdout.write(piece.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        raise UsageError(f"cannot write to standard output: {(error.strerror or 'failed').lower()}") from error


def _silence() -> None:
    """Lead standard output nowhere: Python would write the rest at its end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def replace_file(path: Path, pieces: Iterable[bytes], mode: int | None = None) -> None:
    """Give a file other contents in one step, as it was in all else; a device or a pipe is written to as it is.

    ``mode`` is the permissions that it gets; without one it keeps its own, and a new file has the usual ones.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            file.writelines(pieces)
        return
    path = path.resolve()  # a link stays a link
    kept = path.stat().st_mode & 0o777 if mode is None and path.exists() else mode
    fresh = path.with_name(f".{path.name[:200]}.{os.urandom(4).hex()}")
    try:
        usual = 0o666 if mode is None else mode  # nobody else may open it before it has its own
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, usual), "wb") as file:
            file.writelines(pieces)
        if kept is not None:
            fresh.chmod(kept)
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
