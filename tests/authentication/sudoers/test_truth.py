"""The given truth set: what the real visudo and cvtsudoers said of hand-made files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.authentication.sudoers.comparing import ours

CASES = Path(__file__).parents[4] / "shared" / "corpora" / "authentication" / "sudoers_truth" / "cases.json"

pytestmark = pytest.mark.skipif(not CASES.is_file(), reason="the corpora are not there")


def cases() -> list[Any]:
    return list(json.loads(CASES.read_text(encoding="utf-8"))["cases"]) if CASES.is_file() else []


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["id"]))
def test_every_case_is_as_sudo_had_it(case: dict[str, Any]) -> None:
    found = ours({"sudoers": case["text"]})
    assert (found.accepted, found.strictly) == (case["visudo_ok"], case["visudo_strict_ok"])
    for name, mine in (("json", found.json), ("json_expanded", found.expanded)):
        if mine is not None and isinstance(case[name], dict):  # what the set could not read is a string
            assert {"Defaults": [], **mine} == {"Defaults": [], **case[name]}
