"""The given truth set: what the real sshd said of hand-made configurations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policyengine.authentication.sshd.build import Build
from tests.authentication.sshd.comparing import ours
from tests.authentication.sshd.random_configurations import Case

CASES = Path(__file__).parents[4] / "shared" / "corpora" / "authentication" / "sshd_truth" / "cases.json"

pytestmark = pytest.mark.skipif(not CASES.is_file(), reason="the corpora are not there")


def cases() -> list[Any]:
    return list(json.loads(CASES.read_text(encoding="utf-8"))["cases"]) if CASES.is_file() else []


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["id"]))
def test_every_case_is_as_sshd_had_it(case: dict[str, Any]) -> None:
    [found] = ours(Case(case["files"], (case["connection"],)), Build())
    if not case["accepted"]:
        assert found.options is None
        assert found.error in case["error"]
        return
    assert found.options is not None
    named = {"hostkey"}  # that of the truth set is given on sshd's command line
    expected = {name: tuple(lines) for name, lines in case["effective"].items() if name not in named}
    assert {name: lines for name, lines in found.options.items() if name not in named} == expected
