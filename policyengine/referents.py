"""What objects refer to, and whether it is there.

The Pods that a Service or a NetworkPolicy selects, the Services of an Ingress, the NetworkPolicies of a Namespace, the
ClusterRoles that allow everything. What is not there is known only of a source that is seen as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.selecting import BY_CONTROLLERS, Labels, labels_match, selector_matches
from policyengine.model.unknown import OpenList, OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import DocumentPath, Origins, Resource
    from policyengine.model.source_line import SourceLine

    ScopeKey = tuple[str, str, str]
    Facts = Mapping[str, object]

FIELDS = {
    "selects_pods": "pod",
    "service_exists": "service",
    "port_exists": "service",
    "has_network_policy": "network_policy",
    "grants_everything": "role",
}
"""The fields that it fills, each with the kind that it hangs on."""

_WORDS: Mapping[str, tuple[bytes, ...]] = {
    "selects_pods": (b"containers",),
    "service_exists": (b"Service",),
    "port_exists": (b"Service",),
    "has_network_policy": (b"NetworkPolicy",),
    "grants_everything": (b"ClusterRole", b"*"),
}
"""By field: words that a manifest has which may hold what is referred to."""

_PREFIX = "referent:"
"""What the kinds of its entries begin with, beside those of other relations."""

_KEPT = {"pod": ("labels", "controller"), "service": ("name", "ports"), "network_policy": ("name",), "role": ("name",)}
"""The kinds that are referred to, and the facts that are kept of them; of roles those that allow everything are."""

_INSTEAD = {"service": "selector", "network_policy": "pod_selector", "namespace": "name", "role_binding": "role_ref"}
"""By kind: the field at which it stands that there is nothing."""


class Referents:
    """What is referred to, by scope."""

    def __init__(self, fields: Collection[str] | None = None) -> None:
        """``fields`` are wanted, None for all: of what the others hang on nothing is kept."""
        self._kinds = frozenset(kind for field, kind in FIELDS.items() if fields is None or field in fields)
        self._found: dict[tuple[ScopeKey, str], list[Facts]] = {}
        self._pods: dict[ScopeKey, _Pods] = {}

    def add(self, resource: Resource) -> None:
        """Take in a resource of the first pass, if it may be referred to."""
        kept = _KEPT.get(resource.kind)
        if kept is not None and resource.kind in self._kinds and _may_be_meant(resource):
            facts = {name: resource.facts[name] for name in kept if name in resource.facts}
            self.put(resource.scope.key, f"{_PREFIX}{resource.kind}", facts)

    @staticmethod
    def holds(kind: str) -> bool:
        """Whether an entry of a kind is one of these."""
        return kind.startswith(_PREFIX)

    def put(self, scope: ScopeKey, kind: str, facts: Facts) -> None:
        """Take in an entry."""
        self._found.setdefault((scope, kind), []).append(facts)
        self._pods.pop(scope, None)

    def entries(self) -> Iterator[tuple[ScopeKey, str, Facts]]:
        """Everything that was taken in."""
        for (scope, kind), found in self._found.items():
            yield from ((scope, kind, facts) for facts in found)

    def within(self, scope: ScopeKey) -> list[tuple[str, Facts]]:
        """What was taken in of one scope."""
        places = [(scope, f"{_PREFIX}{kind}") for kind in _KEPT if kind != "role"]
        places.append((_cluster(scope), f"{_PREFIX}role"))
        return [(kind, facts) for at, kind in places for facts in self._found.get((at, kind), ())]

    def relate(self, resource: Resource) -> Resource:
        """The resource with the fields filled that say whether what it refers to is there."""
        field, fill = _FILL.get(resource.kind, ("", None))
        namespace = resource.facts.get("namespace")
        if fill is None or FIELDS[field] not in self._kinds or isinstance(namespace, Unknown):
            return resource
        facts = {**resource.facts, **fill(self, resource)}
        return replace(resource, facts=facts, origins=_Origins(resource.origins, resource.kind, facts))

    def pods(self, resource: Resource) -> _Pods:
        """The Pods of a resource's namespace."""
        key = resource.scope.key
        if key not in self._pods:
            self._pods[key] = _Pods(self._found.get((key, f"{_PREFIX}pod"), []))
        return self._pods[key]

    def found(self, scope: ScopeKey, kind: str) -> list[Facts]:
        """What is kept of the resources of a kind in a namespace."""
        return self._found.get((scope, f"{_PREFIX}{kind}"), [])

    def names(self, scope: ScopeKey, kind: str) -> list[object]:
        """The names of what is of a kind in a namespace."""
        return [facts.get("name") for facts in self.found(scope, kind)]


def _cluster(scope: ScopeKey) -> ScopeKey:
    """Where the objects are that are in no namespace."""
    kind, _, source = scope
    return (kind, "", source)


def _may_be_meant(resource: Resource) -> bool:
    facts = resource.facts
    if resource.kind != "role":
        return facts.get("controller") != "PodTemplate"
    rules = facts.get("rules")
    return facts.get("cluster") is True and isinstance(rules, list) and any(map(_allows_everything, rules))


_EVERY_VERB = ("get", "list", "watch", "create", "update", "patch", "delete")
"""Who has these on everything gives himself the others."""


def _allows_everything(rule: object) -> bool:
    if not isinstance(rule, dict):
        return False
    verbs, *others = (rule.get(key) for key in ("verbs", "resources", "api_groups"))
    every = isinstance(verbs, list) and ("*" in verbs or all(verb in verbs for verb in _EVERY_VERB))
    return every and all(isinstance(items, list) and "*" in items for items in others)


class _Pods:
    """The Pods of a namespace, by their labels."""

    def __init__(self, listed: list[Facts]) -> None:
        self._all = [Labels(facts.get("labels", {}), made=facts.get("controller") != "Pod") for facts in listed]
        self._by_label: dict[tuple[str, object], list[Labels]] = {}
        self._unsure: list[Labels] = []
        for pod in self._all:
            if not isinstance(pod.labels, dict) or isinstance(pod.labels, OpenMap) or _has_unknown(pod.labels):
                self._unsure.append(pod)
            else:
                for pair in pod.labels.items():
                    self._by_label.setdefault(pair, []).append(pod)

    def candidates(self, labels: object) -> list[Labels]:
        """Those that may have all of some labels: many Services meet many Pods."""
        pairs = labels.items() if isinstance(labels, dict) else ()
        pair = next((pair for pair in pairs if isinstance(pair[1], str) and pair[0] not in BY_CONTROLLERS), None)
        return self._all if pair is None else [*self._by_label.get(pair, ()), *self._unsure]


def _has_unknown(labels: Mapping[str, object]) -> bool:
    return any(isinstance(value, Unknown) for value in labels.values())


def _found(verdicts: list[bool | None], resource: Resource, kind: str, field: str) -> object:
    """Whether there is one: True, False, or Unknown where that is not settled."""
    if True in verdicts:
        return True
    if None in verdicts:
        return Unknown(field, "it hangs on labels, a selector or a name that the manifests do not settle")
    if kind not in resource.scope.closed:
        return Unknown(field, *resource.scope.why_open)
    return False


def _service(index: Referents, resource: Resource) -> Facts:
    """A Service without a selector, or for a name elsewhere, has its endpoints from somebody else."""
    selector = resource.facts.get("selector")
    if not selector or resource.facts.get("type") == "ExternalName":
        return {}
    verdicts = [labels_match(selector, pod) for pod in index.pods(resource).candidates(selector)]
    return {"selects_pods": _found(verdicts, resource, "pod", "service.selects_pods")}


def _network_policy(index: Referents, resource: Resource) -> Facts:
    facts: dict[str, object] = {"selects_pods": _selects(index, resource, resource.facts.get("pod_selector"))}
    for way in ("ingress", "egress"):
        rules = resource.facts.get(way)
        if isinstance(rules, list):
            facts[way] = _like(rules, [_rule(index, resource, rule) for rule in rules])
    return facts


def _like(listed: list[object], items: list[object]) -> list[object]:
    """A list with other items, as open as it was."""
    return OpenList(items, listed.unknown) if isinstance(listed, OpenList) else items


def _rule(index: Referents, resource: Resource, rule: object) -> object:
    peers = rule.get("peers") if isinstance(rule, dict) else None
    if not isinstance(rule, dict) or not isinstance(peers, list):
        return rule
    return {**rule, "peers": _like(peers, [_peer(index, resource, peer) for peer in peers])}


def _peer(index: Referents, resource: Resource, peer: object) -> object:
    """A peer of the policy's own namespace: Pods of others may be in other places than were given."""
    if not isinstance(peer, dict) or "pod_selector" not in peer or "namespace_selector" in peer:
        return peer
    return {**peer, "selects_pods": _selects(index, resource, peer["pod_selector"])}


def _selects(index: Referents, resource: Resource, selector: object) -> object:
    labels = selector.get("match_labels") if isinstance(selector, dict) else None
    verdicts = [selector_matches(selector, pod) for pod in index.pods(resource).candidates(labels)]
    if isinstance(selector, Unknown):
        return selector
    return _found(verdicts, resource, "pod", "network_policy.selects_pods")


def _ingress(index: Referents, resource: Resource) -> Facts:
    facts: dict[str, object] = {}
    services = index.found(resource.scope.key, "service")
    paths, default = resource.facts.get("paths"), resource.facts.get("default_backend")
    if isinstance(paths, list):
        facts["paths"] = _like(paths, [_backend(services, resource, path) for path in paths])
    if isinstance(default, dict):
        facts["default_backend"] = _backend(services, resource, default)
    return facts


_BY_ANNOTATION = "use-annotation"
"""The port of a backend that is no Service: AWS's controller finds in an annotation what to do.

https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#actions
"""


def _backend(services: list[Facts], resource: Resource, backend: object) -> object:
    service = backend.get("service") if isinstance(backend, dict) else None
    if not isinstance(backend, dict) or service is None or backend.get("port") == _BY_ANNOTATION:
        return backend
    names = [facts.get("name") for facts in services]
    unsettled = any(isinstance(name, Unknown) for name in names)
    open_ = isinstance(service, Unknown) or (unsettled and service not in names)
    verdict = None if open_ else service in names
    exists = _found([verdict], resource, "service", "ingress.paths.service_exists")
    served = _serves([facts for facts in services if facts.get("name") == service], backend.get("port"))
    return {**backend, "service_exists": exists} | ({} if served is None else {"port_exists": served})


def _serves(services: list[Facts], port: object) -> bool | None:
    """Whether one of the Services has a port of that number or name; None where they do not tell."""
    listed = [facts.get("ports") for facts in services]
    if not isinstance(port, str) or not listed or not all(_is_settled(ports) for ports in listed):
        return None
    return any(port in (each.get("name"), str(each.get("port"))) for ports in listed for each in _items(ports))


def _is_settled(ports: object) -> bool:
    if not isinstance(ports, list) or isinstance(ports, OpenList):
        return False
    values = (each.get(key) for each in _items(ports) for key in ("name", "port"))
    return len(_items(ports)) == len(ports) and not any(isinstance(value, Unknown) for value in values)


def _items(ports: object) -> list[Facts]:
    return [each for each in ports if isinstance(each, dict)] if isinstance(ports, list) else []


def _namespace(index: Referents, resource: Resource) -> Facts:
    verdicts: list[bool | None] = [True for _ in index.names(resource.scope.key, "network_policy")]
    return {"has_network_policy": _found(verdicts, resource, "network_policy", "namespace.has_network_policy")}


def _role_binding(index: Referents, resource: Resource) -> Facts:
    """Of a role that is not given it is not told what it allows: it is judged where it is written."""
    role = resource.facts.get("role_ref")
    if not isinstance(role, dict) or role.get("kind") != "ClusterRole":
        return {}
    return {"grants_everything": True} if role.get("name") in index.names(_cluster(resource.scope.key), "role") else {}


_FILL: Mapping[str, tuple[str, Callable[[Referents, Resource], Facts]]] = {
    "service": ("selects_pods", _service),
    "network_policy": ("selects_pods", _network_policy),
    "ingress": ("service_exists", _ingress),
    "namespace": ("has_network_policy", _namespace),
    "role_binding": ("grants_everything", _role_binding),
}
"""By kind: the field that it has, and how that is filled."""


class _Origins:
    """A resource's origins; what is not there is missing where it is referred to."""

    __slots__ = ("_facts", "_kind", "_origins")

    def __init__(self, origins: Origins, kind: str, facts: Facts) -> None:
        self._origins = origins
        self._kind = kind
        self._facts = facts

    def where(self, path: FieldPath) -> Location:
        """The span of a field."""
        return self._origins.where(self._written(path))

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        """The file that a field is, or would be, written in, and its place there."""
        return self._origins.written(self._written(path))

    def provenance(self, path: FieldPath) -> Provenance:
        """How a field came by its value; what is referred to is as declared as the reference."""
        if not path or path[-1] not in FIELDS:
            return self._origins.provenance(path)
        value: object = self._facts
        for step in path:
            value = _step(value, step)
        return Provenance("unknown", value.settle) if isinstance(value, Unknown) else DECLARED

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line of the resource's own document where a location starts."""
        return self._origins.excerpt(location)

    def _written(self, path: FieldPath) -> FieldPath:
        """The reference that a field tells of."""
        if not path or path[-1] not in FIELDS:
            return path
        named = path[-1].removesuffix("_exists") if self._kind == "ingress" else _INSTEAD[self._kind]
        return (*path[:-1], named)


def _step(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def wanted(words: Collection[str]) -> frozenset[str]:
    """The fields that rules with these words read."""
    return frozenset(field for field in FIELDS if field in words)


def may_be_in(data: bytes, fields: Collection[str]) -> bool:
    """Whether a file may hold what one of the fields hangs on."""
    return any(all(word in data for word in words) for field, words in _WORDS.items() if field in fields)
