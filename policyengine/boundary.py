"""The one error boundary of the command line: every way a run can end becomes an exit code here."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING

import typer

from policyengine import __version__
from policyengine.errors import PolicyengineError

if TYPE_CHECKING:
    from types import TracebackType

FAILED = 2
BUG = 3
INTERRUPTED = 130

_ClickError: type[Exception] = typer.BadParameter.__mro__[2]
"""What Typer's own errors derive from; newer Typers carry their own copy of Click, so it has no one import path."""


def run(app: typer.Typer) -> int:
    """Run a command line and return its exit code.

    2 for errors the user can mend, told on standard error; 3 for a bug, whose stack is written to a file without
    any value that may be a secret; 130 when interrupted.
    """
    try:
        return _code(app(standalone_mode=False))
    except PolicyengineError as error:
        _tell_errors(error)
        return FAILED
    except _ClickError as error:
        error.show()  # type: ignore[attr-defined] # Click's contract
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        _tell("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`): what it did not want needs no telling, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:  # noqa: BLE001 - the boundary: what arrives here is a bug, and is told as one
        return _bug(error)


def _code(result: object) -> int:
    sys.stdout.flush()
    return result if isinstance(result, int) else 0


def _tell_errors(error: PolicyengineError) -> None:
    for one in getattr(error, "errors", [error]):
        _tell(f"error: {one}")


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _bug(error: Exception) -> int:
    with tempfile.NamedTemporaryFile(
        "w", prefix="policyengine-", suffix=".traceback", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"policyengine {__version__}, Python {sys.version}\n{_stack(error)}")
    _tell(
        f"policyengine has a bug: {type(error).__name__}\n"
        f"Where it happened is written to {file.name}, without any value from your files.\n"
        "Please report it with that file."
    )
    return BUG


def _stack(error: BaseException) -> str:
    """The frames and types of an error and its causes, without messages: they may hold values from files."""
    parts = []
    current: BaseException | None = error
    while current is not None:
        parts.append("".join(_frames(current.__traceback__)) + type(current).__name__ + "\n")
        current = current.__cause__ or current.__context__
    return "\ncaused by\n".join(parts)


def _frames(stack: TracebackType | None) -> list[str]:
    return traceback.format_tb(stack)
