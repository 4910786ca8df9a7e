"""What random files meet too seldom: escapes, quotes, continuation, recovery, includes. Each is asked of sudo as well.

The answers are those of the real visudo and cvtsudoers of sudo 1.9.13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.sudoers.including import Reading
from tests.authentication.sudoers.comparing import compared, ours
from tests.authentication.sudoers.laboratory import lacking
from tests.once import ONCE

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.authentication.sudoers.tree import Tree

ACCEPTED = [
    "",
    "\n \t\n# only a comment",
    "bob ALL=/bin/ls",
    "bob ALL = /bin/ls\\ -l, /bin/echo a\\,b\\=c\\:d\\#e \\\\x\n",
    'bob ALL = /bin/ls "" # none\n',
    '"a \\"b\\"" ALL = ALL\n',
    '"%two words" ALL = ALL\n',
    '"two \\\n   words" ALL = ALL\n',
    "a\\x20b ALL = ALL\n",
    "caf\\xc3\\xa9 ALL = ALL\n",
    "bob\\\n ALL = \\\n (root)\\\n /bin/ls \\\n -l\n",
    "bob ALL = ALL#comment\n",
    "#1000 ALL = ALL\n",
    "#-1 ALL = ALL\n",
    "%#10, %:dom, %:#5 ALL = ALL\n",
    "bob 1.2.3.4, 1.2.3.0/24, 1.2.3.0/255.255.255.0, ::1, fe80::/10, 2001:db8::1.2.3.4 = ALL\n",
    "bob 1.2.3.999 = ALL\n",
    "bob ALL = !!/bin/ls, !!!/bin/cat\n",
    "bob ALL = NOPASSWD: NOPASSWD : PASSWD:/bin/ls\n",
    "bob ALL = CWD=* CHROOT=* CWD=~root /bin/ls\n",
    "bob ALL = ROLE=r /bin/a, TYPE=t /bin/b, /bin/c\n",
    "bob ALL = TIMEOUT=1D2H3M4S /bin/a, TIMEOUT=90 /bin/b\n",
    "bob ALL = NOTBEFORE=2020010100Z NOTAFTER=20200101003015.5-0130 /bin/a\n",
    "bob ALL = NOTAFTER=00000101000000Z /bin/a\n",
    "bob ALL = NOTAFTER=20201332256161Z /bin/a\n",
    "bob ALL = (:) /bin/a, (:adm) /bin/b, () /bin/c\n",
    "bob ALL = sha256:" + "0" * 64 + ", sha224: " + "a" * 38 + "== ALL\n",
    "bob ALL = ^/usr/bin/(a|b)[[:alpha:]]{1,3}$ ^x\\#y \\$ z$\n",
    "bob ALL = sudoedit /etc/[a-z]*\n",
    "bob ALL = list, /usr/local/bin/, !list\n",
    "Cmd_Alias A = /bin/a : B = /bin/b\nbob ALL = A, !B\n",
    "User_Alias A = bob : B = !A\nB ALL = ALL\n",
    "Runas_Alias A = %wheel, #0\nbob ALL = (A : A) ALL\n",
    "Host_Alias A = B\nHost_Alias B = web\nbob A = ALL\n",
    "Defaults use_pty, !lecture, passwd_tries = 3\n",
    'Defaults secure_path="/a:/b", badpass_message = "it\\"s wrong"\n',
    "Defaults\tuse_pty#comment\n",
    "Defaults:bob,%wheel,!eve use_pty\nDefaults: carol !use_pty\n",
    "Defaults@web,10.0.0.0/8 use_pty\nDefaults>root,#0 use_pty\nDefaults!/bin/ls,sudoedit,^/x$ use_pty\n",
    "Defaultsabc x = /bin/ls\n",
    "Defaults syslog, !syslog_goodpri, lecture, listpw=never\n",
    "Defaults timestamp_timeout=-.5, passwd_timeout=+, umask=+022\n",
    'Defaults env_keep = A\\ B, env_keep += "C  D", env_keep -= A\n',
    'Defaults rlimit_core="0,infinity", rlimit_cpu=default\n',
    "@includedir /nonexistent\n",
    "bob ALL = ALL\r\n# c\r\nDefaults use_pty\r\n",
    "bob ALL = /bin/a\0 lost\nbob ALL = /bin/b\n",
]
REFUSED = [
    "Defaults : carol use_pty\n",
    "bob ALL = ^/bin/(?i)x$\n",
    'bob ALL = CWD="/two words" /bin/ls\n',
    "bob\n",
    "bob ALL\n",
    "bob ALL =\n",
    "bob ALL = ls\n",
    "bob ALL = /bin/ls,\n",
    "bob ALL = (root:) ALL\n",
    "bob ALL = (root adm) ALL\n",
    "bob ALL = ! ! ALL\n",
    "bob ALL = PASSWD ALL\n",
    "bob ALL = TIMEOUT=5s1m ALL\n",
    "bob ALL = NOTAFTER=2020 ALL\n",
    "bob ALL = CWD=relative ALL\n",
    "bob ALL = sha256:00 /bin/ls\n",
    "bob ALL = sha256:" + "0" * 64 + " A\n",
    "bob ALL = /bin/ls a\\b\n",
    "bob ALL = /usr/bin/sudoedit /x\n",
    "bob ALL = ^/bin/(a$\n",
    "bob ALL = ^/bin/a**$\n",
    "bob ALL = ^/bin/a{300}$\n",
    "bob ALL = ^/bin/a\n",
    "bob 1::2::3 = ALL\n",
    '"" ALL = ALL\n',
    '"bob ALL = ALL\n',
    '"%" ALL = ALL\n',
    "% ALL = ALL\n",
    "+ ALL = ALL\n",
    "bob ALL = ALL : web\n",
    "User_Alias a = b\n",
    "User_Alias ALL = b\n",
    "User_Alias A = b\nUser_Alias A = c\n",
    "User_Alias A\n",
    "bob ALL = ALL \\\nDefaults use_pty\n",
    "Defaults\n",
    "Defaults Use_pty\n",
    "Defaults nosuch\n",
    "Defaults use_pty=true\n",
    "Defaults !passwd_tries\n",
    "Defaults passwd_tries\n",
    "Defaults passwd_tries=-1\n",
    "Defaults use_pty += x\n",
    "Defaults logfile=relative\n",
    "Defaults timestamp_timeout=1m\n",
    "Defaults syslog_goodpri\n",
    "Defaults log_format\n",
    "Defaults lecture=sometimes\n",
    "Defaults umask=1000\n",
    'Defaults badpass_message=""\n',
    "Defaults:bob\n",
    "@include /nonexistent\n",
    "@include\n",
    "@include a b\n",
    "@include sudoers\n",
]  # fmt: skip


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_visudo_accepts(text: str) -> None:
    found = ours({"sudoers": text})
    assert found.accepted, found.told


@pytest.mark.parametrize("text", REFUSED)
def test_what_visudo_refuses(text: str) -> None:
    assert not ours({"sudoers": text}).accepted


@ONCE
@pytest.mark.skipif(lacking() is not None, reason="there is no sudo of the version that is compared with")
def test_sudo_says_the_same(tmp_path: Path) -> None:
    told = {}
    for number, text in enumerate([*ACCEPTED, *REFUSED]):
        if wrong := compared(tmp_path / str(number), {"sudoers": text}):
            told[text] = wrong
    assert told == {}


def tree(text: str) -> tuple[Tree, Reading]:
    reading = Reading(Given({"/etc/sudoers": text}))
    return reading.read("/etc/sudoers"), reading


RECOVERED: list[tuple[str, list[list[str]], list[str]]] = [
    ("bob ALL = x\ncarol ALL = /bin/ls\n", [["carol"]], ["expected a fully-qualified path name"]),
    ("bob ALL = /a : web\n", [["bob"]], ["syntax error"]),
    ("bob ALL = /a : web : db = /b\n", [["bob"]], ["syntax error"]),
    ("bob ALL = /a : web x\n", [], ["syntax error", "syntax error"]),
    ("bob ALL = (\ncarol ALL = /b\n", [["carol"]], ["syntax error"]),
    ('"bob ALL = ALL\ncarol ALL = /b\n', [["carol"]], ["unexpected line break in string"]),
    ("User_Alias A = bob : B\nA ALL = /b\n", [["A"]], ["syntax error"]),
    ("bob ALL = \\", [], ["syntax error"]),
]
"""How sudo goes on after what it refuses (``error_recovery`` in sudo.conf(5), which is on): the rules that it keeps."""


@pytest.mark.parametrize(("text", "users", "messages"), RECOVERED)
def test_what_is_left_of_a_line_that_is_wrong(text: str, users: list[list[str]], messages: list[str]) -> None:
    found, reading = tree(text)
    assert [[user.text for user in spec.users] for spec in found.specs] == users
    assert [problem.message for problem in reading.problems] == messages


def test_of_a_directory_of_very_many_files_not_all_are_read() -> None:
    files = {f"/etc/sudoers.d/f{number}": "bob ALL = /bin/a\n" for number in range(2100)}
    reading = Reading(Given({"/etc/sudoers": "@includedir /etc/sudoers.d\n", **files}))
    reading.read("/etc/sudoers")
    assert reading.unknown is not None
    assert reading.unknown.why == "its files include others more than 2000 times"
    assert len(reading.files) == 2000


def test_privileges_are_kept_before_and_after_one_that_is_wrong() -> None:
    found, _ = tree("bob ALL = /a : web : db = /b\n")
    assert [[spec.command.text for spec in one.commands] for one in found.specs[0].privileges] == [["/a"], ["/b"]]


PLACES: list[tuple[str, Any]] = [
    ("bob ALL = /bin/ls -l, (root) !/bin/cat\n", [(1, 11, 21), (1, 30, 39)]),
    ("bob ALL = \\\n  /bin/ls\n", [(2, 3, 10)]),
    ("bob ALL = ALL # all\n", [(1, 11, 14)]),
    ("\n\tbob ALL = ^/bin/.*$ ^-l$\n", [(2, 12, 26)]),
]


@pytest.mark.parametrize(("text", "places"), PLACES)
def test_where_commands_are_written(text: str, places: list[tuple[int, int, int]]) -> None:
    found, _ = tree(text)
    commands = [spec.command.place for one in found.specs for some in one.privileges for spec in some.commands]
    assert [(place.line, place.column, place.end_column) for place in commands] == places
