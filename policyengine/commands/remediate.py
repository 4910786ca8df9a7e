"""``policyengine remediate``: what mends the violations of running containers, as a plan."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from policyengine import __version__
from policyengine.commands.check import check
from policyengine.commands.choice import choice
from policyengine.commands.wanting import found, wanted
from policyengine.commands.wishing import Wishing
from policyengine.connections.docker_context import endpoint
from policyengine.errors import RemedyError, UsageError
from policyengine.inputs.docker.url import parse
from policyengine.remediation.docker.forgetting import kept
from policyengine.remediation.plan import EngineRef, Left, Plan, Untouched
from policyengine.remediation.targets import target_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_context import Endpoint
    from policyengine.model.report import Report
    from policyengine.remediation.plan import Target
    from policyengine.remediation.targets import Around, Wanted
    from policyengine.settings import Settings


class Planned(NamedTuple):
    """A plan, and the report that it was made from."""

    plan: Plan
    report: Report


_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://").match


class Meant(NamedTuple):
    """An engine, and the containers on it that are meant; none where it is the whole."""

    endpoint: Endpoint
    names: tuple[str, ...]


def one_engine(sources: Sequence[str]) -> Meant:
    """The engine that sources are on. Raises :class:`UsageError` where they are on none, or on several."""
    for source in sources:
        scheme = _SCHEME(source)
        if scheme is None:
            raise UsageError("only what runs is remediated", path=source, hint=f"policyengine check --fix {source}")
        if scheme[1] == "kubernetes":
            hint = "mend its manifests with policyengine check --fix, and apply them"
            raise UsageError("live Kubernetes is not acted on", path=source, hint=hint)
        if scheme[1] != "docker":
            raise UsageError(f'unknown kind of source "{scheme[1]}://"', hint="docker://CONTEXT/container/NAME")
    parsed = [parse(source) for source in sources]
    ends = {endpoint(one.context) for one in parsed}
    if len(ends) != 1:
        hint = "make a plan for each" if ends else "name one: policyengine remediate docker://"
        raise UsageError("a plan is about one engine", hint=hint)
    whole = any(one.kind != "container" for one in parsed)
    return Meant(ends.pop(), () if whole else tuple(one.name for one in parsed))


def remediate(sources: Sequence[str], settings: Settings, around: Around) -> Planned:
    """Judge what runs, and plan what mends its violations. Nothing is done.

    Raises :class:`SourceError` for an engine that does not answer.
    """
    report = judged(sources, settings, around)
    violations = [one for one in report.findings if one.status == "fail"]
    unsafe = settings.remediate.unsafe_fixes
    wishing = Wishing(choice(settings), unsafe=unsafe)
    gone = _kept(around)
    there = {url: of for url, of in found(sources, settings).items() if url not in gone}
    wants = wanted(violations, there, wishing, around)
    targets, more = _targets(wants.targets, around)
    plan = Plan(
        id=around.run,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        tool=f"policyengine {__version__}",
        engine=reference(around.acting.engine),
        sources=tuple(sources),
        unsafe=unsafe,
        targets=tuple(targets),
        untouched=(*wants.untouched, *more),
        proposed=tuple(wants.proposed),
    )
    return Planned(plan, report)


def judged(sources: Sequence[str], settings: Settings, around: Around) -> Report:
    """The report of what runs. What was replaced, and is kept to go back to, is not judged: it is about to go."""
    report = check(sources, settings, excerpts=False)
    gone = _kept(around)
    return replace(report, findings=[one for one in report.findings if one.location.path not in gone])


def _kept(around: Around) -> frozenset[str]:
    """The URLs of the containers that are kept to go back to."""
    engine = around.acting.engine
    return frozenset(f"docker://{engine.endpoint.name}/container/{name}" for name in kept(engine))


def fresh_id() -> str:
    """An id for a plan, and for the run that applies it."""
    return os.urandom(16).hex()


def reference(engine: Engine) -> EngineRef:
    """Which engine it is. One that has no id is known by its host."""
    return EngineRef(engine.endpoint.name, str(engine.info().get("ID") or engine.endpoint.host))


def _targets(asked: Iterable[Wanted], around: Around) -> tuple[list[Target], list[Untouched]]:
    """What is planned for each target, and those for which nothing can be."""
    targets: list[Target] = []
    untouched: list[Untouched] = []
    for one in asked:
        try:
            target = target_kind(one.owner.kind).plan(one, around)
        except RemedyError as error:
            left = (Left(wish.policy, str(error)) for wish in one.wishes)
            untouched.append(Untouched(one.owner.name, one.url, (*one.left, *left)))
            continue
        if target.changes or target.image:
            targets.append(target)
        else:
            untouched.append(Untouched(target.name, target.url, target.left))
    return targets, untouched
