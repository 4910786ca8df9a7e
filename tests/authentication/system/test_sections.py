"""Files of sections, and what is put over them: each with the lines that count."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Entry, Given, Something
from policyengine.authentication.resolving import Text
from policyengine.authentication.system.sections import Stacked, lines, stacked
from policyengine.model.unknown import Unknown

NULL = Entry("symlink", 0o777, 0, 0, target="/dev/null")


def told(text: str) -> list[str]:
    found = lines(Text("/x", "x", text))
    return [f"{one.where.line}:{one.where.column} [{one.section}] {one.key}={one.value}" for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Login]\nA=1\n", ["2:1 [Login] A=1"]),
        ("A=1\n[Login]\n  A = b c \n", ["1:1 [] A=1", "3:3 [Login] A=b c"]),
        ("[X]\n#A=1\n;B=2\nC=\nno sign\nD==\n", ["4:1 [X] C=", "6:1 [X] D=="]),
        ("[X]\nA=1 \\\n# between\n  2\nB=3", ["2:1 [X] A=1  2", "5:1 [X] B=3"]),
        ("[X]\nA=[y]\n", ["2:1 [X] A=[y]"]),
        ("[X]\nA=1\\", ["2:1 [X] A=1"]),
        ("[X]\nA=1\\\\\nB=2", ["2:1 [X] A=1\\\\", "3:1 [X] B=2"]),
        ("[X]\nA=1\\\n\nB=2", ["2:1 [X] A=1", "4:1 [X] B=2"]),
    ],
)
def test_lines(text: str, expected: list[str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"/etc/systemd/logind.conf": "[Login]\nA=1\nA=2\n"}, "2"),
        ({"/usr/lib/systemd/logind.conf": "[Login]\nA=1\n"}, "1"),
        ({"/usr/lib/systemd/logind.conf": "[Login]\nA=1\n", "/etc/systemd/logind.conf": ""}, None),
        (
            {"/etc/systemd/logind.conf": "[Login]\nA=1\n", "/usr/lib/systemd/logind.conf.d/9.conf": "[Login]\nA=2\n"},
            "2",
        ),
        (
            {
                "/etc/systemd/logind.conf.d/1.conf": "[Login]\nA=1\n",
                "/run/systemd/logind.conf.d/2.conf": "[Login]\nA=2",
            },
            "2",
        ),
        (
            {
                "/etc/systemd/logind.conf.d/2.conf": "[Login]\nA=1\n",
                "/run/systemd/logind.conf.d/2.conf": "[Login]\nA=2",
            },
            "1",
        ),
        ({"/etc/systemd/logind.conf.d/2.conf": NULL, "/run/systemd/logind.conf.d/2.conf": "[Login]\nA=2"}, None),
        ({"/etc/systemd/logind.conf": NULL, "/usr/lib/systemd/logind.conf": "[Login]\nA=1\n"}, None),
        ({"/etc/systemd/logind.conf.d/1.txt": "[Login]\nA=1\n"}, None),
        ({"/etc/systemd/logind.conf": "[Other]\nA=1\n"}, None),
    ],
)
def test_which_line_counts(files: dict[str, Something], expected: str | None) -> None:
    found = stacked(Given(files), "logind.conf")
    line = found.last("Login", "A") if isinstance(found, Stacked) else None
    assert (line.value if line else None) == expected


def test_what_cannot_be_read_is_unknown() -> None:
    gone = Unknown("/x", "it cannot be read")
    assert stacked(Given({"/etc/systemd/logind.conf": gone}), "logind.conf") == gone
    files: dict[str, Something] = {"/etc/systemd/logind.conf": "", "/run/systemd/logind.conf.d": gone}
    assert stacked(Given(files), "logind.conf") == gone
    assert stacked(Given({"/etc/systemd/logind.conf.d/1.conf": gone}), "logind.conf") == gone
