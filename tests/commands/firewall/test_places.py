"""Places by what people call them."""

from __future__ import annotations

import pytest

from policyengine.commands.firewall.places import place, senders
from policyengine.errors import UsageError
from policyengine.firewall.reach import Place
from tests.commands.firewall.standing_in import Written

NETWORK = Written("cluster prod", ("shop/web", "shop/db", "blog/db", "internet"), {})
OFFICE = Place("office", "zone", ipv4=((1, 2),))


@pytest.mark.parametrize(
    ("text", "name"), [("shop/db", "shop/db"), ("web", "shop/web"), ("internet", "internet"), ("office", "office")]
)
def test_by_name(text: str, name: str) -> None:
    assert place(text, NETWORK, [OFFICE]).name == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.0/8", Place("10.0.0.0/8", "zone", ipv4=((10 << 24, (11 << 24) - 1),), ipv6=())),
        ("0.0.0.1", Place("0.0.0.1", "zone", ipv4=((1, 1),), ipv6=())),
        ("::1", Place("::1", "zone", ipv4=(), ipv6=((1, 1),))),
        ("::/0", Place("::/0", "zone", ipv4=(), ipv6=((0, 2**128 - 1),))),
    ],
)
def test_by_address(text: str, expected: Place) -> None:
    assert place(text, NETWORK, []) == expected


WRONG = {
    "db": 'several places are called "db" (blog/db, shop/db)',
    "shop/wbe": 'no place of cluster prod is called "shop/wbe" (did you mean "shop/web"?)',
    "10.0.0.0/33": 'no place of cluster prod is called "10.0.0.0/33" (there are blog/db, internet, office, outside, '
    "shop/db, shop/web; an address or a network such as 10.0.0.0/8 is one)",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        place(text, NETWORK, [OFFICE])
    assert str(raised.value) == WRONG[text]


def test_services_send_nothing() -> None:
    places = [Place("shop/web", "pod"), Place("shop/service/web", "service"), Place("nodes", "host")]
    assert [one.name for one in senders(places)] == ["shop/web", "nodes"]


def test_of_many_places_some_are_listed() -> None:
    many = Written("n", [f"pod-{number:02}" for number in range(20)], {})
    with pytest.raises(UsageError, match=r"there are internet, outside, pod-00, .*, pod-05 and 14 more; an address"):
        place("zzz", many, [])
