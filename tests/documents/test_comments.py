"""Comments of documents, and what one above it can speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.load import document
from tests.authentication.sshd import laboratory as sshd
from tests.authentication.sudoers import laboratory as sudo

if TYPE_CHECKING:
    from pathlib import Path

YAML = """\
# one
a: 1 # two
b: "# no" # three
c: 'x''# no'
d: x#no # four
e: |  # five
  # no
  text # no
# six
f: >-
  # no

  # no
g: [1, # seven
  2] # eight
h: &x !!str |- # nine
  # no
i: "a
  # no
  b"
\tj: x
"""


def comments(text: str, name: str) -> list[str]:
    found = document(name, text.encode()).comments()
    return [f"{one.line}:{one.column}{one.text}{' alone' if one.alone else ''}" for one in found]


def entries(text: str, name: str) -> list[str]:
    found = document(name, text.encode()).entries()
    return [f"{'/'.join(map(str, one.path))} {'-'.join(map(str, one.span))}" for one in found]


def test_comments_of_yaml() -> None:
    assert comments(YAML.replace("\tj: x\n", ""), "a.yaml") == [
        "1:1 one alone",
        "2:6 two",
        "3:11 three",
        "5:9 four",
        "6:7 five",
        "9:1 six alone",
        "14:8 seven",
        "15:6 eight",
        "16:16 nine",
    ]
    assert comments("a: 1", "a.yaml") == []
    assert comments('{"a": "# no"}', "a.json") == []
    assert comments("a: 1\r\n  # one\r\nb: 2 # two\r# three\r", "a.yaml") == [
        "2:3 one alone",
        "3:6 two",
        "4:1 three alone",
    ]
    assert comments("\ufeff# one\na: 1\n", "a.yaml") == ["1:1 one alone"]


DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG A
  # one
FROM a AS b
RUN x \\
  # two

# three
  && y # no
COPY <<E1 <<E2 /x
# no
E1
# no
E2
FROM c
# four
"""


def test_comments_of_dockerfiles() -> None:
    assert comments(DOCKERFILE, "Dockerfile") == [
        "1:1 syntax=docker/dockerfile:1 alone",
        "3:3 one alone",
        "6:3 two alone",
        "8:1 three alone",
        "16:1 four alone",
    ]


def test_entries_of_dockerfiles() -> None:
    """A stage is all that is in it."""
    assert entries(DOCKERFILE, "Dockerfile") == [
        "0 2-1-2-6",
        "1 4-1-14-3",
        "2 5-1-9-12",
        "3 10-1-14-3",
        "4 15-1-15-7",
    ]


def test_entries_of_yaml() -> None:
    """Each with its key, the outer before the inner, and none of what an alias stands for."""
    text = "a: &x\n  b: [1, {c: 2}]\nd: *x\n\n---\n- <<: {e: 1}\n- |\n  text\n\n- last\n"
    assert entries(text, "a.yaml") == [
        "0 1-1-3-6",
        "0/a 1-1-2-17",
        "0/a/b 2-3-2-17",
        "0/a/b/0 2-7-2-8",
        "0/a/b/1 2-10-2-16",
        "0/a/b/1/c 2-11-2-15",
        "0/d 3-1-3-6",
        "1 6-1-10-7",
        "1/0 6-3-6-13",
        "1/0/<< 6-3-6-13",
        "1/0/<</e 6-8-6-12",
        "1/1 7-3-10-1",
        "1/2 10-3-10-7",
    ]


SSHD = {
    "PermitRootLogin yes # c": "PermitRootLogin yes ",
    "PermitRootLogin=yes #c": "PermitRootLogin=yes ",
    "AllowUsers a 'b # c' d\\ # # e": "AllowUsers a 'b # c' d\\ # ",
    'AllowUsers "a\\"# b" c#d # e': 'AllowUsers "a\\"# b" c#d ',
    "Subsystem sftp internal-sftp # c": "Subsystem sftp internal-sftp ",
    "Match user bob # c\n  X11Forwarding no # c": "Match user bob \n  X11Forwarding no ",
    "AllowUsers a#b": None,
    'AllowUsers "a # b"': None,
    "ForceCommand /bin/x # c": None,
    "VersionAddendum x # c": None,
}
SUDOERS = {
    "Defaults use_pty # c": "Defaults use_pty ",
    'Defaults badpass_message="a # b" # c': 'Defaults badpass_message="a # b" ',
    "bob ALL = ALL#c": "bob ALL = ALL",
    "#1000, %#10 ALL = (#0) /bin/echo \\# a # c": "#1000, %#10 ALL = (#0) /bin/echo \\# a ",
    'Defaults badpass_message="a # b"': None,
    "#1000 ALL = /bin/echo \\#": None,
    "bob ALL = (#0) ALL": None,
}
"""What a line is without its comment; None for one that has none."""


def without_comments(name: str, text: str) -> str | None:
    """A text without the comments that follow values, None where there are none."""
    lines = text.split("\n")
    found = [one for one in document(name, text.encode()).comments() if not one.alone]
    for one in found:
        lines[one.line - 1] = lines[one.line - 1][: one.column - 1]
    return "\n".join(lines) if found else None


@pytest.mark.parametrize("text", SSHD)
def test_comments_after_arguments_of_sshd(text: str) -> None:
    assert without_comments("sshd_config", text) == SSHD[text]


@pytest.mark.skipif(sshd.lacking() is not None, reason="there is no sshd to ask")
def test_sshd_reads_the_same_without_them() -> None:
    with sshd.Laboratory() as laboratory:

        def said(text: str) -> object:
            [answer] = laboratory.asked({"/etc/ssh/sshd_config": f"{text}\n"}, ["user=bob,host=a,addr=10.0.0.1"])
            assert answer.options is not None, (text, answer.error)
            return answer.options

        for text, without in SSHD.items():
            assert without is None or said(text) == said(without), text
        for text in ("ForceCommand /bin/x # c", "VersionAddendum x # c"):
            assert said(text) != said(text.removesuffix(" # c")), text


@pytest.mark.parametrize("text", SUDOERS)
def test_comments_after_values_of_sudoers(text: str) -> None:
    assert without_comments("sudoers", text) == SUDOERS[text]


@pytest.mark.skipif(sudo.lacking() is not None, reason="there is no sudo of the version that is compared with")
def test_sudo_reads_the_same_without_them(tmp_path: Path) -> None:
    for number, (text, without) in enumerate(SUDOERS.items()):
        told = sudo.asked(tmp_path / f"{number}", {"sudoers": f"{text}\n"})
        assert told.accepted, text
        if without is not None:
            assert sudo.asked(tmp_path / f"{number}-without", {"sudoers": f"{without}\n"}).json == told.json
