"""Predicates on modes and masks: tables of values that satisfy them and values that do not."""

from __future__ import annotations

import pytest

from policyengine.policy.modes import is_octal, mask_covers, mode_within


@pytest.mark.parametrize(
    ("mode", "limit", "wanted"),
    [
        *((mode, "0640", True) for mode in ("0640", "640", "0600", "0440", "0000", "0", "0o640", "0040")),
        *((mode, "0640", False) for mode in ("0641", "0644", "0660", "0740", "4640", "2640", "1640", "0777")),
        *((mode, "0640", False) for mode in ("", "rw-r-----", "0680", "-0640", "0640 ", "٠", "0" * 7)),
        ("1777", "1777", True),
        ("0755", "4755", True),
        ("4755", "0755", False),
        ("0000", "x", False),
    ],
)
def test_mode_within(mode: str, limit: str, wanted: bool) -> None:
    assert mode_within(mode, limit) is wanted


@pytest.mark.parametrize(
    ("mask", "needed", "wanted"),
    [
        *((mask, "027", True) for mask in ("027", "0027", "077", "037", "777", "27", "7777")),
        *((mask, "027", False) for mask in ("022", "017", "007", "0", "770", "026", "", "u=rwx", "028")),
        ("022", "7022", True),
        ("022", "u=rwx", False),
    ],
)
def test_mask_covers(mask: str, needed: str, wanted: bool) -> None:
    assert mask_covers(mask, needed) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"), [("0640", True), ("7", True), ("0o22", True), ("8", False), ("", False), ("0o", False)]
)
def test_octal_numbers(text: str, wanted: bool) -> None:
    assert is_octal(text) is wanted
