"""Regular expressions: those that are refused are those that regcomp(3) of glibc, and sudo before it, refuse."""

from __future__ import annotations

import ctypes
import platform
from random import Random

import pytest

from policyengine.authentication.sudoers.regexes import wrong

_EXTENDED, _NO_PLACES = 1, 8
PARTS = ("a", "b", "0", "1", "*", "+", "?", "{", "}", "(", ")", "[", "]", "|", "^", "$", "\\", "-", ",", ".", ":", "=",
         "{1}", "{2,3}", "{2,1}", "{,4}", "{3,}", "[a-z]", "[z-a]", "[[:alpha:]]", "[[:x:]]", "[^]]", "[]a]", "(a)",
         "\\.", "/usr/bin/")  # fmt: skip

CASES = [
    ("^/bin/ls$", None),
    ("^(?i)/bin/ls$", None),
    ("^/bin/(ls|cat)$", None),
    ("^a**$", "Invalid preceding regular expression"),
    ("^a{2}{3}$", "Invalid preceding regular expression"),
    ("^[*+]$", "Invalid preceding regular expression"),
    ("^a{256}$", "Invalid content of \\{\\}"),
    ("^a{255}$", None),
    ("^" + "a" * 1022 + "$", None),
    ("^" + "a" * 1023 + "$", "regular expression too large"),
    ("^(a$", "Unmatched ( or \\("),
    ("^a)$", None),
    ("^[a$", "Unmatched [, [^, [:, [., or [="),
    ("^(a)\\2$", "Invalid back reference"),
]
"""What sudo says by itself is among them: it counts repetitions in brackets too."""


@pytest.mark.parametrize(("pattern", "message"), CASES)
def test_why_a_pattern_is_refused(pattern: str, message: str | None) -> None:
    assert wrong(pattern) == message


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="this C library is not glibc")
def test_glibc_refuses_the_same() -> None:
    library, random = ctypes.CDLL(None), Random(1)
    compiled = ctypes.create_string_buffer(512)
    told = []
    for _ in range(20_000):
        pattern = "^" + "".join(random.choices(PARTS, k=random.randint(1, 6))) + "$"
        said = wrong(pattern)
        code = library.regcomp(compiled, pattern.encode(), _EXTENDED | _NO_PLACES)
        if code == 0:
            library.regfree(compiled)
        if (said is None) != (code == 0) and not _sudo_says(pattern):
            told.append((pattern, code, said))
    assert told == []


def _sudo_says(pattern: str) -> bool:
    """Whether it is refused for repetitions of repetitions, which glibc would take."""
    return wrong(pattern) == "Invalid preceding regular expression"
