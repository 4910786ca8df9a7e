"""What is told while an engine is watched, whole: for people and for programs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from policyengine.model.happening import Found, Happening, Noted, Watched
from policyengine.model.location import Location
from policyengine.model.report import Finding, Place, Problem, ResourceRef
from policyengine.outputs import formats
from policyengine.outputs.happenings import for_people, for_programs, is_told
from policyengine.outputs.options import RenderOptions

from .reports import PRIVILEGED, USER, report

URL = "docker://local/container/web"
LIVE = {"resource": ResourceRef("container", "web", "docker", "docker:local"), "places": (Place(Location(URL)),)}
ROOT = replace(PRIVILEGED, **LIVE, excerpt=None)
OPEN = replace(USER, **LIVE, excerpt=None)
WHEN = 1795746983.25
CLOCK = time.strftime("%H:%M:%S", time.localtime(WHEN))


def found(*findings: Finding, new: tuple[Finding, ...] = (), gone: tuple[Finding, ...] = (), **more: Any) -> Found:
    told: dict[str, Any] = {"why": ("start",), "first": False, **more}
    container = Watched("4db2", "web", URL, "nginx:1.27")
    return Found(WHEN, container, told["why"], 0.0214, report(*findings), new, gone, told["first"])


def people(happening: Happening, form: str = "text", **options: Any) -> list[str]:
    return "".join(for_people(happening, formats()[form], RenderOptions(**options))).splitlines()


def test_a_container_that_starts() -> None:
    assert people(found(ROOT, OPEN, new=(ROOT, OPEN), first=True)) == [
        f"{CLOCK} {URL} started: 1 violation (1 critical), 1 unknown",
        f"{URL}: critical privileged web runs privileged",
        f"{URL}: unknown run-as-uid-0 app may run as root (image.user; --resolve engine)",
    ]


def test_one_that_starts_again_as_it_was() -> None:
    assert people(found(ROOT)) == [f"{CLOCK} {URL} started: 1 violation (1 critical); as before"]


def test_one_that_is_changed() -> None:
    assert people(found(OPEN, new=(OPEN,), gone=(ROOT,), why=("update", "connect"))) == [
        f"{CLOCK} {URL} changed (update, connect): 1 unknown; 1 new, 1 gone",
        f"{URL}: unknown run-as-uid-0 app may run as root (image.user; --resolve engine)",
        f"{URL}: gone privileged web runs privileged",
    ]


def test_for_a_terminal() -> None:
    assert people(found(ROOT, new=(ROOT,), first=True), "full") == [
        f"{CLOCK} {URL} started: 1 violation (1 critical)",
        "critical[privileged]: web runs privileged",
        f" --> {URL}",
        "  = resource: container/web (docker:local)",
        "  = actual: privileged = true",
        "  = help: Remove privileged: true.",
    ]
    painted = people(found(gone=(ROOT,)), "full", colour=True)
    assert painted == [
        f"{CLOCK} \x1b[1m{URL} started\x1b[0m: no violations; 1 gone",
        f"{URL}: \x1b[1;38;5;28mgone\x1b[0m privileged web runs privileged",
    ]


def test_what_a_container_is_called_does_not_steer_the_terminal() -> None:
    evil = replace(found(), container=Watched("1", "x", f"{URL}\x1b[2J\n", ""))
    assert people(evil) == [f"{CLOCK} {URL}\\x1b[2J\\n started: no violations; as before"]
    assert people(Noted(WHEN, "ended", "a\x1bb")) == [f"{CLOCK} a\\x1bb"]


@pytest.mark.parametrize(
    ("happening", "usually", "quietly", "verbosely"),
    [
        (found(first=True), True, True, True),
        (found(), True, False, True),
        (found(ROOT, new=(ROOT,)), True, True, True),
        (found(why=("look",)), False, False, False),
        (found(why=("settings",), gone=(ROOT,)), True, True, True),
        (Noted(WHEN, "watching", "x"), True, False, True),
        (Noted(WHEN, "vanished", "x", detail=True), False, False, True),
        (Noted(WHEN, "lost", "x", failed=True), True, True, True),
    ],
)
def test_what_is_told(happening: Happening, usually: bool, quietly: bool, verbosely: bool) -> None:
    assert is_told(happening, RenderOptions()) == usually
    assert is_told(happening, RenderOptions(quiet=True)) == quietly
    assert is_told(happening, RenderOptions(verbose=True)) == verbosely


def test_what_is_looked_at_and_violates_nothing_is_passed_over_for_people() -> None:
    assert people(found(why=("look",), first=True)) == []
    assert people(found(ROOT, new=(ROOT,), why=("look",), first=True))[0].endswith("runs: 1 violation (1 critical)")


SCHEMA = Draft202012Validator(json.loads(Path("schemas/watch-event.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "happening",
    [
        found(ROOT, OPEN, new=(ROOT,), gone=(OPEN,)),
        replace(found(), report=report(problems=[Problem("the engine answers: no", URL)])),
        Noted(WHEN, "watching", "watching docker://local", {"running": 3, "violating": 1, "after": 1.5}),
        Noted(WHEN, "stopped", "stopped", {"exit_code": 1}),
        Noted(WHEN, "remedy", "web: replaced", {"container": {"name": "web"}, "result": "replaced"}),
    ],
)
def test_for_programs_it_is_one_line_of_the_schema(happening: Happening) -> None:
    line = for_programs(happening)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert line.isascii()
    SCHEMA.validate(json.loads(line))


def test_a_report_for_programs() -> None:
    told = json.loads(for_programs(found(ROOT, new=(ROOT,), gone=(OPEN,))))
    findings, gone = told.pop("findings"), told.pop("gone")
    assert told == {
        "version": 1,
        "event": "judged",
        "time": "2026-11-27T02:36:23.250Z",
        "container": {"id": "4db2", "name": "web", "url": URL, "image": "nginx:1.27"},
        "why": ["start"],
        "seconds": 0.021,
        "exit_code": 1,
        "first": False,
        "new": ["f1"],
        "problems": [],
        "notices": [],
    }
    whole = json.loads("".join(formats()["json"].render(report(ROOT, OPEN))))["findings"]
    assert [*findings, *gone] == [*whole[:1], *gone]
    assert [one["policy"] for one in gone] == ["run-as-uid-0"]


def test_what_is_no_event_is_not_of_the_schema() -> None:
    for wrong in ({"event": "judged"}, {"event": "born", "message": "x"}, {"event": "lost"}):
        assert list(SCHEMA.iter_errors({"version": 1, "time": "x", **wrong}))
