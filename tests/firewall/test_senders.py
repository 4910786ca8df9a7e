"""Of senders that rules do not tell apart one is asked about; the answer is what each would get by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.firewall import deciding, decisions
from policyengine.firewall.decisions import Decisions
from policyengine.firewall.host import UNKNOWN_HOST, host_address
from policyengine.firewall.iptables import read
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import Ruleset
from tests.firewall.random_rules import ADDRESSES, HOST, Making

if TYPE_CHECKING:
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.packets import Path
    from policyengine.firewall.rules import Field

OTHERS = ("0.0.0.0", "10.0.0.200", "10.0.0.255", "192.0.2.77", "198.51.100.7", "224.0.0.1", "255.255.255.255")
SENDERS = sorted(
    {*(one + by for one in ADDRESSES for by in (-1, 0, 1)), *(host_address(text).address for text in OTHERS)}
)


def from_(sender: int, path: Path, reached: int, into: str | None = None) -> Query:
    sent: dict[Field, Intervals] = {"source": ((sender, sender),)}
    return Query(4, path, sent, {"destination": ((reached, reached),)}, (into,) if into else None)


@pytest.mark.parametrize("path", ["forward", "input"])
@pytest.mark.parametrize("seed", range(60))
def test_the_answer_is_what_each_would_get_by_itself(seed: int, path: Path) -> None:
    made = Making(seed)
    ruleset, host, reached = made.ruleset(), made.host() or UNKNOWN_HOST, made.random.choice(ADDRESSES)
    into = made.random.choice((None, "eth0", "eth1"))
    together = Decisions(ruleset, host)
    for sender in SENDERS:
        query = from_(sender, path, reached, into)
        assert together.flows(query) == Decisions(ruleset, host).flows(query)


def test_one_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "*filter\n:FORWARD DROP\n-A FORWARD -s 10.0.0.64/26 -p tcp --dport 80 -j ACCEPT\nCOMMIT\n"
    asked: list[Query] = []

    def decide(ruleset: Ruleset, host: object, query: Query, **known: Any) -> object:
        asked.append(query)
        return deciding.decide(ruleset, HOST, query, **known)

    monkeypatch.setattr(decisions, "decide", decide)
    together = Decisions(Ruleset(tuple(read(text, "rules.v4", 4))), HOST)
    senders = [host_address(f"10.0.0.{last}").address for last in range(10, 250)]
    to = host_address("192.0.2.9").address
    found = [together.flows(from_(sender, "forward", to)) for sender in senders]
    inside = range(64, 128)
    ports = [{"tcp": ((80, 80),)} if last in inside else {} for last in range(10, 250)]
    assert [flows.allowed for flows in found] == ports
    assert [query.sent["source"][0][0] & 255 for query in asked] == [10, 64]
