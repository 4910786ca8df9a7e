"""Random configurations: effective values and refusals equal those of the real ``sshd -T -C``."""

from __future__ import annotations

import pytest

from tests.authentication.sshd.comparing import compared
from tests.once import ONCE

CASES, SEEDS = 1300, 4


@ONCE
@pytest.mark.usefixtures("real_sshd")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_configurations_are_as_sshd_has_them(seed: int) -> None:
    wrong = [(case.files, told) for case, told, _ in compared(CASES, seed) if told]
    assert not wrong, wrong[:3]
