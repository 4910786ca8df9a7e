"""Files of which nothing is as it should be: whatever stands in them is read, in bounded time, or unknown."""

from __future__ import annotations

import random
import time

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.pam.numbers import LONG_MAX, leading, whole
from policyengine.inputs.authentication import pam
from policyengine.model.scope import Scope

NAMES = ("/etc/pam.d/a", "/etc/pam.d/b", "/etc/pam.d/other", "/etc/login.defs", "/etc/libuser.conf")
CONFS = tuple(f"/etc/security/{name}.conf" for name in ("faillock", "pwquality", "pwquality.conf.d/x", "pwhistory"))
PIECES = (
    *("auth", "-account", "password ", "session\t", "@include", "include b", "substack a", "required", "[success=1"),
    *("]", "default=die]", "[", "\\", "\n", "\n", "\n", "#", "\0", "=", "==", " = ", "pam_faillock.so", "preauth"),
    *("pam_unix.so", "pam_pwquality.so", "pam_pwhistory.so", "pam_tally2.so", "deny=", "minlen", "remember", "-1"),
    *("unlock_time", "rounds=", "9" * 5000, "x" * 2000, "\udcff", "é", "\r", "\f", "ENCRYPT_METHOD", "[defaults]"),
    *("crypt_style", "conf=/etc/pam.d"),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_nothing_that_is_written_is_a_bug(seed: int) -> None:
    draw = random.Random(seed)
    files = {name: "".join(draw.choice(PIECES) + draw.choice((" ", "")) for _ in range(draw.randint(0, 80)))
             for name in (*NAMES, *CONFS)}  # fmt: skip
    [found] = pam.resources(Given(files), "web", Scope("host", "web", "x"), "host", lambda *_: None)
    assert found.kind == "pam"
    assert {"services", "lines", "settings"} <= found.facts.keys()
    for at in range(len(list(found.facts["settings"]))):  # type: ignore[call-overload]
        assert found.where(("settings", at)).path in files


def test_stacks_of_jumps_take_bounded_time() -> None:
    draw = random.Random(0)
    names = ("faillock", "unix", "succeed_if", "tally2", "wheel")
    lines = [
        f"auth [success={draw.randint(1, 9)} ignore={draw.randint(1, 9)} default=1] pam_{draw.choice(names)}.so\n"
        for _ in range(900)
    ]
    files = {f"/etc/pam.d/{number}": "".join(lines[number:]) for number in range(3)}
    began = time.process_time()
    assert list(pam.resources(Given(files), "web", Scope("host", "web", "x"), "host", lambda *_: None))
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("text", "start", "all_of_it"),
    [
        ("12", 12, 12),
        (" -3", -3, -3),
        ("+7x", 7, None),
        ("", None, None),
        ("x", None, None),
        ("007", 7, 7),
        ("9" * 5000, LONG_MAX, None),
        ("-" + "9" * 30, -LONG_MAX, None),
        ("2147483647", 2147483647, None),
    ],
)
def test_numbers_are_those_of_c(text: str, start: int | None, all_of_it: int | None) -> None:
    assert (leading(text), whole(text)) == (start, all_of_it)
