"""Results as data: what is written comes back."""

from __future__ import annotations

import json

from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.provenance import Provenance
from policyengine.model.report import Finding, Place, Problem, ResourceRef, Skipped
from policyengine.model.unknown import Unknown
from policyengine.pipeline.results import Result, decoded, encoded
from tests.judging import loaded
from tests.policy.writing import policy

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
    excerpt="    privileged: true",
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
    excerpt=None,
)
RESULT = Result(
    inputs=1,
    resources=7,
    counts={"sample": {"fail": 1, "unknown": 2}},
    findings=(FINDING, LIVE),
    problems=(Problem("malformed", "a.yaml", 3, 1), Problem("no engine")),
    skipped=(Skipped("b.yaml", "not of a known kind"),),
)


def test_what_is_written_comes_back() -> None:
    assert decoded(json.loads(json.dumps(encoded(RESULT))), POLICIES) == RESULT
    assert decoded(json.loads(json.dumps(encoded(Result()))), POLICIES) == Result()


def test_every_field_of_a_finding_is_in_the_sample() -> None:
    """A field that is added to findings and forgotten here would be lost between processes."""
    defaults = dict(zip(reversed(Finding.__struct_fields__), reversed(Finding.__struct_defaults__), strict=False))
    unset = {name for name in defaults if getattr(FINDING, name) == defaults[name] == getattr(LIVE, name)}
    assert unset == {"witness", "fix"}  # no policy gives them yet
