"""Ports as they are written and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.commands.firewall.ports import as_data, only, parsed, words
from policyengine.errors import UsageError
from policyengine.firewall.reach import PORTS
from tests.commands.firewall.standing_in import ALL

if TYPE_CHECKING:
    from policyengine.firewall.intervals import Intervals

WRITTEN: dict[str, tuple[str, int | None]] = {
    "tcp/5432": ("tcp", 5432),
    "UDP/53": ("udp", 53),
    "5432": ("tcp", 5432),
    "sctp/0": ("sctp", 0),
    "tcp/65535": ("tcp", 65535),
    "icmp": ("icmp", None),
}
WRONG = {
    "tcp": "which port of tcp?",
    "icmp/8": "icmp has no ports",
    "tpc/22": 'did you mean "tcp"?',
    "tcp/65536": "ports end at 65535",
    "99999": "ports end at 65535",
    "gre": None,
    "tcp/https": None,
    "tcp/22,80": None,
    "": None,
    "\u0662\u0662": None,
}
TOLD: list[tuple[dict[str, Intervals], str]] = [
    ({"udp": ((53, 53),), "tcp": ((80, 80), (443, 443), (8000, 8010))}, "tcp/80,443,8000-8010 udp/53"),
    ({"tcp": PORTS}, "all tcp"),
    ({"tcp": PORTS, "icmp": PORTS}, "all tcp icmp"),
    (ALL, "everything"),
    ({**ALL, "gre": PORTS}, "everything all gre"),
    ({"tcp": ()}, ""),
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written(text: str) -> None:
    assert parsed(text) == WRITTEN[text]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parsed(text)
    assert (raised.value.message, raised.value.hint) == (
        f'--port takes tcp/5432, udp/53 or icmp, not "{text}"',
        WRONG[text],
    )


@pytest.mark.parametrize(("flows", "text"), TOLD, ids=[text for _, text in TOLD])
def test_words(flows: dict[str, Intervals], text: str) -> None:
    assert words(flows) == text


def test_data() -> None:
    flows = {"icmp": PORTS, "tcp": ((80, 80), (8000, 8010)), "udp": ()}
    assert as_data(flows) == {"tcp": ["80", "8000-8010"], "icmp": []}


def test_only() -> None:
    assert only(ALL, "tcp", 22) == {"tcp": ((22, 22),)}
    assert only(ALL, "icmp", None) == {"icmp": PORTS}
    assert only({"tcp": ((80, 80),)}, "tcp", 22) == {}
