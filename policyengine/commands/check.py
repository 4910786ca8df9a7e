"""``policyengine check``: judge sources by policies."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine import __version__
from policyengine.commands.choice import choice
from policyengine.commands.exempting import exempted, less
from policyengine.commands.judging import judged
from policyengine.inputs import document_inputs
from policyengine.inputs.files import NOTHING
from policyengine.model.report import Exemption, Report, Run
from policyengine.model.spent import during
from policyengine.policy import cache

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.commands.comparing import Before
    from policyengine.commands.exempting import Exempted
    from policyengine.commands.judging import Judged
    from policyengine.inputs.files import Instead
    from policyengine.model.spent import Spent
    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings


def check(
    sources: Sequence[str],
    settings: Settings,
    *,
    excerpts: bool = True,
    controls: bool = False,
    artifacts: bool = False,
    instead: Instead = NOTHING,
    spent: Spent | None = None,
) -> Report:
    """Judge sources by policies. Without ``excerpts`` findings have no source lines; ``spent`` is told the time taken.

    With ``controls`` the report has what is needed to tell by control what was found, with ``artifacts`` the digests
    of what was judged. ``instead`` is what some files are taken to hold, by real path.
    Raises :class:`UsageError` for settings that make no sense.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    with during(spent, "choosing"):
        chosen = choice(settings)
    then = _before(sources, settings, chosen)
    tracks = bool(then or (settings.exceptions and settings.baseline))
    now = judged(
        sources,
        settings,
        chosen,
        excerpts=excerpts,
        tracks=tracks,
        controls=controls,
        artifacts=artifacts,
        instead=instead,
        spent=spent,
    )
    told = exempted(now, settings)
    if then is not None:
        told = less(told, then.known, Exemption("new-since", reason=f"found at {then.commit[:12]}"), now, then.renames)
    run = run_of(started, time.perf_counter() - clock, settings, chosen)
    made = report(now, told, settings, replace(run, since=then and then.commit))
    return _covered(made, now, settings) if controls else made


def _covered(made: Report, now: Judged, settings: Settings) -> Report:
    from policyengine.commands.coverage import coverage  # what few runs need

    with cache.used(wanted=settings.cache):
        return replace(made, coverage=coverage(now, settings.select))


def _before(sources: Sequence[str], settings: Settings, chosen: Choice) -> Before | None:
    if not settings.new_since:
        return None
    from policyengine.commands.comparing import before  # what few runs need

    return before(sources, settings, chosen)


def report(now: Judged, told: Exempted, settings: Settings, run: Run) -> Report:
    """The report of what was judged, with what exceptions made of it."""
    outcome = now.outcome
    return Report(
        run=run,
        inputs=outcome.inputs,
        resources=outcome.resources,
        policies=told.policies,
        findings=told.findings,
        problems=(*now.all_problems, *told.problems),
        skipped=now.skipped,
        notices=told.notices,
        unknown=settings.unknown,
        fail_on=settings.fail_on,
        require_match=settings.require_match,
        rules={policy.id: _rule(policy) for policy in (*(one for one, _ in now.chosen.policies), *_more(settings))},
        artifacts=outcome.artifacts,
    )


def _more(settings: Settings) -> Sequence[Policy]:
    """The policies that are no engine's."""
    if settings.trusted is None:
        return ()
    from policyengine.commands.trusting import ADDED

    return (ADDED,)


def failures(report: Report) -> Iterator[str]:
    """What kept a run from doing its job, where its report is not printed: the exit code is to have a reason."""
    from policyengine.outputs.notes import placed  # what few runs need

    yield from (f"error: {placed(problem)}" for problem in report.problems)
    failed = (finding for finding in report.findings if finding.status == "error")
    yield from (f"error: {finding.location}: {finding.policy}: {finding.message}" for finding in failed)


def advice(report: Report, sources: Sequence[str]) -> Iterator[str]:
    """What should be said of a run that may have judged less than its user thinks."""
    if report.problems:
        return
    if not report.inputs:
        left_out = f"; {len(report.skipped)} left out, --verbose lists them" if report.skipped else ""
        yield nothing_found(sources, left_out)
    if report.require_match and not report.matched:
        yield "error: no policy applied to anything (--require-match)"


def nothing_found(sources: Sequence[str], more: str = "") -> str:
    """What is said where no input kind claimed anything."""
    return (
        f"warning: nothing to check was found in {', '.join(sources)} (looked for {', '.join(document_inputs())}{more})"
    )


def run_of(started: datetime, seconds: float, settings: Settings, chosen: Choice) -> Run:
    """The circumstances of a run that began then and took so long."""
    return Run(
        id=os.urandom(16).hex(),
        tool=f"policyengine {__version__}",
        started=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        seconds=round(seconds, 3),
        settings_digest=settings.digest(),
        packs=chosen.told_packs(),
    )


def _rule(policy: Policy) -> Mapping[str, object]:
    """What formats say about a policy."""
    remedy = policy.remedy if isinstance(policy.remedy, str) else "\n".join((policy.remedy or {}).values())
    return {
        "title": policy.title,
        "path": policy.path,
        "why": policy.why,
        "severity": policy.severity,
        "category": policy.category,
        "controls": policy.controls,
        "help": remedy or policy.why,
    }
