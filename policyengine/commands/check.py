"""``policyengine check``: judge sources by policies."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine import __version__
from policyengine.commands.choice import choice
from policyengine.commands.enforcing import enforced
from policyengine.engine import Engine
from policyengine.enrich import enrichment
from policyengine.errors import UsageError
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.model.report import PolicyCounts, Report, Run
from policyengine.pipeline import run
from policyengine.pipeline.keys import judging_key, reading_key
from policyengine.pipeline.passes import Passes
from policyengine.pipeline.store import Store
from policyengine.pipeline.wanted import relations, wanted
from policyengine.policy import cache
from policyengine.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.pipeline.results import Result
    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings


def check(sources: Sequence[str], settings: Settings, *, excerpts: bool = True) -> Report:
    """Judge sources by policies. Without ``excerpts`` findings have no source lines.

    Raises :class:`UsageError` for settings that make no sense.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    if not sources:
        raise UsageError("nothing to check", hint="name files, directories, docker:// or - for standard input")
    context = Context(env=settings.env)
    chosen = choice(settings)
    for error in chosen.errors:
        context.failed(error)
    fields = wanted(policy for policy, _ in chosen.policies)
    reader = Reader(settings.env, settings.exclude, settings.exclusions, fields)
    with _passes(reader, chosen, settings, context, excerpts=excerpts) as passes:
        outcome = run(
            passes,
            list(reader.items(sources)),
            enforce=partial(_enforced, chosen) if chosen.enforcements.rules else None,
            jobs=settings.jobs,
            progress=_progress(settings),
        )
    return Report(
        run=_run(started, time.perf_counter() - clock, settings, chosen),
        inputs=outcome.inputs,
        resources=outcome.resources,
        policies=outcome.policies,
        findings=outcome.findings,
        problems=(*context.problems, *reader.problems, *outcome.problems),
        skipped=outcome.skipped,
        unknown=settings.unknown,
        fail_on=settings.fail_on,
        require_match=settings.require_match,
        rules={policy.id: _rule(policy) for policy, _ in chosen.policies},
    )


@contextmanager
def _passes(
    reader: Reader, chosen: Choice, settings: Settings, context: Context, *, excerpts: bool
) -> Iterator[Passes]:
    """The passes of a run. What others are asked hangs on more than the files: it is not kept between runs."""
    told = {"keep_passes": settings.all, "excerpts": excerpts}
    engine = Engine(chosen.policies, chosen.parameters, **told)
    relating = relations(policy for policy, _ in chosen.policies)
    opening = [enrichment(name).opened for name in settings.resolve]
    with ExitStack() as stack:
        enrich = [stack.enter_context(opened(context)) for opened in opening]
        passes = Passes(reader, engine, enrich=enrich, relating=relating)
        if settings.cache and not enrich:
            place = Path(settings.cache_directory or cache.directory())
            passes.store = stack.enter_context(closing(Store(place / "results.db")))
            passes.reading_key = reading_key(settings.env)
            passes.judging_key = judging_key(chosen.policies, chosen.parameters, **told)
        yield passes


def _enforced(chosen: Choice, result: Result) -> Result:
    """A result with its findings enforced as the settings say."""
    counted = [PolicyCounts(id_, counts) for id_, counts in result.counts.items()]
    findings, policies = enforced(result.findings, counted, chosen)
    return replace(result, findings=findings, counts={one.id: one.counts for one in policies})


def _progress(settings: Settings) -> bool:
    return sys.stderr.isatty() if settings.progress is None else settings.progress


def advice(report: Report, sources: Sequence[str]) -> Iterator[str]:
    """What should be said of a run that may have judged less than its user thinks."""
    if report.problems:
        return
    if not report.inputs:
        left_out = f"; {len(report.skipped)} left out, --verbose lists them" if report.skipped else ""
        yield f"warning: nothing to check was found in {', '.join(sources)} ({_looked_for()}{left_out})"
    if report.require_match and report.evaluations == report.total("not_applicable"):
        yield "error: no policy applied to anything (--require-match)"


def _looked_for() -> str:
    return f"looked for {', '.join(document_inputs())}"


def _run(started: datetime, seconds: float, settings: Settings, chosen: Choice) -> Run:
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
        "why": policy.why,
        "severity": policy.severity,
        "category": policy.category,
        "controls": policy.controls,
        "help": remedy or policy.why,
    }
