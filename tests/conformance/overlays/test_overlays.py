"""ComplianceAsCode's cases: our policies say what its rules say, or it is recorded why not."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from policyengine.policy.parameters import parameter_values
from tests.conformance.corpora import require
from tests.conformance.overlays.corpus import Row, families, missing, rows
from tests.conformance.overlays.covered import covered, known, line_for
from tests.conformance.overlays.judging import Outcome, outcomes
from tests.conformance.overlays.recorded import found, recorded
from tests.once import ONCE

pytestmark = ONCE

ENOUGH = 0.95

FAMILIES = ("accounts-other", "banner", "firewall", "pam", "shadow-login.defs", "ssh-client-keys", "sshd", "sudo")


@cache
def compared(family: str) -> list[Outcome]:
    """What came of a family's rows."""
    require(missing())
    return outcomes(rows(families()[family]))


def every_row() -> list[Row]:
    require(missing())
    return [row for file in families().values() for row in rows(file)]


def test_families_are_those_that_there_are() -> None:
    require(missing())
    assert tuple(families()) == FAMILIES


def test_what_is_covered_is_what_was_fixed() -> None:
    assert len({line.rule for line in covered()}) >= 120
    assert sum(line.rows for line in covered()) >= 1600


def test_every_row_of_a_rule_is_of_one_line() -> None:
    rules = {line.rule for line in covered()}
    counted = [row for row in every_row() if row.rule in rules]
    lines = [[line for line in covered() if line.speaks_of(row)] for row in counted]
    assert [row.id for row, its in zip(counted, lines, strict=True) if len(its) != 1] == []
    assert Counter((line.rule, line.products) for (line,) in lines) == {
        (line.rule, line.products): line.rows for line in covered()
    }


def test_parameters_are_some_that_the_policies_have() -> None:
    for line in covered():
        declared = {name for id_ in line.policies for name in known()[id_].parameters or {}}
        assert set(line.parameters) <= declared, line.rule


def test_values_of_parameters_are_of_their_types() -> None:
    for row in every_row():
        line = line_for(row)
        for id_, given in line.given(row).items() if line else ():
            parameter_values(id_, known()[id_].parameters or {}, given)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_disagrees_is_recorded(family: str) -> None:
    known_here = {key: one for key, one in recorded().items() if one.family == family}
    assert [one.said for one in found(compared(family), {})] == sorted(one.said for one in known_here.values())


def test_every_disagreement_has_its_reason() -> None:
    assert [one.said for one in recorded().values() if len(one.reason) < 15] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_we_agree(family: str) -> None:
    judged = [one for one in compared(family) if one.policies]
    assert sum(one.agrees for one in judged) >= ENOUGH * len(judged)


def test_we_agree_on_all_that_was_fixed() -> None:
    """Rows of rules that no policy stands for agree with nothing."""
    judged = [one for family in FAMILIES for one in compared(family)]
    assert len(judged) == sum(line.rows for line in covered())
    assert sum(one.agrees for one in judged) >= ENOUGH * len(judged)
