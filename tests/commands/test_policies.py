"""``policyengine policies``, and which policies a run has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.commands.policies import listing, loaded, named
from policyengine.errors import UsageError
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
    assert max(map(len, listing(loaded(Settings())[0], width).splitlines())) <= width


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
