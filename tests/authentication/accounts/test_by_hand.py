"""What files of accounts say, case by case: crypt(5), login.defs(5), useradd(8), shells(5), umasks of homes."""

from __future__ import annotations

import pytest

from policyengine.authentication.accounts import homes, listed, login_defs, people, useradd
from policyengine.authentication.accounts.passwords import ALL, Password, password
from policyengine.authentication.accounts.umasks import Umask, umasks
from policyengine.authentication.files import Entry, Given
from policyengine.authentication.resolving import Text
from policyengine.model.kinds.user import METHODS
from policyengine.model.unknown import Unknown


def test_methods_are_those_of_the_model() -> None:
    assert set(ALL) == set(METHODS)


@pytest.mark.parametrize(
    ("field", "state", "method"),
    [
        ("", "empty", None),
        ("!", "locked", None),
        ("!!", "locked", None),
        ("*", "locked", None),
        ("!*", "locked", None),
        ("*LK*", "locked", None),
        ("!!$6$a$b", "locked", "sha512"),
        ("$6$rounds=5000$a$b", "set", "sha512"),
        ("$5$a$b", "set", "sha256"),
        ("$y$j9T$a$b", "set", "yescrypt"),
        ("$gy$j9T$a$b", "set", "gost-yescrypt"),
        ("$2b$12$a", "set", "bcrypt"),
        ("$7$a", "set", "scrypt"),
        ("$1$a$b", "set", "md5"),
        ("$md5,rounds=1$a$b", "set", "sunmd5"),
        ("$sha1$1$a$b", "set", "sha1"),
        ("$3$$a", "set", "nt"),
        ("_J9..rasmBYk8r9AiWNc", "set", "bsdi"),
        ("rl.3StKT.4T8M", "set", "des"),
        ("x", "invalid", None),
        ("$9$a$b", "invalid", None),
        ("NP", "invalid", None),
    ],
)
def test_what_a_field_says(field: str, state: str, method: str | None) -> None:
    assert password(field) == Password(state, method)  # type: ignore[arg-type]


def read(text: str) -> Text:
    """A text of a file."""
    return Text("/f", "/f", text)


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ("UMASK 022", ("UMASK", "022")),
        (" \tUMASK\t\t022 \r", ("UMASK", "022")),
        ('MAIL_DIR "/var/mail" # here', ("MAIL_DIR", "/var/mail")),
        ("ENV_PATH PATH=/bin:/usr/bin x", ("ENV_PATH", "PATH=/bin:/usr/bin x")),
        ("UMASK 022 # wide", ("UMASK", "022 # wide")),
        ("umask 022", ("umask", "022")),
        ("UMASK=022", None),
        ("UMASK", None),
        ("UMASK   ", None),
        ("# UMASK 022", None),
        ("#UMASK 022", None),
    ],
)
def test_lines_of_login_defs(line: str, setting: tuple[str, str] | None) -> None:
    found = [(one.name, one.value) for one in login_defs.settings(read(line))]
    assert found == ([] if setting is None else [setting])


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *(("10", 10), ("010", 8), ("0x10", 16), ("0X1f", 31), ("0", 0), ("-1", -1), ("+7", 7), (" 7", 7)),
        *(("08", None), ("7 days", None), ("", None), ("0x", None), ("2147483648", None), ("1e3", None)),
    ],
)
def test_numbers_are_decimal_octal_or_hexadecimal(value: str, number: int | None) -> None:
    assert login_defs.number(value) == number


def test_lines_of_useradd_begin_with_a_name_and_an_equals_sign() -> None:
    text = "INACTIVE=30\n INACTIVE=1\n#INACTIVE=2\nINACTIVE =3\nSHELL=/bin/sh \nUMASK=022\nEXPIRE=\n"
    found = [(one.name, one.value) for one in useradd.settings(read(text))]
    assert found == [("INACTIVE", "30"), ("SHELL", "/bin/sh "), ("EXPIRE", "")]


def test_shells_are_what_begins_with_a_slash() -> None:
    text = "# /bin/a\n/bin/sh\n  /bin/bash x\nx/bin/ksh#y\nnone\n\n"
    assert [one.name for one in listed.shells(read(text))] == ["/bin/sh", "/bin/bash", "/bin/ksh"]


def test_terminals_are_lines() -> None:
    assert [one.name for one in listed.terminals(read("# none\n\nconsole\n/dev/tty1 \n"))] == ["console", "tty1"]


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        *(("/bin/sh", True), ("/usr/bin/git-shell", True), ("/opt/nologin.sh", True)),
        *(("/usr/sbin/nologin", False), ("/bin/false", False), ("/bin/sync", False), ("/sbin/halt\r", False)),
    ],
)
def test_programs_that_end_at_once_are_no_shells(shell: str, expected: bool) -> None:
    assert people.has_shell(shell) is expected


@pytest.mark.parametrize(
    ("text", "masks"),
    [
        ("umask 27\n", ["027"]),
        ("umask 0077; umask 022", ["077", "022"]),
        ("[ $UID -gt 9 ] && umask 002", ["002"]),
        ("f() { umask u=rwx,g=rx,o=; }", ["027"]),
        ("umask a=rx", ["222"]),
        ("umask =rwx", ["000"]),
        ("umask -S\numask\n", []),
        ("# umask 022\necho umask 022\n", []),
        ("umask $M", [None]),
        ("umask g-w", [None]),
        ("umask u=rwx", [None]),
        ("umask 999", [None]),
    ],
)
def test_umasks_of_start_up_files(text: str, masks: list[str | None]) -> None:
    root = Given({"/home/bob/.bashrc": text, "/home/bob/notes": "umask 000"})
    found = homes.contents(root, "/home/bob", homes.Budget(), deep=False).found
    set_ = [one.mask for one in umasks(root, found) if isinstance(one, Umask)]
    assert [None if isinstance(mask, Unknown) else mask for mask in set_] == masks


def test_a_start_up_file_that_is_not_understood_leaves_umasks_open() -> None:
    root = Given(
        {"/h/.cshrc": "if ( $x ) then\n umask 022\nendif\n", "/h/.profile": Unknown("x", "it may not be read")}
    )
    found = homes.contents(root, "/h", homes.Budget(), deep=False)
    assert found.open == Unknown("x", "it may not be read")
    assert any(isinstance(one, Unknown) for one in umasks(root, found.found))


def test_a_link_in_a_home_is_followed_inside_the_root_only_to_be_read() -> None:
    root = Given({"/h/.bashrc": Entry("symlink", 0o777, 0, 0, target="../../etc/rc"), "/etc/rc": "umask 022\n"})
    found = homes.contents(root, "/h", homes.Budget(), deep=True).found
    assert [(one.path, one.entry.kind) for one in found] == [(".bashrc", "symlink")]
    assert [one.mask for one in umasks(root, found) if isinstance(one, Umask)] == ["022"]
