"""Start-up files of sh and bash: what they set and run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.resolving import Text
from policyengine.authentication.shells.bourne import told
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.shells.settings import Told


def read(text: str) -> Told:
    return told(Text("/etc/profile", "host!/etc/profile", text))


def lines(found: Told) -> list[str]:
    """What is told, each with its line and column."""
    masks = [f"{at(one.where)} umask {spoken(one.value)}" for one in found.masks]
    flags = [" x" * one.exported + " r" * one.readonly for one in found.variables]
    variables = [
        f"{at(one.where)} {one.name}={spoken(one.value)}{flag}"
        for one, flag in zip(found.variables, flags, strict=True)
    ]
    return masks + variables


def at(where: object) -> str:
    return ":".join(str(where).rsplit(":", 2)[1:])


def spoken(value: str | Unknown) -> str:
    return f"? {value.why}" if isinstance(value, Unknown) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("umask 027\n", ["1:1 umask 027"]),
        ("if [ $UID -gt 199 ]; then\n  umask 002\nelse\n  umask 022\nfi\n", ["2:3 umask 002", "4:3 umask 022"]),
        ("#umask 077\numask\numask -S\n", []),
        ("umask -S u=rwx,g=rx,o=\n", ["1:1 umask 027"]),
        ("command umask 077; builtin umask '022'", ["1:1 umask 077", "1:20 umask 022"]),
        ("umask $X", ["1:1 umask ? the umask $X depends on what else is set"]),
        ("umask g-w", ["1:1 umask ? the umask g-w depends on what else is set"]),
        ('f() { umask "077"; }; [ -r x ] && umask 0037', ["1:7 umask 077", "1:35 umask 037"]),
        ("echo umask 022; echo 'umask 022'; cat <<E\numask 000\nE\n", []),
        ("TMOUT=600\n", ["1:1 TMOUT=600"]),
        ("readonly TMOUT=600; export TMOUT", ["1:1 TMOUT=600 x r"]),
        ("TMOUT=600\nreadonly TMOUT\nexport TMOUT\n", ["1:1 TMOUT=600 x r"]),
        ("typeset -xr TMOUT=700\ndeclare -x A='b c'\n", ["1:1 TMOUT=700 x r", "2:1 A=b c x"]),
        ("export A=1 B; declare +x C=2; export -n D=3", ["1:1 A=1 x", "1:15 C=2", "1:31 D=3 x"]),
        (
            "A=$B; C=1 make; export D=$(id)",
            [
                "1:1 A=? what A is set to depends on what else is set",
                "1:17 D=? what D is set to depends on what else is set x",
            ],
        ),
    ],
)
def test_what_is_set(text: str, expected: list[str]) -> None:
    assert lines(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tmux", ["1:1 tmux"]),
        ("exec tmux new -A", ["1:1 tmux new -A, replacing"]),
        ("exec -a name -l /usr/bin/tmux", ["1:1 tmux, replacing"]),
        ('case "$x" in (sshd|login) exec tmux ;; esac', ["1:27 tmux, replacing"]),
        ('case "$x" in sshd|login) tmux ;; esac', ["1:26 tmux"]),
        ("command -v tmux", ["1:1 tmux"]),
        ("# tmux\necho 'tmux'\n$X tmux\nexport A=tmux\nexec\nexec >log\n", ["2:1 echo tmux"]),
    ],
)
def test_what_is_run(text: str, expected: list[str]) -> None:
    runs = read(text).commands
    assert [
        f"{at(one.where)} {' '.join((one.name, *one.args))}{', replacing' * one.replaces}" for one in runs
    ] == expected


def test_what_is_not_understood_is_told() -> None:
    found = read("umask 027\nif [ x ; then (\n")
    assert found.unread == Unknown("login_environment", "host!/etc/profile is not understood as a script of a shell")
    assert [one.value for one in found.masks] == ["027"]
    assert read("umask 027\n").unread is None
