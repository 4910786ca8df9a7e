from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult as Predicate
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from msgspec.structs import replace

from policyengine.errors import UsageError
from policyengine.model.artifact import Artifact
from policyengine.outputs.options import RenderOptions
from tests.running import cli

from .reports import (
    BROKEN,
    CLEAN,
    CONTROLLED,
    EMPTY,
    EVERYTHING,
    LIVE,
    LOST,
    PASSED,
    PRIVILEGED,
    USER,
    WAIVED,
    report,
    whole,
)

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.report import Report

render = whole("in-toto")


def statement(found: Report, options: RenderOptions | None = None) -> dict[str, Any]:
    return dict(json.loads(render(found, options or RenderOptions())))


def outcome(found: Report, options: RenderOptions | None = None) -> list[Any]:
    """What the predicate says: the result, and what passed, warned and failed."""
    predicate = statement(found, options)["predicate"]
    return [predicate[name] for name in ("result", "passedTests", "warnedTests", "failedTests")]


@pytest.mark.parametrize("by", ["", "control"])
@pytest.mark.parametrize("found", [EVERYTHING, CLEAN, EMPTY, CONTROLLED])
def test_the_library_of_in_toto_reads_it(found: Report, by: str) -> None:
    """Every field is one of the specification's: ParseDict refuses others."""
    data = statement(found, RenderOptions(by=by))
    parsed = ParseDict(data, statement_pb2.Statement())
    Statement.copy_from_pb(parsed).validate()
    assert data["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    predicate = ParseDict(data["predicate"], Predicate())
    assert predicate.result in ("PASSED", "WARNED", "FAILED")
    for descriptor in predicate.configuration:
        ResourceDescriptor.copy_from_pb(descriptor).validate()


def test_a_whole_statement() -> None:
    assert statement(report(PRIVILEGED)) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "compose.yaml", "digest": {"sha256": "1a" * 32}},
            {"uri": "docker:///image/nginx:1.25", "digest": {"sha256": "2b" * 32}},
        ],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "FAILED",
            "configuration": [
                {"name": "tool", "uri": "pkg:pypi/policyengine@0.1.0"},
                {"name": "settings", "digest": {"policyengineSettings": "sha256:00"}},
                {"name": "pack", "uri": "pkg:generic/policyengine-packs/default@1"},
                {"name": "source", "uri": "docker://"},
            ],
            "passedTests": [],
            "warnedTests": [],
            "failedTests": ["privileged"],
        },
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (CLEAN, ["PASSED", ["privileged"], [], []]),
        (EMPTY, ["PASSED", [], [], []]),
        (report(LIVE, PASSED), ["WARNED", ["privileged"], ["readonly-rootfs"], []]),
        (report(USER, PASSED), ["WARNED", ["privileged"], ["run-as-uid-0"], []]),
        (report(WAIVED, PASSED), ["WARNED", [], ["privileged"], []]),
        (report(PRIVILEGED, WAIVED, PASSED), ["FAILED", [], [], ["privileged"]]),
        (report(BROKEN), ["FAILED", [], [], ["memory-limit"]]),
        (report(PASSED, problems=[LOST]), ["FAILED", ["privileged"], [], []]),
        (replace(report(USER, PASSED), unknown="ignore"), ["PASSED", ["privileged"], [], []]),
        (replace(report(USER), unknown="fail"), ["FAILED", [], [], ["run-as-uid-0"]]),
        (replace(report(LIVE, PRIVILEGED), fail_on="critical"), ["FAILED", [], ["readonly-rootfs"], ["privileged"]]),
        (replace(EMPTY, require_match=True), ["FAILED", [], [], []]),
    ],
)
def test_what_passes_warns_and_fails(found: Report, expected: list[object]) -> None:
    assert outcome(found) == expected


def test_by_control_the_tests_are_controls() -> None:
    assert outcome(CONTROLLED, RenderOptions(by="control")) == [
        "FAILED",
        ["CIS Docker 1.7.0 5.4", "CIS Kubernetes 1.12 5.2.2"],
        ["CIS Docker 1.7.0 4.1", "CIS Docker 1.7.0 5.14"],
        ["CIS Docker 1.7.0 5.5", "CIS Docker 1.7.0 5.11"],
    ]


@pytest.mark.parametrize("artifacts", [(), (Artifact("docker://"),)])
def test_without_bytes_there_is_nothing_to_attest(artifacts: tuple[Artifact, ...]) -> None:
    with pytest.raises(UsageError, match="nothing that was judged has a digest to be attested"):
        render(replace(CLEAN, artifacts=artifacts))


def test_what_was_judged_is_named_by_its_digest_cached_or_not(tmp_path: Path) -> None:
    """Also files that a Compose file includes; not those whose few variables could be guessed from a digest."""
    (tmp_path / "compose.yaml").write_text("include: [more.yaml]\nservices: {a: {image: nginx, env_file: a.env}}\n")
    (tmp_path / "more.yaml").write_text("services: {b: {image: nginx}}\n")
    (tmp_path / "a.env").write_text("PASSWORD=hunter2\n")
    (tmp_path / "notes.yaml").write_text("of: no known kind\n")
    runs = [
        cli("check", ".", "-f", "in-toto", *more, cwd=tmp_path, XDG_CACHE_HOME=str(tmp_path / ".cache"))
        for more in (("--no-cache",), (), (), ("--jobs", "2", "--no-cache"))
    ]
    assert {run.out for run in runs} == {runs[0].out}
    subjects = {one["name"]: one["digest"]["sha256"] for one in json.loads(runs[0].out)["subject"]}
    sums = {name: _sha256(tmp_path / name) for name in ("compose.yaml", "more.yaml")}
    assert subjects == sums


def _sha256(path: Path) -> str:
    from hashlib import sha256

    return sha256(path.read_bytes()).hexdigest()
