from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from policyengine.model.unknown import Unknown
from policyengine.outputs.options import RenderOptions

from .reports import (
    EMPTY,
    EVERYTHING,
    LIVE,
    LOST,
    PASSED,
    PORT,
    PRIVILEGED,
    PROBLEM,
    TEMPLATE,
    USER,
    WAIVED,
    report,
    whole,
)

render = whole("json")


def finding(result: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result)["findings"][0]
    return found


def test_the_whole_result_field_by_field_in_order() -> None:
    expected = {
        "version": 1,
        "run": {
            "id": "run-1",
            "tool": "policyengine 0.1.0",
            "started": "2026-01-02T03:04:05Z",
            "seconds": 0.412,
            "settings_digest": "sha256:00",
            "packs": [{"name": "default", "version": "1"}],
            "since": None,
        },
        "summary": {
            "inputs": 3,
            "skipped": 1,
            "resources": 12,
            "policies": 2,
            "evaluations": 2,
            "pass": 0,
            "fail": 1,
            "unknown": 1,
            "not_applicable": 0,
            "waived": 0,
            "error": 0,
            "problems": 2,
        },
        "policies": [
            {"id": "privileged", "pass": 0, "fail": 1, "unknown": 0, "not_applicable": 0, "waived": 0, "error": 0},
            {"id": "run-as-uid-0", "pass": 0, "fail": 0, "unknown": 1, "not_applicable": 0, "waived": 0, "error": 0},
        ],
        "findings": [
            {
                "policy": "privileged",
                "status": "fail",
                "enforcement": "block",
                "severity": "critical",
                "category": "runtime",
                "message": "web runs privileged",
                "resource": {
                    "kind": "container",
                    "name": "web",
                    "origin": "compose",
                    "parent": "service/web",
                    "scope": "compose:shop",
                },
                "locations": [
                    {
                        "path": "compose.yaml",
                        "line": 4,
                        "column": 17,
                        "end_line": 4,
                        "end_column": 21,
                        "role": "primary",
                    }
                ],
                "field": "privileged",
                "actual": True,
                "provenance": "declared",
                "unknown": None,
                "witness": None,
                "path": [],
                "set": None,
                "controls": [
                    {"benchmark": "CIS Docker", "version": "1.7.0", "id": "5.5"},
                    {"tool": "checkov", "id": "CKV_K8S_16", "inputs": ["kubernetes"]},
                ],
                "remedy": "Remove privileged: true.",
                "fix": "safe",
                "fingerprint": "f1",
                "exemption": None,
            },
            {
                "policy": "run-as-uid-0",
                "status": "unknown",
                "enforcement": "block",
                "severity": "high",
                "category": "runtime",
                "message": "app may run as root",
                "resource": {
                    "kind": "container",
                    "name": "app",
                    "origin": "kubernetes",
                    "parent": "deployment/web",
                    "scope": "kubernetes:shop",
                },
                "locations": [
                    {
                        "path": "deploy.yaml",
                        "line": 14,
                        "column": 11,
                        "end_line": 16,
                        "end_column": 20,
                        "role": "primary",
                    }
                ],
                "field": "user",
                "actual": None,
                "provenance": "unknown",
                "provenance_of": "image nginx:1.25",
                "unknown": {
                    "fact": "image.user",
                    "settle": "--resolve engine",
                    "why": "the image nginx:1.25 decides",
                },
                "witness": None,
                "path": [],
                "set": None,
                "controls": [],
                "remedy": None,
                "fix": None,
                "fingerprint": "f4",
                "exemption": None,
            },
        ],
        "skipped": [{"path": "chart/templates/x.yaml", "reason": "Helm template, not rendered"}],
        "problems": [
            {"path": "broken.yaml", "line": 7, "column": 3, "message": "mapping values are not allowed here"},
            {"path": None, "line": None, "column": None, "message": "the engine does not answer"},
        ],
        "notices": [],
    }
    text = render(report(PRIVILEGED, USER, problems=[PROBLEM, LOST], skipped=[TEMPLATE]))
    assert text == json.dumps(expected, indent=2) + "\n"


def test_a_live_object_has_no_line() -> None:
    assert finding(render(report(LIVE)))["locations"] == [
        {
            "path": "docker://local/container/web",
            "line": None,
            "column": None,
            "end_line": None,
            "end_column": None,
            "role": "primary",
        }
    ]


def test_related_places_have_their_role() -> None:
    assert [place["role"] for place in finding(render(report(PORT)))["locations"]] == ["primary", "related"]


def test_all_adds_passes_and_waived_ones_are_always_there() -> None:
    found = report(PASSED, WAIVED, replace(PASSED, status="not_applicable"))
    statuses = [
        [finding["status"] for finding in json.loads(render(found, options))["findings"]]
        for options in (RenderOptions(), RenderOptions(all=True))
    ]
    assert statuses == [["waived"], ["pass", "waived", "not_applicable"]]


def test_an_empty_report_has_every_part() -> None:
    result = json.loads(render(EMPTY))
    assert [result[name] for name in ("policies", "findings", "skipped", "problems")] == [[], [], [], []]


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (float("nan"), ".nan"),
        (b"\x00\xff", "AP8="),
        ({"a": (1, Unknown("f", "w")), 2: {"b"}}, {"a": [1, None], "2": ["b"]}),
        pytest.param(1 << 20_000, hex(1 << 20_000), id="huge"),
        ("\udcff", "\ufffd"),
    ],
)
def test_any_value_is_json(actual: object, expected: object) -> None:
    text = render(report(replace(PRIVILEGED, actual=actual)))
    assert finding(text)["actual"] == expected
    json.loads(text, parse_constant=pytest.fail)


def test_ascii_whatever_the_terminal() -> None:
    text = render(report(replace(PRIVILEGED, message="web läuft \x9b31m\u202eprivilegiert")))
    assert text.isascii()
    assert finding(text)["message"] == "web läuft \x9b31m\u202eprivilegiert"


def test_how_it_is_shown_elsewhere_changes_nothing() -> None:
    assert render(EVERYTHING, RenderOptions(colour=True, width=20, verbose=True)) == render(EVERYTHING)
