"""``policyengine policies``, and which policies a run has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.packs import packs_of
from policyengine.commands.policies import listing, loaded, named
from policyengine.errors import UsageError
from policyengine.model.types import INTEGER, STRING
from policyengine.policy.parameters import Parameter
from policyengine.policy.policy import Policy
from policyengine.settings import Settings
from tests.installation import ROOT
from tests.running import POLICY

if TYPE_CHECKING:
    from pathlib import Path

BUILT_IN = sorted(path.stem for path in (ROOT / "policies").rglob("*.yaml") if path.name != "pack.yaml")


def test_every_built_in_policy_is_loaded_in_the_order_of_ids() -> None:
    policies, errors = loaded(Settings())
    assert errors == []
    assert [policy.id for policy in policies] == BUILT_IN


def test_the_listing() -> None:
    policies = [policy for policy in loaded(Settings())[0] if policy.id in ("privileged", "user-missing")]
    assert listing(policies) == (
        "Policy        Severity    Category    Judges             Title\n"
        "------------  ----------  ----------  -----------------  --------------------------------\n"
        "privileged    critical    runtime     container          Containers do not run privileged\n"
        "user-missing  high        image       dockerfile, image  Images set a user\n"
    )


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_listing_fits_the_width(width: int) -> None:
    assert max(map(len, listing(loaded(Settings())[0], width=width).splitlines())) <= width


SAMPLES = [
    Policy(
        "acme/low",
        "Nothing is `a|b`",
        "runtime",
        "low",
        "Because.",
        ("container",),
        "policies/low.yaml",
        require={"privileged": {"allowed": [False]}},
        remedy="Mend it.",
    ),
    Policy(
        "acme/worse",
        "Nothing is worse",
        "runtime",
        "high",
        "Because of that.",
        ("container", "pod"),
        "policies/worse.yaml",
        tags=("good",),
        controls=(
            {"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.5"},
            {"tool": "kics", "id": "ae5b", "inputs": ["compose"], "name": "Worse Things"},
            {"tool": "checkov", "id": "CKV_K8S_16", "inputs": ["kubernetes"]},
            {"tool": "checkov", "id": "CKV_K8S_2", "inputs": ["kubernetes"]},
        ),
        require={"oom_score_adj": {"min": 0}},
        remedy={"compose": "So.", "default": "Or so."},
        parameters={
            "limit": Parameter("limit", INTEGER, 3, "how many"),
            "mode": Parameter("mode", STRING, "effective", "how", ("effective", "explicit")),
        },
    ),
]

PAGE = """\
## Runtime

| Policy | Severity | What it demands | Inputs | Packs | Controls |
| --- | --- | --- | --- | --- | --- |
| `acme/worse` | high | Nothing is worse | compose, docker | mine | CIS Docker 1.7.0: 5.5<br>kics: Worse Things<br>\
checkov: CKV_K8S_16, CKV_K8S_2 |
| `acme/low` | low | Nothing is \\`a\\|b\\` | compose, docker, kubernetes |  |  |
"""


def test_the_page() -> None:
    assert listing(SAMPLES, "markdown", packs={"acme/worse": ["all", "mine"]}) == PAGE


def test_the_data() -> None:
    shown = json.loads(listing(SAMPLES[1:], "json", packs={"acme/worse": ["mine"]}))
    assert shown == {
        "version": 1,
        "policies": [
            {
                "id": "acme/worse",
                "aliases": [],
                "title": "Nothing is worse",
                "category": "runtime",
                "severity": "high",
                "tags": ["good"],
                "why": "Because of that.",
                "kinds": ["container", "pod"],
                "inputs": ["compose", "docker"],
                "packs": ["mine"],
                "remedy": {"compose": "So.", "default": "Or so."},
                "parameters": {
                    "limit": {"type": "integer", "default": 3, "help": "how many"},
                    "mode": {
                        "type": "string",
                        "default": "effective",
                        "help": "how",
                        "allowed": ["effective", "explicit"],
                    },
                },
                "controls": [dict(control) for control in SAMPLES[1].controls],
                "path": "policies/worse.yaml",
            }
        ],
    }


def test_another_form() -> None:
    with pytest.raises(UsageError, match=r'takes table, markdown or json, not "jsn" \(did you mean "json"'):
        listing(SAMPLES, "jsn")


def test_packs_of_policies() -> None:
    found = packs_of(loaded(Settings())[0])
    assert {"all", "default", "strict"} <= set(found["privileged"])
    assert "default" not in found["readonly-rootfs"]


def test_an_id_that_is_taken_is_an_error_and_the_first_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "named.yaml").write_text(POLICY)
    policies, errors = loaded(Settings(policies=(str(tmp_path / "one"), str(tmp_path / "two")), built_in=False))
    assert [policy.path for policy in policies] == [str(tmp_path / "one" / "named.yaml")]
    assert [error.path for error in errors] == [str(tmp_path / "two" / "named.yaml")]


def test_a_file_that_is_reached_twice_is_one_policy(tmp_path: Path) -> None:
    (tmp_path / "named.yaml").write_text(POLICY)
    given = (str(tmp_path), str(tmp_path / "named.yaml"), f"{tmp_path}/../{tmp_path.name}")
    policies, errors = loaded(Settings(policies=given, built_in=False))
    assert ([policy.id for policy in policies], errors) == (["acme/named"], [])


def test_test_cases_are_no_policies(tmp_path: Path) -> None:
    (tmp_path / "named.yaml").write_text(POLICY)
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "expected.yaml").write_text("findings: []\n")
    (tmp_path / "case" / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\n")
    policies, errors = loaded(Settings(policies=(str(tmp_path),), built_in=False))
    assert ([policy.id for policy in policies], errors) == (["acme/named"], [])


def test_a_policy_is_found_by_its_id() -> None:
    policies = loaded(Settings())[0]
    assert named("privileged", policies).id == "privileged"
    with pytest.raises(UsageError, match=r'unknown policy "privilegd" \(did you mean "privileged"'):
        named("privilegd", policies)


def test_a_policy_is_found_by_another_tools_check() -> None:
    policies = loaded(Settings())[0]
    assert named("ckv_k8s_16", policies).id == "privileged"
    with pytest.raises(UsageError, match=r'"CKV_DOCKER_7" stands for 2 policies \(base-latest, base-untagged\)'):
        named("CKV_DOCKER_7", policies)
