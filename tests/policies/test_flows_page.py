"""What the page says of policies about flows: its policies are right, and their examples hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from policyengine.commands.test import test as run_examples
from policyengine.policy.flows import DEMANDS
from policyengine.settings import Settings
from tests.catalogue import by_hand
from tests.readme import blocks

if TYPE_CHECKING:
    from pathlib import Path

POLICIES = {yaml.safe_load(block.text)["id"]: block.text for block in blocks(by_hand()) if block.language == "yaml"}


@pytest.mark.parametrize("id_", POLICIES)
def test_a_policy_of_the_page_holds(id_: str, tmp_path: Path) -> None:
    (tmp_path / f"{id_}.yaml").write_text(POLICIES[id_])
    report = run_examples([str(tmp_path / f"{id_}.yaml")], Settings(), coverage=True)
    assert [(result.name, *result.wrong) for result in report.results if result.wrong] == []
    assert (report.untested, report.unreached, report.errors) == ((), (), ())
    assert len(report.results) >= 3


def test_the_page_shows_every_demand() -> None:
    shown = {name for text in POLICIES.values() for name in yaml.safe_load(text)["flows"]}
    assert set(DEMANDS) <= shown
    assert all(f"| `{name}` |" in by_hand() for name in DEMANDS)
