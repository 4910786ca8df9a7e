from __future__ import annotations

import json

from msgspec.structs import replace

from policyengine.outputs.taxonomies import Taxonomies

from .reports import PRIVILEGED, RULES, report, whole

OLD, NEW = ({"benchmark": "CIS Docker", "version": version} for version in ("1.9.0", "1.10.0"))
PODS = {"benchmark": "Pod Security Standards", "version": "1.37"}
TOOL = {"tool": "checkov", "id": "CKV_K8S_16"}
CONTROLS = (
    {**NEW, "id": "5.10"},
    TOOL,
    {**PODS, "id": "baseline/privileged"},
    {**OLD, "id": "5.5"},
    {**NEW, "id": "5.9"},
    {**NEW, "id": "5.9"},
)


def test_each_version_of_a_benchmark_is_a_taxonomy_in_its_order() -> None:
    found = Taxonomies([{"controls": CONTROLS[:3]}, {"controls": CONTROLS[3:]}, {}]).taxonomies()
    assert [(one["name"], one["version"], one["taxa"]) for one in found] == [
        ("CIS Docker", "1.9.0", [{"id": "5.5"}]),
        ("CIS Docker", "1.10.0", [{"id": "5.9"}, {"id": "5.10"}]),
        ("Pod Security Standards", "1.37", [{"id": "baseline/privileged"}]),
    ]
    assert len({str(one["guid"]) for one in found}) == 3


def test_every_reference_leads_to_the_control_that_it_names() -> None:
    rules = {"privileged": {**RULES["privileged"], "controls": CONTROLS}}
    here = replace(PRIVILEGED, controls=CONTROLS[1:3])
    (run,) = json.loads(whole("sarif")(replace(report(PRIVILEGED, here), rules=rules)))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    references = [one["target"] for one in rule["relationships"]]
    for result in run["results"]:
        references += result["taxa"]
    assert len(references) == 4 + 0 + 1
    for reference in references:
        taxonomy = run["taxonomies"][reference["toolComponent"]["index"]]
        assert taxonomy["name"] == reference["toolComponent"]["name"]
        assert taxonomy["taxa"][reference["index"]]["id"] == reference["id"]
    for supported in run["tool"]["driver"]["supportedTaxonomies"]:
        assert run["taxonomies"][supported["index"]]["guid"] == supported["guid"]


def test_a_result_has_the_controls_of_its_own_input() -> None:
    rules = {"privileged": {**RULES["privileged"], "controls": CONTROLS}}
    here = replace(PRIVILEGED, controls=CONTROLS[1:3])
    (run,) = json.loads(whole("sarif")(replace(report(here), rules=rules)))["runs"]
    assert [one["id"] for one in run["results"][0]["taxa"]] == ["baseline/privileged"]
