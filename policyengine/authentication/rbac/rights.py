"""Rights that reach further than they seem, and which rules give them.

What a rule allows: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources; why these
reach far: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.rbac.rules import ALL, Rule, uncovered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_CERTIFICATES = "certificates.k8s.io"
_CHANGE = ("create", "update", "patch", "delete", "deletecollection")
_PUT = ("create", "update", "patch")
_EDIT = ("update", "patch")
_DELETE = ("delete", "deletecollection")
_CONNECT = ("create", "get")
"""Commands in Pods are begun by POST, or by GET where the connection becomes a WebSocket."""

WILDCARD = "wildcard"
EVERYTHING = "everything"

_IN_KUBE_SYSTEM = "change-system-configmaps"
"""A right that a Role has in that namespace only."""

_INSIDE = "/*"
"""At the end of a resource below: every subresource of it, each of which a rule has to name."""


class Resources(Struct, frozen=True):
    """Resources of an API group, by all the spellings that rules have for them; ``inside``: what they begin with.

    ``cluster``: they are in no namespace, so that a RoleBinding gives no right to them.
    """

    group: str
    spelt: frozenset[str]
    inside: tuple[str, ...]
    cluster: bool

    def named(self, resource: str) -> bool:
        """Whether a rule that names a resource so means one of these."""
        return resource in self.spelt or (bool(self.inside) and resource.startswith(self.inside))


class Right(Struct, frozen=True):
    """``verbs`` on ``resources``. A rule for some objects only counts if they are one of ``names``.

    ``by_verb``: the verb tells it, and a finding stands there; else the resource does. ``urls``: it is one on URLs of
    the API server, which are in no namespace either.
    """

    name: str
    verbs: frozenset[str]
    resources: tuple[Resources, ...] = ()
    names: frozenset[str] = frozenset()
    by_verb: bool = False
    urls: tuple[str, ...] = ()


def _of(group: str, listed: str, *, cluster: bool = False) -> Resources:
    resources = listed.split()
    inside = tuple(one.removesuffix("*") for one in resources if one.endswith(_INSIDE))
    spelt = {ALL, *(one for one in resources if not one.endswith(_INSIDE))}
    spelt |= {f"*/{one.partition('/')[2]}" for one in spelt if "/" in one}
    return Resources(group, frozenset(spelt), inside, cluster)


def _right(
    name: str, verbs: Sequence[str], *resources: Resources, names: Sequence[str] = (), by_verb: bool = False
) -> Right:
    return Right(name, frozenset((*verbs, ALL)), resources, frozenset(names), by_verb)


_WORKLOADS = (
    _of("", "pods replicationcontrollers"),
    _of("apps", "daemonsets deployments replicasets statefulsets"),
    _of("extensions", "daemonsets deployments replicasets"),
    _of("batch", "cronjobs jobs"),
)

RIGHTS = (
    _right("read-secrets", ("get", "list", "watch"), _of("", "secrets")),
    _right("create-pods", ("create",), *_WORKLOADS, by_verb=True),
    _right("exec", _CONNECT, _of("", "pods/exec")),
    _right("attach", _CONNECT, _of("", "pods/attach")),
    _right("port-forward", _CONNECT, _of("", "pods/portforward")),
    _right(
        "escalate",
        ("bind", "escalate"),
        # A RoleBinding may bind ClusterRoles too: to do so is asked for in its namespace.
        _of(_RBAC, "clusterroles roles clusterrolebindings rolebindings"),
        names=("cluster-admin",),
        by_verb=True,
    ),
    _right(
        "impersonate",
        ("impersonate",),
        _of("", "serviceaccounts"),
        _of("", "groups users", cluster=True),
        _of("authentication.k8s.io", "uids userextras userextras/*", cluster=True),
        names=("system:masters",),
        by_verb=True,
    ),
    _right("proxy-nodes", (*_CHANGE, "get"), _of("", "nodes/proxy", cluster=True)),
    _right(
        "approve-certificates",
        _EDIT,
        _of(_CERTIFICATES, "certificatesigningrequests/approval", cluster=True),
    ),
    _right(
        "change-webhooks",
        _CHANGE,
        _of(_ADMISSION, "mutatingwebhookconfigurations validatingwebhookconfigurations", cluster=True),
    ),
    _right("create-tokens", ("create",), _of("", "serviceaccounts/token")),
    _right("create-volumes", ("create",), _of("", "persistentvolumes", cluster=True)),
    _right(
        "delete-workloads",
        _DELETE,
        *_WORKLOADS,
        _of("", "namespaces persistentvolumeclaims pods replicationcontrollers secrets services"),
        _of("", "nodes persistentvolumes", cluster=True),
        by_verb=True,
    ),
    _right("delete-traces", _DELETE, _of("", "events pods/log"), _of("events.k8s.io", "events"), by_verb=True),
    _right(_IN_KUBE_SYSTEM, (*_EDIT, *_DELETE), _of("", "configmaps"), names=("aws-auth", "coredns")),
    _right(
        "change-network",
        _CHANGE,
        _of("", "endpoints services"),
        _of("discovery.k8s.io", "endpointslices"),
        _of("extensions", "ingresses networkpolicies"),
        _of("networking.k8s.io", "ingresses networkpolicies"),
    ),
    _right("change-service-status", _EDIT, _of("", "services/status")),
    _right("debug-pods", _EDIT, _of("", "pods/ephemeralcontainers")),
    _right("proxy-pods", (*_CHANGE, "get"), _of("", "pods/proxy services/proxy")),
    _right("place-pods", ("create",), _of("", "bindings pods/binding")),
    _right("change-secrets", _PUT, _of("", "secrets")),
    _right(
        "change-roles",
        _PUT,
        _of(_RBAC, "rolebindings roles"),
        _of(_RBAC, "clusterrolebindings clusterroles", cluster=True),
    ),
    _right("sign-certificates", ("approve", "sign"), _of(_CERTIFICATES, "signers", cluster=True), by_verb=True),
    # A Namespace's labels are asked for in itself: a RoleBinding there gives the right.
    _right("change-namespaces", _EDIT, _of("", "namespaces")),
    _right("change-nodes", _EDIT, _of("", "nodes nodes/status", cluster=True)),
    _right(
        "change-admission-policies",
        _CHANGE,
        _of(
            _ADMISSION,
            "mutatingadmissionpolicies mutatingadmissionpolicybindings "
            "validatingadmissionpolicies validatingadmissionpolicybindings",
            cluster=True,
        ),
    ),
    _right(
        "change-apis",
        _CHANGE,
        _of("apiextensions.k8s.io", "customresourcedefinitions", cluster=True),
        _of("apiregistration.k8s.io", "apiservices", cluster=True),
    ),
    Right("debug-api-server", frozenset(("get", ALL)), urls=("/debug/", "/logs/")),
)
"""In this order they are told."""

NAMES = (WILDCARD, *(right.name for right in RIGHTS))
"""What the rights of a single rule are called."""

_ALL_OF_IT = Rule(("get", "list", "watch", "create", "update", "patch", "delete"), (ALL,), (ALL,))
"""Who has these on everything gives himself the other verbs."""


def given(rule: Rule, *, system: bool = True, cluster: bool = True) -> Iterator[Right]:
    """The rights that a rule gives.

    ``system``: it holds in kube-system. ``cluster``: it is given by a ClusterRoleBinding, so that it holds about what
    is in no namespace as well.
    """
    for right in RIGHTS:
        if right.name == _IN_KUBE_SYSTEM and not system:
            continue
        if not right.verbs.isdisjoint(rule.verbs) and _is_about(rule, right, cluster=cluster):
            yield right


def _is_about(rule: Rule, right: Right, *, cluster: bool) -> bool:
    """Whether a rule is about what a right is about, whatever its verbs."""
    if right.urls:
        return cluster and any(_reaches(url, path) for url in rule.non_resource_urls for path in right.urls)
    if rule.resource_names and right.names.isdisjoint(rule.resource_names):
        return False
    return any(_meant(rule, resources, cluster=cluster) for resources in right.resources)


def _reaches(url: str, below: str) -> bool:
    """Whether a rule's URL is, or covers one, below a path."""
    stem = url.rstrip("*")
    return url.startswith(below) or (url != stem and below.startswith(stem)) or url == below.rstrip("/")


def _meant(rule: Rule, resources: Resources, *, cluster: bool) -> bool:
    if resources.cluster and not cluster:
        return False
    return (resources.group in rule.api_groups or ALL in rule.api_groups) and any(map(resources.named, rule.resources))


def names(rules: Iterable[Rule], *, system: bool, cluster: bool) -> list[str]:
    """What rules allow together: each right once, in their order, ``everything`` first."""
    rules = list(dict.fromkeys(rules))
    found = {name for rule in rules for name in _named(rule, system, cluster)}
    wide = [rule for rule in rules if ALL in rule.resources and ALL in rule.api_groups]
    first = [EVERYTHING] if wide and not uncovered(wide, (_ALL_OF_IT,)) else []
    return [*first, *(name for name in NAMES if name in found)]


@lru_cache(maxsize=4096)
def _named(rule: Rule, system: bool, cluster: bool) -> tuple[str, ...]:
    """What the rights of a rule are called: the same rules are granted to many."""
    wild = rule.resources and ALL in (*rule.verbs, *rule.resources, *rule.api_groups)
    rights = given(rule, system=system, cluster=cluster)
    return (*((WILDCARD,) if wild else ()), *(right.name for right in rights))
