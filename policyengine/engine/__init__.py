"""The engine: policies and resources in, judgements out. Pure: it reads no file, asks no network and keeps no state."""

from __future__ import annotations

from collections import Counter
from itertools import chain, starmap
from time import perf_counter
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.engine.findings import Draft, findings
from policyengine.errors import PolicyengineError
from policyengine.fingerprint import Numbering
from policyengine.inputs import supplied
from policyengine.model.kinds import kind as kind_named
from policyengine.model.location import is_live
from policyengine.model.masking import concealed
from policyengine.model.report import Finding, PolicyCounts, Status
from policyengine.policy.body import Body, body, check_zones, checked_values
from policyengine.policy.compile import Failure
from policyengine.policy.verdict import FAIL, PASS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.engine.flows import FlowFailure
    from policyengine.firewall.intents.addresses import Addresses
    from policyengine.firewall.reach import Networks
    from policyengine.model.resource import Resource
    from policyengine.model.spent import Spent
    from policyengine.policy.policy import Policy

    Choice = tuple[Policy, frozenset[str] | None]
    Held = tuple[str, str, str]


class Judgements(Struct, frozen=True):
    """What the engine found: how many resources it saw, the counts of policies, and the findings in order.

    ``held`` are the resources, each with its scope and its name as reports have them, where the engine ``tracks``
    them; of a running system with its URL before these.
    ``origins`` are the resources by input kind, ``passes`` the passes by input kind and policy id: where all are of
    one kind they are those of the counts, and left out.
    """

    resources: int
    policies: tuple[PolicyCounts, ...]
    findings: tuple[Finding, ...]
    origins: Mapping[str, int] = field(default_factory=dict)
    passes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    held: tuple[Held, ...] = ()


def evaluate(
    policies: Sequence[Choice],
    resources: Iterable[Resource],
    parameters: Mapping[str, Mapping[str, object]] | None = None,
    *,
    keep_passes: bool = False,
    networks: Networks | None = None,
    zones: Mapping[str, Addresses] | None = None,
) -> Judgements:
    """Judge every resource by every policy, as :class:`Engine` does, all in one go."""
    engine = Engine(policies, parameters or {}, keep_passes=keep_passes, zones=zones)
    engine.networks = networks
    judged = engine.judge(resources)
    counts = {policy.id: PolicyCounts(policy.id, {}) for policy, _ in policies}
    counts.update((counted.id, counted) for counted in judged.policies)
    number = Numbering().number
    numbered = tuple(number(finding) for finding in judged.findings)
    return Judgements(judged.resources, tuple(counts.values()), numbered, judged.origins, judged.passes)


class Engine:
    """Policies made ready to judge.

    ``policies`` come with the input kinds they act on, None for all. ``parameters`` are given values by policy id and
    parameter. With ``keep_passes`` passes are findings too;
    with ``excerpts`` findings have their source lines, with ``tracks`` the resources are told. ``zones`` are those of
    the settings; the ``networks`` that flows are judged by are given when they are known.
    Raises :class:`~policyengine.errors.UsageError` for
    parameters that their policy does not declare, for values that have another type or make no rule, and for zones that
    nobody declares.
    """

    def __init__(
        self,
        policies: Sequence[Choice],
        parameters: Mapping[str, Mapping[str, object]],
        *,
        keep_passes: bool = False,
        excerpts: bool = True,
        tracks: bool = False,
        zones: Mapping[str, Addresses] | None = None,
    ) -> None:
        self.policies = policies
        self.networks: Networks | None = None
        self.zones = zones or {}
        self.spent: Spent | None = None  # where the time that policies take is told, if it is to be
        self.tracks = tracks
        self.by_id = {policy.id: policy for policy, _ in policies}
        self.keep_passes = keep_passes
        self.excerpts = excerpts
        self._values = {policy.id: checked_values(policy, parameters.get(policy.id, {})) for policy, _ in policies}
        for policy, _ in policies:
            if policy.flows:
                check_zones(policy, self._values[policy.id], self.zones)
        self._ready: dict[tuple[str, str], tuple[tuple[Body, ...], tuple[str, ...]]] = {}

    def judge(self, resources: Iterable[Resource]) -> Judgements:
        """Judge the resources of one input. Equal findings have equal fingerprints; ``Numbering`` tells them apart.

        Policies that judged none of them have no counts.
        """
        judging = _Judging(self)
        for resource in resources:
            judging.judge(resource)
        return judging.judgements()

    def bodies(self, kind: str, origin: str) -> tuple[tuple[Body, ...], tuple[str, ...]]:
        """The policies that judge resources of a kind from an input kind; the ids of those that have nothing to say."""
        found = self._ready.get((kind, origin))
        if found is None:
            made = list(self._made(kind, origin))
            silent = tuple(one.policy.id for one in made if not one.applies)
            found = self._ready[(kind, origin)] = (tuple(one for one in made if one.applies), silent)
        return found

    def _made(self, kind: str, origin: str) -> Iterator[Body]:
        for policy, inputs in self.policies:
            if kind in policy.targets and (inputs is None or origin in inputs):
                networked = bool(policy.flows and self.networks and self.networks.judges(origin, kind))
                fields = supplied(origin, kind)
                yield body(policy, kind_named(kind), fields, self._values[policy.id], networked=networked)

    def flow_failures(self, ready: Body, resource: Resource) -> Sequence[FlowFailure]:
        """What is not as a policy demands it of the flows to and from a resource."""
        if ready.flows is None or self.networks is None:
            return ()
        from policyengine.engine.flows import flow_failures  # what most runs need not

        return flow_failures(ready.flows, resource, self.networks, self.zones)


class _Judging(Struct):
    """The judging of one input's resources. What resources share is told once."""

    engine: Engine
    resources: Counter[str] = field(default_factory=Counter)
    passes: dict[str, Counter[str]] = field(default_factory=dict)
    passed: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    counts: Counter[tuple[str, Status]] = field(default_factory=Counter)
    drafts: list[Draft] = field(default_factory=list)
    told: set[object] = field(default_factory=set)
    held: dict[Held, None] = field(default_factory=dict)

    def judge(self, resource: Resource) -> None:
        if self.engine.tracks:
            self.held[_held(resource)] = None
        self.resources[resource.origin] += 1
        if resource.origin not in self.passes:
            self.passes[resource.origin] = Counter()
        self.passed = self.passes[resource.origin]
        bodies, silent = self.engine.bodies(resource.kind, resource.origin)
        self.excluded.update(silent)
        judge = self._judge if self.engine.spent is None else self._measured
        for ready in bodies:
            try:
                judge(ready, resource)
            except PolicyengineError as error:
                self._error(ready, resource, error.message)
            except Exception as error:  # noqa: BLE001 - a crash inside a policy is its error, never a pass
                self._error(ready, resource, f"{type(error).__name__} while evaluating")

    def _measured(self, ready: Body, resource: Resource) -> None:
        start = perf_counter()
        try:
            self._judge(ready, resource)
        finally:
            assert self.engine.spent is not None  # noqa: S101 - it is measured only then
            spent = self.engine.spent.policies
            spent[ready.policy.id] = spent.get(ready.policy.id, 0.0) + perf_counter() - start

    def _judge(self, ready: Body, resource: Resource) -> None:
        facts = resource.facts
        matches = PASS if ready.matches is None else ready.matches(facts, None)
        if matches == FAIL:
            self.excluded[ready.policy.id] += 1
            return
        verdict = ready.verdict(facts, None)
        flows = () if ready.flows is None else self.engine.flow_failures(ready, resource)
        if flows:
            verdict = min(verdict, *(one.verdict for one in flows))
        if verdict == PASS:
            self.passed[ready.policy.id] += 1
            if self.engine.keep_passes:
                self._tell(ready, resource, "pass", [(Failure((), PASS, "", None), None)])
        elif matches == UNKNOWN:
            self._tell_counted(ready, resource, "unknown", ready.undecided(facts))
        else:
            status: Status = "fail" if verdict == FAIL else "unknown"
            told = chain(ready.failures(facts, verdict), ((one, None) for one in flows if one.verdict == verdict))
            self._tell_counted(ready, resource, status, told)

    def _tell_counted(
        self, ready: Body, resource: Resource, status: Status, failures: Iterable[tuple[Failure, str | None]]
    ) -> None:
        listed = list(failures) or [(Failure((), FAIL, "", None), None)]
        if self._tell(ready, resource, status, listed):
            self._count(ready, status)

    def _tell(
        self, ready: Body, resource: Resource, status: Status, failures: Iterable[tuple[Failure, str | None]]
    ) -> bool:
        """Draft a finding for each field; whether there was any that its owner had not told already."""
        told = False
        fields: set[object] = set()
        for failure, text in failures:
            owner = resource.shared.get(str(failure.path[0])) if failure.path else None
            key = (failure.path, text, getattr(failure, "key", None))
            shared = (ready.policy.id, resource.scope.key, owner, key, status) if owner else None
            if key in fields or shared in self.told:
                continue
            fields.add(key)
            if shared:
                self.told.add(shared)
            self.drafts.append(Draft(ready, resource, status, failure, text))
            told = True
        return told

    def _count(self, ready: Body, status: Status) -> None:
        self.counts[(ready.policy.id, status)] += 1

    def _error(self, ready: Body, resource: Resource, text: str) -> None:
        self._count(ready, "error")
        self.drafts.append(Draft(ready, resource, "error", Failure((), FAIL, "", None), f"could not be judged: {text}"))

    def judgements(self) -> Judgements:
        passed: Counter[str] = sum(self.passes.values(), Counter())
        counts: dict[str, dict[Status, int]] = {id_: {"pass": count} for id_, count in passed.items()}
        for id_, count in self.excluded.items():
            counts.setdefault(id_, {})["not_applicable"] = count
        for (id_, status), count in self.counts.items():
            counts.setdefault(id_, {})[status] = count
        told = findings(self.drafts, excerpts=self.engine.excerpts)
        policies = tuple(starmap(PolicyCounts, counts.items()))
        parted = self.passes if len(self.passes) > 1 else {}
        return Judgements(self.resources.total(), policies, told, self.resources, parted, tuple(self.held))


def _held(resource: Resource) -> Held:
    """A resource as a finding would call it, where it is a live object with its URL."""
    own = f"{resource.kind}/{concealed(resource.name)}"
    named = f"{concealed(resource.parent)}/{own}" if resource.parent else own
    return _url(resource), str(resource.scope), named


def _url(resource: Resource) -> str:
    """The URL of a live object; empty for what is written in a file, which only a look at its place tells."""
    path = resource.where().path if resource.handle else ""
    return path if is_live(path) else ""
