"""Numbers of so many digits that Python makes no integer of them: programs take each for too large, or limit it."""

from __future__ import annotations

import pytest

from policyengine.authentication.accounts import database, login_defs
from policyengine.authentication.docker import daemon
from policyengine.authentication.files import Given
from policyengine.authentication.hostfiles import names
from policyengine.authentication.numbers import MOST_DIGITS, decimal
from policyengine.authentication.sshd import numbers, patterns
from policyengine.authentication.sudoers import timing
from policyengine.model.unknown import Unknown

LONG = "9" * 5000


@pytest.mark.parametrize(
    ("digits", "number"),
    [("0", 0), ("-0", 0), ("+007", 7), ("-12", -12), (LONG, 10**MOST_DIGITS), (f"-{LONG}", -(10**MOST_DIGITS))],
)
def test_a_number_of_any_length(digits: str, number: int) -> None:
    assert decimal(digits) == number


def test_accounts() -> None:
    root = Given({"/etc/passwd": f"a:x:{LONG}:0::/:/bin/sh\nb:x:7:0::/:/bin/sh\n", "/etc/shadow": f"b:*:{LONG}:\n"})
    found = database.read(root)
    assert found.passwd is not None
    assert not isinstance(found.passwd, Unknown)
    assert [one.name for one in found.passwd.entries] == ["b"]
    assert login_defs.number(LONG) is None
    named = names.users(root)
    assert not isinstance(named, Unknown)
    assert [one.name for one in named] == ["a", "b"]


def test_sshd() -> None:
    assert numbers.ranged(LONG, 100) == "too large"
    assert numbers.ranged(f"-{LONG}", 100) == "too small"
    assert numbers.seconds(LONG) is None
    assert patterns.parsed_address(LONG) is None


def test_sudoers() -> None:
    with pytest.raises(ValueError, match="timeout value too large"):
        timing.timeout(LONG)


@pytest.mark.parametrize("flags", [f"--mtu {LONG}", f"--default-ulimit nofile={LONG}", "--default-ulimit nofile=--5"])
def test_dockerd_refuses_them(flags: str) -> None:
    unit = f"[Service]\nExecStart=dockerd {flags}\n"
    assert isinstance(daemon.read(Given({"/usr/lib/systemd/system/docker.service": unit})), daemon.Refusal)
