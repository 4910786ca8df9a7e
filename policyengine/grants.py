"""What bindings give: the rules of their roles, aggregation resolved, and the rights that these are.

The first pass keeps the roles and the bindings of each source; the second one fills the resources of kind ``rbac``.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec.structs import asdict, replace

from policyengine.authentication.rbac.cluster import Cluster
from policyengine.authentication.rbac.facts import binding_of, role_of
from policyengine.authentication.rbac.rights import EVERYTHING, NAMES, names
from policyengine.authentication.rbac.roles import Roles
from policyengine.authentication.rbac.subjects import User, groups, member
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.unknown import OpenList, OpenMap, Unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from policyengine.authentication.rbac.binding import Binding
    from policyengine.authentication.rbac.roles import Rules
    from policyengine.authentication.rbac.rules import Rule
    from policyengine.model.location import Location
    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import DocumentPath, Origins, Resource
    from policyengine.model.scope import Scope
    from policyengine.model.source_line import SourceLine

    ScopeKey = tuple[str, str, str]
    Facts = Mapping[str, object]

KIND = "rbac"
FIELD = "rbac"
"""What is asked of relations where policies are about subjects."""

_PREFIX = "grants:"
"""What the kinds of its entries begin with, beside those of other relations."""

_KEPT = {
    "role": ("name", "namespace", "cluster", "labels", "rules", "aggregation"),
    "role_binding": ("name", "namespace", "role_ref", "subjects"),
}
"""The kinds that are kept, and their facts that are."""

_WORDS = (b"Role", b"rbac.authorization")
"""What a manifest has that holds one of these."""

_SYSTEM = "kube-system"


class Grants:
    """The roles and bindings of each source."""

    def __init__(self) -> None:
        self._found: dict[ScopeKey, list[tuple[str, Facts]]] = {}
        self._clusters: dict[ScopeKey, Cluster] = {}
        self._digests: dict[ScopeKey, str] = {}
        self._held: dict[tuple[ScopeKey, bool, str], Facts] = {}

    def add(self, resource: Resource) -> None:
        """Take in a resource of the first pass, if it is a role or a binding."""
        kept = _KEPT.get(resource.kind)
        if kept is not None:
            facts = {name: resource.facts[name] for name in kept if name in resource.facts}
            self.put(_source(resource.scope.key), f"{_PREFIX}{resource.kind}", facts)

    @staticmethod
    def holds(kind: str) -> bool:
        """Whether an entry of a kind is one of these."""
        return kind.startswith(_PREFIX)

    def put(self, scope: ScopeKey, kind: str, facts: Facts) -> None:
        """Take in an entry."""
        self._found.setdefault(scope, []).append((kind, facts))
        self._clusters.pop(scope, None)
        self._digests.pop(scope, None)
        self._held.clear()

    def entries(self) -> Iterator[tuple[ScopeKey, str, Facts]]:
        """Everything that was taken in."""
        for scope, found in self._found.items():
            yield from ((scope, kind, facts) for kind, facts in found)

    def within(self, scope: ScopeKey) -> list[tuple[str, Facts]]:
        """What was taken in that bears on a scope, all of its source, as its digest: each namespace asks for it."""
        source = _source(scope)
        if source not in self._digests:
            told = [(kind, _told(facts)) for kind, facts in self._found.get(source, ())]
            self._digests[source] = sha256(repr(told).encode(errors="surrogatepass")).hexdigest()
        return [(f"{_PREFIX}digest", {"digest": self._digests[source]})]

    def relate(self, resource: Resource) -> Resource:
        """A resource of kind ``rbac`` with what its binding gives it."""
        cluster = self.cluster(resource.scope)
        facts = {**resource.facts, **_given(cluster, resource.facts), **self._altogether(resource)}
        return replace(resource, facts=facts, origins=_Origins(resource.origins, facts))

    def cluster(self, scope: Scope) -> Cluster:
        """The roles and bindings of the source that a scope is of."""
        key = _source(scope.key)
        if key not in self._clusters:
            roles = [role_of(facts) for facts in self._of(key, "role")]
            bindings = [binding_of(facts) for facts in self._of(key, "role_binding")]
            given = Roles([role for role in roles if role], complete="role" in scope.closed)
            self._clusters[key] = Cluster(given, [binding for binding in bindings if binding])
        return self._clusters[key]

    def _altogether(self, resource: Resource) -> Facts:
        """What all bindings give the subject; as the reader left it where it is not settled who that is."""
        account, is_group = resource.facts.get("account"), resource.facts.get("subject_kind") == "Group"
        if not isinstance(account, str):
            return {}
        key = (_source(resource.scope.key), is_group, account)
        if key not in self._held:
            user = member(account) if is_group else User(account, groups(account))
            self._held[key] = _altogether(self.cluster(resource.scope), user)
        return self._held[key]

    def _of(self, key: ScopeKey, kind: str) -> Iterable[Facts]:
        return (facts for of, facts in self._found.get(key, ()) if of == f"{_PREFIX}{kind}")


def _told(value: object) -> object:
    """A value with what leaves it open, which its own representation lacks."""
    if isinstance(value, dict):
        told: object = {key: _told(item) for key, item in value.items()}
    else:
        told = [_told(item) for item in value] if isinstance(value, list) else value
    return (told, value.unknown) if isinstance(value, OpenList | OpenMap) else told


def _source(scope: ScopeKey) -> ScopeKey:
    """Where all of a source's are kept: roles are granted, and subjects named, across namespaces."""
    kind, _, source = scope
    return (kind, "", source)


def _given(cluster: Cluster, facts: Facts) -> Facts:
    """What the resource's own binding gives; as the reader left it where it is not settled which role that is of."""
    binding = binding_of({**facts, "name": "", "namespace": facts.get("within"), "role_ref": facts.get("role")})
    if binding is None:
        return {}
    found = cluster.rules(binding)
    rules: list[object] = [{name: list(value) for name, value in asdict(rule).items()} for rule in found.rules]
    return {
        "rules": _open(rules, found.unread, "rbac.rules"),
        "rights": _open(_rights(binding, found), found.unread, "rbac.rights"),
    }


def _rights(binding: Binding, found: Rules) -> list[object]:
    cluster = not binding.namespace
    return list(names(found.rules, system=cluster or binding.namespace == _SYSTEM, cluster=cluster))


def _altogether(cluster: Cluster, user: User) -> Facts:
    """What all bindings give somebody."""
    held = [(binding, cluster.rules(binding)) for binding in cluster.holding(user)]
    unread = next((found.unread for _, found in held if found.unread), None)
    told: list[object] = [str(binding) for binding, _ in held]
    return {
        "all_rights": _open(_all_rights(held), unread, "rbac.all_rights"),
        "all_bindings": told,
    }


def _all_rights(held: list[tuple[Binding, Rules]]) -> list[object]:
    """What rules allow together: all that hold everywhere, and with them those of each namespace."""
    inside: dict[str, list[Rule]] = {"": []}
    for binding, found in held:
        inside.setdefault(binding.namespace, []).extend(found.rules)
    everywhere = inside.pop("")
    rights = set(names(everywhere, system=True, cluster=True))
    for namespace, rules in inside.items():
        rights.update(names([*everywhere, *rules], system=namespace == _SYSTEM, cluster=False))
    return [right for right in (EVERYTHING, *NAMES) if right in rights]


def _open(items: list[object], unread: Unknown | None, fact: str) -> list[object]:
    return items if unread is None else OpenList(items, Unknown(fact, unread.why, unread.settle))


class _Origins:
    """A resource's origins; what its binding gives it is told where the binding names it."""

    __slots__ = ("_facts", "_origins")

    def __init__(self, origins: Origins, facts: Facts) -> None:
        self._origins = origins
        self._facts = facts

    def where(self, path: FieldPath) -> Location:
        """The span of a field."""
        return self._origins.where(_written(path))

    def written(self, path: FieldPath) -> tuple[str, DocumentPath]:
        """The file that a field is written in, and its place there."""
        return self._origins.written(_written(path))

    def provenance(self, path: FieldPath) -> Provenance:
        """How a field came by its value: what is granted is as declared as the binding that grants it."""
        if path[:1] not in _RESOLVED:
            return self._origins.provenance(path)
        value = self._facts.get(str(path[0]))
        unread = value.unknown if isinstance(value, OpenList) else value if isinstance(value, Unknown) else None
        return DECLARED if unread is None else Provenance("unknown", unread.settle)

    def excerpt(self, location: Location) -> SourceLine | None:
        """The line of the resource's own document where a location starts."""
        return self._origins.excerpt(location)


_RESOLVED = (("rules",), ("rights",), ("all_rights",), ("all_bindings",))


def _written(path: FieldPath) -> FieldPath:
    """The reference that a field tells of: of what is granted its place is that of the whole field, the subject."""
    return path[:1] if path[:1] in _RESOLVED else path


def wanted(kinds: Collection[str]) -> frozenset[str]:
    """What is asked of relations where policies are about resources of some kinds."""
    return frozenset({FIELD}) if KIND in kinds else frozenset()


def may_be_in(data: bytes, fields: Collection[str]) -> bool:
    """Whether a file may hold a role or a binding, where these are asked for."""
    return FIELD in fields and all(word in data for word in _WORDS)
