"""Lines that have no effect, since another one counts that says otherwise."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.sshd.effective import CONFIG, Configuration, read


def overruled(text: str, drop_in: str = "") -> list[str]:
    found = read(Given({CONFIG: text, "/etc/ssh/sshd_config.d/a.conf": drop_in}))
    assert isinstance(found, Configuration), found
    return [f"{one.option} {one.value}" for one in found.lines if one.overruled]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("UsePAM yes\nUsePAM no\n", ["usepam no"]),
        ("UsePAM yes\nUsePAM yes\n", []),
        ("LogLevel QUIET\nLogLevel silent\nLogLevel INFO\n", ["loglevel INFO"]),
        ("PermitRootLogin prohibit-password\nPermitRootLogin without-password\n", []),
        ("Compression delayed\nCompression yes\n", []),
        ("LoginGraceTime 1m\nLoginGraceTime 60\nLoginGraceTime 61\n", ["logingracetime 61"]),
        ("RekeyLimit 1G 1h\nRekeyLimit 1G 2h\n", ["rekeylimit 1G 2h"]),
        ("Ciphers aes256-ctr\nCiphers aes128-ctr\n", ["ciphers aes128-ctr"]),
        ("Ciphers = aes256-ctr\nCiphers aes256-ctr # the same\n", []),
        ("Port 22\nPort 23\nAllowUsers a\nAllowUsers b\n", []),
        ("MaxStartups 20:30:60\nMaxStartups 10:30:60\n", ["maxstartups 20:30:60"]),
        ("X11Forwarding no\nMatch User bob\n  X11Forwarding yes\n", []),
        ("X11Forwarding no\nMatch all\n  X11Forwarding yes\n", ["x11forwarding yes"]),
        ("Match User bob\n  X11Forwarding yes\nMatch all\n  X11Forwarding no\n", []),
        ("Protocol 2\nProtocol 1\n", []),
    ],
)
def test_lines(text: str, wanted: list[str]) -> None:
    assert overruled(text) == wanted


def test_what_is_included_first_counts() -> None:
    assert overruled("Include sshd_config.d/*.conf\nUsePAM no\n", "UsePAM yes\n") == ["usepam no"]
    assert overruled("UsePAM no\nInclude sshd_config.d/*.conf\n", "UsePAM yes\n") == ["usepam yes"]


def test_a_path_of_nobody_that_does_not_count_is_not_refused() -> None:
    assert overruled("Banner /etc/issue\nBanner ~nobody-here/issue\n") == ["banner ~nobody-here/issue"]
    assert overruled("PidFile /run/sshd.pid\nPidFile ~nobody-here/pid\n") == ["pidfile ~nobody-here/pid"]


def test_included_for_all() -> None:
    text = "Include sshd_config.d/*.conf\nMatch User bob\nInclude /etc/bob\nMatch all\nInclude /etc/all /etc/more\n"
    found = read(Given({CONFIG: text, "/etc/ssh/sshd_config.d/a.conf": "Include b.conf\n"}))
    assert isinstance(found, Configuration)
    assert {name: where.line for name, where in found.includes.items()} == {
        "sshd_config.d/*.conf": 1,
        "b.conf": 1,
        "/etc/all": 5,
        "/etc/more": 5,
    }
