"""Many exceptions: each finding is held against those that may be for it only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from policyengine.exceptions.applying import Exceptions, Grant
from policyengine.exceptions.waivers import Waiver
from policyengine.model.location import Location
from policyengine.model.report import Finding, Place, ResourceRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest


def waiver(number: int, *names: str, until: str = "2999-01-01") -> Waiver:
    return Waiver(("privileged",), f"reason {number}", until, Location("w.yaml", number, 1), names)


def finding(name: str) -> Finding:
    resource = ResourceRef("container", name, "compose", "compose:a", f"service/{name}")
    places = (Place(Location("compose.yaml", 1, 1, 1, 1)),)
    return Finding("privileged", "fail", "high", "runtime", "", "", resource, places, "f")


def resolve(names: Sequence[str]) -> Mapping[str, frozenset[str] | None]:
    return dict.fromkeys(names)


def exceptions(*waivers: Waiver) -> Exceptions:
    found = Exceptions({"privileged"})
    found.add(waivers, resolve, date(2027, 1, 1))
    return found


def test_the_first_that_holds_is_told() -> None:
    waivers = (
        waiver(1, "web", until="2020-01-01"),
        waiver(2, "we?"),
        waiver(3, "service/web", "web"),
        waiver(4, "api", until="2020-01-01"),
    )
    found = exceptions(*waivers)
    web, api, other = (found.applied(finding(name)) for name in ("web", "api", "other"))
    assert web.exemption is not None
    assert api.exemption is not None
    assert (web.status, web.exemption.reason) == ("waived", "reason 2")
    assert (api.status, api.exemption.reason) == ("fail", "reason 4")
    assert (other.status, other.exemption) == ("fail", None)
    told = [(notice.kind, notice.line) for notice in found.told(lambda _: True)]
    assert told == [("expired", 1), ("expired", 4)]


def test_each_finding_is_held_against_few(monkeypatch: pytest.MonkeyPatch) -> None:
    found = exceptions(*(waiver(number, f"service/s{number}") for number in range(1000)))
    asked: list[str] = []
    fits = Grant.fits

    def counted(one: Grant, of: Finding) -> bool:
        asked.append(of.resource.name)
        return fits(one, of)

    monkeypatch.setattr(Grant, "fits", counted)
    assert [found.applied(finding(f"s{number}")).status for number in range(1000)] == ["waived"] * 1000
    assert len(asked) == 1000
