"""``policyengine baseline``: begin from what there is, so that only what is new blocks."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.commands.choice import choice
from policyengine.commands.exception_files import baseline_of
from policyengine.commands.exempting import exempted, found_no_more, matching
from policyengine.commands.judging import judged
from policyengine.commands.tables import table
from policyengine.errors import UsageError
from policyengine.exceptions.baseline import written
from policyengine.exceptions.known import TOLD, Known
from policyengine.outputs.deliver import deliver
from policyengine.outputs.style import visible
from policyengine.outputs.summary import plural
from policyengine.settings.discovery import USUAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.commands.exempting import Exempted
    from policyengine.commands.judging import Judged
    from policyengine.model.report import Finding, Problem
    from policyengine.settings import Settings


class Update(Struct, frozen=True):
    """What was made of a baseline: how many findings it ``holds``, and how many came, went, and are new to it.

    ``inputs`` is how many were judged. ``problems`` are what kept sources from being judged; of those with exceptions
    nothing ``is_written``: what a waiver does not count for because it is not understood is not to be forgotten as old.
    """

    path: str
    holds: int
    added: int = 0
    removed: int = 0
    new: int = 0
    inputs: int = 0
    problems: Sequence[Problem] = ()
    is_written: bool = True


def create(sources: Sequence[str], settings: Settings, *, force: bool = False) -> Update:
    """Write a baseline of all that is found now. Raises :class:`UsageError` where there is one, without ``force``."""
    path = settings.baseline or USUAL["baseline"]
    if os.path.exists(path) and not force:  # noqa: PTH110 - path objects raise where they may not look
        hint = "policyengine baseline update takes out what was mended; --force begins anew"
        raise UsageError("there is a baseline already", path=path, hint=hint)
    now, told = _judged(sources, settings)
    if told.problems:
        return Update(path, 0, problems=_problems(now, told), is_written=False)
    known = [Known.of(finding) for finding in told.findings if _counts(finding, settings)]
    deliver(written(known, path), Path(path))
    return Update(path, len(known), added=len(known), inputs=now.outcome.inputs, problems=_problems(now, told))


def update(sources: Sequence[str], settings: Settings, *, add: bool = False) -> Update:
    """Take out of the baseline what is found no more, follow what was moved, and with ``add`` take in what is new.

    What is of files and policies that were not judged stays. Raises :class:`UsageError` where there is no baseline.
    """
    if not settings.baseline:
        raise UsageError("there is no baseline", hint="policyengine baseline create writes one")
    before = baseline_of(settings)
    now, told = _judged(sources, settings, tracks=True)
    if told.problems:
        return Update(settings.baseline, len(before), problems=_problems(now, told), is_written=False)
    matched = matching(before, now)
    new = matched.new(told.findings)
    kept: list[Known] = []
    added: list[Known] = []
    for position, finding in enumerate(told.findings):
        if position not in new and finding.status in TOLD:
            kept.append(Known.of(finding))
        elif position in new and _counts(finding, settings):
            added.append(Known.of(finding))
    gone = found_no_more(matched.left, now)
    stay = list((Counter(matched.left) - Counter(gone)).elements())
    known = [*kept, *stay, *(added if add else ())]
    deliver(written(known, settings.baseline), Path(settings.baseline))
    came, waits = (len(added), 0) if add else (0, len(added))
    inputs, problems = now.outcome.inputs, _problems(now, told)
    return Update(settings.baseline, len(known), came, len(gone), waits, inputs, problems)


def told(done: Update) -> str:
    """What is printed of it."""
    if not done.is_written:
        return f"{done.path} is not written\n"
    parts = [f"{plural(done.holds, 'finding')} in {done.path}", f"{done.added} added, {done.removed} removed"]
    if done.new:
        parts.append(f"{done.new} new not taken in (--add does)")
    return f"{'; '.join(parts)}\n"


def show(settings: Settings, width: int | None) -> str:
    """What the baseline holds. Raises :class:`UsageError` where there is none."""
    if not settings.baseline:
        raise UsageError("there is no baseline", hint="policyengine baseline create writes one")
    known = baseline_of(settings)
    counts = Counter((one.path, one.policy, one.status, one.resource) for one in known)
    rows = [(*map(visible, row), str(count)) for row, count in sorted(counts.items())]
    told = f"{plural(len(known), 'finding')} in {settings.baseline}\n"
    return f"{table(['File', 'Policy', 'Status', 'Resource', 'Count'], rows, width)}\n\n{told}" if rows else told


def _judged(sources: Sequence[str], settings: Settings, *, tracks: bool = False) -> tuple[Judged, Exempted]:
    """What is found now, less what other exceptions let pass."""
    alone = replace(settings, baseline="", all=False)
    now = judged(sources, alone, choice(alone), excerpts=False, tracks=tracks)
    return now, exempted(now, alone)


def _counts(finding: Finding, settings: Settings) -> bool:
    """Whether a baseline takes a finding in; what an exemption expired of has to be mended, or exempted anew."""
    if finding.exemption is not None:
        return False
    return finding.status == "fail" or (finding.status == "unknown" and settings.unknown == "fail")


def _problems(now: Judged, told: Exempted) -> tuple[Problem, ...]:
    return (*now.all_problems, *told.problems)
