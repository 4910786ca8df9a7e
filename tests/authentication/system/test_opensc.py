"""What opensc.conf says of smart cards."""

from __future__ import annotations

import pytest

from policyengine.authentication.files import Given, Something
from policyengine.authentication.system.opensc import Cards, cards
from policyengine.model.unknown import Unknown

PATH = "/etc/opensc.conf"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Cards(PATH, None, None)),
        ("app default {\n card_drivers = default;\n}", Cards(PATH, ("default",), None)),
        ('app default { card_drivers = cac, "piv"; force_card_driver = cac; }', Cards(PATH, ("cac", "piv"), "cac")),
        ("app default { # card_drivers = cac;\n}", Cards(PATH, None, None)),
        ("app other { card_drivers = cac; }", Cards(PATH, None, None)),
        ("app default { card_driver x { card_drivers = cac; } }", Cards(PATH, None, None)),
        ("app default { card_driver x { a = b; } force_card_driver = y; }", Cards(PATH, None, "y")),
        ("app default { card_drivers = a; card_drivers = b; }", Cards(PATH, ("b",), None)),
        ('} } { ; = , " app default {', Cards(PATH, None, None)),
    ],
)
def test_cards(text: str, expected: Cards) -> None:
    assert cards(Given({PATH: text})) == expected


def test_no_file_another_file_and_an_unreadable_one() -> None:
    gone = Unknown("/x", "it cannot be read")
    assert cards(Given({})) is None
    assert cards(Given({PATH: gone})) == gone
    files: dict[str, Something] = {"/etc/opensc-x86_64.conf": "app default { card_drivers = a; }"}
    assert cards(Given(files)) == Cards("/etc/opensc-x86_64.conf", ("a",), None)
