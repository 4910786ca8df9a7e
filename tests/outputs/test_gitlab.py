from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import SEVERITIES, Place, Problem, Report
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.style import visible

from .gate import GATE, many
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
    USER,
    WAIVED,
    report,
    whole,
)

render = whole("gitlab")
SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "schemas" / "gitlab-code-quality.json").read_text()))
ALL = RenderOptions(verbose=True, all=True)


def issues(found: Report, options: RenderOptions | None = None) -> list[dict[str, Any]]:
    """The issues that GitLab takes: up to the first that is not as it should be, the last of each fingerprint."""
    taken: dict[str, dict[str, Any]] = {}
    for issue in json.loads(render(found, options or RenderOptions())):
        if not SCHEMA.is_valid([issue]):
            break
        taken[issue["fingerprint"]] = issue
    return list(taken.values())


def test_a_violation_a_live_object_and_a_problem() -> None:
    assert issues(report(PORT, LIVE, problems=[PROBLEM])) == [
        {
            "type": "issue",
            "check_name": "bind-all-interfaces",
            "description": "bind-all-interfaces: web publishes 8080 on every interface",
            "categories": ["Security"],
            "location": {"path": "compose.yaml", "lines": {"begin": 12, "end": 12}},
            "other_locations": [{"path": "other.yaml", "lines": {"begin": 3, "end": 3}}],
            "severity": "critical",
            "fingerprint": "f2",
        },
        {
            "type": "issue",
            "check_name": "readonly-rootfs",
            "description": "readonly-rootfs: web can write to its root file system",
            "content": {"body": "Run it with --read-only.\nGive it a tmpfs where it has to write."},
            "categories": ["Security"],
            "location": {"path": "docker://local/container/web", "lines": {"begin": 1, "end": 1}},
            "severity": "minor",
            "fingerprint": "f3",
        },
        {
            "type": "issue",
            "check_name": "policyengine-problem",
            "description": "policyengine: mapping values are not allowed here",
            "categories": ["Bug Risk"],
            "location": {"path": "broken.yaml", "lines": {"begin": 7, "end": 7}},
            "severity": "blocker",
            "fingerprint": "4c8d98b2783d6245e3f4d3e04911e7943cbf5db657ec344b3e19983e0f505649",
        },
    ]


@pytest.mark.parametrize("options", [RenderOptions(), ALL])
@pytest.mark.parametrize("found", [EVERYTHING, CLEAN, EMPTY, GATE, report(LIVE), report(problems=[LOST])], ids=range(6))
def test_it_keeps_to_the_schema(found: Report, options: RenderOptions) -> None:
    text = json.loads(render(found, options))
    assert [f"{error.json_path}: {error.message}" for error in SCHEMA.iter_errors(text)] == []


def test_the_schema_would_notice() -> None:
    issue = issues(report(PRIVILEGED))[0]
    assert not SCHEMA.is_valid([{**issue, "severity": "high"}])
    assert not SCHEMA.is_valid([{**issue, "location": {"path": "compose.yaml"}}])
    assert not SCHEMA.is_valid([{**issue, "location": {"path": "./compose.yaml", "lines": {"begin": 1}}}])


def test_nothing_is_an_empty_list() -> None:
    assert render(EMPTY) == render(CLEAN) == "[]\n"


def test_severities() -> None:
    found = report(*(replace(PRIVILEGED, severity=severity, fingerprint=severity) for severity in SEVERITIES))
    assert [issue["severity"] for issue in issues(found)] == ["blocker", "critical", "major", "minor", "info"]


def test_an_unknown_is_only_information_unless_it_fails_the_run() -> None:
    found = report(USER)
    (issue,) = issues(found)
    assert issue["severity"] == "info"
    assert issue["description"] == "run-as-uid-0: app may run as root (unknown: image.user; --resolve engine)"
    assert issue["location"] == {"path": "deploy.yaml", "lines": {"begin": 14, "end": 16}}
    assert [issue["severity"] for issue in issues(replace(found, unknown="fail"))] == ["critical"]
    assert issues(replace(found, unknown="ignore")) == []
    assert len(issues(replace(found, unknown="ignore"), ALL)) == 1


def test_what_could_not_be_judged_blocks() -> None:
    assert [(one["location"]["path"], one["severity"]) for one in issues(report(BROKEN, problems=[LOST]))] == [
        ("compose.yaml", "blocker"),
        (".", "blocker"),
    ]


def test_what_is_waived_or_passed_is_no_issue() -> None:
    assert issues(report(WAIVED, PASSED), ALL) == []


def test_notices() -> None:
    told = [(one["check_name"], one["severity"], one["location"]) for one in issues(GATE)[-2:]]
    assert told == [
        ("policyengine-exception-unused", "info", {"path": "waivers.yaml", "lines": {"begin": 9, "end": 9}}),
        ("policyengine-exception-ignored", "info", {"path": ".", "lines": {"begin": 1, "end": 1}}),
    ]


def test_every_issue_is_taken_for_itself() -> None:
    assert len(issues(EVERYTHING)) == 10
    assert len(issues(many())) == len(many().findings)
    twice = report(problems=[PROBLEM, PROBLEM._replace(line=9), LOST])
    assert len(issues(twice)) == 3
    assert issues(report(problems=[PROBLEM]))[0]["fingerprint"] == issues(twice)[0]["fingerprint"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("compose.yaml", "deploy/prod/compose.yaml"),
        ("./x/../compose.yaml", "deploy/prod/compose.yaml"),
        ("../../Dockerfile", "Dockerfile"),
        ("../..", "."),
        ("../../../top.yaml", "{above}/top.yaml"),
        ("{top}/a b.yaml", "a b.yaml"),
        ("-", "-"),
        ("docker:///container/web", "docker:///container/web"),
    ],
)
def test_paths_are_those_of_the_repository(
    path: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    (top / "deploy" / "prod").mkdir(parents=True)
    (top / ".git").write_text("gitdir: elsewhere\n")  # of a work tree or a submodule it is a file
    monkeypatch.chdir(top / "deploy" / "prod")
    place = Place(Location(path.format(top=top), 3))
    (issue,) = issues(report(replace(PRIVILEGED, places=(place,))))
    assert issue["location"]["path"] == expected.format(above=tmp_path)


def test_without_a_repository_paths_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (issue,) = issues(report(PRIVILEGED))
    assert issue["location"]["path"] == "compose.yaml"


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_text_makes_an_issue(text: str, path: str) -> None:
    place = (Place(Location(f"x{path}", 1)),)
    found = report(replace(PRIVILEGED, message=text, places=place), problems=[Problem(text, path), Problem(text)])
    told = [issue["description"] for issue in issues(found)]
    assert told == [visible(f"privileged: {text}"), *[visible(f"policyengine: {text}")] * 2]
