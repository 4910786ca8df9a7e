"""Random files of pwquality.conf: what they come to equals what comes out of the real libpwquality."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.pam import quality
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import Kept
from tests.authentication.pam.libpwquality import NUMBERS, asked
from tests.once import ONCE

if TYPE_CHECKING:
    from pathlib import Path

CASES = 400
_NAMES = (*NUMBERS, "MinLen", "DIFOK")
_VALUES = (
    "0",
    "1",
    "-1",
    "3",
    "14",
    " 7",
    "+2",
    "99",
    "2147483647",
    "-2147483648",
    "010",
    "5x",
    "many",
    "",
    "4 # four",
)
_GAPS = (" = ", "=", " ", "  =  ", "\t", "= ", " =", "==")
_ODD = ("", "# nothing", "   ", "#minlen = 20", "nonsense = 1", "= 5", "badwords = a b c", "dictpath = /x", "x" * 1100)


@ONCE
@pytest.mark.usefixtures("real_libpwquality")
def test_what_random_files_come_to_is_what_libpwquality_says(tmp_path: Path) -> None:
    draw = random.Random(0)
    wrong = []
    for number in range(CASES):
        files = _files(draw)
        conf = tmp_path / str(number) / "pwquality.conf"
        for name, text in files.items():
            path = conf.parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        if (found := _ours(files)) != (real := asked(conf)):
            wrong.append((files, found, real))
    assert not wrong, (len(wrong), wrong[0])


def _files(draw: random.Random) -> dict[str, str]:
    beside = ("a.conf", "b.conf", "b.conf.old", "c.conf.conf", "d")
    some = draw.sample(beside, draw.choice((0, 0, 1, 3)))
    return {"pwquality.conf": _text(draw), **{f"pwquality.conf.d/{name}": _text(draw) for name in some}}


def _text(draw: random.Random) -> str:
    lines = [_line(draw) for _ in range(draw.randint(0, 6))]
    return "\n".join(lines) + draw.choice(("\n", ""))


def _line(draw: random.Random) -> str:
    if draw.random() < 0.15:
        return draw.choice(_ODD)
    name = draw.choice(_NAMES)
    value = draw.choice(_VALUES[: 8 if draw.random() < 0.9 else None])
    return f"{draw.choice(('', ' '))}{name}{draw.choice(_GAPS)}{value}{draw.choice(('', ' ', ' # said'))}"


def _ours(files: dict[str, str]) -> dict[str, int]:
    root = Given({f"/etc/security/{name}": text for name, text in files.items()})
    found = quality.configured(Kept(root, {}))
    assert isinstance(found, Options)
    return {name: int(found.values[name]) for name in NUMBERS}
