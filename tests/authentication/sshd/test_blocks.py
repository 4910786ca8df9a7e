"""What Match blocks change: of those that hold for the same connections, the first value counts."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from policyengine.authentication.sshd.blocks import blocks
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.effective import Configuration, read
from policyengine.authentication.sshd.identity import NOBODY
from policyengine.authentication.sshd.system import system_of
from tests.authentication.sshd.comparing import given, identity
from tests.authentication.sshd.laboratory import Laboratory
from tests.authentication.sshd.random_configurations import ADDRESSES, HOSTS, MAIN, NETWORKS, USERS, Case, Maker
from tests.once import ONCE

if TYPE_CHECKING:
    from policyengine.model.location import Location

REST = "host=web.example.com,laddr=10.0.0.1,lport=22"
"""Of a connection, what is not the matter."""


def told(*conditions: str) -> list[str]:
    """The conditions of those blocks of which it is told that they change X11DisplayOffset, which each sets."""
    text = "".join(f"Match {one}\n  X11DisplayOffset {at}\n" for at, one in enumerate(conditions, 1))
    return of({MAIN: text}, "x11displayoffset")


def of(files: dict[str, str], option: str) -> list[str]:
    """The conditions of those blocks of which it is told that they change an option."""
    found = read(given(files))
    assert isinstance(found, Configuration)
    return [one.condition for one in blocks(found) if isinstance(one.changes, dict) and option in one.changes]


OVERRULED = [
    ("User root", "User root", "user=root,addr=10.0.0.1"),
    ("User alice,bob", "User alice", "user=alice,addr=10.0.0.1"),
    ("User alice,bob", "user bob,alice", "user=bob,addr=10.0.0.1"),
    ("User alice", "User alice Address 10.0.0.0/8", "user=alice,addr=10.0.0.1"),
    ("Address 10.0.0.0/8 User alice", "User alice Address 10.1.0.0/16,10.2.3.4", "user=alice,addr=10.1.2.3"),
    ("Address 10.0.0.0/8,2001:db8::/32", "Address 2001:db8::1", "user=alice,addr=2001:db8::1"),
    ("LocalAddress 10.0.0.0/24", "LocalAddress 10.0.0.1", "user=alice,addr=10.0.0.1"),
    ("User al*,!alfred", "User alice", "user=alice,addr=10.0.0.1"),
    ("User al*", "User al*", "user=alice,addr=10.0.0.1"),
    ("Group wheel,staff", "Group wheel", "user=alice,addr=10.0.0.1"),
    ("Group wheel,!users", "Group wheel,!users", "user=root,addr=10.0.0.1"),
    ("Host *.example.com", "Host WEB.example.com", "user=bob,addr=10.0.0.1"),
    ('User "alice,bob" # two', "User=alice", "user=alice,addr=10.0.0.1"),
    ("LocalPort 22", "LocalPort 22 User bob", "user=bob,addr=10.0.0.1"),
]

COUNTING = [
    ("User alice", "User alice,bob", "user=bob,addr=10.0.0.1"),
    ("User alice", "User al*", "user=albert,addr=10.0.0.1"),
    ("User alice,bob", "User bob,carol", "user=carol,addr=10.0.0.1"),
    ("User alice,!bob", "User bob", "user=bob,addr=10.0.0.1"),
    ("User alice Address 10.0.0.0/8", "User alice", "user=alice,addr=192.168.0.1"),
    ("Address 10.1.0.0/16", "Address 10.0.0.0/8", "user=alice,addr=10.2.0.1"),
    ("Address 10.0.0.0/8", "Address 10.1.2.3,192.168.7.9", "user=alice,addr=192.168.7.9"),
    ("Address 10.0.0.0/8,!10.1.0.0/16", "Address 10.1.2.3", "user=alice,addr=10.1.2.3"),
    ("Group wheel,!users", "Group wheel", "user=alice,addr=10.0.0.1"),
    ("Group sftp-only", "User sftp-only", "user=sftp-only,addr=10.0.0.1"),
    ("User Alice", "User alice", "user=alice,addr=10.0.0.1"),
]


@pytest.mark.parametrize(("first", "second"), [case[:2] for case in OVERRULED])
def test_a_block_that_an_earlier_one_overrules_changes_nothing(first: str, second: str) -> None:
    assert told(first, second) == [first]


@pytest.mark.parametrize(("first", "second"), [case[:2] for case in COUNTING])
def test_a_block_that_an_earlier_one_does_not_overrule_counts(first: str, second: str) -> None:
    assert told(first, second) == [first, second]


@ONCE
@pytest.mark.usefixtures("real_sshd")
def test_sshd_says_the_same() -> None:
    cases = [*((case, "1") for case in OVERRULED), *((case, "2") for case in COUNTING)]
    with Laboratory() as sshd:
        for (first, second, connection), wanted in cases:
            text = f"Match {first}\n  X11DisplayOffset 1\nMatch {second}\n  X11DisplayOffset 2\n"
            [answer] = sshd.asked({MAIN: text}, [f"{connection},{REST}"])
            assert answer.options is not None, answer.error
            assert answer.options["x11displayoffset"] == (wanted,), (first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("User a*", "User al*"),
        ("Address 10.*", "Address 10.1.2.3"),
        ("Address 10.0.0.0/8,!10.9.0.0/16", "Address 10.1.2.3"),
        ("User !bob,*", "User al*"),
    ],
)
def test_what_is_not_proved_is_told(first: str, second: str) -> None:
    assert told(first, second) == [first, second]


def test_each_option_is_told_of_the_block_that_sets_it() -> None:
    text = (
        "Match User bob\n PermitTTY no\n"
        "Match User bob\n PermitTTY yes\n X11Forwarding yes\n"
        "Match User bob\n Banner /a\n"
    )
    found = read(given({MAIN: text}))
    assert isinstance(found, Configuration)
    changes = [one.changes for one in blocks(found)]
    assert [{name: one.text for name, one in of.items()} for of in changes if isinstance(of, dict)] == [
        {"permittty": "no"},
        {"x11forwarding": "yes"},
        {"banner": "/a"},
    ]


def test_a_block_is_overruled_by_one_that_another_file_includes() -> None:
    files = {
        MAIN: "Include /etc/ssh/a\nMatch User bob\n Include /etc/ssh/b\n",
        "/etc/ssh/a": "Match User bob\n Include /etc/ssh/c\n",
        "/etc/ssh/b": "Match Address 10.0.0.1\n X11Forwarding yes\n",
        "/etc/ssh/c": "Match Address 10.0.0.0/8\n X11Forwarding no\n",
    }
    assert of(files, "x11forwarding") == ["Address 10.0.0.0/8"]
    del files["/etc/ssh/a"]
    assert of({**files, "/etc/ssh/a": "Match User eve\n Include /etc/ssh/c\n"}, "x11forwarding") == [
        "Address 10.0.0.0/8",
        "Address 10.0.0.1",
    ]


class Often(Maker):
    """Makes blocks for few that set little, so that many hold for the same connections and set the same."""

    def line(self, *, matched: bool) -> str:
        """A directive, where it is in a block one of three."""
        if not matched:
            return super().line(matched=False)
        return f"{self.random.choice(('MaxSessions', 'X11DisplayOffset', 'IPQoS'))} {self.random.randrange(1, 9)}"

    def criterion(self) -> str:
        """One criterion and its argument."""
        name, some = self.random.choice((("User", USERS[:3]), ("Address", NETWORKS[:4]), ("Host", HOSTS[:2])))
        return f"{name} {','.join(self.random.sample(some, self.random.choice((1, 1, 2))))}"


def connections(case: Case) -> list[str]:
    """Whom a case is asked for."""
    random = Random(str(case.files))
    return [
        f"user={user},addr={random.choice(ADDRESSES[:4])},host={random.choice(HOSTS[:2])},lport=22" for user in USERS
    ]


def lost(case: Case) -> list[str]:
    """What counts for a connection, is set by a block, and is told of no block."""
    root = given(case.files)
    found = read(root)
    common = found.of(NOBODY) if isinstance(found, Configuration) else None
    if not isinstance(found, Configuration) or not isinstance(common, dict):
        return []
    told = [one.changes for one in blocks(found)]
    if not all(isinstance(one, dict) for one in told):
        return []
    places: set[tuple[str, Location]] = set()
    for changes in told:
        places |= {(name, at) for name, one in changes.items() for at in one.places}  # type: ignore[union-attr]
    groups = system_of(root).groups or {}
    wrong: list[str] = []
    for connection in connections(case):
        options = found.of(identity(connection, groups))
        for name, one in options.items() if isinstance(options, dict) else ():
            if one != common.get(name) and name != "permitrootlogin":
                wrong += [f"{connection}: {name} at {at}" for at in one.places if (name, at) not in places]
    return wrong


@pytest.mark.parametrize("seed", range(4))
def test_whatever_counts_for_somebody_is_told_of_a_block(seed: int) -> None:
    random = Random(seed)
    for _ in range(150):
        case = Often(random, Build(), mistakes=0).case()
        assert not lost(case), case.files
