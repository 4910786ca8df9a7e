"""The variables that sshd's service is started with, as systemd reads EnvironmentFile=."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.sshd.environment import Variable, environment
from policyengine.model.location import Location
from policyengine.model.unknown import Unknown


def values(text: str) -> dict[str, str]:
    found = environment(Given({"/etc/sysconfig/sshd": text}))
    assert not isinstance(found, Unknown)
    return {name: one.value for name, one in found.items()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A=32\n", {"A": "32"}),
        ("  A = 32  \n", {"A": "32"}),
        ('A="32"\n', {"A": "32"}),
        ("A='3 2'\nB=\n", {"A": "3 2", "B": ""}),
        ("A=1\nA=2\n", {"A": "2"}),
        ("# A=1\n; B=2\n\n", {}),
        ("export A=1\n", {}),
        ('A=a"b c"d\n', {"A": "ab cd"}),
        ("A=one \\\n  two\n", {"A": "one   two"}),
        ('A="a\\"b"\n', {"A": 'a"b'}),
        ("A=a\\bc\n", {"A": "abc"}),
        ("A=a#b\n", {"A": "a#b"}),
        ("1A=x\n", {}),
    ],
)
def test_values(text: str, wanted: dict[str, str]) -> None:
    assert values(text) == wanted


def test_the_last_assignment_counts_of_all_files() -> None:
    root = Given({"/etc/sysconfig/sshd": "A=1\nB=1\n", "/etc/default/ssh": "\n  B=2\n"}, "box:")
    assert environment(root) == {
        "A": Variable("1", Location("box:/etc/sysconfig/sshd", 1, 1, 1, 2)),
        "B": Variable("2", Location("box:/etc/default/ssh", 2, 3, 2, 4)),
    }


def test_what_cannot_be_read_is_unknown() -> None:
    unknown = Unknown("/etc/default/ssh", "permission denied")
    assert environment(Given({"/etc/default/ssh": unknown})) == unknown


def test_no_files_set_nothing() -> None:
    assert environment(Given({})) == {}
