"""Random files of accounts: most lines are nearly right, and some are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

NAMES = ("root", "bob", "alice", "eve-1", "_apt", "a.b", "é", "", "#x", "+nis", "-@all", "+", " pad", "UPPER")
NUMBERS = (
    "0",
    "1",
    "42",
    "1000",
    "65534",
    "4294967295",
    "4294967296",
    "-1",
    "+5",
    " 7",
    "0x10",
    "1a",
    "",
    "99999",
    "010",
)
PASSWORDS = ("x", "*", "!", "!!", "", "$6$s$h", "!$y$j9T$a$b", "##bob", "abcdefghijklm", "!*")
DAYS = ("", "0", "7", "90", "99999", "19500", "-1", " 3", "2147483648", "4294967295", "x", " ", "-2")
TAILS = ("", ":", "::", "bob", "bob,alice", " bob , alice", ",,bob,", "bob:alice", "\t", "eve\r")


def line(random: Random, path: str) -> str:
    """A line for a file."""
    name, password = random.choice(NAMES), random.choice(PASSWORDS)
    if path == "/etc/passwd":
        rest = [_number(random), _number(random), "Some One", *random.choices(("/home/bob", "/", "", "/bin/sh"), k=2)]
    elif path == "/etc/shadow":
        rest = ["19500", *(_days(random) for _ in range(5)), random.choice(("", "1", "x", "1:"))]
    elif path == "/etc/group":
        rest = [_number(random), random.choice(TAILS)]
    else:
        rest = [random.choice(TAILS), random.choice(TAILS)]
    return _spoilt(random, ":".join([name, password, *rest]))


def _number(random: Random) -> str:
    return random.choice(NUMBERS) if random.random() < 0.3 else str(random.choice((0, 100, 1000, 1001, 65534)))


def _days(random: Random) -> str:
    return random.choice(DAYS) if random.random() < 0.4 else random.choice(("", "7", "90"))


def _spoilt(random: Random, text: str) -> str:
    """A line as it is, or with something left out or put in."""
    match random.randrange(12):
        case 0:
            return text[: random.randrange(len(text) + 1)]
        case 1:
            at = random.randrange(len(text) + 1)
            return text[:at] + random.choice((":", " ", "\t", "#", "\r", ",", "é")) + text[at:]
        case 2:
            return random.choice(("", "  ", "# a comment", "\t#x:y", " ", ":::", "root")) + text[:0]
        case 3:
            return " " + text
        case _:
            return text


def file(random: Random, path: str, lines: int = 8) -> str:
    """A file. Its last line ends: of one that does not, and begins with a space, glibc 2.36 repeats the last letter."""
    return "".join(f"{line(random, path)}\n" for _ in range(random.randrange(lines)))
