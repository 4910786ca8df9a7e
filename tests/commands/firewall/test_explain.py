"""What becomes of a connection: whole texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.firewall.explain import Explained, as_json, as_text, explain
from policyengine.commands.firewall.places import place
from policyengine.commands.firewall.ports import parsed
from policyengine.firewall.reach import Explanation, Packet, Step
from policyengine.model.location import Location
from tests.commands.firewall.standing_in import SHOP, Endless, Written

if TYPE_CHECKING:
    from collections.abc import Sequence


def told(source: str, target: str, port: str | None = None, network: Written = SHOP) -> Explained:
    ends = [place(name, network, ()) for name in (source, target)]
    return explain(network, ends[0], ends[1], parsed(port) if port else None)


TEXTS: Sequence[tuple[tuple[str, str, str | None], str]] = (
    (
        ("web-1", "db", "tcp/5432"),
        "allowed  web-1 -> db  tcp/5432  (shop)\n"
        "  witness  NEW tcp 198.51.100.7:40000 -> 172.18.0.2:5432  in eth0  out br-1\n"
        "  path     rules.v4:7  -A FORWARD -p tcp -j ACCEPT\n",
    ),
    (
        ("db", "web-1", "tcp/80"),
        "denied  db -> web-1  tcp/80  (shop)\n  path     rules.v4:3  :FORWARD DROP  (drops by policy)\n",
    ),
    (
        ("internet", "db", "22"),
        "unknown  internet -> db  tcp/22  (shop)\n"
        "  witness  NEW tcp 198.51.100.7:40000 -> 172.18.0.2:22  in eth0  out br-1\n"
        "  path     rules.v4:7  -A FORWARD -p tcp -j ACCEPT\n"
        "  why      whether the set admins has the sender\n",
    ),
    (("internet", "web-2", None), "allowed  internet -> web-2  (shop)\n  reaches  tcp/80,443\n"),
    (
        ("internet", "db", None),
        "unknown  internet -> db  (shop)\n"
        "  reaches  nothing\n"
        "  may      tcp/22\n"
        "  why      whether the set admins has the sender\n",
    ),
    (("cache", "db", None), "denied  cache -> db  (shop)\n  reaches  nothing\n"),
)


@pytest.mark.parametrize(("asked", "text"), TEXTS, ids=[" ".join(map(str, asked)) for asked, _ in TEXTS])
def test_as_text(asked: tuple[str, str, str | None], text: str) -> None:
    assert as_text(told(*asked)) == text


def test_whose_rules_decide_is_said() -> None:
    live = Written("docker://local", ("a", "b"), {})
    live.rules = "live rules"
    found = told("a", "b", None, live)
    assert as_text(found) == "denied  a -> b  (docker://local, live rules)\n  reaches  nothing\n"
    assert json.loads(as_json(found))["rules"] == "live rules"


@pytest.mark.parametrize("port", ["tcp/1", None])
def test_what_cannot_be_decided_is_unknown(port: str | None) -> None:
    found = told("a", "b", port, Endless("deep", ("a", "b"), {}))
    assert found.verdict == "unknown"
    assert "  why      more than 1,000,000 steps\n" in as_text(found)


def test_ipv6_and_what_is_hostile_or_secret() -> None:
    packet = Packet(6, "tcp", "2001:db8::1", "2001:db8::2", 40000, 443)
    steps = (
        Step(Location("a\x1b[2J.rules", 1), "-m comment --comment password=hunter2", "goes on"),
        Step(None, "the policy of FORWARD", "drop"),
    )
    text = as_text(Explained("n", "a\nb", "c", Explanation("denied", packet, steps, set_="dport 443"), ("tcp", 443)))
    assert text == (
        "denied  a\\nb -> c  tcp/443  (n)\n"
        "  witness  NEW tcp [2001:db8::1]:40000 -> [2001:db8::2]:443\n"
        "  path     a\\x1b[2J.rules:1  -m comment --comment password=****  (goes on)\n"
        "           the policy of FORWARD  (drop)\n"
        "  set      dport 443\n"
    )


def test_as_json_of_a_port() -> None:
    assert json.loads(as_json(told("web-1", "db", "tcp/5432"))) == {
        "version": 1,
        "network": "shop",
        "rules": None,
        "from": "web-1",
        "to": "db",
        "verdict": "allowed",
        "protocol": "tcp",
        "port": 5432,
        "why": [],
        "witness": {
            "family": 4,
            "protocol": "tcp",
            "source": "198.51.100.7",
            "destination": "172.18.0.2",
            "source_port": 40000,
            "destination_port": 5432,
            "in": "eth0",
            "out": "br-1",
            "card": None,
            "icmp_type": None,
        },
        "path": [{"path": "rules.v4", "line": 7, "text": "-A FORWARD -p tcp -j ACCEPT", "does": "accepts"}],
        "set": None,
        "apart": None,
    }


def test_as_json_of_all() -> None:
    assert json.loads(as_json(told("internet", "db"))) == {
        "version": 1,
        "network": "shop",
        "rules": None,
        "from": "internet",
        "to": "db",
        "verdict": "unknown",
        "allowed": {},
        "unknown": {"tcp": ["22"]},
        "why": ["whether the set admins has the sender"],
        "apart": None,
    }
