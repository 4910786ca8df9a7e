"""Results as data: what is written comes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.exceptions.grammar import Ignore
from policyengine.exceptions.marks import Mark, Marks
from policyengine.model.artifact import Artifact
from policyengine.model.location import Location
from policyengine.model.provenance import Provenance
from policyengine.model.report import Exemption, Finding, Passed, Place, Problem, ResourceRef, Skipped
from policyengine.model.source_line import SourceLine
from policyengine.model.unknown import Unknown
from policyengine.pipeline.results import Result, decoded, encoded
from tests.judging import loaded
from tests.policy.writing import policy

if TYPE_CHECKING:
    from policyengine.pipeline.results import Counts

CONTROLS = "controls: [{tool: checkov, id: CKV_1, inputs: [compose]}]\n"
POLICY = loaded(policy() + "remedy: {compose: 'mend it', docker: 'run it again'}\n" + CONTROLS)
POLICIES = {POLICY.id: POLICY}

FINDING = Finding(
    policy="sample",
    status="fail",
    severity=POLICY.severity,
    category=POLICY.category,
    title=POLICY.title,
    message="web runs privileged, says \udcff",
    resource=ResourceRef("container", "web", "compose", "compose:shop", "service/web"),
    places=(Place(Location("compose.yaml", 3, 5, 3, 9)), Place(Location("docker://local/container/web"), "related")),
    fingerprint="ab" * 32,
    enforcement="warn",
    field="ports[1].published",
    actual={"a": [1, 2.5, None, True, "x"]},
    provenance=Provenance("inherited", "image nginx"),
    controls=POLICY.controls,
    remedy="mend it",
    fix="safe",
    excerpt=SourceLine("    privileged: true", 17, 21),
    exemption=Exemption("waiver", Location("waivers.yaml", 3, 5, 9, 1), "it loads a module", "2027-01-31", "platform"),
    content="cd" * 8,
    witness="NEW tcp 198.51.100.7:40000 -> 172.18.0.2:22  in eth0",
    path=(Passed(Location("rules.v4", 17, 1), "-A FORWARD -j ACCEPT", "accept"), Passed(None, "no rule")),
    alike="dport 22",
)
LIVE = replace(
    FINDING,
    status="unknown",
    resource=ResourceRef("container", "web", "docker", "docker:local"),
    places=(Place(Location("docker://local/container/web")),),
    field=None,
    actual=None,
    provenance=None,
    unknown=Unknown("image.user", "the image decides", "--resolve engine"),
    controls=(),
    remedy="run it again",
    fix=None,
    excerpt=None,
    exemption=Exemption("baseline"),
)
MARK = Mark(
    "inline",
    Ignore(("privileged", "host-pid"), "it loads a module", "2027-01-31", whole=True),
    Location("compose.yaml", 1, 1, 1, 9),
    "services/web",
    (1, 1),
    (8, 3),
)
RESULT = Result(
    inputs=1,
    resources=7,
    counts={"sample": {"fail": 1, "unknown": 2}},
    findings=(FINDING, LIVE),
    problems=(Problem("malformed", "a.yaml", 3, 1), Problem("no engine")),
    skipped=(Skipped("b.yaml", "not of a known kind"),),
    marks=Marks((MARK, replace(MARK, kind="label", start=None, end=None)), (Problem("no reason", "a.yaml", 3, 1),)),
    held=(("", "compose:shop", "service/web/container/web"),),
    parts=("base.yaml",),
    origins={"compose": 3, "docker": 4},
    passes={"compose": {"sample": 2}, "docker": {}},
    artifacts=(Artifact("a.yaml", "ab" * 32), Artifact("docker://")),
)


def test_what_is_written_comes_back() -> None:
    assert decoded(json.loads(json.dumps(encoded(RESULT))), POLICIES) == RESULT
    assert decoded(json.loads(json.dumps(encoded(Result()))), POLICIES) == Result()


def test_every_field_of_a_finding_is_in_the_sample() -> None:
    """A field that is added to findings and forgotten here would be lost between processes."""
    defaults = dict(zip(reversed(Finding.__struct_fields__), reversed(Finding.__struct_defaults__), strict=False))
    unset = {name for name in defaults if getattr(FINDING, name) == defaults[name] == getattr(LIVE, name)}
    assert unset == set()


def test_passes_of_one_input_kind_are_those_of_the_counts() -> None:
    counts: Counts = {"a": {"pass": 2, "fail": 1}, "b": {"fail": 1}}
    assert Result(counts=counts, origins={"compose": 4}).passed == {"compose": {"a": 2}}
    assert Result(counts=counts).passed == {}
    assert RESULT.passed == {"compose": {"sample": 2}, "docker": {}}
