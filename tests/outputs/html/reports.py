"""Reports of any length, varied as real ones are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.model.coverage import Benchmark, Coverage, KnownControl
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED
from policyengine.model.report import SEVERITIES, Exemption, Finding, Notice, Place, ResourceRef
from policyengine.model.source_line import SourceLine
from policyengine.model.unknown import Unknown
from tests.outputs.reports import PROBLEM, TEMPLATE, report

if TYPE_CHECKING:
    from policyengine.model.report import Report, Status

CATEGORIES = ("runtime", "image", "firewall", "authentication")
CONTROLS = [
    (
        {"benchmark": "CIS Docker", "version": "1.7.0", "id": f"5.{number}"},
        {"tool": "checkov", "id": f"CKV_{number}", "name": f"Check {number}"},
    )
    for number in range(80)
]
_KNOWN = tuple(KnownControl(f"5.{number}", {f"policy-{number}": ("compose",)}) for number in range(81))
COVERAGE = Coverage(
    benchmarks=(Benchmark("CIS Docker", "1.7.0", _KNOWN),),
    resources={"compose": 500},
    passes={},
    acts={f"policy-{number}": None for number in range(80)},
)
WAIVER = Exemption(
    kind="waiver",
    place=Location("policyengine-waivers.yaml", 3, 5),
    reason="The runner of the build needs it.",
    until="2027-01-31",
    owner="platform team",
)


def one(number: int) -> Finding:
    """A finding: every tenth is unknown, every hundredth waived, every fourth violation only warns."""
    status: Status = "unknown" if number % 10 == 9 else "waived" if number % 100 == 50 else "fail"
    policy = number % 80
    path = f"deploy/team-{number % 40}/service-{number % 500}/compose.yaml"
    return Finding(
        policy=f"policy-{policy}",
        status=status,
        severity=SEVERITIES[policy % 5],
        category=CATEGORIES[policy % 4],
        title=f"What policy {policy} wants of containers",
        message=f"service-{number % 500} has setting {policy} switched on: whoever controls it controls item {number}",
        resource=ResourceRef("container", f"service-{number % 500}", "compose", f"compose:team-{number % 40}"),
        places=(Place(Location(path, number % 300 + 1, 16, number % 300 + 1, 21)),),
        fingerprint=f"{number:064x}",
        enforcement="warn" if number % 4 == 0 else "block",
        field=f"settings[{policy}]",
        actual=f"value-{number}",
        provenance=DECLARED,
        unknown=Unknown(f"image.fact-{policy}", "the image decides", "--resolve engine")
        if status == "unknown"
        else None,
        exemption=WAIVER if status == "waived" else None,
        controls=CONTROLS[policy],
        remedy=f"Set `setting-{policy}: false`.",
        excerpt=SourceLine("    setting:   false   # why it is so", 16, 21),
    )


@cache
def many(count: int) -> Report:
    """A report of ``count`` findings, a problem, a notice and a skipped input."""
    made = report(*map(one, range(count)), problems=[PROBLEM], skipped=[TEMPLATE])
    notice = Notice("unused", "nothing to let pass", "policyengine-waivers.yaml", 9, 5)
    rules = {f"policy-{number}": _rule(number) for number in range(80)}
    return replace(made, notices=(notice,), rules=rules, coverage=COVERAGE)


def _rule(number: int) -> dict[str, object]:
    return {
        "title": f"What policy {number} wants of containers",
        "why": f"Setting {number} gives the container more than it needs.",
        "severity": SEVERITIES[number % 5],
        "category": CATEGORIES[number % 4],
        "controls": CONTROLS[number],
        "help": f"Set `setting-{number}: false`.",
    }
