"""Files that somebody has made to take long to read: each takes a moment, whatever is in it."""

from __future__ import annotations

import time

import pytest

from policyengine.authentication.files import Given
from policyengine.authentication.shells.startup import startups
from policyengine.authentication.system import authselect, banners, firewalld, grub, opensc, sessions, tmux, units
from tests.once import ONCE

PIECES = [
    '"',
    '"\\',
    "\\",
    "\\\n",
    "a=",
    "{",
    "}{",
    "\n",
    " ",
    "'",
    "`",
    "#\n",
    "NAME=x\n",
    "[",
    "umask 0\n",
    "set a=",
    "(",
    "if (",
]
FILES = [
    *("/etc/opensc.conf", "/etc/tmux.conf", "/etc/systemd/logind.conf", "/etc/default/grub", "/boot/grub/grub.cfg"),
    *("/etc/issue", "/etc/os-release", "/etc/firewalld/firewalld.conf", "/etc/authselect/authselect.conf"),
    *("/etc/profile", "/etc/csh.cshrc", "/etc/systemd/system/rescue.service", "/etc/passwd"),
]
BYTES = 1 << 18
MOMENT = 5
"""Seconds of processor time: what takes time by the square of the length would take minutes."""


@ONCE
@pytest.mark.parametrize("piece", PIECES)
def test_reading_takes_a_moment(piece: str) -> None:
    text = piece * (BYTES // len(piece))
    root = Given(dict.fromkeys(FILES, text))
    before = time.process_time()
    opensc.cards(root)
    tmux.locking(root)
    sessions.sessions(root)
    grub.boot(root)
    grub.has_password(root)
    banners.banners(root)
    firewalld.settings(root)
    authselect.selected(root)
    units.commands(root, "rescue.service")
    list(startups(root))
    assert time.process_time() - before < MOMENT
