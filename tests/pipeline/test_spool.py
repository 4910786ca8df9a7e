"""Findings on the disk are the findings that were put there."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from policyengine.pipeline.spool import Spool, Spooled
from tests.pipeline.test_results import FINDING, LIVE, POLICIES

MANY = [replace(FINDING if number % 3 else LIVE, message=f"number {number} é\n\udcff") for number in range(500)]


def spooled(limit: int) -> Spool:
    spool = Spool(POLICIES, limit)
    for start in range(0, len(MANY), 7):
        spool.extend(MANY[start : start + 7])
    return spool


@pytest.mark.parametrize(("limit", "kind"), [(0, Spooled), (100, Spooled), (499, Spooled), (500, tuple)])
def test_all_come_back_in_their_order(limit: int, kind: type) -> None:
    found = spooled(limit).findings()
    assert type(found) is kind
    assert len(found) == 500
    assert list(found) == MANY
    assert [found[index] for index in (0, 1, 250, 499, -1, -500)] == [
        MANY[index] for index in (0, 1, 250, 499, -1, -500)
    ]
    assert list(found[10:20:3]) == MANY[10:20:3]
    with pytest.raises(IndexError):
        found[500]


def test_two_may_read_at_once() -> None:
    found = spooled(0).findings()
    assert list(zip(found, found, strict=True)) == list(zip(MANY, MANY, strict=True))


def test_blocks_end_within_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyengine.pipeline.spool._BLOCK", 64)
    assert list(spooled(0).findings()) == MANY


def test_no_finding_at_all() -> None:
    assert Spool(POLICIES).findings() == ()
