"""The Pod Security Standards: our packs on the fixtures of Kubernetes' own admission plugin, each by its own release.

The check that a fixture is named for fires on every one that is refused; on those that are admitted nothing fires, and
nothing is unknown. https://github.com/kubernetes/pod-security-admission/tree/master/test/testdata
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.choice import choice
from policyengine.documents.load import document
from policyengine.engine import Engine
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.policy.packs import load_pack
from policyengine.settings import Settings
from tests.conformance.corpora import require
from tests.installation import ROOT
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource

pytestmark = ONCE

FIXTURES = ROOT.parent / "shared" / "corpora" / "manifests" / "pod-security-standards"
LEVELS = ("baseline", "restricted")
STANDARDS = "Pod Security Standards"


@pytest.fixture(autouse=True)
def fixtures() -> None:
    require(None if FIXTURES.is_dir() else f"the fixtures are not at {FIXTURES}")


@dataclass(frozen=True)
class Case:
    """A fixture: the pack that judges it, the control it is named for, and whether that refuses it."""

    file: str
    pack: str
    control: str
    expected: str


@cache
def cases() -> Mapping[str, list[Case]]:
    """Every fixture, by its pack."""
    found = defaultdict(list)
    with (FIXTURES / "INDEX.tsv").open() as file:
        for row in csv.DictReader(file, delimiter="\t"):
            level, release = row["file"].split("/")[:2]
            pack = f"pod-security-{level}@{release}"
            control = f"{row['check_level']}/{row['check_id']}"
            found[pack].append(Case(row["file"], pack, control, row["expected"]))
    return found


@cache
def resources(text: bytes) -> tuple[Resource, ...]:
    """The resources of a manifest; most fixtures are the same in many releases."""
    context = Context()
    found = tuple(document_inputs()["kubernetes"].read(document("pod.yaml", text), context))
    assert not context.problems
    return found


def findings(pack: str) -> Mapping[str, tuple[Finding, ...]]:
    """What a pack finds in each of its fixtures."""
    chosen = choice(Settings(packs=(pack,)))
    engine = Engine(chosen.policies, chosen.parameters)
    return {
        case.file: engine.judge(resources((FIXTURES / case.file).read_bytes())).findings
        for case in cases()[pack.replace("@", "@v")]
    }


def controls(finding: Finding) -> set[str]:
    return {str(control["id"]) for control in finding.controls if control.get("benchmark") == STANDARDS}


def packs() -> list[str]:
    return [
        f"pod-security-{level}@{release}" for level in LEVELS for release in load_pack(f"pod-security-{level}").releases
    ]


@pytest.mark.parametrize("pack", packs())
def test_fixtures(pack: str) -> None:
    found = findings(pack)
    for case in cases()[pack.replace("@", "@v")]:
        told = found[case.file]
        refusing = {control for finding in told if finding.status == "fail" for control in controls(finding)}
        if case.expected == "pass":
            assert not told, case
        else:
            assert case.control in refusing, case
        assert {finding.status for finding in told} <= {"fail"}, case


def test_every_fixture_is_judged() -> None:
    judged = Counter(case.file for of_pack in cases().values() for case in of_pack)
    there = {str(path.relative_to(FIXTURES)) for path in FIXTURES.rglob("*.yaml")}
    assert there == judged.keys()
    assert max(judged.values()) == 1
    assert {pack.replace("@v", "@") for pack in cases()} == set(packs())
