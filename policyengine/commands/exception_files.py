"""What the waivers file and the baseline of a run say; of a trusted revision's what a change adds to them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.errors import UsageError
from policyengine.model.masking import concealed
from policyengine.model.report import Problem
from policyengine.settings.discovery import USUAL, nearest, no_file, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.exceptions.known import Known
    from policyengine.exceptions.waivers import Waiver
    from policyengine.settings import Settings


class Said(Struct):
    """What the files say. ``known`` is None where there is no baseline, ``baseline`` what reports call it.

    ``waivers_added`` and ``known_added`` are what the working tree's files hold more than those of a trusted revision.
    """

    waivers: Sequence[Waiver] = ()
    known: Sequence[Known] | None = None
    baseline: str = ""
    problems: list[Problem] = field(default_factory=list)
    waivers_added: Sequence[Waiver] = ()
    known_added: int = 0


def said(settings: Settings) -> Said:
    """Read the files that the settings name. What is wrong with them is among the problems."""
    found = Said()
    if settings.trusted is not None:
        _read_trusted(settings, found)
        return found
    if settings.waivers:
        found.waivers = _waivers(settings.waivers, settings.waivers, found.problems)
    if settings.baseline:
        found.baseline = settings.baseline
        found.known = _known(settings.baseline, settings.baseline, found.problems)
    return found


def baseline_of(settings: Settings) -> list[Known]:
    """What the baseline of the settings holds. Raises :class:`UsageError` for what is none."""
    from policyengine.exceptions.baseline import read

    return read(settings.baseline, contents(settings.baseline))


def _read_trusted(settings: Settings, found: Said) -> None:
    """Both files as the revision has them, and as the working tree does."""
    from policyengine.commands.trusting import added_known, added_waivers

    ours = _ours(settings, "waivers")
    found.waivers = _waivers(settings.waivers, ours, found.problems) if settings.waivers else ()
    if os.path.exists(ours):  # noqa: PTH110 - a text
        found.waivers_added = added_waivers(_waivers(ours, ours, found.problems), found.waivers)
    found.baseline = _ours(settings, "baseline")
    if settings.baseline:
        found.known = _known(settings.baseline, found.baseline, found.problems)
    if os.path.exists(found.baseline):  # noqa: PTH110 - a text
        now = _known(found.baseline, found.baseline, found.problems)
        found.known_added = added_known(now or (), found.known or ())


def _ours(settings: Settings, name: str) -> str:
    """The file in the working tree that a file of the revision is, or what would be one by its usual name."""
    path: str = getattr(settings, name)
    if path and settings.trusted is not None:
        real = Path(os.path.abspath(path))  # noqa: PTH100 - links stay
        return shown(settings.trusted.unmapped(real)) if real.is_relative_to(settings.trusted.top) else path
    usual = nearest(Path.cwd(), USUAL[name])
    return shown(usual) if usual else USUAL[name]


def _waivers(path: str, name: str, problems: list[Problem]) -> Sequence[Waiver]:
    """The waivers at a path that reports call ``name``, whose directory is that of the name."""
    from policyengine.exceptions.waivers import waivers

    try:
        base = os.path.dirname(os.path.abspath(name))  # noqa: PTH100, PTH120 - a text
        found, errors = waivers(name, contents(path), base)
    except UsageError as error:
        problems.append(_problem(error))
        return ()
    problems.extend(map(_problem, errors))
    return found


def _known(path: str, name: str, problems: list[Problem]) -> Sequence[Known] | None:
    from policyengine.exceptions.baseline import read

    try:
        return read(name, contents(path), os.path.dirname(name))  # noqa: PTH120 - a text
    except UsageError as error:
        problems.append(_problem(error))
        return None


def contents(path: str) -> bytes:
    """The bytes of a file of exceptions. Raises :class:`UsageError` for one that cannot be read."""
    from policyengine.documents.load import MAX_BYTES

    try:
        if not os.path.isfile(path):  # noqa: PTH113 - path objects raise where they may not look
            raise UsageError(no_file(path), path=path)
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", path=path) from None


def _problem(error: UsageError) -> Problem:
    message = f"{error.message} ({error.hint})" if error.hint else error.message
    return Problem(concealed(message), error.path, error.line, error.column)
