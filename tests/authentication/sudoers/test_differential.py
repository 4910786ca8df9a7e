"""Random files: what is accepted and what it comes to equals what the real visudo and cvtsudoers say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.authentication.sudoers.comparing import differences, ours
from tests.authentication.sudoers.laboratory import asked
from tests.authentication.sudoers.random_files import Maker
from tests.once import ONCE

if TYPE_CHECKING:
    from pathlib import Path

CASES, SEEDS = 520, 4


@ONCE
@pytest.mark.usefixtures("real_sudo")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_files_are_as_sudo_has_them(seed: int, tmp_path: Path) -> None:
    maker = Maker(Random(seed))
    cases = {str(number): maker.files() for number in range(CASES)}
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda case: asked(tmp_path / case[0], case[1]), cases.items()))
    told = [
        (files, wrong)
        for (number, files), theirs in zip(cases.items(), answers, strict=True)
        if (wrong := differences(theirs, ours(files, str(tmp_path / number))))
    ]
    assert not told, told[:3]
    accepted = sum(answer.accepted for answer in answers)
    assert CASES // 6 < accepted < CASES * 5 // 6, "random files are neither all right nor all wrong"
