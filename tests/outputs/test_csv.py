from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.provenance import ABSENT
from policyengine.model.report import Place
from policyengine.outputs.csv import COLUMNS
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
    USER,
    WAIVED,
    report,
    whole,
)

if TYPE_CHECKING:
    from policyengine.model.report import Finding, Report

render = whole("csv")
HEADER = (
    "status,severity,enforcement,policy,category,title,message,path,line,column,end_line,end_column,"
    "kind,name,parent,origin,scope,field,actual,provenance,provenance_of,unknown_fact,unknown_why,unknown_settle,"
    "witness,controls,remedy,fix,exemption,exemption_place,exemption_reason,exemption_until,exemption_owner,"
    "related,fingerprint,steps,set\r\n"
)


def rows(found: Report, options: RenderOptions | None = None) -> list[dict[str, str]]:
    """The rows that Python reads, what is empty left out; every row has all the columns."""
    text = render(found, options or RenderOptions())
    read = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(tuple(row) == COLUMNS and None not in row.values() for row in read)
    return [{name: cell for name, cell in row.items() if cell} for row in read]


def row(finding: Finding) -> dict[str, str]:
    (only,) = rows(report(finding))
    return only


def test_the_lines() -> None:
    assert render(report(PORT)) == HEADER + (
        "fail,high,block,bind-all-interfaces,firewall,Ports are bound to one address,"
        "web publishes 8080 on every interface,compose.yaml,12,9,12,20,"
        'container,web,service/web,compose,compose:shop,ports[0].host_ip,"""0.0.0.0""",default,Compose,,,,'
        ",,,,,,,,,other.yaml:3:1,f2,,\r\n"
    )


def test_nothing_is_the_header() -> None:
    assert render(EMPTY) == render(CLEAN) == HEADER


def test_everything() -> None:
    assert [(one["status"], one.get("policy")) for one in rows(EVERYTHING)] == [
        ("fail", "privileged"),
        ("unknown", "run-as-uid-0"),
        ("fail", "readonly-rootfs"),
        ("fail", "bind-all-interfaces"),
        ("unknown", "run-as-uid-0"),
        ("unknown", "user-missing"),
        ("unknown", "pdb-missing"),
        ("error", "memory-limit"),
        ("waived", "privileged"),
        ("problem", None),
        ("problem", None),
    ]
    assert [one["name"] for one in rows(report(PASSED), RenderOptions(all=True))] == ["db"]


def test_a_live_object_has_no_line() -> None:
    assert row(LIVE) == {
        "status": "fail",
        "severity": "low",
        "enforcement": "warn",
        "policy": "readonly-rootfs",
        "category": "runtime",
        "title": "Root file systems are read-only",
        "message": "web can write to its root file system",
        "path": "docker://local/container/web",
        "kind": "container",
        "name": "web",
        "origin": "docker",
        "scope": "docker:local",
        "field": "read_only",
        "actual": "false",
        "provenance": "declared",
        "remedy": r"Run it with --read-only.\nGive it a tmpfs where it has to write.",
        "fingerprint": "f3",
    }


def test_an_unknown_says_what_is_missing() -> None:
    told = row(USER)
    assert (told["unknown_fact"], told["unknown_why"], told["unknown_settle"]) == (
        "image.user",
        "the image nginx:1.25 decides",
        "'--resolve engine",
    )
    assert "actual" not in told


def test_what_is_absent_has_no_value() -> None:
    assert "actual" not in row(replace(PRIVILEGED, actual=None, provenance=ABSENT))


def test_exemptions_and_notices() -> None:
    waived, expired, _, problem, lost, unused, ignored = rows(GATE)
    assert {name: cell for name, cell in waived.items() if name.startswith("exemption")} == {
        "exemption": "waiver",
        "exemption_place": "waivers.yaml:4:3",
        "exemption_reason": "we migrate in May",
        "exemption_until": "2027-01-31",
        "exemption_owner": "platform",
    }
    assert (expired["status"], expired["exemption"], expired["exemption_until"]) == ("fail", "inline", "2026-01-01")
    assert problem == {
        "status": "problem",
        "message": "mapping values are not allowed here",
        "path": "broken.yaml",
        "line": "7",
        "column": "3",
    }
    assert lost == {"status": "problem", "message": "the engine does not answer"}
    assert unused == {
        "status": "notice",
        "title": "exception is unused",
        "message": "the waiver of privileged for db lets nothing pass",
        "path": "waivers.yaml",
        "line": "9",
        "column": "3",
    }
    assert ignored["title"] == "exception is ignored"
    assert "exemption" not in rows(report(WAIVED))[0]


def test_controls_are_set_apart() -> None:
    assert row(PRIVILEGED)["controls"] == "CIS Docker 1.7.0 5.5; checkov CKV_K8S_16"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ('=cmd|" /C calc"!A0', '\'=cmd|" /C calc"!A0'),
        ('a,"b"', 'a,"b"'),
        ("a=1", "a=1"),
        ("two\nlines", r"two\nlines"),
    ],
)
def test_no_cell_is_a_formula(text: str, cell: str) -> None:
    assert row(replace(PRIVILEGED, message=text))["message"] == cell


def test_a_list_of_formulas_is_none() -> None:
    assert row(replace(EXPIRED, actual=["=1"]))["actual"] == '["=1"]'


@settings(deadline=None)
@given(st.text(min_size=1), st.text(min_size=1))
def test_any_text_can_be_read_back(message: str, path: str) -> None:
    told = row(replace(PRIVILEGED, message=message, places=(Place(Location(path, 1)),)))
    for cell, text in ((told["message"], message), (told["path"], path)):
        assert cell.removeprefix("'") == visible(text).removeprefix("'")
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_row_is_a_line() -> None:
    assert len(render(many()).splitlines()) == 1 + len(many().findings)
