"""What GRUB is told to boot with, and whether it has a password."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Given, Something
from policyengine.authentication.system.grub import Boot, boot, has_password
from policyengine.model.unknown import Unknown

GONE = Unknown("/x", "it cannot be read")
DEFAULTS = "/etc/default/grub"
MENU, USERS = "/boot/grub2/grub.cfg", "/boot/grub2/user.cfg"
HASH = "grub.pbkdf2.sha512.10000.AA.BB"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({DEFAULTS: ""}, Boot((), recovery=True)),
        (
            {DEFAULTS: "GRUB_CMDLINE_LINUX='a b=1'\nGRUB_CMDLINE_LINUX_DEFAULT=quiet"},
            Boot(("a", "b=1", "quiet"), recovery=True),
        ),
        (
            {DEFAULTS: "GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX=b\nGRUB_DISABLE_RECOVERY=true"},
            Boot(("b",), recovery=False),
        ),
        (
            {DEFAULTS: "GRUB_CMDLINE_LINUX=a", "/etc/default/grub.d/1.cfg": "GRUB_CMDLINE_LINUX=c"},
            Boot(("c",), recovery=True),
        ),
        ({DEFAULTS: "#GRUB_CMDLINE_LINUX=a"}, Boot((), recovery=True)),
        (
            {DEFAULTS: 'GRUB_CMDLINE_LINUX="a $X"'},
            Boot(Unknown("grub", "what GRUB_CMDLINE_LINUX is set to depends on what else is set"), recovery=True),
        ),
        ({DEFAULTS: "if ("}, Unknown("grub", "/etc/default/grub is not understood as a script of a shell")),
        ({DEFAULTS: GONE}, GONE),
    ],
)
def test_what_is_booted(files: dict[str, Something], expected: object) -> None:
    assert boot(Given(files)) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({USERS: f"GRUB2_PASSWORD={HASH}"}, None),
        ({MENU: ""}, False),
        ({MENU: f"set superusers=root\npassword_pbkdf2 root {HASH}\n"}, True),
        ({MENU: "set superusers=root\npassword_pbkdf2 root ${GRUB2_PASSWORD}\n"}, False),
        ({MENU: "  set superusers=root\n", USERS: f"GRUB2_PASSWORD={HASH}\n"}, True),
        ({MENU: f"password_pbkdf2 root {HASH}\n"}, False),
        ({MENU: f"#set superusers=root\npassword_pbkdf2 root {HASH}\n"}, False),
        ({MENU: GONE}, GONE),
        ({MENU: "", USERS: GONE}, GONE),
    ],
)
def test_its_password(files: dict[str, Something], expected: object) -> None:
    assert has_password(Given(files)) == expected
