"""Relations as fields: which PodDisruptionBudgets, NetworkPolicies and Services select a Pod, what it runs as.

The first pass over the inputs fills an :class:`Index` with what selects; the second asks it for each Pod and
workload. Label selectors mean what they mean to Kubernetes
(https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors):
an empty selector selects every Pod of its namespace, an absent one none, and all requirements must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace

from policyengine import grants, referents
from policyengine.model.provenance import Provenance
from policyengine.model.related_origins import RelatedOrigins
from policyengine.model.selecting import BY_CONTROLLERS, Labels, all_of, label, labels_match, selector_matches
from policyengine.model.unknown import OpenMap, Unknown
from policyengine.networks import FIELD as FLOWS
from policyengine.networks import Gathered, opened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from policyengine.model.resource import Resource

    ScopeKey = tuple[str, str, str]

FIELDS = {
    "pod_disruption_budgets": "pod_disruption_budget",
    "network_policies": "network_policy",
    "services": "service",
    "service_account": "service_account",
    "horizontal_pod_autoscalers": "horizontal_pod_autoscaler",
    "limit_ranges": "limit_range",
    "resource_quotas": "resource_quota",
    "same_service_account": "pod",
    "governing_service": "service",
    "target": "workload",
    "blocked": "workload",
}
"""The fields of ``related``, and the kind that each is made of."""

KINDS = frozenset(FIELDS.values())
"""The kinds that relations are made of."""

_ALSO = {"blocked": "horizontal_pod_autoscaler"}
"""A further kind that a field asks for."""

_OF_PODS = ("pod_disruption_budgets", "network_policies", "services", "service_account", "horizontal_pod_autoscalers")

_FIELDS_OF = {
    "pod": (*_OF_PODS, "limit_ranges", "resource_quotas", "same_service_account"),
    "workload": (*_OF_PODS, "governing_service"),
    "horizontal_pod_autoscaler": ("target",),
    "pod_disruption_budget": ("blocked",),
}
"""The kinds that have relations, and the fields of ``related`` that each has."""

_KEPT = {
    "pod": ("name", "controller", "service_account"),
    "workload": ("name", "controller", "replicas", "replicas_written", "pod_labels"),
    "limit_range": ("name",),
    "resource_quota": ("name",),
}
"""The facts that are kept of kinds of which there are many, or large ones; all of others."""

_ONE = frozenset({"service_account", "governing_service", "target"})
"""The fields that are one resource, or absent."""

_NAMED = frozenset({"blocked", "same_service_account", "target"})
"""The fields that tell a resource's name and kind only."""

_LABELS_OF = {"pod": "labels", "workload": "pod_labels"}
"""The kinds that are selected, and their field with the labels that are selected by."""

_AUTOMOUNT = "automount_service_account_token"
"""The field that the Pod's ServiceAccount settles where the Pod does not."""

_UNREAD = "unread"
"""What stands as the kind of an entry that says what a source may hold beside what was read of it."""

SETTLES = {"service_account": _AUTOMOUNT, "horizontal_pod_autoscalers": "replicas"}
"""The fields of Pods and workloads that relations settle."""


class Index:
    """What selects Pods, by scope: compact, and all that is kept of the first pass."""

    def __init__(self, fields: Collection[str] | None = None) -> None:
        """``fields`` of ``related`` are wanted, None for all. ``kinds`` relate then: of others nothing is kept.

        What networks are made of is ``gathered`` where flows are asked for by name.
        """
        wanted = [field for field in FIELDS if fields is None or field in fields]
        self._fields = {kind: [field for field in of if field in wanted] for kind, of in _FIELDS_OF.items()}
        self.kinds = frozenset(kind for field in wanted for kind in (FIELDS[field], _ALSO.get(field)) if kind)
        self._selecting: dict[tuple[ScopeKey, str], list[Mapping[str, object]]] = {}
        self._narrowed: dict[tuple[ScopeKey, str], _Narrowed] = {}
        asked = fields is None or not referents.FIELDS.keys().isdisjoint(fields)
        self._referents = referents.Referents(fields) if asked else None
        self._grants = grants.Grants() if fields is None or grants.FIELD in fields else None
        self._gathers = FLOWS in (fields or ())
        self._unread: dict[str, set[str]] = {}
        self.gathered = Gathered(self._unread)

    def add(self, resource: Resource) -> None:
        """Take in a resource of the first pass; kinds that select nothing are passed over."""
        if resource.kind in self.kinds:
            self.put(resource.scope.key, resource.kind, _kept(resource))
        if self._referents is not None:
            self._referents.add(resource)
        if self._grants is not None:
            self._grants.add(resource)
        if self._gathers:
            self.gathered.add(resource)

    def leave_open(self, source: str, kinds: Collection[str]) -> None:
        """Take in that a part of a source is not read, which may hold these kinds: of them none is known to be absent.

        Resources are related, and networks built, when all of the source was gone through.
        """
        if kinds:
            self._unread.setdefault(source, set()).update(kinds)

    def put(self, scope: ScopeKey, kind: str, facts: Mapping[str, object]) -> None:
        """Take in what relates, by the key of its scope and its kind."""
        if kind == _UNREAD:
            self.leave_open(scope[2], cast("list[str]", facts["kinds"]))
            return
        if self.gathered.holds(kind):
            self.gathered.put(scope, kind, facts)
            return
        if self._referents is not None and self._referents.holds(kind):
            self._referents.put(scope, kind, facts)
            return
        if self._grants is not None and self._grants.holds(kind):
            self._grants.put(scope, kind, facts)
            return
        self._selecting.setdefault((scope, kind), []).append(facts)
        for field in _NARROWED:
            self._narrowed.pop((scope, field), None)

    def entries(self) -> Iterator[tuple[ScopeKey, str, Mapping[str, object]]]:
        """Everything that was taken in, in order: the key of its scope, its kind, its facts."""
        yield from ((("", "", source), *self._open(source)[0]) for source in self._unread)
        for (scope, kind), found in self._selecting.items():
            yield from ((scope, kind, facts) for facts in found)
        if self._referents is not None:
            yield from self._referents.entries()
        if self._grants is not None:
            yield from self._grants.entries()
        yield from self.gathered.entries()

    def within(self, scope: ScopeKey) -> list[tuple[str, Mapping[str, object]]]:
        """What was taken in of one scope: its kind and its facts."""
        found = [(kind, facts) for kind in sorted(KINDS) for facts in self._selecting.get((scope, kind), ())]
        found += self._referents.within(scope) if self._referents is not None else []
        found += self._grants.within(scope) if self._grants is not None else []
        return found + self.gathered.within(scope) + self._open(scope[2])

    def _open(self, source: str) -> list[tuple[str, Mapping[str, object]]]:
        """The entry that leaves a source open, if it is."""
        return [(_UNREAD, {"kinds": sorted(self._unread[source])})] if source in self._unread else []

    def merge(self, other: Index) -> None:
        """Take in what another index holds."""
        for scope, kind, facts in other.entries():
            self.put(scope, kind, facts)

    def relate(self, resource: Resource) -> Resource:
        """The resource with its ``related`` filled, if its kind has relations.

        A list holds the facts of what relates to it, in the order of the inputs. An empty list means that there
        is none: where that is not known, since only a part of the namespace was given or a selector cannot be read,
        the field is unknown. What was found is given as a plain list in an open scope too, although there may be
        more: it settles that there is at least one, which is what a policy asks.
        """
        resource = opened(resource, self._unread)
        if resource.kind == grants.KIND and self._grants is not None:
            return self._grants.relate(resource)
        if resource.kind not in _FIELDS_OF:
            return resource if self._referents is None else self._referents.relate(resource)
        subject = _subject(resource)
        related = {field: self._related(resource, field, subject) for field in self._fields[resource.kind]}
        facts = {**resource.facts, "related": {field: value for field, value in related.items() if value is not None}}
        how: dict[str, Provenance] = {}
        token = facts.get(_AUTOMOUNT)
        if isinstance(token, Unknown) and token.fact == _AUTOMOUNT and "service_account" in related:
            facts[_AUTOMOUNT], how[_AUTOMOUNT] = _token(related["service_account"])
        least = _least(related.get("horizontal_pod_autoscalers"))
        if least is not None:
            facts["replicas"], how["replicas"] = least, Provenance("inherited", "the HorizontalPodAutoscaler")
        return replace(resource, facts=facts, origins=RelatedOrigins(resource.origins, related, how))

    def _related(self, resource: Resource, field: str, subject: _Subject) -> object:
        namespace = resource.facts.get("namespace")
        if isinstance(namespace, Unknown):
            return namespace
        asked = _ASKS.get(field, _always)(subject)
        if asked is not True:
            return asked
        scope, kind = resource.scope.key, FIELDS[field]
        selects = self._blocks(scope) if field == "blocked" else _SELECTS[field]
        verdicts = [(facts, selects(facts, subject)) for facts in self._candidates(scope, field, subject)]
        found = [_told(facts, field) for facts, selected in verdicts if selected]
        if found:
            return _single(found, field) if field in _ONE else found
        if any(selected is None for _, selected in verdicts):
            return Unknown(f"related.{field}", "it hangs on labels or a selector that the manifests do not settle")
        if kind not in resource.scope.closed:
            return Unknown(f"related.{field}", *resource.scope.why_open)
        return None if field in _ONE else found

    def _blocks(self, scope: ScopeKey) -> Selects:
        """Whether a budget keeps all Pods of a workload, of which an autoscaler may keep more than it asks for."""
        scalers = self._selecting.get((scope, "horizontal_pod_autoscaler"), [])

        def blocks(workload: Mapping[str, object], budget: _Subject) -> bool | None:
            return _keeps_all(budget.facts, workload, [one for one in scalers if _scales(one, workload) is not False])

        return blocks

    def _candidates(self, scope: ScopeKey, field: str, subject: _Subject) -> Iterable[Mapping[str, object]]:
        """What may relate, in order: many Pods meet many Services, and few of them match."""
        listed = self._selecting.get((scope, FIELDS[field]))
        if listed is None:
            return ()
        if field not in _NARROWED:
            return listed
        narrowed = self._narrowed.get((scope, field))
        if narrowed is None:
            narrowed = self._narrowed[(scope, field)] = _Narrowed(listed, field)
        return narrowed.candidates(subject)


def _told(facts: Mapping[str, object], field: str) -> Mapping[str, object]:
    """What ``related`` says of a resource: its name alone where more is kept of it only to find it."""
    if field not in _NAMED:
        return facts
    return {name: facts[name] for name in ("name", "controller") if name in facts}


def _kept(resource: Resource) -> Mapping[str, object]:
    """The facts of a resource that are kept."""
    facts, names = resource.facts, _KEPT.get(resource.kind)
    return facts if names is None else {name: facts[name] for name in names if name in facts}


def _least(scalers: object) -> int | None:
    """How many Pods an autoscaler keeps at least, whatever their controller asks for; None where none is known."""
    found = [scaler.get("min_replicas") for scaler in scalers] if isinstance(scalers, list) else []
    known = [count for count in found if isinstance(count, int)]
    return max(known) if known and len(known) == len(found) else None


class _Narrowed:
    """What selects Pods, by something that a Pod must have to be selected: a label, a name."""

    __slots__ = ("_by_need", "_listed", "_others")

    def __init__(self, listed: list[Mapping[str, object]], field: str) -> None:
        self._listed = listed
        self._by_need: dict[object, list[int]] = {}
        self._others: list[int] = []
        for index, facts in enumerate(listed):
            need = _need(facts, field)
            (self._others if need is None else self._by_need.setdefault(need, [])).append(index)

    def candidates(self, pod: _Subject) -> list[Mapping[str, object]]:
        """All that may select a Pod, in order; all there are where the Pod's labels or names are not known."""
        has = _has(pod)
        if has is None:
            return self._listed
        found = [index for one in has for index in self._by_need.get(one, ())]
        return [self._listed[index] for index in sorted(found + self._others)]


def _need(facts: Mapping[str, object], field: str) -> object:
    """Something that a Pod must have to be selected; None where nothing of the kind is known."""
    if field in ("service_account", "same_service_account"):
        return _named("service account", facts.get("name" if field == "service_account" else "service_account"))
    if field == "horizontal_pod_autoscalers":
        target = facts.get("target")
        return _named("name", target.get("name")) if isinstance(target, dict) else None
    selector = facts.get("selector" if field == "services" else "pod_selector")
    labels = selector.get("match_labels") if isinstance(selector, dict) and field != "services" else selector
    pairs = labels.items() if isinstance(labels, dict) else ()
    return next((pair for pair in pairs if isinstance(pair[1], str) and pair[0] not in BY_CONTROLLERS), None)


def _named(what: str, name: object) -> object:
    return (what, name, "") if isinstance(name, str) else None


def _has(pod: _Subject) -> list[object] | None:
    """What a Pod has that :func:`_need` may name; None where a part of it is not known."""
    labels, names = pod.labels, (pod.name, pod.service_account)
    if not isinstance(labels, dict) or isinstance(labels, OpenMap):
        return None
    if any(isinstance(value, Unknown) for value in (*labels.values(), *names)):
        return None
    named = [_named("name", pod.name), _named("service account", pod.service_account)]
    return [*labels.items(), *(need for need in named if need is not None)]


def _single(found: list[Mapping[str, object]], field: str) -> object:
    """The one of a list of namesakes; unknown where they differ."""
    if any(other != found[0] for other in found[1:]):
        kind = "ServiceAccounts" if field == "service_account" else "objects"
        return Unknown(f"related.{field}", f"several {kind} have its name")
    return found[0]


def _token(account: object) -> tuple[object, Provenance]:
    """Whether Pods that leave it to their ServiceAccount get its token, and why.

    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
    """
    if isinstance(account, Unknown):
        return account, Provenance("unknown", account.settle)
    if not isinstance(account, dict):
        return True, Provenance("default", "Kubernetes")
    value = account.get(_AUTOMOUNT, True)
    if isinstance(value, Unknown):
        return value, Provenance("unknown", value.settle)
    return value, Provenance("inherited", f"service_account/{account.get('name')}")


class _Subject(Struct, frozen=True):
    """What others relate to: its facts; of Pods their labels, which a controller that ``made`` them adds to."""

    facts: Mapping[str, object]
    labels: object
    made: bool
    controller: object
    name: object
    service_account: object

    def label(self, key: str) -> object:
        """A label's value, None for none, Unknown where the manifest does not settle it."""
        return label(self.labels, key, made=self.made)


Selects = Callable[[Mapping[str, object], _Subject], "bool | None"]
"""Whether what has these facts relates to a subject, None where that is unknown."""


def _subject(resource: Resource) -> _Subject:
    facts = resource.facts
    return _Subject(
        facts,
        facts.get(_LABELS_OF.get(resource.kind, ""), {}),
        resource.kind == "workload" or facts.get("controller") != "Pod",
        facts.get("controller"),
        facts.get("name"),
        facts.get("service_account"),
    )


def _service_selects(facts: Mapping[str, object], pod: _Subject) -> bool | None:
    """Services without a selector, and ExternalName ones, send their traffic elsewhere."""
    selector = facts.get("selector")
    if not selector or facts.get("type") == "ExternalName":
        return False
    return labels_match(selector, pod)


def _policy_selects(facts: Mapping[str, object], pod: _Subject) -> bool | None:
    return selector_matches(facts.get("pod_selector"), pod)


def _account_selects(facts: Mapping[str, object], pod: _Subject) -> bool | None:
    return _same(facts.get("name"), pod.service_account)


def _scales(scaler: Mapping[str, object], workload: Mapping[str, object]) -> bool | None:
    """Whether an autoscaler scales a workload."""
    target = scaler.get("target")
    if not isinstance(target, dict):
        return None if isinstance(target, Unknown) else False
    named = _same(target.get("name"), workload.get("name"))
    return all_of([_same(target.get("kind"), workload.get("controller")), named])


def _shares_account(facts: Mapping[str, object], pod: _Subject) -> bool | None:
    """Whether other Pods run as the same ServiceAccount."""
    itself = (facts.get("controller"), facts.get("name")) == (pod.controller, pod.name)
    return False if itself else _same(facts.get("service_account"), pod.service_account)


def _keeps_all(
    budget: Mapping[str, object], workload: Mapping[str, object], scalers: list[Mapping[str, object]]
) -> bool | None:
    """Whether a budget with a number of Pods keeps all that a workload has."""
    pods = Labels(workload.get("pod_labels", {}), made=True)
    replicas = _least(scalers) if scalers else workload.get("replicas")
    selected = selector_matches(budget.get("pod_selector"), pods)
    if selected is False or replicas == 0:
        return False
    if not isinstance(replicas, int):
        return False if replicas is None and not scalers else None
    fewest = int(str(budget.get("min_available")))
    return all_of([selected, fewest >= replicas])


def _same(wanted: object, has: object) -> bool | None:
    if wanted is None or has is None:
        return False
    return None if isinstance(wanted, Unknown) or isinstance(has, Unknown) else wanted == has


_SELECTS: Mapping[str, Selects] = {
    "pod_disruption_budgets": _policy_selects,
    "network_policies": _policy_selects,
    "services": _service_selects,
    "service_account": _account_selects,
    "horizontal_pod_autoscalers": lambda scaler, workload: _scales(scaler, workload.facts),
    "limit_ranges": lambda _range, _pod: True,
    "resource_quotas": lambda _quota, _pod: True,
    "same_service_account": _shares_account,
    "governing_service": lambda service, workload: _same(service.get("name"), workload.facts.get("service_name")),
    "target": lambda workload, scaler: _scales(scaler.facts, workload),
}

_NARROWED = frozenset((*_OF_PODS, "same_service_account"))
"""The fields whose candidates are narrowed."""


def _always(_subject: _Subject) -> object:
    return True


def _counts(budget: _Subject) -> object:
    """Only a number of Pods can be all that a workload has."""
    fewest = budget.facts.get("min_available")
    if isinstance(fewest, Unknown):
        return fewest
    return True if isinstance(fewest, str) and fewest.isascii() and fewest.isdigit() and len(fewest) < _DIGITS else []


def _has_own_account(pod: _Subject) -> object:
    """The ServiceAccount default is shared by nature."""
    return [] if pod.service_account == "default" else True


def _names_service(workload: _Subject) -> object:
    name = workload.facts.get("service_name")
    return name if isinstance(name, Unknown | None) else True


_DIGITS = 10
_ASKS: Mapping[str, Callable[[_Subject], object]] = {
    "blocked": _counts,
    "same_service_account": _has_own_account,
    "governing_service": _names_service,
}
"""Whether a subject can have a relation: True, or what the relation is without looking."""
