"""What a rule of a role allows, and which rules another one covers.

As Kubernetes' own authorizer and its check against escalation have it: pkg/apis/rbac/v1/evaluation_helpers.go, and
Covers of k8s.io/component-helpers/auth/rbac/validation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ALL = "*"
"""Every verb, API group, resource or URL. Nothing else is a pattern, but ``*/scale`` and URLs that end in ``*``."""


class Rule(Struct, frozen=True):
    """A PolicyRule: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-v1/.

    A resource is ``pods``, or with its subresource ``pods/exec``. Without ``resource_names`` all objects are meant.
    """

    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = ()


class Request(Struct, frozen=True):
    """What is asked of the API server: a verb on a resource, or with a ``path`` on that URL.

    ``name`` is empty for a request about no single object: to create one, to list all. ``namespace`` is empty for
    objects that are in none, and for a request about all namespaces.
    """

    verb: str
    resource: str = ""
    group: str = ""
    subresource: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""


def allows(rule: Rule, request: Request) -> bool:
    """Whether a rule allows a request, wherever the rule holds."""
    if ALL not in rule.verbs and request.verb not in rule.verbs:
        return False
    if request.path:
        return any(_matches(url, request.path) for url in rule.non_resource_urls)
    if ALL not in rule.api_groups and request.group not in rule.api_groups:
        return False
    named = not rule.resource_names or request.name in rule.resource_names
    return named and not _spellings(request.resource, request.subresource).isdisjoint(rule.resources)


def _matches(url: str, path: str) -> bool:
    return url == path or (url.endswith("*") and path.startswith(url.rstrip("*")))


def _spellings(resource: str, subresource: str) -> frozenset[str]:
    """How rules name a resource: by itself, as one of all, and its subresource as that of all."""
    if not subresource:
        return frozenset((ALL, resource))
    return frozenset((ALL, f"{resource}/{subresource}", f"*/{subresource}"))


def uncovered(owned: Iterable[Rule], asked: Iterable[Rule]) -> list[Rule]:
    """What rules ask for beyond rules that are owned, taken apart into single verbs on single things.

    Nobody may give what he does not have: Kubernetes refuses a role for which this is not empty, unless its author may
    ``escalate``, and a binding, unless he may ``bind``. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
    """
    owned = list(owned)
    return [single for rule in asked for single in _singles(rule) if not any(_covers(one, single) for one in owned)]


def _singles(rule: Rule) -> Iterator[Rule]:
    for group in rule.api_groups:
        for resource in rule.resources:
            for verb in rule.verbs:
                for names in _each(rule.resource_names):
                    yield Rule((verb,), (group,), (resource,), names)
    for url in rule.non_resource_urls:
        for verb in rule.verbs:
            yield Rule((verb,), non_resource_urls=(url,))


def _each(names: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    """The names one by one; once none, which means all objects, where there are none."""
    return [(name,) for name in names] or [()]


def _covers(owned: Rule, single: Rule) -> bool:
    return (
        _has(owned.verbs, single.verbs)
        and _has(owned.api_groups, single.api_groups)
        and all(_has_resource(owned.resources, resource) for resource in single.resources)
        and all(any(_matches(own, url) for own in owned.non_resource_urls) for url in single.non_resource_urls)
        and (not owned.resource_names or _has_names(owned.resource_names, single.resource_names))
    )


def _has(owned: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    return ALL in owned or set(asked) <= set(owned)


def _has_names(owned: tuple[str, ...], asked: tuple[str, ...]) -> bool:
    """Whether objects are among those that a rule is for; a rule for all objects asks for more."""
    return bool(asked) and set(asked) <= set(owned)


def _has_resource(owned: tuple[str, ...], resource: str) -> bool:
    _, slash, subresource = resource.partition("/")
    return ALL in owned or resource in owned or (bool(slash) and f"*/{subresource}" in owned)
