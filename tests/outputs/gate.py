"""Reports of a gate: exemptions, notices, and very many findings."""

from __future__ import annotations

from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import SEVERITIES, Exemption, Finding, Notice, Place, Report

from .reports import LOST, PORT, PRIVILEGED, PROBLEM, USER, WAIVED, report

WAIVER = Exemption("waiver", Location("waivers.yaml", 4, 3), "we migrate in May", "2027-01-31", "platform")
WAIVED_FOR_A_WHILE = replace(WAIVED, exemption=WAIVER)
EXPIRED = replace(
    PORT, exemption=Exemption("inline", Location("compose.yaml", 11, 5), "behind a firewall", "2026-01-01")
)
UNUSED = Notice("unused", "the waiver of privileged for db lets nothing pass", "waivers.yaml", 9, 3)
IGNORED = Notice("ignored", "annotations of live objects do not count")

GATE = replace(
    report(WAIVED_FOR_A_WHILE, EXPIRED, USER, problems=(PROBLEM, LOST)),
    notices=(UNUSED, IGNORED),
)

MANY = 10_000


def numbered(number: int) -> Finding:
    """One of very many findings: a hundred a file, every severity, one in seven only a warning, one in ten unknown."""
    line = number % 100 + 1
    return replace(
        USER if number % 10 == 0 else PRIVILEGED,
        severity=SEVERITIES[number % 5],
        enforcement="warn" if number % 7 == 0 else "block",
        places=(Place(Location(f"stacks/{number // 100}/compose.yaml", line, 17, line, 21)),),
        resource=replace(PRIVILEGED.resource, name=f"web{number}"),
        message=f"web{number} runs privileged",
        fingerprint=f"f{number}",
    )


def many() -> Report:
    """A report of very many findings."""
    return report(*map(numbered, range(MANY)))
