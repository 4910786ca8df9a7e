"""firewalld, authselect, sssd, sessions and the keys Ctrl-Alt-Del: small files, each with what is told."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Entry, Given, Something
from policyengine.authentication.system import firewalld, sssd
from policyengine.authentication.system.authselect import Selected, selected
from policyengine.authentication.system.sections import Stacked
from policyengine.authentication.system.sessions import Sessions, burst_action, has_logind, has_manager, sessions
from policyengine.model.unknown import Unknown

GONE = Unknown("/x", "it cannot be read")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("FirewallBackend=nftables\nDefaultZone = drop\n", {"FirewallBackend": "nftables", "DefaultZone": "drop"}),
        ('A="x"\n#B=1\n;C=1\nD\n\nE=\nF=a=b\n', {"A": '"x"'}),
        ("A=1\nA=2\n", {"A": "1"}),
        (GONE, GONE),
    ],
)
def test_firewalld(text: Something, expected: object) -> None:
    assert firewalld.settings(Given({firewalld.PATH: text})) == expected


def test_no_firewalld() -> None:
    assert firewalld.settings(Given({})) is None


def link(target: str) -> Entry:
    return Entry("symlink", 0o777, 0, 0, target=target)


CONF = "/etc/authselect/authselect.conf"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({CONF: "sssd\nwith-faillock\n"}, Selected("sssd", ("with-faillock",), ())),
        ({CONF: "", "/etc/pam.d/postlogin": link("/etc/authselect/postlogin")}, Selected("", (), ())),
        ({CONF: "x", "/etc/pam.d/postlogin": link("/etc/other")}, Selected("x", (), ("postlogin",))),
        ({CONF: "x", "/etc/pam.d/system-auth": "auth required pam_permit.so"}, Selected("x", (), ("system-auth",))),
        ({CONF: "x", "/etc/pam.d/login": ""}, Selected("x", (), ())),
        ({CONF: GONE}, GONE),
        ({CONF: "x", "/etc/pam.d/system-auth": GONE}, GONE),
    ],
)
def test_authselect(files: dict[str, Something], expected: object) -> None:
    assert selected(Given(files)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/etc/sssd/sssd.conf": "[pam]\na = 1\n"}, ["pam a 1"]),
        ({"/etc/sssd/conf.d/1.conf": "[pam]\na = 1\n"}, ["pam a 1"]),
        ({"/etc/sssd/sssd.conf": "[pam]\na=1\n", "/etc/sssd/conf.d/1.conf": "[pam]\na=2\n"}, ["pam a 1", "pam a 2"]),
    ],
)
def test_sssd(files: dict[str, Something], expected: list[str]) -> None:
    found = sssd.settings(Given(files))
    assert isinstance(found, Stacked)
    assert [f"{one.section} {one.key} {one.value}" for one in found.lines] == expected


def test_no_sssd_and_an_unreadable_one() -> None:
    assert sssd.settings(Given({})) is None
    assert sssd.settings(Given({"/etc/sssd/sssd.conf": GONE})) == GONE
    assert sssd.settings(Given({"/etc/sssd/sssd.conf": "", "/etc/sssd/conf.d": GONE})) == GONE


@pytest.mark.parametrize(
    ("text", "seconds", "kills"),
    [
        ("", 0, False),
        ("[Login]\nStopIdleSessionSec=5min\nKillUserProcesses=yes\n", 300, True),
        ("[Login]\nStopIdleSessionSec=infinity\nKillUserProcesses=no\n", 0, False),
        ("[Logind]\nStopIdleSessionSec=5min\n", 0, False),
        ("StopIdleSessionSec=300\n", 0, False),
        ("[Login]\nStopIdleSessionSec=soon\nKillUserProcesses=On\n", 0, True),
    ],
)
def test_sessions(text: str, seconds: int, kills: bool) -> None:
    found = sessions(Given({"/etc/systemd/logind.conf": text}))
    assert isinstance(found, Sessions)
    assert (found.stop_idle_seconds, found.kills_processes) == (seconds, kills)


def test_sessions_without_a_file_and_with_an_unreadable_one() -> None:
    assert sessions(Given({})) == Sessions()
    assert sessions(Given({"/etc/systemd/logind.conf": GONE})) == GONE


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "reboot-force"),
        ({"/etc/systemd/system.conf": "[Manager]\nCtrlAltDelBurstAction=none\n"}, "none"),
        ({"/etc/systemd/system.conf": "[Manager]\nCtrlAltDelBurstAction=\n"}, "reboot-force"),
        ({"/etc/systemd/system.conf": GONE}, GONE),
    ],
)
def test_ctrl_alt_del(files: dict[str, Something], expected: object) -> None:
    assert burst_action(Given(files)) == expected


@pytest.mark.parametrize(
    ("files", "logind", "manager"),
    [
        ({}, False, False),
        ({"/usr/lib/systemd/system/apt-daily.timer": ""}, False, False),
        ({"/usr/lib/systemd/systemd": ""}, True, True),
        ({"/etc/systemd/logind.conf": ""}, True, False),
        ({"/etc/systemd/system.conf": ""}, False, True),
        ({"/etc/systemd": GONE}, GONE, GONE),
        ({"/etc/systemd": GONE, "/lib/systemd/systemd": ""}, True, True),
    ],
)
def test_whether_there_is_systemd(files: dict[str, Something], logind: object, manager: object) -> None:
    assert (has_logind(Given(files)), has_manager(Given(files))) == (logind, manager)
