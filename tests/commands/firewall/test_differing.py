"""Exactly the flows that changed: whole texts, and random ones against every single port."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.commands.firewall.differing import Change, Difference, Packets, as_json, as_text, differing
from policyengine.commands.firewall.matrix import Asked, matrix
from policyengine.firewall.intervals import contains, normalised
from policyengine.firewall.reach import Flows
from tests.commands.firewall.standing_in import ALL, Written, tcp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Pairs = Mapping[tuple[str, str], Flows]


def changed(old: Pairs, new: Pairs, names: Sequence[str] = ("web", "db"), now: Sequence[str] = ()) -> Difference:
    networks = Written("n", names, old), Written("n", now or names, new)
    made = [matrix(one, Asked(tuple(one.places()), tuple(one.places()))) for one in networks]
    return differing(made[0], made[1])


def test_what_opens_what_closes_and_what_is_in_doubt() -> None:
    old = {("web", "db"): Flows({"tcp": ((1, 10),)}, {"udp": ((53, 53),)}), ("db", "web"): Flows(ALL)}
    new = {("web", "db"): Flows({"tcp": ((5, 20),)}, {"tcp": ((1, 2),)}), ("db", "web"): Flows(ALL)}
    told = changed(old, new)
    assert told.opens
    assert as_text([told]) == (
        "- web -> db  tcp/1-2  allowed, now unknown\n"
        "- web -> db  tcp/3-4  allowed, now denied\n"
        "- web -> db  udp/53  unknown, now denied\n"
        "+ web -> db  tcp/11-20  denied, now allowed\n"
    )


def test_only_less_gets_through() -> None:
    told = changed({("web", "db"): Flows(ALL)}, {})
    assert not told.opens
    assert as_text([told]) == "- web -> db  everything  allowed, now denied\n"


def test_nothing_changed() -> None:
    same = {("web", "db"): Flows(ALL)}
    assert as_text([changed(same, same)]) == "no flow changed\n"


def test_what_may_have_changed() -> None:
    told = Difference(
        "a.v4",
        "b.v4",
        (
            Packets((4,), "input", "tcp to port 22", "unknown", "unknown", opens=True),
            Packets((4, 6), "output", "udp", "unknown", "unknown", opens=False),
        ),
    )
    assert told.opens
    assert as_text([told]) == (
        "+ input IPv4: tcp to port 22  unknown, may have changed\n"
        "- output IPv4 and IPv6: udp  unknown, may have changed\n"
    )


def test_what_is_unknown_on_both_sides_is_said() -> None:
    def half(why: str) -> Flows:
        return Flows(tcp(443), {"udp": ((53, 60),)}, (why,))

    same = {(one, "db"): half("the network back is external") for one in ("a", "b")}
    told = changed(same, same, ("a", "b", "db"))
    assert (told.differs, told.opens) == (False, False)
    assert as_text([told]) == (
        "no flow that is known changed\n"
        "? a -> db  udp/53-60 and 1 more  unknown on both sides: the network back is external\n"
    )
    (network,) = json.loads(as_json([told]))["networks"]
    assert network["unknown_on_both_sides"] == [
        {"from": one, "to": "db", "ports": {"udp": ["53-60"]}, "why": ["the network back is external"]} for one in "ab"
    ]
    other = changed({("a", "db"): half("x")}, {("a", "db"): half("y")}, ("a", "db"))
    assert (other.differs, other.opens) == (True, True)
    assert as_text([other]) == "+ a -> db  udp/53-60  unknown, may have changed\n"


def test_the_same_of_several_is_one_line() -> None:
    names = ("a", "b", "c")
    told = changed({}, {(one, "c"): Flows(tcp(1)) for one in "ab"}, names)
    assert as_text([told]) == "+ a, b -> c  tcp/1  denied, now allowed\n"


def test_places_that_came_and_went() -> None:
    told = changed({("old", "db"): Flows(tcp(1))}, {("new", "db"): Flows(tcp(1))}, ("old", "db"), ("new", "db"))
    assert as_text([told]) == (
        "- old: no longer there\n"
        "+ new: new\n"
        "- old -> db  tcp/1  allowed, now denied\n"
        "+ new -> db  tcp/1  denied, now allowed\n"
    )


def test_as_json() -> None:
    assert json.loads(as_json([changed({}, {("web", "db"): Flows(tcp(5432))})])) == {
        "version": 1,
        "networks": [
            {
                "old": "n",
                "new": "n",
                "places": {"gone": [], "came": []},
                "changes": [{"from": "web", "to": "db", "was": "denied", "now": "allowed", "ports": {"tcp": ["5432"]}}],
                "not_comparable": [],
                "unknown_on_both_sides": [],
            }
        ],
    }


ports = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda pair: (min(pair), max(pair))), max_size=3)
sides = st.builds(lambda one, other: Flows({"tcp": normalised(one)}, {"tcp": normalised(other)}), ports, ports)


def verdict(flows: Flows, port: int) -> str:
    if contains(flows.allowed["tcp"], port):
        return "allowed"
    return "unknown" if contains(flows.unknown["tcp"], port) else "denied"


@given(sides, sides)
@settings(max_examples=200)
def test_every_port_that_changed_is_told_once_and_no_other(old: Flows, new: Flows) -> None:
    told = changed({("web", "db"): old}, {("web", "db"): new})
    for port in range(14):
        found = [
            (one.was, one.now)
            for one in told.changes
            if isinstance(one, Change) and contains(one.ports.get("tcp", ()), port)
        ]
        was, now = verdict(old, port), verdict(new, port)
        assert found == ([(was, now)] if was != now else [])
    assert all(isinstance(one, Change) and set(one.ports) == {"tcp"} for one in told.changes)
