from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import Notice, Place, Problem
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.style import visible

from .gate import EXPIRED, GATE, many
from .reports import (
    CLEAN,
    EMPTY,
    EVERYTHING,
    LIVE,
    PASSED,
    PORT,
    PRIVILEGED,
    SIDECAR,
    USER,
    WAIVED,
    report,
    whole,
)
from .runner import Command, commands, faults

if TYPE_CHECKING:
    from pathlib import Path

render = whole("github")
QUIET = RenderOptions(quiet=True)

EVIL = [
    "\n::set-output name=x::y",
    "\r::add-mask::the",
    "::stop-commands::x",
    "##[add-mask]the",
    "##[set-env name=PATH;]x\n##[error]y",
    "a,file=other.yaml,line=1::b",
    "100%25 %0A::error::x",
    "\x1b[31m\u202e",
    "%",
    ":",
    ",",
    "]",
    "\u2028::warning::x",
]


def test_everything() -> None:
    assert render(EVERYTHING).splitlines() == [
        "::error file=compose.yaml,line=4,endLine=4,col=17,endColumn=21,title=critical%3A privileged"
        "::web runs privileged%0ARemove privileged: true.",
        "::error file=compose.yaml,line=9,endLine=9,col=5,title=error%3A memory-limit::memory is a list, not a number",
        "::error file=broken.yaml,line=7,endLine=7,col=3,title=error::mapping values are not allowed here",
        "::error title=error::the engine does not answer",
        "::error file=compose.yaml,line=12,endLine=12,col=9,endColumn=20,title=high%3A bind-all-interfaces"
        "::web publishes 8080 on every interface%0Arelated: other.yaml:3:1",
        "::warning file=deploy.yaml,line=14,endLine=16,title=unknown"
        "::image.user of 2 containers (run-as-uid-0, user-missing): the image nginx:1.25 decides"
        "%0Ato settle it: --resolve engine",
        "::warning file=deploy.yaml,line=14,endLine=16,title=unknown"
        "::related.pod_disruption_budgets of 1 workload (pdb-missing): "
        "a single file does not show all of its namespace",
        "::notice title=warning(low)%3A readonly-rootfs"
        "::docker://local/container/web: web can write to its root file system"
        "%0ARun it with --read-only.%0AGive it a tmpfs where it has to write.",
        "3 violations (1 critical, 1 high, 1 low; 1 warning), 4 unknown, 3 errors, 1 waived in 3 inputs (1 skipped); "
        "12 resources, 7 policies, 0.4 s",
    ]


def test_nothing_is_a_summary_or_with_quiet_nothing() -> None:
    assert render(CLEAN) == "No violations. 3 inputs, 12 resources, 1 policy, 0.4 s\n"
    assert render(CLEAN, QUIET) == render(EMPTY, QUIET) == ""


def test_what_is_waived_or_passed_is_no_command() -> None:
    assert commands(render(report(WAIVED, PASSED), RenderOptions(all=True))) == []


def test_what_the_runner_understands() -> None:
    (violation,) = commands(render(report(PRIVILEGED)))
    assert violation == Command(
        "error",
        {
            "file": "compose.yaml",
            "line": "4",
            "endLine": "4",
            "col": "17",
            "endColumn": "21",
            "title": "critical: privileged",
        },
        "web runs privileged\nRemove privileged: true.",
    )
    assert len(commands(render(EVERYTHING))) == len(render(EVERYTHING, QUIET).splitlines()) == 8


def test_levels() -> None:
    def level(**changes: object) -> str:
        (command,) = commands(render(replace(report(PORT), **changes)))
        return command.name

    low = [replace(PORT, severity="low", enforcement="warn")]
    assert level() == "error"
    assert level(fail_on="critical") == "warning"
    assert level(findings=[replace(PORT, enforcement="warn")]) == "warning"
    assert level(findings=low) == "notice"
    assert level(findings=[USER]) == "warning"
    assert level(findings=[USER], unknown="fail") == "error"
    assert render(replace(report(USER), unknown="ignore"), QUIET) == ""


def test_unknowns_that_fail_the_run_are_told_each_in_its_place() -> None:
    found = commands(render(replace(report(USER, SIDECAR), unknown="fail")))
    assert [(one.properties["line"], one.properties["title"]) for one in found] == [
        ("14", "unknown: run-as-uid-0"),
        ("17", "unknown: run-as-uid-0"),
    ]
    assert found[0].data == "app may run as root (image.user; --resolve engine)"


def test_notices_and_what_expired() -> None:
    found = commands(render(GATE))
    assert [(one.name, one.span[:2], one.data) for one in found if "exception" in one.properties["title"]] == [
        ("warning", ("waivers.yaml", "9"), "the waiver of privileged for db lets nothing pass"),
        ("warning", (None, None), "annotations of live objects do not count"),
    ]
    (expired,) = commands(render(report(EXPIRED)))
    assert expired.data.split("\n")[2] == "expired: comment at compose.yaml:11:5, until 2026-01-01: behind a firewall"


def test_the_worst_come_first() -> None:
    found = commands(render(many()))
    levels = [(level, len(list(group))) for level, group in groupby(one.name for one in found)]
    assert levels == [("error", 7714), ("warning", 716), ("notice", 571)]
    first = [one.properties["title"].partition(":")[0] for one in found[:7714]]
    assert [severity for severity, _ in groupby(first)] == ["critical", "high", "medium", "low", "info"]
    assert [one.properties["title"].partition(":")[0] for one, _ in groupby(found)][-1] == "warning(info)"


def test_more_than_github_shows_is_said() -> None:
    ten = [replace(PRIVILEGED, fingerprint=str(number)) for number in range(10)]
    assert len(render(report(*ten)).splitlines()) == 11
    assert render(report(*ten, PORT)).splitlines()[-1] == (
        "GitHub shows only 10 of the 11 errors beside the code; all are in this log."
    )
    assert render(many()).splitlines()[-1].startswith("GitHub shows only 10 of the 7714 errors, ")


@pytest.mark.parametrize(
    ("place", "span"),
    [
        (Location("a", 3), ("a", "3", "3", None, None)),
        (Location("a", 3, 5), ("a", "3", "3", "5", None)),
        (Location("a", 3, 5, 3, 9), ("a", "3", "3", "5", "9")),
        (Location("a", 3, 5, 4, 1), ("a", "3", "3", "5", None)),
        (Location("a", 3, 5, 4, 2), ("a", "3", "4", None, None)),
        (Location("a", 3, 5, 3, 5), ("a", "3", "3", "5", "5")),
        (Location("a"), ("a", None, None, None, None)),
        (Location("-", 3, 5), (None, None, None, None, None)),
        (Location("kubernetes:///shop/pod/web"), (None, None, None, None, None)),
    ],
)
def test_places(place: Location, span: tuple[str | None, ...]) -> None:
    (command,) = commands(render(report(replace(LIVE, places=(Place(place),)))))
    assert command.span == span
    assert faults(command) == []
    assert command.data.startswith("web can" if span[0] else f"{place}: web can")


def test_the_file_is_told_from_the_top_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "deploy").mkdir()
    monkeypatch.chdir(tmp_path / "deploy")
    (command,) = commands(render(report(PRIVILEGED)))
    assert command.properties["file"] == "deploy/compose.yaml"


def hostile(text: str) -> list[Command]:
    """The commands of a report in which a text stands wherever a file can put one."""
    name = f"x{text}"  # the runner drops "=" at the start of a value
    finding = replace(
        PRIVILEGED,
        policy=name,
        message=name,
        remedy=name,
        places=(Place(Location(name, 1, 2, 1, 5)), Place(Location(name))),
    )
    unknown = replace(USER, policy=name, places=finding.places)
    found = replace(
        report(finding, unknown, problems=[Problem(name, name, 1), Problem(name)]),
        notices=(Notice("unused", name, name, 2),),
    )
    return commands(render(found))


@pytest.mark.parametrize("text", EVIL)
def test_no_text_is_a_command(text: str) -> None:
    assert [one.name for one in hostile(text)] == ["error", "error", "error", "warning", "warning"]


@settings(deadline=None)
@given(st.one_of(st.text(st.characters(exclude_characters="/")), st.lists(st.sampled_from(EVIL)).map("".join)))
def test_any_text_comes_back(text: str) -> None:
    shown = visible(f"x{text}")
    violation, problem, lost, notice, unknown = hostile(text)
    for told in (problem, lost, notice):
        assert told.data == shown
    for told in (violation, problem, notice, unknown):
        assert told.properties.get("file", shown) == shown
        assert faults(told) == []
    assert violation.properties["title"] == f"critical: {shown}".strip()
    assert violation.data.startswith(f"{shown}\n")
    assert {*violation.properties} <= {"file", "line", "endLine", "col", "endColumn", "title"}
