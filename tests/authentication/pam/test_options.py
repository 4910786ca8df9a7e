"""What modules make of their files and arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.pam import faillock, history, libuser, quality, simple, unix
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import Kept, keys
from policyengine.model.unknown import Unknown
from tests.authentication.pam.stacks import stack

if TYPE_CHECKING:
    from policyengine.authentication.pam.entries import Entry, Task


def entry(line: str, task: Task = "auth") -> Entry:
    """A line's entry."""
    return stack(f"required {line}", task)[0]


def kept(**files: str) -> Kept:
    """The files of /etc/security by their names without suffix; those of a directory as ``pwquality__site``."""
    names = {name: name.replace("__", ".conf.d/") for name in files}
    return Kept(Given({f"/etc/security/{names[name]}.conf": text for name, text in files.items()}), {})


def of(options: Options | Unknown | None, *names: str) -> list[object]:
    """The values of some options."""
    assert isinstance(options, Options)
    return [options.values.get(name) for name in names]


FAILLOCK = [
    ("", "deny unlock_time fail_interval even_deny_root", [3, 600, 900, False]),
    ("deny = 5\n deny=4 # less\n", "deny", [4]),
    ("deny 5", "deny", [5]),
    ("deny = five\nunlock_time = 9999999\n", "deny unlock_time", [3, 600]),
    ("unlock_time = never\nfail_interval = never", "unlock_time fail_interval", [0, 900]),
    ("even_deny_root\naudit = no\n# silent", "even_deny_root audit silent", [True, True, False]),
    ("dir = relative\nadmin_group = ops", "dir admin_group", ["/var/run/faillock", "ops"]),
    ("DENY = 5", "deny", [3]),
]


@pytest.mark.parametrize(("text", "names", "values"), FAILLOCK)
def test_faillock_reads_its_file(text: str, names: str, values: list[object]) -> None:
    assert of(faillock.configured(kept(faillock=text)), *names.split()) == values


def test_faillock_takes_arguments_over_its_file() -> None:
    files = kept(faillock="deny = 5\nunlock_time = 60\n", other="deny = 9\n")
    usual = faillock.configured(files)
    action, options = faillock.used(files, entry("pam_faillock.so authfail deny=7"), usual)
    assert (action, of(options, "deny", "unlock_time")) == ("authfail", [7, 60])
    action, options = faillock.used(files, entry("pam_faillock.so conf=/etc/security/other.conf preauth"), usual)
    assert (action, of(options, "deny", "unlock_time")) == ("preauth", [9, 600])
    assert faillock.used(files, entry("pam_faillock.so conf=/missing"), usual) == ("none", None)


def test_faillock_refuses_a_line_that_is_too_long() -> None:
    assert faillock.configured(kept(faillock=f"deny = 5\n# {'x' * 1100}\n")) is None


QUALITY = [
    ({}, "minlen difok dictcheck retry enforce_for_root", [8, 1, 1, 1, False]),
    ({"pwquality": "minlen = 14\nenforce_for_root\n"}, "minlen enforce_for_root", [14, True]),
    ({"pwquality": "minlen=2\nminclass = 9"}, "minlen minclass", [6, 4]),
    ({"pwquality": "MinLen = 14"}, "minlen", [14]),
    ({"pwquality": "ucredit = -1\nminlen = many\nlcredit = -1"}, "ucredit minlen lcredit", [-1, 8, 0]),
    ({"pwquality": "nonsense = 1\nminlen = 14"}, "minlen", [8]),
    ({"pwquality": "minlen = 14", "pwquality__site": "minlen = 20\ndifok = 4"}, "minlen difok", [14, 4]),
    ({"pwquality": "minlen = 14", "pwquality__a": "difok = x", "pwquality__b": "difok = 4"}, "minlen difok", [8, 1]),
    ({"pwquality__a": "difok = 3", "pwquality__b": "difok = 4"}, "difok", [4]),
]


@pytest.mark.parametrize(("files", "names", "values"), QUALITY)
def test_libpwquality_reads_its_files(files: dict[str, str], names: str, values: list[object]) -> None:
    assert of(quality.configured(kept(**files)), *names.split()) == values


def test_modules_that_judge_take_arguments_over_files() -> None:
    usual = quality.configured(kept(pwquality="minlen = 14\nretry = 2"))
    line = entry("pam_pwquality.so minlen=10 try_first_pass type=x", "password")
    assert of(quality.used(line, usual), "minlen", "retry") == [10, 2]
    assert of(quality.used(entry("pam_cracklib.so dcredit=-1", "password"), usual), "minlen", "dcredit") == [9, -1]


HISTORY = [
    ("", "", [10, False, False]),
    ("remember = 24\nenforce_for_root", "", [24, True, False]),
    ("remember 5\nremember 7", "", [5, False, False]),
    ("remember = 24", "remember=3 use_authtok", [3, False, True]),
    ("# remember = 24", "REMEMBER=999", [400, False, False]),
]


@pytest.mark.parametrize(("text", "arguments", "values"), HISTORY)
def test_the_history_reads_its_file_and_arguments(text: str, arguments: str, values: list[object]) -> None:
    files = kept(pwhistory=text)
    options = history.used(files, entry(f"pam_pwhistory.so {arguments}", "password"), history.configured(files))
    assert of(options, "remember", "enforce_for_root", "use_authtok") == values


UNIX = [
    ("", "", ["des", None, 0]),
    ("", "yescrypt", ["yescrypt", 5, 0]),
    ("", "sha5122", ["sha512", 5000, 0]),
    ("", "md5 sha512 rounds=65536", ["sha512", 65536, 0]),
    ("", "sha512 rounds=10", ["sha512", 5000, 0]),
    ("", "yescrypt rounds=99", ["yescrypt", 5, 0]),
    ("", "sha512 yescrypt remember=5", ["yescrypt", 5, 5]),
    ("ENCRYPT_METHOD SHA512\nSHA_CRYPT_MAX_ROUNDS 70000", "", ["sha512", 70000, 0]),
    ("ENCRYPT_METHOD SHA512\nENCRYPT_METHOD MD5", "shadow", ["sha512", 5000, 0]),
    ("encrypt_method=yescrypt # new", "", ["yescrypt", 5, 0]),
    ("ENCRYPT_METHOD UNKNOWN", "blowfish rounds=12", ["blowfish", 12, 0]),
]


@pytest.mark.parametrize(("defs", "arguments", "values"), UNIX)
def test_how_passwords_are_stored(defs: str, arguments: str, values: list[object]) -> None:
    options = unix.used(entry(f"pam_unix.so {arguments}", "password"), keys(defs, "login.defs"))
    assert of(options, "hash", "rounds", "remember") == values


def test_modules_that_have_arguments_only() -> None:
    assert of(simple.tally(entry("pam_tally2.so deny= unlock_time=900 audit")), "deny", "unlock_time", "audit") == [
        0,
        900,
        True,
    ]
    assert of(simple.wheel(entry("pam_wheel.so use_uid group=ops")), "use_uid", "group", "trust") == [
        True,
        "ops",
        False,
    ]
    assert of(simple.lastlog(entry("pam_lastlog.so showfailed", "session")), "showfailed", "silent") == [True, False]


@pytest.mark.parametrize(
    ("defs", "arguments", "delay"),
    [("", "", 0), ("FAIL_DELAY 3", "", 3_000_000), ("FAIL_DELAY 3", "delay=4000000", 4_000_000), ("", "delay=x", 0)],
)
def test_the_delay(defs: str, arguments: str, delay: int) -> None:
    assert of(simple.delay(entry(f"pam_faildelay.so {arguments}"), keys(defs, "login.defs")), "delay") == [delay]


def test_the_longest_delay_counts() -> None:
    defs = keys("FAIL_DELAY 1", "login.defs")
    assert simple.longest(stack("required pam_faildelay.so\nrequired pam_unix.so"), defs) == 2_000_000
    assert simple.longest(stack("required pam_faildelay.so\nrequired pam_unix.so nodelay"), defs) == 1_000_000


@pytest.mark.parametrize(
    ("text", "style"),
    [("[defaults]\ncrypt_style = SHA512 \n", "sha512"), ("[import]\ncrypt_style = md5\n", None), ("#[defaults]", None)],
)
def test_libuser(text: str, style: str | None) -> None:
    found = libuser.configured(Kept(Given({"/etc/libuser.conf": text}), {}))
    assert of(found, "crypt_style") == [style]


def test_what_cannot_be_read_is_unknown() -> None:
    why = Unknown("x", "no permission")
    root = Kept(Given(dict.fromkeys((faillock.CONF, quality.CONF, history.CONF, libuser.CONF), why)), {})
    assert (
        faillock.configured(root)
        == quality.configured(root)
        == history.configured(root)
        == libuser.configured(root)
        == why
    )
    directory = Kept(Given({f"{quality.CONF}.d": why}), {})
    assert quality.configured(directory) == why
