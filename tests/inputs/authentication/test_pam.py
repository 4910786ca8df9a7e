"""A root's PAM as a resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.inputs.authentication import pam
from policyengine.model.location import Location
from policyengine.model.unknown import OpenList, Unknown
from tests.inputs.authentication.reading import read

if TYPE_CHECKING:
    from policyengine.authentication.files import Something
    from policyengine.model.resource import Resource

AUTH = """\
auth requisite pam_faillock.so preauth
auth [success=2 default=ignore] pam_unix.so nullok
auth [default=die] pam_faillock.so authfail deny=4
auth requisite pam_deny.so
auth required pam_permit.so
"""
PASSWORD = """\
password requisite pam_pwquality.so retry=3
password [success=1 default=ignore] pam_unix.so use_authtok yescrypt
password requisite pam_deny.so
password required pam_permit.so
"""
FILES: dict[str, Something] = {
    "/etc/pam.d/common-auth": AUTH,
    "/etc/pam.d/common-password": PASSWORD,
    "/etc/pam.d/sshd": "@include common-auth\naccount required pam_faillock.so\n@include common-password\n",
    "/etc/security/faillock.conf": "# what is usual\nunlock_time = 900\n",
}


def found(files: dict[str, Something]) -> Resource:
    """The PAM of a root."""
    (resource,), refused = read(pam, files)
    assert not refused
    return resource


def facts(files: dict[str, Something]) -> dict[str, Any]:
    """Its facts."""
    return dict(found(files).facts)


def test_services_are_told_what_they_come_to() -> None:
    services = {one["name"]: one for one in facts(FILES)["services"]}
    assert services["sshd"] == {
        "name": "sshd",
        "takes_passwords": True,
        "accepts": True,
        "accepts_anybody": False,
        "counts_wrong_passwords": True,
        "forgets_failures": True,
        "needs_wheel": False,
        "fail_delay": 2_000_000,
        "changes_passwords": True,
        "refuses_bad_passwords": True,
        "refuses_old_passwords": False,
    }
    assert set(services["common-password"]) == {
        "name",
        "takes_passwords",
        "changes_passwords",
        "refuses_bad_passwords",
        "refuses_old_passwords",
    }


def test_a_line_that_several_include_is_told_once() -> None:
    told = facts(FILES)
    assert [(one["file"], one["module"]) for one in told["lines"]] == [
        ("/etc/pam.d/common-auth", "pam_faillock"),
        ("/etc/pam.d/common-auth", "pam_unix"),
        ("/etc/pam.d/common-auth", "pam_faillock"),
        ("/etc/pam.d/common-auth", "pam_deny"),
        ("/etc/pam.d/common-auth", "pam_permit"),
        ("/etc/pam.d/common-password", "pam_pwquality"),
        ("/etc/pam.d/common-password", "pam_unix"),
        ("/etc/pam.d/common-password", "pam_deny"),
        ("/etc/pam.d/common-password", "pam_permit"),
        ("/etc/pam.d/sshd", "pam_faillock"),
    ]
    assert [(one["action"], one["deny"], one["declared"]) for one in told["faillock"]] == [
        ("preauth", 3, ["unlock_time"]),
        ("authfail", 4, ["deny", "unlock_time"]),
    ]


def test_a_line_has_all_its_options() -> None:
    [line] = facts(FILES)["unix_password"]
    assert line == {
        "file": "/etc/pam.d/common-password",
        "task": "password",
        "control": "[success=1 default=ignore]",
        "module": "pam_unix",
        "arguments": ["use_authtok", "yescrypt"],
        "use_authtok": True,
        "asks_again": False,
        "hash": "yescrypt",
        "rounds": 5,
        "remember": 0,
        "nullok": False,
        "shadow": False,
        "obscure": False,
        "use_first_pass": False,
        "try_first_pass": False,
        "declared": ["hash", "use_authtok"],
    }


def test_everything_that_sets_an_option_is_told_in_order() -> None:
    assert facts(FILES)["settings"] == [
        {"module": "pam_unix", "option": "nullok", "value": ""},
        {"module": "pam_faillock", "option": "deny", "value": "4", "number": 4},
        {"module": "pam_pwquality", "option": "retry", "value": "3", "number": 3},
        {"module": "pam_unix", "option": "hash", "value": "yescrypt"},
        {"module": "pam_unix", "option": "use_authtok", "value": ""},
        {"module": "pam_faillock", "option": "unlock_time", "value": "900", "number": 900},
    ]


def test_where_it_is_written() -> None:
    resource = found(FILES)
    assert resource.where(("unix", 0)) == Location("/etc/pam.d/common-auth", 2, 1, 2, 51)
    assert resource.where(("faillock", 1, "deny")) == Location("/etc/pam.d/common-auth", 3, 1, 3, 51)
    assert resource.where(("faillock", 1, "unlock_time")) == Location("/etc/security/faillock.conf", 2, 1, 2, 18)
    assert resource.where(("faillock_conf", "unlock_time")) == Location("/etc/security/faillock.conf", 2, 1, 2, 18)
    assert resource.where(("services",)) == Location("/etc/pam.d/common-auth", 2, 1, 2, 51)
    assert resource.where(("services", 2)) == Location("/etc/pam.d/sshd", 2, 1, 2, 33)


def test_there_may_be_none() -> None:
    assert read(pam, {"/etc/security/faillock.conf": "deny = 3"}) == ([], [])


@pytest.mark.parametrize("text", ["auth required pam_unix.so \\\n", "auth required pam_permit.so\n@include none\n"])
def test_what_libpam_gives_up_lets_nobody_in(text: str) -> None:
    (resource,), refused = read(pam, {"/etc/pam.d/login": text})
    assert resource.facts["services"] == [
        {"name": "login", "takes_passwords": False, "accepts": False, "accepts_anybody": False}
    ]
    assert refused == []


def test_what_cannot_be_read_leaves_things_open() -> None:
    why = Unknown("/etc/pam.d/common-auth", "no permission")
    told = facts({**FILES, "/etc/pam.d/common-auth": why})
    assert {one["name"]: one["takes_passwords"] for one in told["services"]} == {
        "common-auth": why,
        "common-password": False,
        "sshd": why,
    }
    assert isinstance(told["lines"], OpenList)
    assert told["lines"].unknown == why


def test_a_file_of_options_that_cannot_be_read_makes_these_unknown() -> None:
    why = Unknown("/etc/security/faillock.conf", "no permission")
    told = facts({**FILES, "/etc/security/faillock.conf": why})
    assert told["faillock_conf"] == why
    assert {told["faillock"][0][name] for name in ("deny", "audit", "declared")} == {why}
    assert told["quality"][0]["retry"] == 3


def test_a_directory_that_cannot_be_listed_makes_all_unknown() -> None:
    why = Unknown("/etc/pam.d", "no permission")
    assert {name for name, value in facts({"/etc/pam.d": why}).items() if value != why} == {"name"}
