"""Which formats go where: the arguments of ``--format``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.errors import UsageError, did_you_mean
from policyengine.outputs import formats, turns_round

if TYPE_CHECKING:
    from collections.abc import Sequence

_STDOUT = "-"
WAYS = ("control",)
"""What a report can go by instead of by finding."""


class Target(Struct, frozen=True):
    """One format and the file it goes to; ``path`` is None for standard output."""

    name: str
    path: Path | None = None


def default(*, terminal: bool) -> tuple[Target, ...]:
    """What is written when nothing was asked for: ``full`` on a terminal, ``text`` into a pipe."""
    return (Target("full" if terminal else "text"),)


def parse(specs: Sequence[str]) -> tuple[Target, ...]:
    """Read ``NAME`` and ``NAME=FILE`` arguments; ``-`` as a file is standard output.

    Raises UsageError for an unknown format, for two formats that go to the same place, and for a file whose
    directory is not there: before anything is judged, not afterwards.
    """
    targets = tuple(_target(spec) for spec in specs)
    seen: dict[Path | None, str] = {}
    for target in targets:
        place = target.path.resolve() if target.path else None
        if place in seen:
            raise _collision(seen[place], target)
        seen[place] = target.name
    return targets


def check_way(by: str | None, targets: Sequence[Target]) -> str:
    """What a report goes by, empty for findings. Raises UsageError for a way that is none, or not that of a format."""
    if by is None:
        return ""
    if by not in WAYS:
        raise UsageError(f'--by: unknown way "{by}"', hint=did_you_mean(by, WAYS) or f"a report can go by {WAYS[0]}")
    for target in targets:
        if not turns_round(target.name):
            able = ", ".join(name for name in formats() if turns_round(name))
            raise UsageError(f'the format "{target.name}" cannot go by {by}', hint=f"formats that can are {able}")
    return by


def _target(spec: str) -> Target:
    name, equals, path = spec.partition("=")
    if name not in formats():
        known = ", ".join(formats())
        raise UsageError(f'unknown format "{name}"', hint=did_you_mean(name, formats()) or f"formats are {known}")
    if equals and not path:
        raise UsageError(f'no file after "{spec}"', hint=f"write {name}=FILE, or {name} alone for standard output")
    return Target(name, _file(path) if path and path != _STDOUT else None)


def _file(name: str) -> Path:
    path = Path(name)
    if not path.parent.is_dir():
        raise UsageError("cannot write: there is no such directory", path=str(path.parent))
    if path.is_dir():
        raise UsageError("cannot write: this is a directory", path=name)
    return path


def _collision(first: str, second: Target) -> UsageError:
    place = f"to {second.path}" if second.path else "to standard output"
    hint = f"give one of them a file: --format {second.name}=FILE"
    return UsageError(f'formats "{first}" and "{second.name}" both go {place}', hint=hint)
