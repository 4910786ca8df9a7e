"""Random stacks: what comes out of each equals what comes out of the real libpam."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.authentication.pam.comparing import compared
from tests.once import ONCE

if TYPE_CHECKING:
    from pathlib import Path

CASES, SEEDS = 1500, 2


@ONCE
@pytest.mark.usefixtures("real_libpam")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_comes_out_of_random_stacks_is_what_libpam_says(seed: int, tmp_path: Path) -> None:
    wrong = [case for case in compared(CASES, seed, tmp_path) if case.ours != case.real]
    assert not wrong, (len(wrong), wrong[0])
