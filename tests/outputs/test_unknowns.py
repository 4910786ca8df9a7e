from __future__ import annotations

from msgspec.structs import replace

from policyengine.outputs.unknowns import missing_facts

from .reports import PDB, SIDECAR, USER, USER_MISSING


def test_the_fact_that_most_wait_for_comes_first() -> None:
    missing = missing_facts([PDB, USER, SIDECAR, USER_MISSING])
    assert [(item.fact, item.policies, item.resources, item.settle) for item in missing] == [
        ("image.user", ("run-as-uid-0", "user-missing"), "2 containers", ("--resolve engine",)),
        ("related.pod_disruption_budgets", ("pdb-missing",), "1 workload", ()),
    ]


def test_resources_of_several_kinds() -> None:
    other = replace(USER, resource=PDB.resource)
    policy = replace(PDB, resource=replace(PDB.resource, kind="network_policy"))
    assert [item.resources for item in missing_facts([USER, other])] == ["2 resources"]
    assert [item.resources for item in missing_facts([policy])] == ["1 network policy"]


def test_nothing_missing() -> None:
    assert missing_facts([]) == []
