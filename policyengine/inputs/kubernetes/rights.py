"""Rights that reach further than they seem, found in the rules of roles.

What a rule allows: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources; why these
reach far: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Listed, Part, Parts
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_RBAC = "rbac.authorization.k8s.io"
_CHANGE = ("create", "update", "patch", "delete", "deletecollection")
_EDIT = ("update", "patch")
_DELETE = ("delete", "deletecollection")
_CONNECT = ("create", "get")
"""Commands in Pods are begun by POST, or by GET where the connection becomes a WebSocket."""


_IN_KUBE_SYSTEM = "change-system-configmaps"
"""A right that a Role has in that namespace only."""


class _Right(Struct, frozen=True):
    """``verbs`` on ``resources``, by API group. A rule for some objects only counts if they are one of ``names``.

    ``by_verb``: the verb tells it, and the finding stands there; else the resource does.
    """

    name: str
    verbs: frozenset[str]
    resources: Mapping[str, frozenset[str]]
    names: frozenset[str] = frozenset()
    by_verb: bool = False


def _right(
    name: str, verbs: Sequence[str], *resources: tuple[str, str], names: Sequence[str] = (), by_verb: bool = False
) -> _Right:
    spelt = {group: frozenset(_spellings(listed.split())) for group, listed in resources}
    return _Right(name, frozenset((*verbs, "*")), spelt, frozenset(names), by_verb)


def _spellings(resources: list[str]) -> Iterator[str]:
    """How rules name resources: as they are, all of them, or a subresource of all."""
    yield "*"
    for resource in resources:
        yield resource
        if "/" in resource:
            yield f"*/{resource.partition('/')[2]}"


_WORKLOADS = (
    ("", "pods replicationcontrollers"),
    ("apps", "daemonsets deployments replicasets statefulsets"),
    ("extensions", "daemonsets deployments replicasets"),
    ("batch", "cronjobs jobs"),
)

_RIGHTS = (
    _right("read-secrets", ("get", "list", "watch"), ("", "secrets")),
    _right("create-pods", ("create",), *_WORKLOADS, by_verb=True),
    _right("exec", _CONNECT, ("", "pods/exec")),
    _right("attach", _CONNECT, ("", "pods/attach")),
    _right("port-forward", _CONNECT, ("", "pods/portforward")),
    _right(
        "escalate",
        ("bind", "escalate"),
        (_RBAC, "clusterroles roles clusterrolebindings rolebindings"),
        names=("cluster-admin",),
        by_verb=True,
    ),
    _right(
        "impersonate",
        ("impersonate",),
        ("", "groups serviceaccounts users"),
        ("authentication.k8s.io", "uids userextras"),
        names=("system:masters",),
        by_verb=True,
    ),
    _right("proxy-nodes", (*_CHANGE, "get"), ("", "nodes/proxy")),
    _right("approve-certificates", _EDIT, ("certificates.k8s.io", "certificatesigningrequests/approval")),
    _right(
        "change-webhooks",
        _CHANGE,
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations validatingwebhookconfigurations"),
    ),
    _right("create-tokens", ("create",), ("", "serviceaccounts/token")),
    _right("create-volumes", ("create",), ("", "persistentvolumes")),
    _right(
        "delete-workloads",
        _DELETE,
        *_WORKLOADS,
        ("", "namespaces nodes persistentvolumeclaims persistentvolumes pods replicationcontrollers secrets services"),
        by_verb=True,
    ),
    _right("delete-traces", _DELETE, ("", "events pods/log"), ("events.k8s.io", "events"), by_verb=True),
    _right(_IN_KUBE_SYSTEM, (*_EDIT, *_DELETE), ("", "configmaps"), names=("aws-auth", "coredns")),
    _right(
        "change-network",
        _CHANGE,
        ("", "endpoints services"),
        ("discovery.k8s.io", "endpointslices"),
        ("extensions", "ingresses networkpolicies"),
        ("networking.k8s.io", "ingresses networkpolicies"),
    ),
    _right("change-service-status", _EDIT, ("", "services/status")),
)

_ELSEWHERE = tuple(right for right in _RIGHTS if right.name != _IN_KUBE_SYSTEM)

_UNREAD = Unknown("role.rights", "a part of the rules cannot be read")


def rights(rules: Part, *, system: bool) -> tuple[Part, Unknown | None]:
    """The rights that rules give, each where it is given; and why there may be more, None where there are no more.

    ``system``: they are for kube-system, or for all namespaces.
    """
    if not isinstance(rules, Listed):
        return Found(None, rules.at), None
    read = [rule for rule in rules.items if isinstance(rule, Parts)]
    known = _RIGHTS if system else _ELSEWHERE
    found = [one for rule in read for one in (*_wildcards(rule), *_rights(rule, known))]
    unread = any(_is_unread(rule.fields[key]) for rule in read for key in ("verbs", "resources", "api_groups"))
    return Listed(rules.at, list(found)), _UNREAD if unread else None


_WILDCARD = "wildcard"


def _wildcards(rule: Parts) -> Iterator[Found]:
    for key in ("verbs", "resources", "api_groups"):
        items = _listed(rule, key)
        if "*" in items:
            yield Found(_WILDCARD, (*rule.fields[key].at, items.index("*")))


def _rights(rule: Parts, known: Sequence[_Right]) -> Iterator[Found]:
    for right in _given(rule, known):
        yield Found(right.name, _place(rule, right))


def _is_unread(part: Part) -> bool:
    value = part.value if isinstance(part, Found) else None
    return isinstance(value, Unknown) or (isinstance(value, list) and any(isinstance(item, Unknown) for item in value))


def _given(rule: Parts, known: Sequence[_Right]) -> Iterator[_Right]:
    verbs, resources = _texts(rule, "verbs"), _texts(rule, "resources")
    groups, names = _texts(rule, "api_groups"), _texts(rule, "resource_names")
    if not verbs or not resources:
        return
    for right in known:
        if right.verbs.isdisjoint(verbs) or (names and right.names.isdisjoint(names)):
            continue
        if any(
            (group in groups or "*" in groups) and not wanted.isdisjoint(resources)
            for group, wanted in right.resources.items()
        ):
            yield right


def _texts(rule: Parts, key: str) -> frozenset[str]:
    return frozenset(item for item in _listed(rule, key) if isinstance(item, str))


def _listed(rule: Parts, key: str) -> list[object]:
    part = rule.fields[key]
    value = part.value if isinstance(part, Found) else None
    return value if isinstance(value, list) else []


def _place(rule: Parts, right: _Right) -> tuple[str | int, ...]:
    """Where a rule gives a right: at the verb, or the resource."""
    wanted = right.verbs if right.by_verb else frozenset().union(*right.resources.values())
    key = "verbs" if right.by_verb else "resources"
    found = (index for index, item in enumerate(_listed(rule, key)) if item in wanted)
    return (*rule.fields[key].at, next(found, 0))
