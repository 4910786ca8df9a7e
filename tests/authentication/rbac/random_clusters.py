"""Clusters drawn at random, small enough that much in them meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.authentication.rbac.manifests import aggregate, binding, role, rule
from tests.authentication.rbac.reference import Attributes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.authentication.rbac.manifests import Manifest

_VERBS = ["get", "list", "create", "bind", "*"]
_RESOURCES = ["pods", "pods/exec", "pods/log", "*/exec", "secrets", "*", "*/*", "pods/*", "exec"]
_GROUPS = ["core", "apps", "*"]
_NAMES = ["a", "b", ""]
_URLS = ["/healthz", "/api/*", "/api", "*", "/a*", "/", "/*/b", "/a**"]
_NAMESPACES = ["default", "shop"]
_ROLES = ["r0", "r1", "r2", "gone"]
_LABELS = [{}, {"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": "1", "b": "1"}]
_SUBJECTS = [
    *("user:jane", "user:system:serviceaccount:shop:web", "group:ops", "group:system:authenticated"),
    *("group:system:serviceaccounts:shop", "group:system:serviceaccounts", "sa:shop/web", "sa:web", "sa:default/web"),
]
_SELECTORS: list[Manifest] = [
    {"matchLabels": {"a": "1"}},
    {"matchLabels": {"a": "1", "b": "1"}},
    {"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]},
    {"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}, {"key": "b", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "b", "operator": "DoesNotExist"}], "matchLabels": {"a": "2"}},
]

USERS: list[tuple[str, set[str]]] = [
    ("jane", {"system:authenticated"}),
    ("joe", {"ops", "system:authenticated"}),
    ("system:anonymous", {"system:unauthenticated"}),
    *(
        (
            f"system:serviceaccount:{namespace}:web",
            {"system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{namespace}"},
        )
        for namespace in _NAMESPACES
    ),
]

ASKED = [
    *(
        Attributes(verb, resource, group, subresource, name, namespace)
        for verb in ("get", "create", "bind")
        for resource, subresource in (("pods", ""), ("pods", "exec"), ("secrets", ""), ("exec", ""))
        for group in ("", "apps")
        for name in ("", "a")
        for namespace in ("", "default", "shop")
    ),
    *(Attributes("get", path=path) for path in ("/healthz", "/api", "/api/v1", "/", "/apple", "/x/b")),
]


def some(random: Random, of: list[str], most: int) -> str:
    """A few of them, as words."""
    return " ".join(random.sample(of, random.randint(1, min(most, len(of)))))


def random_rule(random: Random) -> Manifest:
    """A rule; now and then one on URLs, which ClusterRoles have."""
    if random.random() < 0.15:
        return rule(some(random, _VERBS, 2), urls=some(random, _URLS, 2))
    names = some(random, _NAMES[:2], 2) if random.random() < 0.3 else ""
    found = rule(some(random, _VERBS, 2), some(random, _RESOURCES, 2), some(random, _GROUPS, 2), names)
    if random.random() < 0.05:
        found[random.choice(["verbs", "apiGroups", "resources"])] = []
    return found


def random_cluster(random: Random) -> list[Manifest]:
    """Roles, aggregated ones among them, and bindings to them and to some that are not there."""
    return [*_roles(random), *_bindings(random)]


def _roles(random: Random) -> Iterator[Manifest]:
    for name in _ROLES[:-1]:
        labels = random.choice(_LABELS)
        if random.random() < 0.3:
            yield aggregate(name, *random.sample(_SELECTORS, random.randint(0, 2)), labels=labels)
        else:
            yield role(name, *(random_rule(random) for _ in range(random.randint(0, 2))), labels=labels)
        for namespace in _NAMESPACES:
            if random.random() < 0.5:
                yield role(name, random_rule(random), namespace=namespace)


def _bindings(random: Random) -> Iterator[Manifest]:
    for index in range(random.randint(1, 4)):
        namespace = random.choice(["", *_NAMESPACES])
        granted = random.choice(_ROLES)
        granted = f"role/{granted}" if namespace and random.random() < 0.5 else granted
        subjects = random.sample(_SUBJECTS, random.randint(0, 3))
        yield binding(granted, *subjects, namespace=namespace, name=f"b{index}")
