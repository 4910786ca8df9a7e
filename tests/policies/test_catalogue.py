"""The catalogue of checks: each is a policy of ours, or it is told why it is none."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import yaml

from policyengine.api import Settings
from policyengine.commands.policies import loaded
from tests.catalogue import PAGE, written
from tests.conformance.catalogue import Check, catalogue, require_catalogue
from tests.installation import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.policy.policy import Policy

LEFT_OUT = yaml.safe_load((ROOT / "tests" / "conformance" / "left_out.yaml").read_text())
ENOUGH = 20
"""Characters of the shortest reason that says something."""


@cache
def built_in() -> Mapping[str, Policy]:
    """The built-in policies by id and alias."""
    return {name: policy for policy in loaded(Settings())[0] for name in (policy.id, *policy.aliases)}


def goes_by(policy: Policy) -> set[str]:
    """The controls of a policy: ``checkov CKV_K8S_16``, ``CIS Docker 1.6.0 5.5``."""
    return {
        f"{control['tool']} {control['id']}"
        if "tool" in control
        else f"{control['benchmark']} {control['version']} {control['id']}"
        for control in policy.controls
    }


def ids(check: Check) -> set[str]:
    """The ids of a check in the catalogue."""
    queries = {f"kics {query.id}" for query in check.queries if query.id}
    return queries | {f"{tool} {id_}" for tool, listed in check.ids.items() for id_ in listed}


def test_every_check_is_a_policy_or_it_is_told_why_not() -> None:
    require_catalogue()
    there = catalogue().keys() & built_in().keys()
    assert catalogue().keys() - there == LEFT_OUT["checks"].keys()


def test_policies_have_the_ids_of_the_catalogue_or_it_is_told_why_not() -> None:
    require_catalogue()
    policies = {name: built_in()[name] for name in catalogue() if name in built_in()}
    lacking = {name: ids(catalogue()[name]) - goes_by(policy) for name, policy in policies.items()}
    told = {name: set(reasons) for name, reasons in LEFT_OUT["ids"].items()}
    assert {name: names for name, names in lacking.items() if names} == told


def test_the_page_of_policies_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(), "python -m tests.catalogue writes it"


def test_reasons_are_told() -> None:
    reasons = [*LEFT_OUT["checks"].values(), *(one for by_id in LEFT_OUT["ids"].values() for one in by_id.values())]
    assert [reason for reason in reasons if len(reason) < ENOUGH] == []
