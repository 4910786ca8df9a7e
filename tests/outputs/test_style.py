from __future__ import annotations

import os
import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyengine.model.report import SEVERITIES, STATUSES
from policyengine.outputs.style import Style, file_uri, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("naïve 漢字 🐳", "naïve 漢字 🐳"),
        ("no\u00a0break", "no\u00a0break"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
        ("\x00\x7f\x85", "\\x00\\x7f\\x85"),
        ("a\u202eb\u2066c\u2069\u200f", "a\\u202eb\\u2066c\\u2069\\u200f"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("bad\udcff", "bad\\udcff"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.text(st.characters()))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    shown.encode()
    assert len(shown.splitlines()) <= 1


def test_every_severity_and_status_that_is_shown_has_a_look() -> None:
    for look in {*SEVERITIES, *STATUSES} - {"fail", "not_applicable"}:
        painted = Style(colour=True).paint("x", look)
        assert re.fullmatch(r"\x1b\[(1;)?38;5;\d+mx\x1b\[0m", painted)


def test_no_colour() -> None:
    assert Style().paint("x", "critical") == "x"
    assert Style(colour=True).paint("x", "no such look") == "x"


BACKGROUNDS = {
    "xterm": "#ffffff",
    "xterm, reversed, and VGA": "#000000",
    "Solarized light": "#fdf6e3",
    "Solarized dark": "#002b36",
    "GNOME light": "#ffffff",
    "GNOME dark": "#171421",
    "VS Code dark": "#1e1e1e",
}
"""What terminals write on, as they come."""

STANDARD = {"xterm": ("#cdcd00", "#ffffff"), "VGA": ("#0000aa", "#000000")}
"""A colour and a background of the 16 that terminals have their own values of."""


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-relative-luminance"""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio"""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def value(number: int) -> str:
    """A colour of xterm's cube of 6 x 6 x 6, whose values terminals have in common: its 256colres.h."""
    steps = (0, 95, 135, 175, 215, 255)
    index = number - 16
    return "#" + "".join(f"{steps[part]:02x}" for part in (index // 36, index // 6 % 6, index % 6))


@pytest.mark.parametrize("background", BACKGROUNDS.values(), ids=BACKGROUNDS)
def test_every_colour_can_be_read_on_dark_and_on_light_terminals(background: str) -> None:
    """3:1 is what WCAG 2.1 (1.4.11) asks of what is understood without colour too, as the words here are."""
    looks = [*SEVERITIES, "unknown", "error", "waived", "pass", "good", "frame"]
    codes = {look: re.findall(r"38;5;(\d+)m", Style(colour=True).paint("x", look)) for look in looks}
    ratios = {look: contrast(value(int(number)), background) for look, (number,) in codes.items()}
    assert {look: ratio for look, ratio in ratios.items() if ratio < 3} == {}


def test_the_colours_that_terminals_choose_cannot_be_read_everywhere() -> None:
    assert [round(contrast(*pair), 1) for pair in STANDARD.values()] == [1.7, 1.6]


LINKED = Style(colour=True, links="/home/me/a b")


def test_a_link() -> None:
    host = quote(os.uname().nodename, safe="")
    uri = f"file://{host}/home/me/a%20b/deploy/compose.yaml"
    assert LINKED.link("x", "deploy/compose.yaml") == f"\x1b]8;;{uri}\x1b\\x\x1b]8;;\x1b\\"
    assert LINKED.link("x", "/etc/a.yaml") == f"\x1b]8;;file://{host}/etc/a.yaml\x1b\\x\x1b]8;;\x1b\\"


@pytest.mark.parametrize("path", ["", "-", "docker://local/container/web"])
def test_what_is_no_file_is_no_link(path: str) -> None:
    assert LINKED.link("x", path) == "x"
    assert Style(colour=True).link("x", "a.yaml") == "x"


@given(st.binary(max_size=20))
def test_no_name_of_a_file_ends_an_escape_sequence(name: bytes) -> None:
    path = os.fsdecode(b"/" + name)
    uri = file_uri(path)
    assert re.fullmatch(r"file://[A-Za-z0-9%_.~-]+(/[A-Za-z0-9%_.~/-]*)", uri)
    assert os.fsdecode(unquote_to_bytes(uri.removeprefix("file://").partition("/")[2])) == path[1:]
