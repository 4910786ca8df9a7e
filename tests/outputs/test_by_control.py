from __future__ import annotations

import json
from textwrap import dedent

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from msgspec.structs import replace

from policyengine.model.coverage import Benchmark
from policyengine.outputs import by_control, formats, turns_round
from policyengine.outputs.markdown_controls import markdown
from policyengine.outputs.options import RenderOptions

from .reports import CONTROLLED, COVERAGE, known, report, whole

TURNED = RenderOptions(by="control", width=110)


def test_full() -> None:
    assert whole("full")(CONTROLLED, TURNED) == dedent("""\
        CIS Docker 1.7.0: 1 of 10 controls fail, 1 error, 1 unknown, 1 waived, 1 pass, 5 not checked
          unknown      4.1   run-as-uid-0, user-missing (1 unknown)
          pass         5.4   Containers add no capabilities (4 passes)
          fail         5.5   Containers do not run privileged (1 violation, 3 passes)
                             --> compose.yaml:4:17: web runs privileged
          error        5.11  Containers have a memory limit (1 error)
          waived       5.14  Ports are bound to one address (1 waived)
          not checked  no policy speaks for it: 1.1.1, 1.1.2
          not checked  not all that speaks for it was in this run: 5.28
          not checked  there was nothing to judge for it: 6.1
          not checked  the settings leave violations untold: 5.12

        CIS Kubernetes 1.12: 0 of 1 known controls fail, 1 pass
          pass         5.2.2  Containers do not run privileged (9 passes)

        error: broken.yaml:7:3: mapping values are not allowed here

        2 violations (1 critical, 1 low; 1 warning), 1 unknown, 2 errors, 1 waived in 3 inputs; 12 resources, 5 policies, 0.4 s
        """)  # noqa: E501


def test_text() -> None:
    assert whole("text")(CONTROLLED, TURNED) == dedent("""\
        CIS Docker 1.7.0 1.1.1: not checked: no policy speaks for it
        CIS Docker 1.7.0 1.1.2: not checked: no policy speaks for it
        CIS Docker 1.7.0 4.1: unknown: run-as-uid-0, user-missing (1 unknown)
        CIS Docker 1.7.0 5.4: pass: Containers add no capabilities (4 passes)
        CIS Docker 1.7.0 5.5: fail: Containers do not run privileged (1 violation, 3 passes)
        CIS Docker 1.7.0 5.11: error: Containers have a memory limit (1 error)
        CIS Docker 1.7.0 5.12: not checked: the settings leave violations untold
        CIS Docker 1.7.0 5.14: waived: Ports are bound to one address (1 waived)
        CIS Docker 1.7.0 5.28: not checked: not all that speaks for it was in this run: pids-limit
        CIS Docker 1.7.0 6.1: not checked: there was nothing to judge for it
        CIS Kubernetes 1.12 5.2.2: pass: Containers do not run privileged (9 passes)
        broken.yaml:7:3: error mapping values are not allowed here
        """)


def test_table() -> None:
    assert whole("table")(CONTROLLED, TURNED) == dedent("""\
        CIS Docker 1.7.0: 1 of 10 controls fail, 1 error, 1 unknown, 1 waived, 1 pass, 5 not checked

        Control    Status    What it asks                      Violations    Unknown    Passes    Policies
        ---------  --------  --------------------------------  ------------  ---------  --------  --------------------------
        4.1        unknown                                                   1                    run-as-uid-0, user-missing
        5.4        pass      Containers add no capabilities                             4         caps-added
        5.5        fail      Containers do not run privileged  1                        3         privileged
        5.11       error     Containers have a memory limit                                       memory-limit
        5.14       waived    Ports are bound to one address                                       bind-all-interfaces

        Not checked, no policy speaks for it: 1.1.1, 1.1.2
        Not checked, not all that speaks for it was in this run: 5.28
        Not checked, there was nothing to judge for it: 6.1
        Not checked, the settings leave violations untold: 5.12

        CIS Kubernetes 1.12: 0 of 1 known controls fail, 1 pass

        Control    Status    What it asks                      Violations    Unknown    Passes    Policies
        ---------  --------  --------------------------------  ------------  ---------  --------  ----------
        5.2.2      pass      Containers do not run privileged                           9         privileged

        Severity    Policy    Resource    Where            Message
        ----------  --------  ----------  ---------------  -----------------------------------
        error                             broken.yaml:7:3  mapping values are not allowed here

        2 violations (1 critical, 1 low; 1 warning), 1 unknown, 2 errors, 1 waived in 3 inputs; 12 resources, 5 policies, 0.4 s
        """)  # noqa: E501


def test_records() -> None:
    """What CSV has."""
    rows = [",".join(row) for row in (by_control.FIELDS, *by_control.records(CONTROLLED, TURNED))]
    assert rows == [
        "benchmark,version,control,status,reason,title,policies,missing,fail,error,unknown,waived,pass",
        "CIS Docker,1.7.0,1.1.1,not_checked,no-policy,,,,0,0,0,0,0",
        "CIS Docker,1.7.0,1.1.2,not_checked,no-policy,,,,0,0,0,0,0",
        "CIS Docker,1.7.0,4.1,unknown,,,run-as-uid-0 user-missing,,0,0,1,0,0",
        "CIS Docker,1.7.0,5.4,pass,,Containers add no capabilities,caps-added,,0,0,0,0,4",
        "CIS Docker,1.7.0,5.5,fail,,Containers do not run privileged,privileged,,1,0,0,0,3",
        "CIS Docker,1.7.0,5.11,error,,Containers have a memory limit,memory-limit,,0,1,0,0,0",
        "CIS Docker,1.7.0,5.12,not_checked,switched-off,Containers have a CPU limit,cpu-limit,,0,0,0,0,1",
        "CIS Docker,1.7.0,5.14,waived,,Ports are bound to one address,bind-all-interfaces,,0,0,0,1,0",
        "CIS Docker,1.7.0,5.28,not_checked,not-in-run,Containers have a limit of processes,pids-limit,pids-limit,0,0,0,0,0",  # noqa: E501
        "CIS Docker,1.7.0,6.1,not_checked,nothing-to-judge,Images are used,image-sprawl,,0,0,0,0,0",
        "CIS Kubernetes,1.12,5.2.2,pass,,Containers do not run privileged,privileged,,0,0,0,0,9",
    ]


def test_json_has_two_more_keys() -> None:
    plain, turned = json.loads(whole("json")(CONTROLLED)), json.loads(whole("json")(CONTROLLED, TURNED))
    benchmarks, controls = turned.pop("benchmarks"), turned.pop("controls")
    assert turned == plain
    assert benchmarks == [
        {
            "benchmark": "CIS Docker",
            "version": "1.7.0",
            "complete": True,
            "fail": 1,
            "error": 1,
            "unknown": 1,
            "waived": 1,
            "pass": 1,
            "not_checked": 5,
        },
        {
            "benchmark": "CIS Kubernetes",
            "version": "1.12",
            "complete": False,
            "fail": 0,
            "error": 0,
            "unknown": 0,
            "waived": 0,
            "pass": 1,
            "not_checked": 0,
        },
    ]
    assert len(controls) == 11
    assert controls[4] == {
        "benchmark": "CIS Docker",
        "version": "1.7.0",
        "id": "5.5",
        "title": "Containers do not run privileged",
        "status": "fail",
        "reason": None,
        "policies": ["privileged"],
        "missing": [],
        "counts": {"pass": 3, "fail": 1, "unknown": 0, "waived": 0, "error": 0},
        "findings": ["f1"],
    }
    assert [controls[2]["title"], controls[8]["reason"], controls[8]["missing"]] == [None, "not-in-run", ["pids-limit"]]


NOTHING = replace(report(), coverage=replace(COVERAGE, resources={}, passes={}))


@pytest.mark.parametrize(("name", "after"), [("full", "\n\n"), ("text", "\n"), ("table", "\n\n")])
def test_a_benchmark_of_which_nothing_was_checked_is_one_line(name: str, after: str) -> None:
    text = whole(name)(NOTHING, RenderOptions(by="control", quiet=True))
    assert text.rstrip("\n").split(after) == [
        "CIS Docker 1.7.0: none of 10 controls was checked",
        "CIS Kubernetes 1.12: none of 1 known controls was checked",
    ]


def test_verbose_lists_its_controls_all_the_same() -> None:
    verbose = RenderOptions(by="control", verbose=True, quiet=True)
    assert "CIS Kubernetes 1.12 5.2.2: not checked: there was nothing to judge for it" in whole("text")(
        NOTHING, verbose
    )
    assert "not checked  no policy speaks for it: 1.1.1, 1.1.2" in whole("full")(NOTHING, verbose)
    assert whole("table")(CONTROLLED, verbose).count("not checked ") == 5


def test_what_comes_from_policies_of_others_steers_no_terminal_and_is_no_markup() -> None:
    bad = known("1\x1b[2J<b>|", {"privileged": ("compose",)}, "\x1b[2J [x](https://example.org) <b>")
    turned = replace(CONTROLLED, coverage=replace(COVERAGE, benchmarks=(Benchmark("B\x07", "1", (bad,)),)))
    for name in ("full", "text", "table"):
        assert {"\x1b", "\x07"}.isdisjoint(whole(name)(turned, TURNED))
    text = "\n".join(markdown(turned, TURNED))
    html = github_flavored_markdown_to_html(text)
    assert "<code>" in html
    assert not [tag for tag in ("<b>", "<a ", "\x1b") if tag in html]


def test_the_formats_that_say_so_turn_round() -> None:
    for name in formats():
        if turns_round(name) and name not in ("in-toto", "oscal", "sarif"):
            assert whole(name)(CONTROLLED, TURNED) != whole(name)(CONTROLLED), name


IGNORED = replace(CONTROLLED, unknown="ignore")


@pytest.mark.parametrize("name", ["full", "text", "table", "csv", "markdown", "junit", "html"])
def test_unknowns_that_are_ignored_are_not_told_and_are_no_pass(name: str) -> None:
    told = whole(name)(IGNORED, TURNED)
    assert whole(name)(IGNORED, replace(TURNED, all=True)) != told
    assert "what is unknown of it is ignored" in told or name == "csv"
    with_them = "1 fail, 1 error, 1 unknown, 1 waived" if name == "html" else "1 unknown"
    assert with_them not in told.replace("1 unknown ignored", "")


def test_a_control_of_which_what_is_unknown_is_ignored_was_not_checked() -> None:
    full, text = whole("full")(IGNORED, TURNED), whole("text")(IGNORED, TURNED)
    assert full.splitlines()[0] == "CIS Docker 1.7.0: 1 of 10 controls fail, 1 error, 1 waived, 1 pass, 6 not checked"
    assert "  not checked  what is unknown of it is ignored: 4.1\n" in full
    assert "CIS Docker 1.7.0 4.1: not checked: what is unknown of it is ignored\n" in text
    assert "CIS Docker,1.7.0,4.1,not_checked,ignored,,run-as-uid-0 user-missing,,0,0,0,0,0" in whole("csv")(
        IGNORED, TURNED
    )


@pytest.mark.parametrize("name", ["json", "oscal"])
def test_formats_that_have_unknowns_always_have_them_by_control(name: str) -> None:
    told = whole(name)(CONTROLLED, TURNED)
    assert whole(name)(IGNORED, TURNED) == told


def test_csv() -> None:
    lines = whole("csv")(CONTROLLED, TURNED).split("\r\n")
    assert (len(lines), lines[0], lines[5], lines[-1]) == (
        13,
        ",".join(by_control.FIELDS),
        "CIS Docker,1.7.0,5.5,fail,,Containers do not run privileged,privileged,,1,0,0,0,3",
        "",
    )


def test_a_comment_has_the_controls_in_place_of_violations() -> None:
    text = whole("markdown")(CONTROLLED, TURNED)
    assert "\n".join(markdown(CONTROLLED, TURNED)) in text
    assert "### Could not be judged" in text
    assert "| Where | Policy | Violation |" not in text
