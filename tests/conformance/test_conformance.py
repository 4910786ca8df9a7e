"""Other tools' cases: our policies say what those tools' authors meant, or it is recorded why not."""

from __future__ import annotations

from collections import Counter
from functools import cache

from tests.conformance.catalogue import checks_of, require_catalogue
from tests.conformance.comparing import Outcome, denominator, outcomes
from tests.conformance.corpora import ABSENT, CASES, TOOLS, Key, require_cases, rows, table
from tests.conformance.recorded import JUDGEMENTS, found, recorded
from tests.once import ONCE

pytestmark = ONCE

ENOUGH = 0.85


@cache
def compared() -> list[Outcome]:
    """What came of every row that counts."""
    return outcomes(denominator())


def share(values: list[bool]) -> float:
    return sum(values) / len(values)


def test_every_row_whose_check_is_in_the_catalogue_counts() -> None:
    require_cases()
    require_catalogue()
    wanted = [key for key, row in rows().items() if checks_of(key.tool, key.check, row.directory)]
    assert Counter(denominator()) == Counter(wanted)


def test_no_check_of_an_input_that_is_not_read_is_in_the_catalogue() -> None:
    """Ansible's rows are left out with good reason: no check of theirs is about what we judge."""
    require_cases()
    require_catalogue()
    for tool in TOOLS:
        for row in table(CASES / tool / "INDEX.tsv"):
            assert row["input_kind"] != "ansible" or not checks_of(tool, row["check"])


def test_rows_without_a_file_are_those_that_are_listed() -> None:
    require_cases()
    indexed = {(tool, row["file"]) for tool in TOOLS for row in table(CASES / tool / "INDEX.tsv")}
    assert {(tool, file) for tool, file in indexed if not (CASES / tool / file).is_file()} == ABSENT


def test_what_disagrees_is_recorded() -> None:
    require_cases()
    differences = {one: (outcome.row.theirs, outcome.ours) for one, outcome in found(compared()).items()}
    assert differences == {one: (told.theirs, told.ours) for one, told in recorded().items()}


def test_every_disagreement_has_its_reason_and_none_is_a_bug() -> None:
    told = recorded()
    assert {one.judgement for one in told.values()} <= set(JUDGEMENTS)
    assert [difference for difference, one in told.items() if one.judgement == "bug"] == []
    assert [difference for difference, one in told.items() if len(one.reason) < 15] == []


def test_we_mostly_agree() -> None:
    require_cases()
    assert share([one.agrees for one in compared()]) >= ENOUGH


def test_findings_are_where_they_have_them() -> None:
    require_cases()
    assert share([one.in_place for one in compared() if one.place]) >= ENOUGH


def test_keys_are_of_rows_that_count() -> None:
    counted = set(denominator())
    assert len(counted) == len(denominator())
    assert [difference for difference in recorded() if difference.key not in counted] == []
    assert all(isinstance(key, Key) for key in counted)
