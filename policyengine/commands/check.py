"""``policyengine check``: judge sources by policies."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from policyengine import __version__
from policyengine.commands.policies import loaded
from policyengine.engine import evaluate
from policyengine.enrich import enrichment
from policyengine.errors import UsageError, did_you_mean
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.model.report import Report, Run
from policyengine.policy.select import chosen
from policyengine.relations import Index
from policyengine.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from policyengine.errors import PolicyengineError
    from policyengine.model.resource import Resource
    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings

    Enrich = Callable[[Iterable[Resource], Context], Iterator[Resource]]


def check(sources: Sequence[str], settings: Settings) -> Report:
    """Judge sources by policies. Raises :class:`UsageError` for settings that make no sense."""
    started, clock = datetime.now(UTC), time.perf_counter()
    if not sources:
        raise UsageError("nothing to check", hint="name files, directories, docker:// or - for standard input")
    enrich = [enrichment(name).enrich for name in settings.resolve]
    context = Context(env=settings.env)
    policies, errors = loaded(settings)
    for error in errors:
        context.failed(error)
    choices = _chosen(policies, errors, settings)
    reader = Reader(settings.env, settings.exclude)
    resources = _enriched(_related(list(reader.read(sources))), enrich, context)
    judged = evaluate(choices, resources, settings.parameters, keep_passes=settings.all)
    return Report(
        run=_run(started, time.perf_counter() - clock, settings),
        inputs=reader.inputs,
        resources=judged.resources,
        policies=judged.policies,
        findings=judged.findings,
        problems=(*context.problems, *reader.problems),
        skipped=(*context.skipped, *reader.skipped),
        unknown=settings.unknown,
        fail_on=settings.fail_on,
        require_match=settings.require_match,
        rules={policy.id: _rule(policy) for policy, _ in choices},
    )


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


def _chosen(
    policies: Sequence[Policy], errors: Sequence[PolicyengineError], settings: Settings
) -> list[tuple[Policy, frozenset[str] | None]]:
    """The policies to judge by."""
    try:
        choices = chosen(policies, settings.select, settings.ignore)
        _check_parameters(settings.parameters, policies)
    except UsageError as error:
        hint = f"perhaps because of {errors[0]}" if errors else error.hint
        raise UsageError(error.message, hint=hint) from None
    if not choices and not errors:
        raise UsageError("no policies to judge by", hint="name some with --policies, or leave out what leaves none")
    return choices


def _related(resources: Sequence[Resource]) -> Iterator[Resource]:
    index = Index()
    for resource in resources:
        index.add(resource)
    return (index.relate(resource) for resource in resources)


def _enriched(resources: Iterable[Resource], steps: Sequence[Enrich], context: Context) -> Iterable[Resource]:
    for enrich in steps:
        resources = enrich(resources, context)
    return resources


def _check_parameters(given: Mapping[str, object], policies: Iterable[Policy]) -> None:
    known = {policy.id for policy in policies}
    for id_ in given:
        if id_ not in known:
            raise UsageError(f'--param: unknown policy "{id_}"', hint=did_you_mean(id_, known))


def _run(started: datetime, seconds: float, settings: Settings) -> Run:
    packs = [{"name": "default", "version": __version__}] if settings.built_in else []
    return Run(
        id=str(uuid4()),
        tool=f"policyengine {__version__}",
        started=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        seconds=round(seconds, 3),
        settings_digest=settings.digest(),
        packs=tuple(packs),
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
