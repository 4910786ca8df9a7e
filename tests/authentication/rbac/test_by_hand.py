"""Sets of roles and bindings, and who can do what by them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from policyengine.authentication.rbac.rules import Request
from policyengine.authentication.rbac.subjects import User, groups
from policyengine.model.unknown import Unknown
from tests.authentication.rbac.manifests import RBAC, Manifest, aggregate, binding, cluster, role, rule


@dataclass(frozen=True)
class Set:
    """Objects, and for questions ``VERB WHAT [in NAMESPACE]`` of whom they let do it, among those that are asked."""

    objects: list[Manifest]
    can: dict[str, str]


_READ = rule("get list watch", "pods")
_ALL = rule("*", "*", "*")

ASKED_OF = ("jane", "joe", "anonymous", "shop/web", "default/web")
"""Jane is in no group of ours, Joe is in ops; the others are nobody, and ServiceAccounts."""

SETS: dict[str, Set] = {
    # Where a right holds
    "in all namespaces": Set(
        [role("r", _READ), binding("r", "user:jane")],
        {"get pods": "jane", "get pods in shop": "jane", "get pods in default": "jane"},
    ),
    "a ClusterRole in one namespace": Set(
        [role("r", _READ), binding("r", "user:jane", namespace="shop")],
        {"get pods": "", "get pods in shop": "jane", "get pods in default": ""},
    ),
    "a Role": Set(
        [role("r", _READ, namespace="shop"), binding("role/r", "user:jane", namespace="shop")],
        {"get pods": "", "get pods in shop": "jane", "get pods in default": ""},
    ),
    "the Role of another namespace": Set(
        [role("r", _READ, namespace="default"), binding("role/r", "user:jane", namespace="shop")],
        {"get pods in shop": "", "get pods in default": ""},
    ),
    "a Role is no ClusterRole": Set(
        [role("r", _READ), binding("role/r", "user:jane", namespace="shop")],
        {"get pods in shop": ""},
    ),
    "a ClusterRole is no Role": Set(
        [role("r", _READ, namespace="shop"), binding("r", "user:jane", namespace="shop")],
        {"get pods in shop": ""},
    ),
    "namesakes": Set(
        [
            role("r", _READ),
            role("r", rule("get", "secrets"), namespace="shop"),
            binding("role/r", "user:jane", namespace="shop"),
        ],
        {"get pods in shop": "", "get secrets in shop": "jane"},
    ),
    "a ClusterRoleBinding of a Role": Set(
        [role("r", _READ, namespace="shop"), binding("role/r", "user:jane")],
        {"get pods in shop": "", "get pods": ""},
    ),
    "about what is in no namespace": Set(
        [role("r", rule("get", "nodes")), binding("r", "user:jane", namespace="shop"), binding("r", "user:joe")],
        {"get nodes": "joe"},
    ),
    # Whom a binding names
    "a group": Set(
        [role("r", _READ), binding("r", "group:ops")],
        {"get pods": "joe"},
    ),
    "a user called as a group is": Set(
        [role("r", _READ), binding("r", "user:ops", "group:jane")],
        {"get pods": ""},
    ),
    "everybody with an account": Set(
        [role("r", _READ), binding("r", "group:system:authenticated")],
        {"get pods": "jane joe shop/web default/web"},
    ),
    "everybody else": Set(
        [role("r", _READ), binding("r", "group:system:unauthenticated")],
        {"get pods": "anonymous"},
    ),
    "nobody by name": Set(
        [role("r", _READ), binding("r", "user:system:anonymous")],
        {"get pods": "anonymous"},
    ),
    "a ServiceAccount": Set(
        [role("r", _READ), binding("r", "sa:shop/web")],
        {"get pods": "shop/web"},
    ),
    "a ServiceAccount by its user name": Set(
        [role("r", _READ), binding("r", "user:system:serviceaccount:shop:web")],
        {"get pods": "shop/web"},
    ),
    "a ServiceAccount of the binding's namespace": Set(
        [role("r", _READ), binding("r", "sa:web", namespace="shop")],
        {"get pods in shop": "shop/web", "get pods in default": ""},
    ),
    "a ServiceAccount of another namespace": Set(
        [role("r", _READ), binding("r", "sa:default/web", namespace="shop")],
        {"get pods in shop": "default/web", "get pods in default": ""},
    ),
    "a ServiceAccount of no namespace": Set(
        [role("r", _READ), binding("r", "sa:web")],
        {"get pods": ""},
    ),
    "all ServiceAccounts": Set(
        [role("r", _READ), binding("r", "group:system:serviceaccounts")],
        {"get pods": "shop/web default/web"},
    ),
    "the ServiceAccounts of a namespace": Set(
        [role("r", _READ), binding("r", "group:system:serviceaccounts:shop")],
        {"get pods": "shop/web", "get pods in default": "shop/web"},
    ),
    "several": Set(
        [role("r", _READ), binding("r", "user:jane", "group:ops", "sa:shop/web")],
        {"get pods": "jane joe shop/web"},
    ),
    "no subjects": Set([role("r", _READ), binding("r")], {"get pods": ""}),
    # What a rule allows
    "verbs": Set(
        [role("r", rule("get", "pods")), binding("r", "user:jane")],
        {"get pods": "jane", "list pods": "", "* pods": ""},
    ),
    "every verb": Set(
        [role("r", rule("*", "pods")), binding("r", "user:jane")],
        {"get pods": "jane", "impersonate pods": "jane", "get secrets": ""},
    ),
    "verbs of several rules": Set(
        [role("r", rule("get", "pods"), rule("create", "secrets")), binding("r", "user:jane")],
        {"get pods": "jane", "create secrets": "jane", "get secrets": "", "create pods": ""},
    ),
    "groups of the API": Set(
        [role("r", rule("get", "deployments", "apps")), binding("r", "user:jane")],
        {"get deployments.apps": "jane", "get deployments": "", "get deployments.extensions": ""},
    ),
    "the group without a name is one": Set(
        [role("r", rule("get", "*", "core")), binding("r", "user:jane")],
        {"get secrets": "jane", "get deployments.apps": ""},
    ),
    "every group": Set(
        [role("r", rule("get", "pods", "*")), binding("r", "user:jane")],
        {"get pods": "jane", "get pods.metrics.k8s.io": "jane"},
    ),
    "no group": Set(
        [role("r", {"verbs": ["get"], "resources": ["pods"]}), binding("r", "user:jane")],
        {"get pods": ""},
    ),
    # Subresources
    "a subresource is not its resource": Set(
        [role("r", rule("get", "pods/log")), binding("r", "user:jane")],
        {"get pods/log": "jane", "get pods": "", "get pods/exec": ""},
    ),
    "a resource is not its subresources": Set(
        [role("r", rule("get", "pods")), binding("r", "user:jane")],
        {"get pods": "jane", "get pods/log": ""},
    ),
    "all resources have their subresources": Set(
        [role("r", rule("get", "*")), binding("r", "user:jane")],
        {"get pods/log": "jane", "get pods": "jane"},
    ),
    "a subresource of all": Set(
        [role("r", rule("update", "*/scale", "*")), binding("r", "user:jane")],
        {
            "update deployments/scale.apps": "jane",
            "update deployments.apps": "",
            "update scale": "",
            "update pods/status": "",
        },
    ),
    "no pattern else": Set(
        [role("r", rule("get", "pods/* */* p* */og")), binding("r", "user:jane")],
        {"get pods": "", "get pods/log": ""},
    ),
    # resourceNames
    "objects by name": Set(
        [role("r", rule("get", "secrets", names="a b")), binding("r", "user:jane")],
        {
            "get secrets a": "jane",
            "get secrets b in shop": "jane",
            "get secrets c": "",
            "get secrets": "",
            "list secrets": "",
        },
    ),
    "to create is about no name": Set(
        [role("r", rule("create", "secrets", names="a")), binding("r", "user:jane")],
        {"create secrets": ""},
    ),
    "a subresource by name": Set(
        [
            role("r", rule("create", "pods/exec", names="web-0"), namespace="shop"),
            binding("role/r", "user:jane", namespace="shop"),
        ],
        {"create pods/exec web-0 in shop": "jane", "create pods/exec web-1 in shop": ""},
    ),
    "no pattern in names": Set(
        [role("r", rule("get", "secrets", names="*")), binding("r", "user:jane")],
        {"get secrets a": "", "get secrets *": "jane"},
    ),
    "bind one role": Set(
        [role("r", rule("bind", "clusterroles", RBAC, "view")), binding("r", "user:jane", namespace="shop")],
        {
            f"bind clusterroles.{RBAC} view in shop": "jane",
            f"bind clusterroles.{RBAC} admin in shop": "",
            f"bind clusterroles.{RBAC} view": "",
        },
    ),
    # URLs
    "a URL": Set(
        [role("r", rule("get", urls="/healthz /metrics")), binding("r", "user:jane")],
        {"get /healthz": "jane", "get /healthz/etcd": "", "post /healthz": "", "get /": ""},
    ),
    "URLs below": Set(
        [role("r", rule("get", urls="/api/*")), binding("r", "user:jane")],
        {"get /api/v1": "jane", "get /api/": "jane", "get /api": "", "get /apis": ""},
    ),
    "URLs that begin so": Set(
        [role("r", rule("get", urls="/api*")), binding("r", "user:jane")],
        {"get /api": "jane", "get /apis/apps": "jane", "get /ap": ""},
    ),
    "all URLs": Set(
        [role("r", rule("*", urls="*")), binding("r", "group:ops")],
        {"get /": "joe", "post /debug/pprof/heap": "joe", "get pods": ""},
    ),
    "no pattern inside of URLs": Set(
        [role("r", rule("get", urls="/*/v1")), binding("r", "user:jane")],
        {"get /api/v1": "", "get /*/v1": "jane"},
    ),
    "URLs are in no namespace": Set(
        [role("r", rule("get", urls="*")), binding("r", "user:jane", namespace="shop")],
        {"get /healthz": ""},
    ),
    "all resources are no URLs": Set(
        [role("r", _ALL), binding("r", "user:jane")], {"get /healthz": "", "get pods": "jane"}
    ),
    # Aggregation
    "aggregation": Set(
        [role("a", _READ, labels={"x": "1"}), aggregate("r", {"matchLabels": {"x": "1"}}), binding("r", "user:jane")],
        {"get pods": "jane", "get secrets": ""},
    ),
    "aggregation by any selector": Set(
        [
            role("a", _READ, labels={"x": "1"}),
            role("b", rule("get", "secrets"), labels={"y": "1"}),
            role("c", rule("get", "configmaps")),
            aggregate("r", {"matchLabels": {"x": "1"}}, {"matchExpressions": [{"key": "y", "operator": "Exists"}]}),
            binding("r", "user:jane"),
        ],
        {"get pods": "jane", "get secrets": "jane", "get configmaps": ""},
    ),
    "rules of its own do not count": Set(
        [
            {**aggregate("r", {"matchLabels": {"x": "1"}}), "rules": [rule("get", "secrets")]},
            role("a", _READ, labels={"x": "1"}),
            binding("r", "user:jane"),
        ],
        {"get pods": "jane", "get secrets": ""},
    ),
    "aggregation of what is aggregated": Set(
        [
            aggregate("r", {"matchLabels": {"to": "r"}}),
            aggregate("s", {"matchLabels": {"to": "s"}}, labels={"to": "r"}),
            role("a", _READ, labels={"to": "s"}),
            binding("r", "user:jane"),
            binding("s", "user:joe", name="c"),
        ],
        {"get pods": "jane joe"},
    ),
    "aggregation in a circle": Set(
        [
            aggregate("r", {"matchLabels": {"to": "r"}}, labels={"to": "s"}),
            aggregate("s", {"matchLabels": {"to": "s"}}, labels={"to": "r"}),
            role("a", _READ, labels={"to": "s"}),
            binding("r", "user:jane"),
        ],
        {"get pods": "jane"},
    ),
    "no selector aggregates nothing": Set(
        [aggregate("r"), role("a", _READ), binding("r", "user:jane")],
        {"get pods": ""},
    ),
    "Roles are not aggregated": Set(
        [
            role("a", _READ, namespace="shop", labels={"x": "1"}),
            aggregate("r", {"matchLabels": {"x": "1"}}),
            binding("r", "user:jane"),
        ],
        {"get pods in shop": ""},
    ),
    "aggregation by what has no label": Set(
        [
            role("a", _READ, labels={"x": "1"}),
            role("b", rule("get", "secrets"), labels={"x": "1", "y": "1"}),
            aggregate("r", {"matchLabels": {"x": "1"}, "matchExpressions": [{"key": "y", "operator": "DoesNotExist"}]}),
            binding("r", "user:jane"),
        ],
        {"get pods": "jane", "get secrets": ""},
    ),
    # Several bindings
    "rights add up": Set(
        [
            role("r", _READ),
            role("s", rule("create", "pods"), namespace="shop"),
            binding("r", "user:joe"),
            binding("role/s", "group:ops", namespace="shop", name="c"),
        ],
        {"get pods in shop": "joe", "create pods in shop": "joe", "create pods in default": ""},
    ),
    "a role that is not there": Set(
        [binding("gone", "user:jane"), role("r", _READ), binding("r", "user:jane", name="c")],
        {"get pods": "jane", "get secrets": ""},
    ),
    "cluster-admin": Set(
        [role("cluster-admin", _ALL, rule("*", urls="*")), binding("cluster-admin", "group:ops")],
        {"get secrets": "joe", "escalate clusterroles.x": "joe", "get /debug/pprof": "joe"},
    ),
}


def user(name: str) -> User:
    """One of those that are asked."""
    namespace, slash, account = name.partition("/")
    full = f"system:serviceaccount:{namespace}:{account}" if slash else name.replace("anonymous", "system:anonymous")
    return User(full, groups(full) | ({"ops"} if name == "joe" else set()))


def request(text: str) -> Request:
    """``VERB RESOURCE[/SUBRESOURCE][.GROUP] [NAME] [in NAMESPACE]`` or ``VERB /URL``."""
    about, _, namespace = text.partition(" in ")
    verb, what, *names = about.split()
    if what.startswith("/"):
        return Request(verb, path=what)
    full, _, group = what.partition(".")
    resource, _, below = full.partition("/")
    return Request(verb, resource, group, below, "".join(names), namespace)


@pytest.mark.parametrize("name", SETS)
def test_who_can(name: str) -> None:
    found = cluster(SETS[name].objects)
    answers = {
        text: " ".join(who for who in ASKED_OF if found.may(user(who), request(text)).by) for text in SETS[name].can
    }
    assert answers == SETS[name].can


def test_there_are_enough() -> None:
    assert len(SETS) >= 50


def test_an_answer_names_its_binding() -> None:
    found = cluster([role("r", _READ), binding("r", "user:jane", namespace="shop", name="readers")])
    by = found.may(user("jane"), request("get pods in shop")).by
    assert str(by) == "RoleBinding shop/readers"
    subjects = [(str(one.kind), one.name, str(by)) for one, by in found.who_can(request("get pods in shop"))]
    assert subjects == [("Group", "system:masters", "None"), ("User", "jane", "RoleBinding shop/readers")]


def test_what_is_not_given_is_not_denied() -> None:
    found = cluster([binding("gone", "user:jane"), binding("role/gone", "user:jane", namespace="shop", name="c")])
    asked = found.may(user("jane"), request("get pods in shop"))
    assert asked.by is None
    assert [one.why for one in asked.unread] == [
        "the ClusterRole gone is not among what was given",
        "the Role gone is not among what was given",
    ]


def test_what_is_aggregated_may_be_elsewhere() -> None:
    objects = [aggregate("r", {"matchLabels": {"x": "1"}}), binding("r", "user:jane")]
    assert cluster(objects).may(user("jane"), request("get pods")).unread == ()
    (unread,) = cluster(objects, closed=False).may(user("jane"), request("get pods")).unread
    assert unread == Unknown(
        "rbac.rules", "other manifests may have ClusterRoles that are aggregated", "check them all"
    )


_QUESTIONS = (
    *("get pods", "get secrets", "create pods/exec", f"create rolebindings.{RBAC}", "get nodes", "get /metrics"),
    *("get /apis/apps", "get widgets"),
)

OWN = {
    "cluster-admin": _QUESTIONS,
    "admin": ("get pods", "get secrets", "create pods/exec", f"create rolebindings.{RBAC}", "get widgets"),
    "edit": ("get pods", "get secrets", "create pods/exec", "get widgets"),
    "view": ("get pods", "get widgets"),
    "system:monitoring": ("get /metrics",),
    "system:discovery": ("get /apis/apps",),
}


@pytest.mark.parametrize("name", OWN)
def test_roles_of_kubernetes_own_need_not_be_given(name: str) -> None:
    """An add-on's role is aggregated to them all the same."""
    widgets = role("widgets", rule("get", "widgets"), labels={f"{RBAC}/aggregate-to-view": "true"})
    found = cluster([widgets, binding(name, "user:jane")])
    assert tuple(text for text in _QUESTIONS if found.may(user("jane"), request(text)).by) == OWN[name]


def test_a_role_that_is_given_is_the_one_of_that_name() -> None:
    found = cluster([role("view", rule("get", "nodes")), binding("view", "user:jane")])
    assert [found.may(user("jane"), request(text)).by is not None for text in ("get nodes", "get pods")] == [
        True,
        False,
    ]


def test_of_namesakes_what_all_allow_is_known() -> None:
    twice = [role("r", _READ, rule("get", "secrets")), role("r", rule("get", "secrets")), binding("r", "user:jane")]
    found = cluster(twice)
    assert found.may(user("jane"), request("get secrets")).by is not None
    asked = found.may(user("jane"), request("get pods"))
    assert (asked.by, [one.why for one in asked.unread]) == (
        None,
        ["several ClusterRoles are called r, with different rules"],
    )
    assert cluster([*twice[1:2], *twice[1:]]).may(user("jane"), request("get pods")).unread == ()
