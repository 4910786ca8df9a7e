"""Start-up files of csh: what they set and run."""

from __future__ import annotations

import pytest

from policyengine.authentication.resolving import Text
from policyengine.authentication.shells.csh import told
from tests.authentication.shells.test_bourne import at, lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("umask 027\n", ["1:1 umask 027"]),
        (
            '# umask 077\nif ($uid > 199 && "`id -gn`" == x) then\n    umask 002\nelse\n    umask 022\nendif',
            ["3:5 umask 002", "5:5 umask 022"],
        ),
        ("if ( -r x ) umask 077; umask '022'", ["1:13 umask 077", "1:24 umask 022"]),
        ("umask \\\n  027\numask", ["1:1 umask 027"]),
        (
            "umask $mask\numask u=rwx",
            [
                "1:1 umask ? the umask $mask depends on what else is set",
                "2:1 umask ? the umask u=rwx depends on what else is set",
            ],
        ),
        (
            "set autologout=15\nset -r a = 1 b\nset c=(1 2) d=3",
            ["1:1 autologout=15", "2:1 a=1 r", "2:1 b= r", "3:1 c=(1 2)", "3:1 d=3"],
        ),
        (
            "setenv A 'b c' ; setenv B; setenv C $D; setenv",
            ["1:1 A=b c x", "1:18 B= x", "1:28 C=? what C is set to depends on what else is set x"],
        ),
        ('set x = "a;b" # umask 0\necho umask 0', ["1:1 x=a;b"]),
    ],
)
def test_what_is_set(text: str, expected: list[str]) -> None:
    assert lines(told(Text("/etc/csh.cshrc", "host!/etc/csh.cshrc", text))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exec /usr/bin/tmux new", ["1:1 tmux new, replacing"]),
        ("if ($?prompt) tmux && date | cat", ["1:15 tmux", "1:23 date", "1:30 cat"]),
        ("`tmux`; $SHELL; exec", []),
    ],
)
def test_what_is_run(text: str, expected: list[str]) -> None:
    runs = told(Text("/etc/csh.cshrc", "host!/etc/csh.cshrc", text)).commands
    assert [
        f"{at(one.where)} {' '.join((one.name, *one.args))}{', replacing' * one.replaces}" for one in runs
    ] == expected
