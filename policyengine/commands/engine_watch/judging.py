"""Judging containers whose answers are kept: policies are made ready once, exceptions are asked each time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from policyengine.commands.check import report, run_of
from policyengine.commands.choice import choice
from policyengine.commands.exempting import exempted
from policyengine.commands.judging import judged
from policyengine.engine import Engine
from policyengine.firewall.intents.zones import declared
from policyengine.inputs.context import Context
from policyengine.inputs.docker import SCHEME
from policyengine.model.report import PolicyCounts, Report
from policyengine.networks import FIELD, Gathered, Networks
from policyengine.pipeline.wanted import relations, wanted
from policyengine.sources import Reader, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.errors import PolicyengineError
    from policyengine.inputs.docker.following import Following
    from policyengine.model.report import Finding, Problem, Status
    from policyengine.model.resource import Resource
    from policyengine.settings import Settings
    from policyengine.sources import Item


class Verdict(Struct, frozen=True):
    """What judging came to: a report for each container, by its id, and the problems that are no container's own."""

    reports: Mapping[str, Report]
    problems: tuple[Problem, ...] = ()


class Judge:
    """Judges by the policies and the exceptions of settings.

    ``errors`` are what keeps some of the policies from being loaded. Raises :class:`UsageError` for settings that make
    no sense.
    """

    def __init__(self, settings: Settings) -> None:
        self._chosen = choice(settings)
        policies, parameters = self._chosen.policies, self._chosen.parameters
        self._fields = wanted(policy for policy, _ in policies)
        self._tracks = bool(settings.exceptions and settings.baseline)
        zones = declared(settings.zones)
        self._engine = Engine(policies, parameters, excerpts=False, tracks=self._tracks, zones=zones)
        self._flows = FIELD in relations([policy for policy, _ in policies])
        self._engine.networks = Networks(Gathered()) if self._flows else None
        for kind in ("container", "image_ref"):
            self._engine.bodies(kind, SCHEME)  # compiled now, and not when the first container starts
        self.settings = settings
        self.errors: Sequence[PolicyengineError] = self._chosen.errors
        self._chosen = replace(self._chosen, errors=())  # told once, and not with each container

    def wants(self, field: str) -> bool:
        """Whether any policy reads a field of containers."""
        return ("container", field) in self._fields

    def judge(self, following: Following, ids: Iterable[str]) -> Verdict:
        """Judge containers that are known. What the engine could not tell of one of them is its problem."""
        began, clock = datetime.now(UTC), time.perf_counter()
        urls = {following.url(id_): id_ for id_ in ids}
        if self._flows:
            self._engine.networks = _networks(following)
        reader = _Kept(wanted=self._fields, following=following, ids=urls)
        chosen, tracks = self._chosen, self._tracks
        now = judged(
            list(urls), self.settings, chosen, excerpts=False, tracks=tracks, reader=reader, engine=self._engine
        )
        run = run_of(began, time.perf_counter() - clock, self.settings, self._chosen)
        whole = report(now, exempted(now, self.settings), self.settings, run)
        return _parted(whole, urls)


def _networks(following: Following) -> Networks:
    """The networks of all that is known of an engine, whichever of its containers are judged."""
    gathered = Gathered()
    for resource in following.everything(Context()):
        gathered.add(resource)
    return Networks(gathered)


class _Kept(Reader):
    """Reads containers from what is known of them; ``ids`` are theirs by their URLs."""

    following: Following | None = None
    ids: Mapping[str, str] = field(default_factory=dict)

    def read(self, item: Item, data: bytes | None = None) -> Reading:  # noqa: ARG002 - a live object has none
        reading = Reading(inputs=1)
        context = Context(item.path, closed=True, wanted=self.wanted, problems=reading.problems)
        reading.resources = self._resources(item, context)
        return reading

    def _resources(self, item: Item, context: Context) -> Iterator[Resource]:
        assert self.following is not None  # noqa: S101 - a default only because those before it have one
        yield from self.following.resources(self.ids[item.path], context)


def _parted(whole: Report, urls: Mapping[str, str]) -> Verdict:
    """A report for each container."""
    findings: dict[str, list[Finding]] = {url: [] for url in urls}
    for finding in whole.findings:
        findings[finding.location.path].append(finding)
    reports = {
        id_: replace(
            whole,
            inputs=1,
            findings=tuple(findings[url]),
            policies=_counts(findings[url]),
            problems=tuple(one for one in whole.problems if one.path == url),
            notices=tuple(one for one in whole.notices if one.path == url),
        )
        for url, id_ in urls.items()
    }
    return Verdict(reports, tuple(one for one in whole.problems if one.path not in urls))


def _counts(findings: Iterable[Finding]) -> tuple[PolicyCounts, ...]:
    """How often each policy came to each status: of what passed nothing is told."""
    found: dict[str, dict[Status, int]] = {}
    for one in findings:
        counts = found.setdefault(one.policy, {})
        counts[one.status] = counts.get(one.status, 0) + 1
    return tuple(PolicyCounts(id_, counts) for id_, counts in found.items())
