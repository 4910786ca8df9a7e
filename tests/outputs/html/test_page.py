"""The page as text: what may run in it, that it is one file, and how long it takes to write."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from msgspec.structs import replace

from policyengine.model.source_line import SourceLine
from policyengine.outputs import formats
from policyengine.outputs.html.template import SCRIPTS, page, script
from policyengine.outputs.options import RenderOptions
from tests.outputs.reports import CLEAN, EMPTY, EVERYTHING, PRIVILEGED, report, whole

from .reports import many

html = whole("html")


class Parsed(HTMLParser):
    """The elements of a page, with the text of those whose text is no markup; complains of ends that do not fit."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            self.raw.append((self._open[-1], data))


def data(text: str) -> Any:
    (found,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


@pytest.mark.parametrize("found", [EVERYTHING, CLEAN, EMPTY, many(250)], ids=["everything", "clean", "empty", "many"])
def test_elements_nest_and_names_are_unique(found: Any) -> None:
    parsed = Parsed(html(found, RenderOptions(all=True)))
    names = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(names) == len(set(names))
    referred = {attributes.get("for") or attributes.get("aria-labelledby") for _, attributes in parsed.elements}
    assert referred - {None} <= set(names)


def test_nothing_runs_but_what_the_policy_names() -> None:
    parsed = Parsed(html(EVERYTHING))
    policies = [one["content"] for tag, one in parsed.elements if one.get("http-equiv") == "Content-Security-Policy"]
    digests = {
        name: [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for tag, text in parsed.raw
            if tag == name and not text.startswith("{")
        ]
        for name in ("style", "script")
    }
    assert policies == [
        f"default-src 'none'; script-src {' '.join(digests['script'])}; style-src {digests['style'][0]}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ]


def test_it_is_one_file_that_names_no_other() -> None:
    parsed = Parsed(html(EVERYTHING))
    assert not {"src", "srcset", "style", "action", "data", "poster"} & {
        name for _, attributes in parsed.elements for name in attributes
    }
    assert not {tag for tag, _ in parsed.elements} & {"link", "img", "iframe", "object", "embed", "base"}
    assert all(
        attributes["href"].startswith("#") for tag, attributes in parsed.elements if tag == "a" and attributes["href"]
    )
    assert not [name for _, attributes in parsed.elements for name in attributes if name.startswith("on")]


def test_the_script_makes_no_markup_of_texts() -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|import\(|fetch\(", script()
    )
    assert "</script" not in script()
    assert "<!--" not in script()


def test_every_part_of_the_script_is_in_it() -> None:
    from importlib.resources import files

    there = {one.name for one in (files("policyengine.outputs.html") / "page").iterdir()}
    assert there == {*SCRIPTS, "early.js", "page.css", "page.html"}


def test_a_part_without_a_place_and_a_place_without_a_part_are_errors() -> None:
    with pytest.raises(KeyError):
        list(page({}))


def test_it_is_ascii_on_whatever_way_it_goes() -> None:
    finding = replace(
        PRIVILEGED, message="wéb \U0001f433 läuft", excerpt=SourceLine("    privileged: true # grün", 17, 21)
    )
    text = html(report(finding))
    assert text.isascii()
    assert "w&#233;b &#128051; l&#228;uft" in text
    assert data(text)["findings"][0]["message"] == "wéb \U0001f433 läuft"


def test_the_findings_as_data() -> None:
    text = html(report(PRIVILEGED))
    assert data(text) == {
        "findings": [
            {
                "policy": 0,
                "status": "fail",
                "severity": "critical",
                "category": "runtime",
                "enforcement": "block",
                "message": "web runs privileged",
                "resource": 0,
                "places": [[0, 4, 17]],
                "controls": 0,
                "fingerprint": "f1",
                "blocks": True,
                "excerpt": ["    privileged: ", "true", ""],
                "value": "privileged = true",
                "remedy": 1,
                "fix": "safe",
            }
        ],
        "policies": [["privileged", "Containers do not run privileged", 0]],
        "resources": [["container/web", "service/web", "compose:shop", "compose"]],
        "paths": ["compose.yaml"],
        "controls": [
            ["benchmark", "CIS Docker 1.7.0", "CIS Docker 1.7.0 5.5", ""],
            ["tool", "checkov", "checkov CKV_K8S_16", ""],
        ],
        "controlSets": [[0, 1]],
        "facts": [],
        "texts": [
            "A privileged container has every capability and every device of its host.",
            "Remove privileged: true.",
        ],
    }


def test_the_data_cannot_end_its_element() -> None:
    evil = "</script><!--<script>&amp;\u2028\u2029"
    text = html(report(replace(PRIVILEGED, message=evil)))
    assert data(text)["findings"][0]["message"] == "</script><!--<script>&amp;\\u2028\\u2029"
    assert text.count("</script>") == 3


def test_passes_only_where_all_is_asked_for() -> None:
    shown = {
        choice: [one["status"] for one in data(html(EVERYTHING, RenderOptions(all=choice)))["findings"]]
        for choice in (False, True)
    }
    assert sorted(set(shown[True]) - set(shown[False])) == ["pass"]
    assert "waived" in shown[False]


def test_small_reports_can_be_searched_by_programs() -> None:
    text = html(EVERYTHING)
    assert "compose.yaml:4:17: privileged" in text
    assert "<strong>web runs privileged</strong>" in text
    assert "<pre>    privileged: <mark>true</mark></pre>" in text


def test_10_000_findings_are_written_in_a_second_in_pieces() -> None:
    found = many(10_000)
    render = formats()["html"].render
    times = []
    for _ in range(3):
        began = time.process_time()
        longest = max(len(piece) for piece in render(found))
        times.append(time.process_time() - began)
    assert min(times) < 1
    assert longest < 150_000
