"""Random configurations: effective values and refusals equal those of the real ``ssh -G``."""

from __future__ import annotations

import pytest

from tests.authentication.ssh.comparing import compared
from tests.once import ONCE

CASES = 600


@ONCE
@pytest.mark.usefixtures("real_ssh")
def test_random_configurations_are_as_ssh_has_them() -> None:
    found = list(compared(CASES, seed=0))
    wrong = [(case.files, told) for case, told, _ in found if told]
    assert not wrong, wrong[:3]
    refused = sum(answer.options is None for _, _, answers in found for answer in answers)
    assert 0.1 < refused / (2 * CASES) < 0.5  # else there is little to compare
