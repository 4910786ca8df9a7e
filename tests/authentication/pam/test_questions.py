"""What stacks that people write come to, right ones and nearly right ones."""

from __future__ import annotations

import pytest

from policyengine.authentication.pam import questions
from policyengine.model.unknown import Unknown
from tests.authentication.pam.stacks import stack

DEBIAN = """
[success=1 default=ignore] pam_unix.so nullok
requisite pam_deny.so
required pam_permit.so
optional pam_cap.so
"""
DEBIAN_LOCKING = """
requisite pam_faillock.so preauth
[success=2 default=ignore] pam_unix.so
[default=die] pam_faillock.so authfail
requisite pam_deny.so
required pam_permit.so
"""
RED_HAT = """
required pam_env.so
required pam_faildelay.so delay=2000000
required pam_faillock.so preauth silent
[default=1 ignore=ignore success=ok] pam_usertype.so isregular
[default=1 ignore=ignore success=ok] pam_localuser.so
sufficient pam_unix.so
[default=1 ignore=ignore success=ok] pam_usertype.so isregular
sufficient pam_sss.so forward_pass
required pam_faillock.so authfail
required pam_deny.so
"""
TALLY = f"required pam_tally2.so deny=5\n{DEBIAN.strip()}"

LETTING_IN = [  # accepts, accepts anybody, counts wrong passwords
    ("Debian's", DEBIAN, True, False, False),
    ("Debian's with a lock", DEBIAN_LOCKING, True, False, True),
    ("Red Hat's with a lock", RED_HAT, True, False, True),
    (
        "Red Hat's without one",
        "\n".join(line for line in RED_HAT.splitlines() if "faillock" not in line),
        True,
        False,
        False,
    ),
    ("the older module", TALLY, True, False, True),
    ("a jump ends at pam_deny", DEBIAN.replace("success=1", "success=ignore"), False, False, False),
    ("a jump passes pam_deny", DEBIAN.replace("default=ignore", "default=1"), True, True, False),
    ("pam_deny is heeded by nobody", DEBIAN.replace("requisite", "optional"), True, True, False),
    ("no pam_deny, but nothing that says yes", "required pam_env.so\nsufficient pam_unix.so", True, False, False),
    ("no pam_deny behind a yes", "required pam_permit.so\nsufficient pam_unix.so", True, True, False),
    ("members need no password", f"sufficient pam_wheel.so trust\n{DEBIAN.strip()}", True, True, False),
    ("some need no password", f"sufficient pam_succeed_if.so user ingroup ops\n{DEBIAN.strip()}", True, True, False),
    ("some are refused", f"requisite pam_succeed_if.so user ingroup ops\n{DEBIAN.strip()}", True, False, False),
    ("root needs none", f"sufficient pam_rootok.so\n{DEBIAN.strip()}", True, False, False),
    ("a line that cannot be read", f"required\n{DEBIAN.strip()}", False, False, False),
    ("a second factor", f"required pam_u2f.so\n{DEBIAN.strip()}", True, False, False),
    (
        "the lock is asked too late",
        DEBIAN_LOCKING.replace("requisite pam_faillock.so preauth\n", ""),
        True,
        False,
        False,
    ),
    (
        "the lock is not heeded",
        DEBIAN_LOCKING.replace("requisite pam_faillock", "optional pam_faillock"),
        True,
        False,
        False,
    ),
    (
        "a failure passes the count",
        DEBIAN_LOCKING.replace("success=2 default=ignore", "success=2 default=1"),
        True,
        False,
        False,
    ),
    ("a success meets the count", DEBIAN_LOCKING.replace("success=2", "success=1"), False, False, True),
]


@pytest.mark.parametrize(("about", "text", "accepts", "anybody", "counts"), LETTING_IN)
def test_who_is_let_in(about: str, text: str, accepts: bool, anybody: bool, counts: bool) -> None:
    found = stack(text)
    told = (questions.accepts(found), questions.accepts_anybody(found), questions.counts_wrong(found))
    assert told == (accepts, anybody, counts), about


def test_passwords_of_this_host_are_those_that_count() -> None:
    assert questions.takes_passwords(stack(DEBIAN))
    assert not questions.takes_passwords(stack("required pam_sss.so"))
    assert questions.accepts(stack("required pam_sss.so"))
    assert not questions.accepts(stack("required pam_unix.so\nrequired pam_sss.so"))


def test_a_module_of_which_nothing_is_known_may_ask_for_a_secret() -> None:
    found = questions.accepts_anybody(stack(f"sufficient pam_custom.so\n{DEBIAN.strip()}"))
    assert found == Unknown("pam.module", "it is not known whether pam_custom asks for a secret")
    assert questions.accepts_anybody(stack(f"required pam_custom.so\n{DEBIAN.strip()}")) is False
    assert questions.accepts_anybody(stack("optional pam_custom.so\nrequired pam_permit.so")) is True


STORING = [  # changes passwords, refuses bad ones, refuses old ones
    ("nothing judges", "required pam_unix.so sha512", True, False, False),
    ("Debian's",
     "requisite pam_pwquality.so\n[success=1 default=ignore] pam_unix.so use_authtok\nrequisite pam_deny.so\n"
     "required pam_permit.so", True, True, False),
    ("Red Hat's",
     "requisite pam_pwquality.so\nrequisite pam_pwhistory.so use_authtok\nsufficient pam_unix.so use_authtok\n"
     "sufficient pam_sss.so use_authtok\nrequired pam_deny.so", True, True, True),
    ("pam_unix is no longer enough", "requisite pam_pwquality.so\noptional pam_unix.so use_authtok\n"
     "sufficient pam_sss.so use_authtok\nrequired pam_deny.so", False, True, False),
    ("refused, and asked again", "required pam_pwquality.so\nrequired pam_unix.so", True, False, False),
    ("refused, and gone", "required pam_pwquality.so\nrequired pam_unix.so use_authtok", True, True, False),
    ("judged when it is stored", "required pam_unix.so\nrequisite pam_pwquality.so", True, False, False),
    ("for some only", "[success=1 default=ignore] pam_succeed_if.so user ingroup ops\nrequisite pam_pwquality.so\n"
     "required pam_unix.so use_authtok", True, False, False),
    ("only the history", "requisite pam_pwhistory.so\nrequired pam_unix.so use_authtok", True, False, True),
]  # fmt: skip


@pytest.mark.parametrize(("about", "text", "changes", "bad", "old"), STORING)
def test_which_passwords_are_stored(about: str, text: str, changes: bool, bad: bool, old: bool) -> None:
    found = stack(text, "password")
    told = questions.changes(found), questions.refuses_new(found, "judged"), questions.refuses_new(found, "remembered")
    assert told == (changes, bad, old), about


WHEEL = [
    ("it is not there", DEBIAN, False),
    ("before the password", f"required pam_wheel.so use_uid\n{DEBIAN.strip()}", True),
    ("behind it", f"{DEBIAN.strip()}\nrequired pam_wheel.so use_uid", True),
    ("behind what ends the stack", f"{RED_HAT.strip()}\nrequired pam_wheel.so use_uid", False),
    ("heeded by nobody", f"optional pam_wheel.so use_uid\n{DEBIAN.strip()}", False),
    ("members are let in, others by password", f"sufficient pam_wheel.so trust use_uid\n{DEBIAN.strip()}", False),
    ("members are those who may not", f"required pam_wheel.so deny use_uid\n{DEBIAN.strip()}", False),
]


@pytest.mark.parametrize(("about", "text", "needs"), WHEEL)
def test_who_has_to_be_in_the_group(about: str, text: str, needs: bool) -> None:
    assert questions.needs_wheel(stack(f"sufficient pam_rootok.so\n{text.strip()}")) is needs, about


def test_a_stack_that_can_be_walked_in_too_many_ways_is_unknown() -> None:
    twice = "[success=1 default=ignore] pam_succeed_if.so\noptional pam_tally2.so\n"
    found = questions.counts_wrong(stack(f"{twice * 30}required pam_unix.so"))
    assert found == Unknown("pam.stack", "the stack can be walked in too many ways to look at all of them")
