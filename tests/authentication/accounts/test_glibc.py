"""Lines of passwd, shadow, group and gshadow are entries, with just these fields, where the C library says so."""

from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import asdict

from policyengine.authentication.accounts import database
from policyengine.authentication.accounts.lines import Table
from policyengine.authentication.files import Given
from tests.authentication.accounts import glibc
from tests.authentication.accounts.random_files import file
from tests.once import ONCE

CASES = 2000

pytestmark = pytest.mark.skipif(glibc.lacking() is not None, reason=str(glibc.lacking()))

_FIELDS = {"/etc/passwd": "passwd", "/etc/shadow": "shadow", "/etc/group": "group", "/etc/gshadow": "gshadow"}


def ours(path: str, text: str) -> list[dict[str, object]]:
    """The entries of a file as the C library would tell them: -1 for no number."""
    table = getattr(database.read(Given({path: text})), _FIELDS[path])
    assert isinstance(table, Table)
    return [
        {name: -1 if value is None else value for name, value in asdict(entry).items() if name != "line"}
        for entry in table.entries
    ]


def theirs(path: str, text: str) -> list[dict[str, object]]:
    """The entries that the C library finds, without those about NIS, which are none of the file's."""
    found = glibc.entries(path, text.encode("utf-8", "surrogateescape"))
    return [entry for entry in found if not str(entry["name"]).startswith(("+", "-"))]


@ONCE
@pytest.mark.parametrize("path", _FIELDS)
def test_random_files_are_read_as_the_c_library_does(path: str) -> None:
    random = Random(path)
    for _ in range(CASES):
        text = file(random, path)
        assert ours(path, text) == theirs(path, text), repr(text)
