"""Resources of kind ``rbac``: each subject of a binding with what that gives it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine import grants
from policyengine.api import evaluate
from policyengine.authentication.rbac.rights import NAMES
from policyengine.documents.yaml import YamlDocument
from policyengine.inputs import kubernetes
from policyengine.inputs.context import Context
from policyengine.model.kinds.role import RIGHTS as RIGHT_NAMES
from policyengine.model.unknown import OpenList, Unknown
from policyengine.relations import Index
from policyengine.settings import Settings
from tests.authentication.rbac.manifests import RBAC, Manifest, aggregate, binding, resources, role, rule

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.resource import Resource

_EXEC = rule("create", "pods/exec")
_SECRETS = rule("get", "secrets")
_EVERYTHING = "get list watch create update patch delete"


def subjects(*objects: Manifest, closed: bool = True) -> dict[str, Resource]:
    """The resources by their names, with their parents where they are not the only ones."""
    return {f"{one.name} {one.parent}": one for one in resources([*objects], closed=closed) if one.kind == "rbac"}


def only(*objects: Manifest, closed: bool = True) -> Resource:
    (found,) = subjects(*objects, closed=closed).values()
    return found


def test_a_subject_has_what_its_binding_gives() -> None:
    found = only(role("r", _EXEC), binding("r", "sa:web", namespace="shop", name="webs"))
    assert (found.name, found.parent, found.origin, str(found.scope)) == (
        "ServiceAccount shop/web",
        "role_binding/webs",
        "kubernetes",
        "kubernetes:shop",
    )
    assert dict(found.facts) == {
        "name": "web",
        "subject_kind": "ServiceAccount",
        "namespace": "shop",
        "account": "system:serviceaccount:shop:web",
        "binding": {"kind": "RoleBinding", "name": "webs"},
        "role": {"kind": "ClusterRole", "name": "r"},
        "cluster": False,
        "within": "shop",
        "built_in": False,
        "rules": [
            {
                "verbs": ["create"],
                "api_groups": [""],
                "resources": ["pods/exec"],
                "resource_names": [],
                "non_resource_urls": [],
            }
        ],
        "rights": ["exec"],
        "all_rights": ["exec"],
        "all_bindings": ["RoleBinding shop/webs"],
    }


def test_subjects_are_told_apart() -> None:
    found = subjects(role("r", _EXEC), binding("r", "user:jane", "group:ops", "sa:shop/web"))
    assert [(one.name, one.facts["account"], one.facts["cluster"]) for one in found.values()] == [
        ("User jane", "jane", True),
        ("Group ops", "ops", True),
        ("ServiceAccount shop/web", "system:serviceaccount:shop:web", True),
    ]
    assert all("within" not in one.facts for one in found.values())


RIGHTS: list[tuple[list[Manifest], str, list[str]]] = [
    ([rule("get", "nodes/proxy"), _EXEC], "", ["exec", "proxy-nodes"]),
    ([rule("get", "nodes/proxy"), _EXEC], "shop", ["exec"]),
    ([rule("impersonate", "users")], "shop", []),
    ([rule("impersonate", "users serviceaccounts")], "shop", ["impersonate"]),
    ([rule("bind", "clusterroles", RBAC)], "shop", ["escalate"]),
    ([rule("create", "clusterroles", RBAC)], "shop", []),
    ([rule("patch", "namespaces")], "shop", ["change-namespaces"]),
    ([rule("update", "configmaps")], "shop", []),
    ([rule("update", "configmaps")], "kube-system", ["change-system-configmaps"]),
    ([rule("update", "configmaps")], "", ["change-system-configmaps"]),
    ([rule("get", urls="/debug/*")], "", ["debug-api-server"]),
    ([rule("get", urls="/debug/*")], "shop", []),
    ([_SECRETS, _SECRETS], "", ["read-secrets"]),
    ([], "", []),
]


@pytest.mark.parametrize(("rules", "namespace", "wanted"), RIGHTS)
def test_rights(rules: list[Manifest], namespace: str, wanted: list[str]) -> None:
    """Whoever has one binding has by all of them what that one gives."""
    facts = only(role("r", *rules), binding("r", "user:jane", namespace=namespace)).facts
    assert facts["rights"] == facts["all_rights"] == wanted


@pytest.mark.parametrize("namespace", ["", "shop"])
@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([rule(_EVERYTHING, "*", "*")], True),
        ([rule("*", "*", "*")], True),
        ([rule("get list watch", "*", "*"), rule("create update patch delete", "*", "*")], True),
        ([rule("get list watch", "*", "*"), rule("create update patch", "*", "*")], False),
        ([rule(_EVERYTHING, "*", "core")], False),
        ([rule(_EVERYTHING, "*", "*", names="a")], False),
        ([rule("*", urls="*")], False),
    ],
)
def test_everything(rules: list[Manifest], wanted: bool, namespace: str) -> None:
    found = only(role("r", *rules), binding("r", "user:jane", namespace=namespace)).facts["rights"]
    assert isinstance(found, list)
    assert ("everything" in found[:1]) == wanted


def test_all_that_a_subject_has() -> None:
    """Its groups' bindings too, and what only comes to something together."""
    found = subjects(
        role("reads", rule("get list watch", "*", "*")),
        role("writes", rule("create update patch delete", "*", "*"), namespace="shop"),
        role("runs", _EXEC),
        binding("reads", "sa:shop/web", name="a"),
        binding("role/writes", "group:system:serviceaccounts", namespace="shop", name="b"),
        binding("runs", "user:jane", name="c"),
    )
    web = found["ServiceAccount shop/web role_binding/a"].facts
    assert web["all_bindings"] == ["ClusterRoleBinding a", "RoleBinding shop/b"]
    assert "everything" in web["all_rights"]  # type: ignore[operator]
    assert "everything" not in web["rights"]  # type: ignore[operator]
    group = found["Group system:serviceaccounts role_binding/b"].facts
    assert (group["all_bindings"], "everything" in group["all_rights"]) == (["RoleBinding shop/b"], False)  # type: ignore[operator]
    assert found["User jane role_binding/c"].facts["all_rights"] == ["exec"]


def test_a_role_that_is_not_given_may_allow_anything() -> None:
    found = only(binding("gone", "user:jane"))
    for field in ("rules", "rights", "all_rights"):
        value = found.facts[field]
        assert isinstance(value, OpenList)
        assert (list(value), value.unknown) == (
            [],
            Unknown(
                f"rbac.{field}", "the ClusterRole gone is not among what was given", "check it together with its role"
            ),
        )
        assert found.provenance((field,)).how == "unknown"


def test_what_is_aggregated_is_known_of_a_whole_only() -> None:
    objects = (
        role("a", _EXEC, labels={"x": "1"}),
        aggregate("r", {"matchLabels": {"x": "1"}}),
        binding("r", "user:jane"),
    )
    whole, part = only(*objects).facts["rights"], only(*objects, closed=False).facts["rights"]
    assert (whole, type(whole), part, type(part)) == (["exec"], list, ["exec"], OpenList)


def test_what_is_told_stands_where_the_subject_does() -> None:
    text = "\n".join(
        (
            f"apiVersion: {RBAC}/v1",
            "kind: ClusterRoleBinding",
            "metadata:",
            "  name: b",
            "roleRef:",
            "  kind: ClusterRole",
            "  name: cluster-admin",
            "subjects:",
            "  - kind: User",
            "    name: jane",
            "  - kind: Group",
            "    name: ops",
        )
    )
    read = kubernetes.read(YamlDocument("m.yaml", text), Context())
    _, found = (Index().relate(one) for one in read if one.kind == "rbac")
    lines = {"rights": 11, "rules": 11, "name": 12, "account": 11, "binding": 1, "role": 5, "cluster": 2}
    assert {field: found.where((field,)).line for field in lines} == lines
    assert found.where(("rights", 0)).line == 11
    assert found.where(("rules", 0, "verbs", 0)).line == 11
    assert found.provenance(("rights", 0)).how == "declared"


@pytest.mark.parametrize(
    ("subject", "account"),
    [
        ({"kind": "ServiceAccount", "name": "web"}, "the binding names no namespace of the ServiceAccount"),
        ({"kind": "User", "name": ["jane"]}, "it is not a string"),
        ({"kind": "ServiceAccount", "name": "web", "namespace": {}}, "it is not a string"),
    ],
)
def test_whose_rights_they_are_may_be_open(subject: Manifest, account: str) -> None:
    found = only(role("r", _EXEC), {**binding("r"), "subjects": [subject]}).facts
    assert isinstance(found["account"], Unknown)
    assert found["account"].why == account
    assert found["rights"] == ["exec"]
    assert isinstance(found["all_rights"], Unknown)


def test_a_namespace_that_is_not_settled_settles_nothing() -> None:
    bound = binding("role/r", "user:jane", namespace="shop")
    bound["metadata"]["namespace"] = ["shop"]
    found = only(role("r", _EXEC), bound).facts
    assert isinstance(found["rights"], Unknown)


@pytest.mark.parametrize("junk", [None, [], "a", 1, {"a": 1}, [None], [[]], [{"a": []}], [{"kind": "User"}]])
def test_junk(junk: object) -> None:
    for key in ("subjects", "roleRef", "rules"):
        for one in (role("r", _EXEC), binding("r", "user:jane")):
            subjects({**one, key: junk}, binding("r", "user:joe"))


def test_patches_say_nothing_of_roles() -> None:
    patched = {**binding("r", "user:jane"), "$patch": "merge"}
    assert not subjects(role("r", _EXEC), patched)


def test_they_are_read_if_a_policy_is_about_them() -> None:
    document = YamlDocument("m.yaml", json.dumps(binding("r", "user:jane")))
    found = kubernetes.read(document, Context(wanted=frozenset({("role_binding", "name"), ("role", "rights")})))
    assert [one.kind for one in found] == ["role_binding"]
    assert grants.wanted({"role"}) == frozenset()
    assert grants.wanted({"rbac", "role"}) == {"rbac"}
    assert not grants.may_be_in(json.dumps(binding("r")).encode(), {"rights"})
    assert grants.may_be_in(json.dumps(binding("r")).encode(), {"rbac"})


def test_roles_and_bindings_of_several_files_meet(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(json.dumps(binding("role/r", "sa:web", namespace="shop")))
    (tmp_path / "b.yaml").write_text(json.dumps(role("r", _EXEC, namespace="shop")))
    (tmp_path / "c.yaml").write_text(json.dumps(role("r", _SECRETS, namespace="default")))
    report = evaluate(str(tmp_path), Settings(select=("rbac-can-exec", "rbac-can-read-secrets")))
    assert [(one.policy, one.status, one.location.path) for one in report.findings] == [
        ("rbac-can-exec", "fail", str(tmp_path / "a.yaml"))
    ]


def test_the_model_names_every_right() -> None:
    assert set(NAMES) == set(RIGHT_NAMES)


def test_what_a_source_holds_changes_what_is_kept_of_its_scopes() -> None:
    def within(*objects: Manifest, closed: bool = True) -> object:
        found = resources([*objects], closed=closed)
        index = Index()
        for one in found:
            index.add(one)
        return index.within(("kubernetes", "anywhere", "d"))

    first = within(role("r", _EXEC), binding("r", "user:jane", namespace="shop"))
    assert first == within(role("r", _EXEC), binding("r", "user:jane", namespace="shop"))
    others = [
        within(role("r", _SECRETS), binding("r", "user:jane", namespace="shop")),
        within(role("r", _EXEC), binding("r", "user:joe", namespace="shop")),
        within(role("r", _EXEC, namespace="blog"), binding("r", "user:jane", namespace="shop")),
        within(role("r", {**_EXEC, "verbs": "{{ verbs }}"}), binding("r", "user:jane", namespace="shop")),
    ]
    assert first not in others
    assert len({str(one) for one in others}) == len(others)
