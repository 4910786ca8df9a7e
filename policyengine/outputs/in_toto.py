"""``in-toto``: a statement about what was judged, to be signed: an attestation that it was tested, and how it did.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md with the predicate
https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md; its tests are our policies, or
controls. The statement is about bytes: files that were judged, and images. A running system has no digest and cannot
be its subject; it is named among what the run went by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from policyengine.errors import UsageError
from policyengine.model.location import is_live
from policyengine.outputs.controls import controls
from policyengine.outputs.options import DEFAULT, RenderOptions
from policyengine.outputs.pieces import json_pieces
from policyengine.outputs.uris import uri
from policyengine.outputs.values import well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.artifact import Artifact
    from policyengine.model.report import Report

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
SETTINGS = "policyengineSettings"
"""The algorithm of a digest of settings, which is of no bytes:
https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md has those of others."""
BY_CONTROL = True
NAMES_ARTIFACTS = True

Data = dict[str, object]
Tests = dict[str, list[str]]

_PASSED, _WARNED, _FAILED = "passedTests", "warnedTests", "failedTests"
_OF_CONTROLS: Mapping[str, str] = {
    "pass": _PASSED,
    "unknown": _WARNED,
    "waived": _WARNED,
    "fail": _FAILED,
    "error": _FAILED,
}


def render(report: Report, options: RenderOptions = DEFAULT) -> Iterator[str]:
    """Yield a statement, in JSON and ASCII; the same for the same judgement of the same bytes.

    A run that fails, or could not do its job, is ``FAILED``. Policies that only warn, that lack a fact, or whose
    violations are let pass, passed with a warning; those that had nothing to judge are no tests of this run. By
    control, tests are the controls that were checked. Raises :class:`UsageError` where nothing has a digest.
    """
    subjects = [_subject(artifact) for artifact in report.artifacts if artifact.sha256]
    if not subjects:
        hint = "an attestation is about files or images; of running systems json, sarif and oscal tell"
        raise UsageError("nothing that was judged has a digest to be attested", hint=hint)
    tests = _by_control(report) if options.by else _by_policy(report)
    statement = {
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": PREDICATE,
        "predicate": {"result": _result(report, tests), "configuration": list(_configuration(report)), **tests},
    }
    yield from json_pieces(statement, ())


def _result(report: Report, tests: Tests) -> str:
    if report.exit_code:
        return "FAILED"
    return "WARNED" if tests[_WARNED] or tests[_FAILED] else "PASSED"


def _subject(artifact: Artifact) -> Data:
    """A file goes by its name, an image of an engine by its URI."""
    name = {"uri": uri(artifact.path)} if is_live(artifact.path) else {"name": well_formed(artifact.path)}
    return {**name, "digest": {"sha256": artifact.sha256}}


def _configuration(report: Report) -> Iterator[Data]:
    """What the run went by: the tool, its settings, the packs, and running systems."""
    name, _, version = report.run.tool.partition(" ")
    yield {"name": "tool", "uri": f"pkg:pypi/{quote(name)}@{quote(version)}"}
    yield {"name": "settings", "digest": {SETTINGS: well_formed(report.run.settings_digest)}}
    for pack in report.run.packs:
        release = f"@{quote(pack['version'])}" if pack.get("version") else ""
        yield {"name": "pack", "uri": f"pkg:generic/policyengine-packs/{quote(pack['name'], safe='')}{release}"}
    for artifact in report.artifacts:
        if not artifact.sha256:
            yield {"name": "source", "uri": uri(artifact.path)}


def _by_policy(report: Report) -> Tests:
    failed = {finding.policy for finding in report.blocking}
    failed |= {finding.policy for finding in report.findings if finding.status == "error"}
    lacking = {"fail", "waived"} if report.unknown == "ignore" else {"fail", "waived", "unknown"}
    warned = {finding.policy for finding in report.findings if finding.status in lacking} - failed
    passed = {policy.id for policy in report.policies if policy.counts.get("pass")} - failed - warned
    return {_PASSED: _names(passed), _WARNED: _names(warned), _FAILED: _names(failed)}


def _names(policies: set[str]) -> list[str]:
    return sorted(map(well_formed, policies))


def _by_control(report: Report) -> Tests:
    tests: Tests = {_PASSED: [], _WARNED: [], _FAILED: []}
    for control in controls(report):
        if control.status in _OF_CONTROLS:
            name = f"{control.benchmark} {control.version} {control.id}"
            tests[_OF_CONTROLS[control.status]].append(well_formed(name))
    return tests
