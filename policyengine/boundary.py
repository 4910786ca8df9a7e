"""The one error boundary of the command line: every way a run can end becomes an exit code here."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import typer

from policyengine import __version__
from policyengine.errors import PolicyengineError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILED = 2
BUG = 3
INTERRUPTED = 130

_ClickError: type[Exception] = typer.BadParameter.__mro__[2]
"""What Typer's own errors derive from; newer Typers carry their own copy of Click, so it has no one import path."""


def run(app: typer.Typer) -> int:
    """Run a command line and return its exit code.

    2 for errors the user can mend, told on standard error; 3 for a bug, whose stack is written to a file without
    any value that may be a secret; 130 when interrupted. A reader that goes away (``| head``) changes nothing.
    """
    _open_streams()
    return _flushed(_code(app))


def _code(app: typer.Typer) -> int:
    try:
        result = app(standalone_mode=False, prog_name="policyengine")
    except PolicyengineError as error:
        _tell_errors(error)
        return FAILED
    except _ClickError as error:
        _suggest(error)
        error.show()  # type: ignore[attr-defined] # Click's contract
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        result = INTERRUPTED
    except FileNotFoundError as error:
        return _bug(error) if _has_directory() else FAILED
    except Exception as error:  # noqa: BLE001 - the boundary: what arrives here is a bug, and is told as one
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC  # of Typer's help: _flushed tells it
        return FAILED if full else _bug(error)
    if result == INTERRUPTED:  # newer Typers return it
        tell("interrupted")
    return result if isinstance(result, int) else 0


def _suggest(error: Any) -> None:
    """Have an unknown option's error name the one that is meant: Click lists all that are alike, far ones too."""
    possible = getattr(error, "possibilities", None)
    if possible:
        by_name = {option.lstrip("-"): option for option in possible}  # hyphens are no likeness
        near = nearest(error.option_name.lstrip("-"), by_name)
        error.possibilities = []
        error.message = f"{error.message}. Did you mean '{by_name[near]}'?" if near else error.message


def _has_directory() -> bool:
    """Whether the working directory, from which every relative path starts, is there; it is told where it is not."""
    try:
        os.getcwd()  # noqa: PTH109 - a path object adds nothing
    except OSError:
        tell("error: the working directory is no longer there (change to one that is)")
        return False
    return True


def _open_streams() -> None:
    """Streams that the caller closed (``>&-``) lead nowhere."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the end
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - open until the end


def _flushed(code: int) -> int:
    from policyengine.outputs.deliver import deliver

    try:
        deliver("", None)
    except PolicyengineError as error:
        _tell_errors(error)
        return FAILED
    return code


def _tell_errors(error: PolicyengineError) -> None:
    for one in getattr(error, "errors", [error]):
        tell(f"error: {one}")


def tell(text: str) -> None:
    """Write a line to standard error; what cannot be shown there is written as an escape."""
    from policyengine.outputs.style import visible

    sys.stderr.write("".join(f"{visible(line)}\n" for line in text.split("\n")))


def _bug(error: Exception) -> int:
    tell(f"policyengine has a bug: {type(error).__name__}")
    text = f"policyengine {__version__}, Python {sys.version}\n{''.join(_stack(error))}"
    try:
        place = _written(text)
    except OSError:
        tell(text)
        tell("Please report it.")
    else:
        tell(f"Where it happened is written to {place}, without any value from your files.")
        tell("Please report it with that file.")
    return BUG


def _written(text: str) -> str:
    import tempfile

    with tempfile.NamedTemporaryFile(
        "w", prefix="policyengine-", suffix=".traceback", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    return file.name


def _stack(error: BaseException) -> Iterator[str]:
    """The frames and types of an error and its causes, without messages: they may hold values from files."""
    current: BaseException | None = error
    while current is not None:
        yield from traceback.format_tb(current.__traceback__)
        yield f"{type(current).__name__}\n"
        current = current.__cause__ or current.__context__
        if current is not None:
            yield "\ncaused by\n"
