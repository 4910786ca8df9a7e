"""Findings in another order than the report's, without having all of them in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.report import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from policyengine.model.report import Finding

_RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}


def severity_rank(finding: Finding) -> int:
    """0 for critical, and more the less bad it is."""
    return _RANKS[finding.severity]


def grouped(findings: Sequence[Finding], key: Callable[[Finding], str | None]) -> dict[str, list[int]]:
    """Where the findings of each key stand in the sequence, keys in the order they come in; None leaves one out."""
    groups: dict[str, list[int]] = {}
    for number, finding in enumerate(findings):
        if (found := key(finding)) is not None:
            groups.setdefault(found, []).append(number)
    return groups


def ranked(
    findings: Sequence[Finding], rank: Callable[[Finding], tuple[int, ...] | None]
) -> Iterator[tuple[tuple[int, ...], Finding]]:
    """Yield ranks and findings, the lowest first, equal ones in their order; None leaves one out."""
    ranks = ((rank(finding), number) for number, finding in enumerate(findings))
    for found, number in sorted((found, number) for found, number in ranks if found is not None):
        yield found, findings[number]
