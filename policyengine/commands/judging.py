"""Judging sources by policies, before exceptions have their say."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.commands.enforcing import enforced, silenced
from policyengine.engine import Engine
from policyengine.enrich import enrichment
from policyengine.errors import UsageError
from policyengine.firewall.intents.zones import declared
from policyengine.inputs.context import Context
from policyengine.inputs.files import NOTHING
from policyengine.model.report import PolicyCounts, Problem
from policyengine.pipeline import Outcome, run
from policyengine.pipeline.keys import judging_key, reading_key
from policyengine.pipeline.passes import Passes
from policyengine.pipeline.store import Store
from policyengine.pipeline.wanted import relations, wanted
from policyengine.policy import cache
from policyengine.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.enrich import Enrichment
    from policyengine.inputs.files import Instead
    from policyengine.model.report import Skipped
    from policyengine.model.spent import Spent
    from policyengine.pipeline.results import Result
    from policyengine.settings import Settings
    from policyengine.settings.trusted import Trusted


class Judged(Struct, frozen=True):
    """What sources came to, by which policies, and the problems of the run as a whole.

    ``off`` are the policies some of whose findings the settings leave untold, ``passed_over`` what lies in a directory
    that is named and is no file.
    """

    sources: Sequence[str]
    chosen: Choice
    outcome: Outcome
    problems: tuple[Problem, ...]
    off: frozenset[str] = frozenset()
    passed_over: tuple[Skipped, ...] = ()

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """All that was left out, and why."""
        return (*self.outcome.skipped, *self.passed_over)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """The problems with policies, with the run as a whole, and with single inputs."""
        context = Context()
        for error in self.chosen.errors:
            context.failed(error)
        return (*context.problems, *self.problems, *self.outcome.problems)


def judged(
    sources: Sequence[str],
    settings: Settings,
    chosen: Choice,
    *,
    excerpts: bool = True,
    tracks: bool = False,
    controls: bool = False,
    artifacts: bool = False,
    revision: bool = False,
    instead: Instead = NOTHING,
    spent: Spent | None = None,
    reader: Reader | None = None,
    engine: Engine | None = None,
) -> Judged:
    """Judge sources by the policies chosen.

    Without ``excerpts`` findings have no source lines. With ``tracks`` the outcome tells which resources there are,
    with ``controls`` what must be known to tell by control, with ``artifacts`` the digests of what was judged;
    ``spent`` is told where the time goes. The sources may be those of a ``revision``. ``instead`` is what some files
    are taken to hold; nothing is kept of such a run. Whoever judges often hands in the ``reader``, and the ``engine``
    that was made ready for the policies.
    Raises :class:`UsageError` for settings that make no sense.
    """
    if not sources:
        raise UsageError("nothing to check", hint="name files, directories, docker:// or - for standard input")
    context = Context(
        env=settings.env,
        insecure_registries=settings.insecure_registries,
        registry_mirrors=settings.registry_mirrors,
    )
    reader = reader or _reader(settings, chosen, revision=revision)
    reader.instead = instead
    told = {"keep_passes": settings.all, "excerpts": excerpts, "tracks": tracks}
    off: set[str] = set()
    with _passes(reader, chosen, settings, context, told, engine) as passes:
        passes.names_artifacts, passes.covers = artifacts, controls
        passes.engine.spent = spent
        outcome = run(
            passes,
            list(reader.items(sources)),
            enforce=partial(_enforced, chosen, off) if chosen.enforcements.rules else None,
            jobs=settings.jobs,
            progress=_progress(settings),
        )
    problems = (*context.problems, *reader.problems)
    return Judged(sources, chosen, outcome, problems, frozenset(off), tuple(dict.fromkeys(reader.skipped)))


def _reader(settings: Settings, chosen: Choice, *, revision: bool) -> Reader:
    fields, asked_for = wanted(policy for policy, _ in chosen.policies), wanted(chosen.asked_for())
    reader = Reader(settings.env, settings.exclude, settings.exclusions, fields, skip_others=settings.skip_others)
    reader.asked_for = asked_for
    reader.committed = _committed(settings.trusted, revision=revision)
    return reader


def _committed(trusted: Trusted | None, *, revision: bool) -> Callable[[str], bool] | None:
    """What no ignore file leaves out where a change is not to have a say in what is judged: it may bring one."""
    if trusted is None:
        return None
    if revision:
        return lambda path: True  # noqa: ARG005 - all of it is committed
    from policyengine.connections.git import Repository
    from policyengine.connections.git_working_tree import tracked

    return tracked(Repository(trusted.original)).__contains__


@contextmanager
def _passes(
    reader: Reader,
    chosen: Choice,
    settings: Settings,
    context: Context,
    told: Mapping[str, bool],
    engine: Engine | None,
) -> Iterator[Passes]:
    """The passes of a run. What others are asked hangs on more than the files: it is not kept between runs."""
    zones = declared(settings.zones)
    engine = engine or Engine(chosen.policies, chosen.parameters, zones=zones, **told)
    relating = relations([policy for policy, _ in chosen.policies])
    opening = [_enrichment(name, settings).opened for name in settings.resolve]
    with ExitStack() as stack:
        enrich = [stack.enter_context(opened(context)) for opened in opening]
        passes = Passes(reader, engine, enrich=enrich, relating=relating)
        if settings.cache and not enrich and not reader.instead:
            place = Path(settings.cache_directory or cache.directory())
            passes.store = stack.enter_context(closing(Store(place / "results.db")))
            passes.reading_key = reading_key(settings.env)
            passes.judging_key = judging_key(chosen.policies, chosen.parameters, zones=settings.zones, **told)
        yield passes


def _enrichment(name: str, settings: Settings) -> Enrichment:
    try:
        return enrichment(name)
    except UsageError as error:
        raise settings.error(("resolve", name), error.message, error.hint) from None


def _enforced(chosen: Choice, off: set[str], result: Result) -> Result:
    """A result with its findings enforced as the settings say; policies whose findings are gone are told in ``off``."""
    counted = [PolicyCounts(id_, counts) for id_, counts in result.counts.items()]
    findings, policies = enforced(result.findings, counted, chosen)
    off.update(silenced(result.findings, findings))
    return replace(result, findings=findings, counts={one.id: one.counts for one in policies})


def _progress(settings: Settings) -> bool:
    return sys.stderr.isatty() if settings.progress is None else settings.progress
