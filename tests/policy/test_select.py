"""Choosing policies by every name they go by."""

from __future__ import annotations

import pytest

from policyengine.errors import UsageError
from policyengine.inputs import inputs
from policyengine.policy.policy import Policy
from policyengine.policy.select import chosen

ALL = frozenset(inputs())


def sample(name: str, category: str, **more: object) -> Policy:
    return Policy(name, "t", category, "high", "w", ("container",), f"{name}.yaml", **more)  # type: ignore[arg-type]


POLICIES = [
    sample(
        "privileged",
        "runtime",
        aliases=("old-name",),
        tags=("Strict",),
        controls=(
            {"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.5"},
            {"tool": "checkov", "id": "CKV_K8S_16", "inputs": ["kubernetes"]},
            {"tool": "trivy", "id": "AVD-1", "inputs": ["kubernetes", "compose"]},
            {"tool": "kics", "id": "dd29-33", "inputs": ["kubernetes"], "name": "Container Is, Really, Privileged"},
        ),
    ),
    sample("caps", "runtime", controls=({"benchmark": "CIS Kubernetes", "version": "1.8", "id": "5.5"},)),
    sample(
        "acme/latest", "image", tags=("strict",), controls=({"tool": "trivy", "id": "AVD-1", "inputs": ["dockerfile"]},)
    ),
    sample(
        "image-signed",
        "authentication",
        controls=({"tool": "kube-linter", "id": "privileged", "inputs": ["kubernetes"]},),
    ),
]
EVERY = {"privileged": None, "caps": None, "acme/latest": None, "image-signed": None}


def but(*ids: str) -> dict[str, frozenset[str] | None]:
    return {id_: inputs_ for id_, inputs_ in EVERY.items() if id_ not in ids}


CHOICES: list[tuple[list[str], list[str], dict[str, frozenset[str] | None]]] = [
    ([], [], dict(EVERY)),
    (["privileged"], [], {"privileged": None}),
    (["PRIVILEGED"], [], {"privileged": None}),
    (["old-name"], [], {"privileged": None}),
    (["acme/latest"], [], {"acme/latest": None}),
    (["runtime"], [], {"privileged": None, "caps": None}),
    (["image"], [], {"acme/latest": None}),
    (["strict"], [], {"privileged": None, "acme/latest": None}),
    (["STRICT"], [], {"privileged": None, "acme/latest": None}),
    (["5.5"], [], {"privileged": None, "caps": None}),
    (["CIS Docker 5.5"], [], {"privileged": None}),
    (["cis docker 1.7.0 5.5"], [], {"privileged": None}),
    (["cis docker 1.7.0"], [], {"privileged": frozenset({"compose", "docker", "dockerfile"})}),
    (["CIS Kubernetes 1.8"], [], {"caps": frozenset({"kubernetes"})}),
    (["CKV_K8S_16"], [], {"privileged": frozenset({"kubernetes"})}),
    (["ckv_k8s_16"], [], {"privileged": frozenset({"kubernetes"})}),
    (["AVD-1"], [], {"privileged": frozenset({"kubernetes", "compose"}), "acme/latest": frozenset({"dockerfile"})}),
    (["dd29-33"], [], {"privileged": frozenset({"kubernetes"})}),
    (["container is, really, privileged"], [], {"privileged": frozenset({"kubernetes"})}),
    (["Container Is", "Really", "Privileged", "caps"], [], {"privileged": frozenset({"kubernetes"}), "caps": None}),
    (
        ["CKV_K8S_16", "AVD-1"],
        [],
        {"privileged": frozenset({"kubernetes", "compose"}), "acme/latest": frozenset({"dockerfile"})},
    ),
    (["CKV_K8S_16", "privileged"], [], {"privileged": None}),
    (["privileged", "CKV_K8S_16"], [], {"privileged": None}),
    (["caps", "privileged"], [], {"caps": None, "privileged": None}),
    ([], ["privileged"], but("privileged")),
    ([], ["runtime", "image"], {"image-signed": None}),
    ([], ["CKV_K8S_16"], {**EVERY, "privileged": ALL - {"kubernetes"}}),
    (["privileged"], ["CKV_K8S_16"], {"privileged": ALL - {"kubernetes"}}),
    (["AVD-1"], ["CKV_K8S_16"], {"privileged": frozenset({"compose"}), "acme/latest": frozenset({"dockerfile"})}),
    (["CKV_K8S_16"], ["AVD-1"], {}),
    (["runtime"], ["old-name"], {"caps": None}),
]


@pytest.mark.parametrize(("select", "ignore", "wanted"), CHOICES)
def test_choice(select: list[str], ignore: list[str], wanted: dict[str, frozenset[str] | None]) -> None:
    found = chosen(POLICIES, select, ignore)
    assert {policy.id: inputs_ for policy, inputs_ in found} == wanted
    assert len(found) == len(wanted)


UNKNOWN = [
    ("privilegd", 'no policy is called "privilegd" (did you mean "privileged"?)'),
    ("CKV_K8S_17", 'no policy is called "CKV_K8S_17" (did you mean "CKV_K8S_16"?)'),
    ("ckv_k8s_17", 'no policy is called "ckv_k8s_17" (did you mean "CKV_K8S_16"?)'),
    ("runtme", 'no policy is called "runtme" (did you mean "runtime"?)'),
    ("cis doker 5.5", 'no policy is called "cis doker 5.5" (did you mean "CIS Docker 5.5"?)'),
    ("zzz", 'no policy is called "zzz" (policyengine policies lists them)'),
    ("", 'no policy is called "" (policyengine policies lists them)'),
]


@pytest.mark.parametrize(("name", "message"), UNKNOWN)
def test_a_name_that_stands_for_nothing(name: str, message: str) -> None:
    for select, ignore in (([name], []), ([], [name])):
        with pytest.raises(UsageError) as caught:
            chosen(POLICIES, select, ignore)
        assert str(caught.value) == message
