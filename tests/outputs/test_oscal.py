from __future__ import annotations

import json
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.model.report import Exemption
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.oscal_parts import line, token

from .reports import CONTROLLED, EMPTY, EVERYTHING, PASSED, PRIVILEGED, RUN, WAIVED, report, under, whole
from .test_safety import hostile

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.model.report import Report

render = whole("oscal")


def result(found: Report, options: RenderOptions | None = None) -> dict[str, Any]:
    """The one result of the assessment results."""
    (only,) = json.loads(render(found, options or RenderOptions()))["assessment-results"]["results"]
    return dict(only)


def told(of: dict[str, Any]) -> dict[str, str]:
    """Properties by name."""
    return {one["name"]: one["value"] for one in of["props"]}


@pytest.fixture(scope="module")
def validate() -> Callable[[object], object]:
    """The models that OSCAL's own community generates from NIST's schema of this version, as trestle ships them."""
    if sys.version_info >= (3, 14):
        pytest.skip("the trestle for OSCAL 1.1 does not run on this Python")
    trestle = pytest.importorskip("trestle.oscal", reason="compliance-trestle is in the extra ground-truth")
    assert trestle.OSCAL_VERSION == "1.1.3"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trestle.oscal.assessment_results import Model
    parse: Callable[[object], object] = Model.parse_obj
    return parse


@pytest.mark.parametrize("found", [CONTROLLED, EVERYTHING, EMPTY, hostile()])
@pytest.mark.parametrize("options", [RenderOptions(), RenderOptions(all=True, by="control")])
def test_it_is_oscal(validate: Callable[[object], object], found: Report, options: RenderOptions) -> None:
    validate(json.loads(render(found, options)))


def test_the_models_would_notice(validate: Callable[[object], object]) -> None:
    data = json.loads(render(CONTROLLED))
    data["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"] = "failed"
    with pytest.raises(ValueError, match="state"):
        validate(data)


def test_a_violation() -> None:
    found = replace(CONTROLLED, findings=(under(PRIVILEGED, "5.5"),), problems=())
    (observation,) = result(found)["observations"]
    (web,) = result(found)["local-definitions"]["inventory-items"]
    assert observation == {
        "uuid": observation["uuid"],
        "title": "Containers do not run privileged",
        "description": "web runs privileged",
        "props": _props(
            policy="privileged", status="fail", severity="critical", enforcement="block", field="privileged"
        ),
        "methods": ["TEST"],
        "types": ["finding"],
        "origins": observation["origins"],
        "subjects": [{"subject-uuid": web["uuid"], "type": "inventory-item"}],
        "relevant-evidence": [
            {
                "href": "compose.yaml",
                "description": "compose.yaml:4:17",
                "props": _props(
                    **{"line": "4", "column": "17", "end-line": "4", "end-column": "21", "role": "primary"}
                ),
            }
        ],
        "collected": "2026-01-02T03:04:05.412Z",
        "remarks": "Remove privileged: true.",
    }


def _props(**values: str) -> list[dict[str, str]]:
    namespace = "https://policyengine.invalid/ns/oscal"
    return [{"name": name, "ns": namespace, "value": value} for name, value in values.items()]


def test_what_each_control_came_to() -> None:
    found = result(CONTROLLED)["findings"]
    assert [(told(one)["control"], told(one)["status"], one["target"]["status"]) for one in found] == [
        ("4.1", "unknown", {"state": "not-satisfied", "reason": "other"}),
        ("5.4", "pass", {"state": "satisfied", "reason": "pass"}),
        ("5.5", "fail", {"state": "not-satisfied", "reason": "fail"}),
        ("5.11", "error", {"state": "not-satisfied", "reason": "other"}),
        ("5.14", "waived", {"state": "not-satisfied", "reason": "fail"}),
        ("5.2.2", "pass", {"state": "satisfied", "reason": "pass"}),
    ]
    assert [one["target"]["target-id"] for one in found[:2]] == ["cis-docker-1.7.0_4.1", "cis-docker-1.7.0_5.4"]


def test_the_controls_that_were_reviewed_and_those_that_were_not() -> None:
    docker, kubernetes = result(CONTROLLED)["reviewed-controls"]["control-selections"]
    assert told(docker) == {"benchmark": "CIS Docker", "benchmark-version": "1.7.0"}
    assert [one["control-id"].partition("_")[2] for one in docker["include-controls"]] == [
        *("4.1", "5.4", "5.5", "5.11", "5.14")
    ]
    assert [one["control-id"].partition("_")[2] for one in docker["exclude-controls"]] == [
        *("1.1.1", "1.1.2", "5.12", "5.28", "6.1")
    ]
    assert "exclude-controls" not in kubernetes
    assert result(EMPTY)["reviewed-controls"] == {"control-selections": [{"description": "No control was checked."}]}


def test_a_risk_for_what_is_violated_and_one_for_what_is_let_pass() -> None:
    until = [Exemption("waiver", reason="tests", until=day, owner="ops") for day in ("2027-03-01", "2027-02-01")]
    waived = [replace(WAIVED, fingerprint=f"w{number}", exemption=one) for number, one in enumerate(until)]
    found = result(report(PRIVILEGED, *waived))
    assert [(risk["status"], risk.get("deadline"), len(risk["related-observations"])) for risk in found["risks"]] == [
        ("deviation-approved", "2027-02-01T23:59:59Z", 2),
        ("open", None, 1),
    ]
    assert found["risks"][1]["statement"].startswith("A privileged container has every capability")
    assert "waiver: tests, owner ops, until 2027-02-01" in found["observations"][2]["remarks"]


@pytest.mark.parametrize("found", [CONTROLLED, EVERYTHING, hostile()])
def test_every_reference_leads_somewhere(found: Report) -> None:
    document = json.loads(render(found))["assessment-results"]
    (only,) = document["results"]
    own: dict[str, set[str]] = {
        "observation-uuid": {one["uuid"] for one in only.get("observations", ())},
        "risk-uuid": {one["uuid"] for one in only.get("risks", ())},
        "subject-uuid": {one["uuid"] for one in only["local-definitions"]["inventory-items"]},
        "actor-uuid": {one["uuid"] for one in only["local-definitions"]["assessment-assets"]["components"]},
    }
    own["component-uuid"] = own["actor-uuid"]
    references = list(_references(document))
    assert {name for name, _ in references} >= {"observation-uuid", "subject-uuid", "actor-uuid"}
    assert [one for one in references if one[1] not in own[one[0]]] == []
    assert document["import-ap"]["href"] == f"#{document['back-matter']['resources'][0]['uuid']}"


def _references(data: object) -> list[tuple[str, str]]:
    if isinstance(data, list):
        return [found for item in data for found in _references(item)]
    if isinstance(data, dict):
        own = [(name, value) for name, value in data.items() if name.endswith("-uuid")]
        return own + [found for item in data.values() for found in _references(item)]
    return []


def test_identifiers_are_those_of_the_run_and_of_what_was_found() -> None:
    again = replace(CONTROLLED, run=replace(RUN, id="run-2"))
    assert render(CONTROLLED) == render(CONTROLLED)
    first, second = result(CONTROLLED), result(again)
    assert first["uuid"] != second["uuid"]
    for name in ("observations", "risks"):
        assert [one["uuid"] for one in first[name]] == [one["uuid"] for one in second[name]]


def test_all_adds_passes() -> None:
    found = report(PASSED)
    assert "observations" not in result(found)
    assert [told(one)["status"] for one in result(found, RenderOptions(all=True))["observations"]] == ["pass"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\n b", "a b"), ("", "-"), (" \t", "-"), ("\x1b[2J", "\\x1b[2J"), ("bad\udcff", "bad\\udcff")],
)
def test_strings_are_one_line(text: str, expected: str) -> None:
    assert line(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cis docker 1.7.0_5.5", "cis-docker-1.7.0_5.5"),
        ("nsa/cisa guide 1.2_network/etcd", "nsa-cisa-guide-1.2_network-etcd"),
        ("7 rules", "_7-rules"),
        ("", "_"),
    ],
)
def test_tokens(text: str, expected: str) -> None:
    assert token(text) == expected
