from __future__ import annotations

import pytest

from policyengine.images.user import is_root

USERS = [
    ("", True),
    ("root", True),
    ("0", True),
    ("00", True),
    ("+0", True),
    ("-0", True),
    ("0:0", True),
    ("0:1000", True),
    ("root:app", True),
    (":app", True),
    (" root ", True),
    ("0" * 5000, True),
    ("1000", False),
    ("1000:0", False),
    ("10", False),
    ("app", False),
    ("app:root", False),
    ("Root", False),
    ("0x0", False),
    ("rootless", False),
    ("²", False),
    ("9" * 5000, False),
]


@pytest.mark.parametrize(("user", "expected"), USERS, ids=lambda value: repr(value)[:20])
def test_is_root(user: str, expected: bool) -> None:
    assert is_root(user) is expected
