"""Intents against a network: what is violated, what may be, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from policyengine.documents.yaml import YamlDocument
from policyengine.engine.flows import told
from policyengine.firewall.intents.addresses import Addresses, addresses
from policyengine.firewall.intents.judging import Breach, judge
from policyengine.firewall.reach import Place
from policyengine.policy.flows import intents
from tests.firewall.standin import INTERNET, Rule, StandIn

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = {"tcp": ((0, 65535),), "udp": ((0, 65535),), "sctp": ((0, 65535),), "icmp": ((0, 65535),)}


def tcp(*ports: int) -> dict[str, tuple[tuple[int, int], ...]]:
    return {"tcp": tuple((port, port) for port in ports)}


def at(address: str) -> tuple[tuple[int, int], ...]:
    return addresses([address]).ipv4


WEB = Place("shop/web", "container", "shop", {"app": "web"}, at("172.18.0.2"), (), services=("web",))
DB = Place("shop/db", "container", "shop", {"app": "db"}, at("172.18.0.3"), (), services=("db",))
JOB = Place("batch/job", "container", "batch", {"com.docker.compose.service": "job"}, at("172.19.0.2"), ())
HOST = Place("host", "host", ipv4=at("192.168.0.5"), ipv6=())
PLACES = (WEB, DB, JOB, HOST, INTERNET)


def section(text: str) -> dict[str, Any]:
    return cast("dict[str, Any]", YamlDocument("flows.yaml", text).values[0])


def judged(flows: str, *rules: Rule, target: Place = DB, zones: dict[str, Addresses] | None = None) -> list[Breach]:
    return judge(intents(section(flows)), target, StandIn(PLACES, rules), zones or {})


def lines(breaches: list[Breach]) -> list[str]:
    return [
        f"{one.intent}{'' if one.item is None else f'[{one.item}]'}: "
        f"{'' if one.surely else 'perhaps '}{told(one, may=not one.surely) or one.why}"
        for one in breaches
    ]


OPEN = Rule("*", "*", ALL)


@pytest.mark.parametrize(
    ("flows", "rules", "expected"),
    [
        ("accepts_only: []", [], []),
        ("accepts_only: []", [Rule("shop/web", "shop/db", tcp(5432))], ["shop/web reaches shop/db on tcp/5432"]),
        ("accepts_only: [{from: {service: web}, ports: [tcp/5432]}]", [Rule("shop/web", "*", tcp(5432))], []),
        (
            "accepts_only: [{from: {service: web}, ports: [tcp/5432]}]",
            [Rule("shop/web", "*", tcp(22, 5432))],
            ["shop/web reaches shop/db on tcp/22"],
        ),
        (
            "accepts_only: [{from: {service: web}, ports: [tcp/5432]}]",
            [Rule("batch/job", "shop/db", tcp(5432))],
            ["batch/job reaches shop/db on tcp/5432"],
        ),
        ("accepts_only: [{ports: [tcp]}]", [Rule("*", "*", tcp(1, 2, 3))], []),
        ("accepts_only: [{from: {service: job}}]", [Rule("batch/job", "*", ALL)], []),
        ("accepts_only: [{from: {namespace: shop}}]", [Rule("shop/web", "*", ALL)], []),
        ("accepts_only: [{from: {labels: {app: web}}}]", [Rule("shop/web", "*", ALL)], []),
        ("accepts_only: [{from: {name: 'w*'}}]", [Rule("shop/web", "*", ALL)], []),
        ("accepts_only: [{from: {name: [web, job]}}]", [Rule("shop/web", "*", ALL), Rule("batch/job", "*", ALL)], []),
        ("accepts_only: [{from: [{name: web}, {name: job}]}]", [Rule("batch/job", "*", ALL)], []),
        (
            "accepts_only: [{from: {name: web, namespace: batch}}]",
            [Rule("shop/web", "*", tcp(1))],
            ["shop/web reaches shop/db on tcp/1"],
        ),
        ("accepts_only: [{from: host}]", [Rule("host", "*", ALL)], []),
        ("accepts_only: [{from: 192.168.0.0/16}]", [Rule("host", "*", ALL)], []),
        ("{from: internet, accepts_only: []}", [Rule("shop/web", "*", ALL), Rule("host", "*", ALL)], []),
        (
            "{from: internet, accepts_only: []}",
            [Rule("internet", "*", tcp(22))],
            ["internet reaches shop/db on tcp/22"],
        ),
        ("{from: {name: job}, accepts_only: []}", [Rule("shop/web", "*", ALL)], []),
    ],
)
def test_accepts_only(flows: str, rules: list[Rule], expected: list[str]) -> None:
    assert lines(judged(flows, *rules)) == [f"accepts_only: {one}" for one in expected]


def test_what_is_in_no_list_of_ports_and_has_none_is_not_judged() -> None:
    ping = Rule("*", "*", {"icmp": ((0, 65535),)})
    assert lines(judged("accepts_only: [{ports: [tcp/443]}]", ping)) == []
    named = "accepts_only: [{from: {service: web}, ports: [icmp]}]"
    assert lines(judged(named, ping)) == [
        "accepts_only: batch/job reaches shop/db on icmp; internet reaches shop/db on icmp"
    ]


def test_a_host_reaches_what_it_runs_and_counts_where_it_is_named() -> None:
    rule = Rule("host", "*", tcp(22))
    assert lines(judged("accepts_only: []", rule)) == []
    assert lines(judged("{from: host, accepts_only: []}", rule)) == ["accepts_only: host reaches shop/db on tcp/22"]
    assert lines(judged("accepts_only: []", Rule("*", "host", tcp(22)), target=HOST))[0].startswith(
        "accepts_only: shop/web reaches host on tcp/22"
    )


def test_outside_is_what_the_network_does_not_know_by_name() -> None:
    flows = "{from: outside, accepts_only: []}"
    assert lines(judged(flows, Rule("shop/web", "*", ALL), Rule("host", "*", ALL))) == []
    assert lines(judged(flows, OPEN)) == ["accepts_only: internet reaches shop/db on everything"]
    alone = judge(intents(section(flows)), DB, StandIn([DB], [OPEN]))
    assert lines(alone) == ["accepts_only: outside reaches shop/db on everything"]


ZONES = {"office": addresses(["203.0.113.0/24", "2001:db8::/32"])}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([Rule("*", "*", tcp(443))], []),
        (
            [Rule("internet", "*", tcp(22)), Rule("198.51.100.0/24", "*", tcp(22))],
            ["the rest of internet reaches shop/db on tcp/22"],
        ),
        ([Rule("203.0.113.7", "*", tcp(22))], []),
        ([Rule("203.0.113.7", "*", tcp(23))], ["internet 203.0.113.0/24 reaches shop/db on tcp/23"]),
    ],
)
def test_a_part_of_a_zone_may_be_allowed_more_than_the_rest(rules: list[Rule], expected: list[str]) -> None:
    flows = "{from: internet, accepts_only: [{from: 203.0.113.0/24, ports: [tcp/22]}, {ports: [tcp/443]}]}"
    assert lines(judged(flows, *rules)) == [f"accepts_only: {one}" for one in expected]


def test_zones_of_the_settings_come_before_those_of_the_network() -> None:
    flows = "{from: office, accepts_only: []}"
    assert lines(judged(flows, Rule("internet", "*", tcp(1)), zones=ZONES)) == []
    assert lines(judged(flows, OPEN, zones=ZONES)) == ["accepts_only: office reaches shop/db on everything"]
    assert lines(judged("{from: internet, accepts_only: []}", OPEN, zones={"internet": ZONES["office"]})) == [
        "accepts_only: internet reaches shop/db on everything"
    ]


@pytest.mark.parametrize(
    ("flows", "rules", "expected"),
    [
        ("reaches_only: []", [], []),
        ("reaches_only: []", [Rule("shop/db", "shop/web", tcp(80))], ["shop/db reaches shop/web on tcp/80"]),
        ("reaches_only: [{to: {service: web}}]", [Rule("shop/db", "shop/web", ALL)], []),
        ("reaches_only: [{to: 10.0.0.0/8, ports: [tcp/443]}]", [Rule("shop/db", "10.0.0.0/8", {})], []),
        (
            "reaches_only: [{to: 10.0.0.0/8, ports: [tcp/443]}]",
            [Rule("*", "10.0.0.0/8", tcp(443, 444))],
            ["shop/db reaches internet 10.0.0.0/8 on tcp/444"],
        ),
        (
            "reaches_only: [{to: 10.0.0.0/8, ports: [tcp/443]}]",
            [Rule("*", "*", tcp(443, 444))],
            [
                "shop/db reaches shop/web on tcp/443-444; shop/db reaches batch/job on tcp/443-444; "
                "shop/db reaches host on tcp/443-444; and 2 more"
            ],
        ),
    ],
)
def test_reaches_only(flows: str, rules: list[Rule], expected: list[str]) -> None:
    assert lines(judged(flows, *rules)) == [f"reaches_only: {one}" for one in expected]


@pytest.mark.parametrize(
    ("flows", "rules", "expected"),
    [
        ("never_reaches: 169.254.169.254", [], []),
        (
            "never_reaches: [169.254.169.254, 'fd00:ec2::254']",
            [Rule("*", "169.254.169.254", tcp(80))],
            ["never_reaches[0]: shop/db reaches 169.254.169.254 on tcp/80"],
        ),
        (
            "never_reaches: [{to: {service: web}, ports: [tcp/22]}, {to: host, ports: tcp}]",
            [Rule("*", "*", tcp(22))],
            [
                "never_reaches[0]: shop/db reaches shop/web on tcp/22",
                "never_reaches[1]: shop/db reaches host on tcp/22",
            ],
        ),
        ("never_reaches: [{to: {service: web}, ports: [tcp/22]}]", [Rule("*", "*", tcp(23))], []),
        (
            "never_reaches: [{from: internet, to: {name: '*'}, ports: [tcp/22]}]",
            [Rule("internet", "batch/job", tcp(22))],
            ["never_reaches[0]: internet reaches batch/job on tcp/22"],
        ),
    ],
)
def test_never_reaches(flows: str, rules: list[Rule], expected: list[str]) -> None:
    assert lines(judged(flows, *rules)) == expected


@pytest.mark.parametrize(
    ("flows", "rules", "expected"),
    [
        ("must_reach: [{to: {service: web}, ports: [tcp/80]}]", [Rule("*", "*", tcp(80))], []),
        (
            "must_reach: [{to: {service: web}, ports: [tcp/80, tcp/443]}]",
            [Rule("*", "*", tcp(80))],
            ["must_reach[0]: shop/db does not reach shop/web on tcp/443"],
        ),
        ("must_reach: [{to: {service: web}}]", [Rule("*", "shop/web", tcp(1))], []),
        ("must_reach: [{to: {service: web}}]", [], ["must_reach[0]: shop/db does not reach shop/web on everything"]),
        (
            "must_reach: [{to: {service: web}, ports: [tcp/80]}]",
            [Rule("*", "*", tcp(80), "unknown")],
            ["must_reach[0]: perhaps shop/db may not reach shop/web on tcp/80"],
        ),
        (
            "must_reach: [{to: {service: cache}, ports: [tcp/80]}]",
            [OPEN],
            ["must_reach[0]: perhaps there is no service cache in stand-in"],
        ),
        ("must_reach: [{to: {service: db}}]", [], []),  # the target itself
        (
            "must_reach: [{from: {name: job}, to: {service: web}, ports: [tcp/80]}]",
            [],
            ["must_reach[0]: batch/job does not reach shop/web on tcp/80"],
        ),
    ],
)
def test_must_reach(flows: str, rules: list[Rule], expected: list[str]) -> None:
    assert lines(judged(flows, *rules)) == expected


def test_what_is_not_known_may_violate_and_what_is_known_does() -> None:
    unsure = Rule("shop/web", "*", tcp(22), "unknown")
    (breach,) = judged("accepts_only: []", unsure)
    assert (breach.surely, breach.why) == (False, "a mark decides")
    (both,) = judged("accepts_only: []", unsure, Rule("batch/job", "*", tcp(23)))
    assert (both.surely, told(both)) == (True, "batch/job reaches shop/db on tcp/23")
    (never,) = judged("never_reaches: [{to: {service: web}}]", Rule("*", "*", tcp(22), "unknown"))
    assert (never.surely, never.why) == (False, "a mark decides")


def test_a_decision_that_takes_too_much_is_none() -> None:
    (breach,) = judged("accepts_only: []", Rule("shop/web", "*", {}, "budget"))
    assert (breach.surely, breach.why) == (False, "takes more than 10 nodes")
    (must,) = judged("must_reach: [{to: {service: web}, ports: [tcp/80]}]", Rule("*", "*", {}, "budget"))
    assert not must.surely


@pytest.mark.parametrize(
    ("ports", "shown"), [(((0, 65535),), 80), (((0, 79), (443, 443)), 443), (((0, 9),), 1), (((0, 0),), 0)]
)
def test_a_breach_is_shown_by_a_port_that_is_known_or_can_be_connected_to(
    ports: tuple[tuple[int, int], ...], shown: int
) -> None:
    (breach,) = judged("accepts_only: []", Rule("shop/web", "*", {"tcp": ports}))
    assert breach.explanation is not None
    assert breach.explanation.packet is not None
    assert breach.explanation.packet.dport == shown
    assert [step.text for step in breach.explanation.path] == ["-j ALLOW"]


def test_a_network_is_asked_for_its_places_once() -> None:
    """However many there are: asking for each of them again takes the square of them, for each that is judged."""
    places = [Place(f"p{number}", "pod", ipv4=at(f"10.0.{number}.1")) for number in range(50)]
    network = _Counting([*places, INTERNET], [])
    assert len(judge(intents(section("from: outside\naccepts_only: []")), places[0], network)) == 0
    assert network.asked == 1


class _Counting(StandIn):
    asked = 0

    def places(self) -> Sequence[Place]:
        self.asked += 1
        return super().places()
