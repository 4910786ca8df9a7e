from __future__ import annotations

import pytest
from msgspec.structs import replace

from policyengine.model.unknown import Unknown
from policyengine.outputs import formats
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.unknowns import missing_facts

from .reports import ARTIFACTS, CONTROLLED, PDB, PRIVILEGED, SIDECAR, USER, USER_MISSING, report


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


MARKS = ("m4rk in the message", "m4rk.fact", "m4rk why")
MARKED = replace(USER, message=MARKS[0], unknown=Unknown(*MARKS[1:], settle="--resolve engine"))
SHOWN = replace(report(PRIVILEGED, MARKED), coverage=CONTROLLED.coverage, artifacts=ARTIFACTS)
COMPLETE = {"json", "oscal"}
"""The formats that leave nothing out."""


@pytest.mark.parametrize("name", sorted(formats()))
def test_what_the_run_ignores_is_left_out_in_each_format(name: str) -> None:
    told, ignored, asked = (
        [mark for mark in MARKS if mark in "".join(formats()[name].render(found, RenderOptions(all=all_)))]
        for found, all_ in (
            (SHOWN, False),
            (replace(SHOWN, unknown="ignore"), False),
            (replace(SHOWN, unknown="ignore"), True),
        )
    )
    assert bool(told) is (name != "in-toto")
    assert ignored == (told if name in COMPLETE else [])
    assert asked == told
