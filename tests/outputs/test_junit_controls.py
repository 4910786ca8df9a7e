from __future__ import annotations

from textwrap import dedent
from xml.etree import ElementTree

from msgspec.structs import replace

from policyengine.outputs.junit_controls import junit
from policyengine.outputs.options import DEFAULT

from .reports import CONTROLLED, COVERAGE, EVERYTHING, PRIVILEGED, under

PLAIN = replace(CONTROLLED, coverage=replace(COVERAGE, benchmarks=COVERAGE.benchmarks[1:]))


def test_a_benchmark_is_a_suite_and_a_control_a_case() -> None:
    assert "".join(junit(PLAIN, DEFAULT)) == dedent("""\
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="policyengine" time="0.412" tests="1" failures="0" errors="0">
          <testsuite name="CIS Kubernetes 1.12" tests="1" failures="0" errors="0" skipped="0">
            <testcase classname="CIS Kubernetes 1.12" name="5.2.2 Containers do not run privileged"/>
          </testsuite>
        </testsuites>
        """)


def test_how_controls_did() -> None:
    root = ElementTree.fromstring("".join(junit(CONTROLLED, DEFAULT)))
    assert {name: root.attrib[name] for name in ("tests", "failures", "errors")} == {
        "tests": "11",
        "failures": "1",
        "errors": "1",
    }
    cases = {case.attrib["name"].split()[0]: [(one.tag, one.attrib["message"]) for one in case] for case in root[0]}
    assert cases == {
        "1.1.1": [("skipped", "no policy speaks for it")],
        "1.1.2": [("skipped", "no policy speaks for it")],
        "4.1": [("skipped", "unknown: 1 unknown")],
        "5.4": [],
        "5.5": [("failure", "fail: 1 violation, 3 passes")],
        "5.11": [("error", "error: 1 error")],
        "5.12": [("skipped", "the settings leave violations untold")],
        "5.14": [("skipped", "waived: 1 waived")],
        "5.28": [("skipped", "not all that speaks for it was in this run: pids-limit")],
        "6.1": [("skipped", "there was nothing to judge for it")],
    }
    (failure,) = (case[0] for case in root[0] if case.attrib["name"].startswith("5.5"))
    assert failure.text == (
        "CIS Docker 1.7.0 5.5: fail: Containers do not run privileged (1 violation, 3 passes)\n"
        "compose.yaml:4:17: web runs privileged"
    )


def test_what_a_file_holds_is_no_markup() -> None:
    bad = under(replace(PRIVILEGED, message='</failure><x a="&">\x1b[2J\udcff'), "5.5")
    text = "".join(junit(replace(CONTROLLED, findings=(bad,)), DEFAULT))
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    (failure,) = ElementTree.fromstring(text).iter("failure")
    assert failure.text is not None
    assert '</failure><x a="&">\\x1b[2J\\udcff' in failure.text


def test_without_controls_there_are_no_cases() -> None:
    assert list(ElementTree.fromstring("".join(junit(EVERYTHING, DEFAULT)))) == []
