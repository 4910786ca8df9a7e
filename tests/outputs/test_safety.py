"""What no format may do, whatever a file holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.provenance import Provenance
from policyengine.model.report import Finding, Place, Problem, Report, ResourceRef, Skipped
from policyengine.model.source_line import SourceLine
from policyengine.model.unknown import Unknown
from policyengine.outputs import formats
from policyengine.outputs.options import RenderOptions

from .reports import report, whole

if TYPE_CHECKING:
    from policyengine.model.report import Status

EVIL = "\x1b]0;x\x07\x9b2J\u202e\udcff\r"
MARKER = "hunter2-marker"
SHOW_VALUES = frozenset({"csv", "full", "html", "json", "junit"})
"""The formats that show a finding's value."""


class Facts(dict[str, object]):
    """Stands for what a reader could hand on by mistake."""

    def __repr__(self) -> str:
        return MARKER


class Handle:
    def __repr__(self) -> str:
        return MARKER


def evil(status: Status) -> Finding:
    return Finding(
        policy=f"p{EVIL}",
        status=status,
        severity="high",
        category=f"c{EVIL}",
        title=f"t{EVIL}",
        message=f"m{EVIL}",
        resource=ResourceRef(f"k{EVIL}", f"n{EVIL}", f"o{EVIL}", f"s{EVIL}", f"p{EVIL}"),
        places=(Place(Location(f"f{EVIL}", 1, 3, 1, 5)), Place(Location(f"g{EVIL}", 2))),
        fingerprint=f"f{EVIL}",
        enforcement="warn",
        field=f"x[{EVIL}]",
        actual={EVIL: [EVIL, Handle(), Facts(a=1)]},
        provenance=Provenance("default", EVIL),
        unknown=Unknown(f"f{EVIL}", f"w{EVIL}", f"s{EVIL}") if status == "unknown" else None,
        witness=f"w{EVIL}",
        controls=({"benchmark": EVIL, "version": EVIL, "id": Handle()},),
        remedy=f"r{EVIL}\n{EVIL}" + "long " * 40,
        excerpt=SourceLine(f"a {EVIL} {EVIL}" * 9, 3, 5),
    )


def hostile() -> Report:
    statuses: tuple[Status, ...] = ("fail", "unknown", "error", "waived", "pass")
    return report(
        *(evil(status) for status in statuses),
        problems=[Problem(f"m{EVIL}", f"p{EVIL}", 1, 1), Problem(f"m{EVIL}")],
        skipped=[Skipped(f"p{EVIL}", f"r{EVIL}")],
    )


@pytest.mark.parametrize("name", sorted(formats()))
@pytest.mark.parametrize("width", [1, 40, 300])
def test_no_format_hands_a_control_character_on(name: str, width: int) -> None:
    text = whole(name)(hostile(), RenderOptions(width=width, verbose=True, all=True))
    assert text.replace("\r\n", "\n").replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["in-toto", "json", "oscal", "sarif"])
def test_what_is_for_programs_is_strict_json(name: str) -> None:
    json.loads(whole(name)(hostile(), RenderOptions(all=True)), parse_constant=pytest.fail)


@pytest.mark.parametrize("name", sorted(formats()))
def test_no_format_shows_how_python_writes_an_object(name: str) -> None:
    text = whole(name)(hostile(), RenderOptions(width=9999, verbose=True, all=True))
    assert MARKER not in text
    assert not [name for name in ("Finding(", "ResourceRef(", "Unknown(", "Location(", "object at 0x") if name in text]


@pytest.mark.parametrize("name", sorted(formats()))
def test_what_is_masked_stays_masked(name: str) -> None:
    finding = replace(
        evil("fail"),
        actual={"DB_PASSWORD": "****"},
        excerpt=SourceLine('DB_PASSWORD: "****"', 14, 20),
        message="web has a secret",
        controls=(),
    )
    text = whole(name)(report(finding), RenderOptions(verbose=True, all=True, width=300))
    assert ("web has a secret" in text) == (name != "in-toto")  # which names policies only
    assert ("****" in text) == (name in SHOW_VALUES)
