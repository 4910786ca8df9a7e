"""What umask is called with, and the mask that it is; bash itself is asked."""

from __future__ import annotations

import subprocess

import pytest

from policyengine.authentication.shells.masks import mask

MASKS = [
    ("027", "027"),
    ("0027", "027"),
    ("27", "027"),
    ("0", "000"),
    ("0777", "777"),
    ("u=rwx,g=rx,o=", "027"),
    ("u=rwx,go=", "077"),
    ("a=rx", "222"),
    ("=rwx", "000"),
    ("u=rwx,g=rwx,g-w,o=r,o+x", "022"),
    ("ug=rw,o=", "117"),
]
UNKNOWN = ["", "u=rwx", "g-w,o=", "a+x", "099", "u=rwxt,go=", "$X", "a=rX", "a=r+x", "u=g,go="]


@pytest.mark.parametrize(("operand", "expected"), MASKS)
def test_masks(operand: str, expected: str) -> None:
    assert mask(operand) == expected
    # umask prints four digits.
    told = subprocess.run(["bash", "-c", f"umask {operand} && umask"], capture_output=True, text=True, check=True)
    assert told.stdout == f"0{expected}\n"


@pytest.mark.parametrize("operand", UNKNOWN)
def test_what_is_no_mask_or_depends_on_the_one_before(operand: str) -> None:
    assert mask(operand) is None
