"""Units of systemd: which are started, which are masked, and what some of them run."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Entry, Given, Placed, Something
from policyengine.authentication.system.units import Unit, commands, units
from policyengine.model.unknown import Unknown


def link(target: str) -> Entry:
    return Entry("symlink", 0o777, 0, 0, target=target)


NULL = link("/dev/null")


def test_which_are_started_and_which_are_masked() -> None:
    files: dict[str, Something] = {
        "/etc/systemd/system/multi-user.target.wants/ssh.service": link("/usr/lib/systemd/system/ssh.service"),
        "/etc/systemd/system/other.target.requires/ssh.service": link("/usr/lib/systemd/system/ssh.service"),
        "/usr/lib/systemd/system/sockets.target.wants/x.socket": link("../x.socket"),
        "/usr/lib/systemd/system/offered.service": "[Service]\n",
        "/etc/systemd/system/own.service": "[Service]\n",
        "/etc/systemd/system/masked.service": NULL,
        "/etc/systemd/system/empty.service": Placed(""),
        "/usr/lib/systemd/system/known.service": NULL,
        "/etc/systemd/system/known.service": "[Service]\n",
        "/etc/systemd/system/text.conf": NULL,
    }
    assert units(Given(files)) == (
        Unit("empty.service", (), masked=True),
        Unit("masked.service", (), masked=True),
        Unit("ssh.service", ("multi-user.target", "other.target")),
        Unit("x.socket", ("sockets.target",)),
    )


def test_none_and_unknown_ones() -> None:
    gone = Unknown("/x", "it cannot be read")
    assert units(Given({})) == ()
    assert units(Given({"/run/systemd/system": gone})) == gone
    assert units(Given({"/etc/systemd/system/a.target.wants": gone})) == gone
    assert units(Given({"/etc/systemd/system/a.service": gone})) == gone


UNIT = "/usr/lib/systemd/system/rescue.service"
OVER = "/etc/systemd/system/rescue.service.d/1.conf"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({UNIT: "[Service]\nExecStart=a\nExecStart=b\n"}, ["a", "b"]),
        ({UNIT: "[Service]\nExecStart=a\n", OVER: "[Service]\nExecStart=b\n"}, ["a", "b"]),
        ({UNIT: "[Service]\nExecStart=a\n", OVER: "[Service]\nExecStart=\nExecStart=b\n"}, ["b"]),
        ({OVER: "[Service]\nExecStart=\nExecStart=b\n"}, ["b"]),
        ({OVER: "[Service]\nExecStart=\n"}, None),
        ({UNIT: "[Unit]\nExecStart=a\n"}, None),
        ({UNIT: "[Service]\nExecStart=a\n", "/etc/systemd/system/rescue.service": NULL}, None),
        ({UNIT: Unknown("/x", "it cannot be read")}, Unknown("/x", "it cannot be read")),
    ],
)
def test_what_is_run(files: dict[str, Something], expected: object) -> None:
    assert commands(Given(files), "rescue.service") == expected
