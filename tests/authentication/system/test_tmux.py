"""When tmux locks a terminal."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Entry, Given, Placed, Something
from policyengine.authentication.system.tmux import Locking, locking
from policyengine.model.unknown import Unknown

PATH = "/etc/tmux.conf"
GONE = Unknown("/x", "it cannot be read")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set -g lock-after-time 900\n", Locking(900, None, (), readable=True)),
        ("set -g lock-after-time 900\nset -g lock-after-time 0\n", Locking(0, None, (), readable=True)),
        ("set-option -gq lock-after-time '60' ; set -g lock-command vlock", Locking(60, "vlock", (), readable=True)),
        (
            "# set -g lock-after-time 900\nset -g lock-command \\\n 'vlock -a'\n",
            Locking(None, "vlock -a", (), readable=True),
        ),
        (
            "bind X lock-session\nbind-key -T prefix C-l lock-server\nbind Y kill-session\n",
            Locking(None, None, ("X", "C-l"), readable=True),
        ),
        ("set -g lock-after-time never\nset -g\nset\nbind\n", Locking(None, None, (), readable=True)),
        ("set -g lock-command 'unended\nset -g lock-after-time 9\n", Locking(9, None, (), readable=True)),
    ],
)
def test_locking(text: str, expected: Locking) -> None:
    assert locking(Given({PATH: text})) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({PATH: Placed("", 0o640)}, Locking(None, None, (), readable=False)),
        ({PATH: GONE}, GONE),
        (
            {PATH: Entry("symlink", 0o777, 0, 0, target="x"), "/etc/x": Placed("", 0o604)},
            Locking(None, None, (), readable=True),
        ),
    ],
)
def test_its_file(files: dict[str, Something], expected: object) -> None:
    assert locking(Given(files)) == expected
