"""The page in a real browser: what a reader sees and does, with a pointer, a keyboard and a screen reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.model.source_line import SourceLine
from policyengine.outputs.options import RenderOptions
from tests.once import ONCE
from tests.outputs.reports import CLEAN, CONTROLLED, EMPTY, EVERYTHING, PRIVILEGED, report
from tests.outputs.test_evidence import FLOW, PACKET, STEPS

from .conftest import DESKTOP, PHONE
from .reports import WAIVER, many

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .conftest import Opens

pytestmark = [pytest.mark.live, ONCE]

MANY = many(10_000)
FRAME = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
"""Waits for the frame that shows what was done."""
TYPED = f"""async text => {{
  const field = document.getElementById("q");
  field.value = text;
  field.dispatchEvent(new Event("input", {{ bubbles: true }}));
  await {FRAME};
}}"""
"""Types into the search, and waits for what was found."""
SORTED = f"""async name => {{
  [...document.querySelectorAll("th button")].find((one) => one.textContent === name).click();
  await {FRAME};
}}"""


def count(page: Page) -> str:
    return page.locator("#count").inner_text()


def messages(page: Page) -> list[str]:
    return page.locator(".opener").all_inner_texts()


class Clock:
    """The processor time that a page has taken, in seconds: whatever else the machine does adds nothing to it."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")

    def _told(self, name: str) -> float:
        told = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in told if one["name"] == name))

    def process(self) -> float:
        """Of all of its process, which every window has of its own."""
        return self._told("ProcessTime")

    def thread(self) -> float:
        """Of the thread that scripts, layout and drawing wait for."""
        return self._told("ThreadTime")


def lines(shown: Locator) -> list[str]:
    return [line for line in shown.inner_text().split("\n") if line]


@pytest.mark.parametrize("size", [10, 10_000])
def test_it_opens_in_2_seconds(opens: Opens, size: int) -> None:
    with opens(many(size)) as page:
        page.evaluate(FRAME)
        assert Clock(page).process() < 2
        assert page.locator(".opener").count() >= 9
        assert page.locator("tr").count() < 200


@pytest.mark.parametrize("size", [10, 10_000])
def test_it_filters_in_200_milliseconds(opens: Opens, size: int) -> None:
    with opens(many(size)) as page:
        clock = Clock(page)
        for text in ("item 1", "controls", "nothing of it", ""):
            began = clock.thread()
            page.evaluate(TYPED, text)
            assert clock.thread() - began < 0.2, text


@pytest.mark.parametrize("heading", ["Severity", "Status", "Finding", "Resource", "Place"])
def test_it_sorts_in_200_milliseconds(opens: Opens, heading: str) -> None:
    with opens(MANY) as page:
        clock = Clock(page)
        began = clock.thread()
        page.evaluate(SORTED, heading)
        assert clock.thread() - began < 0.2


def test_search_wants_all_words_and_takes_quoted_ones_as_one(opens: Opens) -> None:
    with opens(EVERYTHING) as page:
        assert count(page) == "8 of 9 findings"
        page.get_by_label("Search").fill("EVICT web")
        assert messages(page) == ["nothing may protect web from eviction"]
        page.get_by_label("Search").fill('"file system"')
        assert messages(page) == ["web can write to its root file system"]
        assert page.evaluate("location.hash") == "#findings&q=%22file+system%22"
        page.get_by_label("Search").fill("nowhere")
        assert page.get_by_text("No finding matches these filters.").is_visible()
        page.get_by_role("button", name="Clear the filters").click()
        assert count(page) == "8 of 9 findings"
        assert page.evaluate("location.hash") == "#findings"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("#findings&severity=critical", ["web runs privileged"]),
        ("#findings&status=waived", ["web runs privileged"]),
        ("#findings&status=error", ["memory is a list, not a number"]),
        ("#findings&category=firewall", ["web publishes 8080 on every interface"]),
        ("#findings&enforcement=warn", ["web can write to its root file system"]),
        ("#findings&policy=pdb-missing", ["nothing may protect web from eviction"]),
        ("#findings&file=other.yaml", ["web publishes 8080 on every interface"]),
        ("#findings&control=CIS+Docker+1.7.0+5.5", ["web runs privileged"]),
        ("#findings&control=checkov", ["web runs privileged"]),
        ("#findings&severity=high&q=sidecar&sort=place&order=reversed", ["app may run as root"]),
        ("#findings&q=image.user&policy=user-missing", ["app names no user"]),
        ("#findings&severity=nonsense&sort=constructor&policy=none", []),
    ],
)
def test_an_address_is_a_view(opens: Opens, fragment: str, expected: list[str]) -> None:
    with opens(EVERYTHING, fragment) as page:
        assert messages(page) == expected


def test_choices_say_how_many_they_would_leave(opens: Opens) -> None:
    with opens(EVERYTHING) as page:
        page.get_by_label("critical").check()
        assert count(page) == "1 of 9 findings"
        choices = page.locator("[data-filter] label").all_inner_texts()
        told = [re.sub(r"\s+", " ", choice) for choice in choices]
        assert told == [
            "critical 1", "high 4", "medium 2", "low 1",
            "error 0", "violation 1", "unknown 0", "waived 1",
            "firewall 0", "runtime 1",
            "block 1", "warn 0",
        ]  # fmt: skip
        page.get_by_label("waived").check()
        assert count(page) == "2 of 9 findings"
        page.get_by_label("firewall").check()
        runtime = page.locator("[data-filter=category] label", has_text="runtime")
        assert runtime.inner_text().split() == ["runtime", "2"]
        page.get_by_label("firewall").uncheck()
        assert page.evaluate("location.hash") == "#findings&severity=critical&status=error,fail,unknown,waived"


def test_choosing_a_policy_a_control_and_a_file(opens: Opens) -> None:
    with opens(MANY) as page:
        page.locator("#policy").select_option("policy-7")
        assert count(page) == "125 of 10,000 findings"
        page.locator("#policy").select_option("")
        page.get_by_label("Control or benchmark").select_option("checkov CKV_12")
        assert count(page) == "125 of 10,000 findings"
        page.get_by_label("Control or benchmark").select_option("CIS Docker 1.7.0")
        assert count(page) == "9,900 of 10,000 findings"
        page.locator("#file").fill("team-3/service-3/")
        assert count(page) == "10 of 10,000 findings"


def test_sorting_by_the_heads_of_the_columns(opens: Opens) -> None:
    with opens(EVERYTHING) as page:
        assert page.locator("th[aria-sort]").all_inner_texts() == ["Severity"]
        page.get_by_role("button", name="Finding").click()
        assert page.get_by_role("columnheader", name="Finding").get_attribute("aria-sort") == "ascending"
        assert messages(page)[:2] == ["app may run as root", "app may run as root"]
        page.get_by_role("button", name="Finding").click()
        assert page.get_by_role("columnheader", name="Finding").get_attribute("aria-sort") == "descending"
        assert messages(page)[0] == "web runs privileged"
        assert page.evaluate("location.hash") == "#findings&sort=message&order=reversed"


def test_what_is_most_urgent_comes_first(opens: Opens) -> None:
    with opens(EVERYTHING, render=RenderOptions(all=True)) as page:
        rows = page.locator("tr.finding")
        told = [re.sub(r"\s+", " ", " ".join(row.locator("td").all_inner_texts()[:2])) for row in rows.all()]
        assert told == [
            "critical violation", "high violation", "medium error", "low warning",
            "high unknown", "high unknown", "high unknown", "medium unknown",
            "critical waived", "critical pass",
        ]  # fmt: skip


def test_all_that_is_known_of_a_finding(opens: Opens) -> None:
    with opens(EVERYTHING) as page:
        page.get_by_role("button", name="web runs privileged").click()
        detail = page.locator(".detail")
        assert detail.locator("pre").inner_text() == "4\n    privileged: true"
        assert detail.locator("mark").inner_text() == "true"
        assert lines(detail)[2:] == [
            "Why it matters",
            "A privileged container has every capability and every device of its host.",
            "What to do",
            "Remove privileged: true.",
            "Policy", "privileged", "Containers do not run privileged",
            "Place", "compose.yaml:4:17", "Copy",
            "Resource", "service/web container/web", "compose:shop (compose)",
            "Value", "privileged = true",
            "Controls", "CIS Docker 1.7.0 5.5checkov CKV_K8S_16",
            "Category", "runtime",
            "Enforcement", "block: it makes the run fail",
            "Fix", "safe, automatic",
            "Fingerprint", "f1",
        ]  # fmt: skip


def test_what_shows_a_violation_of_flows(opens: Opens) -> None:
    with opens(report(FLOW), "#findings&finding=f2") as page:
        notes = [" | ".join(lines(note)) for note in page.locator(".note").all()]
        shown = [f"Witness | {PACKET}", f"Path | {STEPS[0]} | {STEPS[1]}", "Set | source any; dport 5432"]
        assert notes == [re.sub(" +", " ", one) for one in shown]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (report(replace(PRIVILEGED, enforcement="warn")), "warn: it does not make the run fail"),
        (replace(report(replace(PRIVILEGED, severity="low")), fail_on="high"), "block: it does not make the run fail"),
        (report(replace(PRIVILEGED, status="waived", exemption=WAIVER)), "block"),
    ],
)
def test_whether_a_finding_makes_the_run_fail(opens: Opens, found: Any, expected: str) -> None:
    with opens(found, "#findings&status=&finding=f1") as page:
        assert lines(page.locator(".detail dl > div", has_text="Enforcement")) == ["Enforcement", expected]


def test_what_is_not_known_and_what_would_settle_it(opens: Opens) -> None:
    with opens(EVERYTHING, "#findings&finding=f6") as page:
        notes = [" | ".join(lines(note)) for note in page.locator(".note").all()]
        assert notes == ["Not known | image.user: the image nginx:1.25 decides", "To settle it | --resolve engine"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            "waived",
            "Waived (waiver) | The runner of the build needs it. By platform team. It holds until 2027-01-31."
            " policyengine-waivers.yaml:3:5",
        ),
        (
            "fail",
            "Its exemption has expired (waiver) | The runner of the build needs it. By platform team."
            " It held until 2027-01-31. policyengine-waivers.yaml:3:5",
        ),
    ],
)
def test_why_something_is_waived(opens: Opens, status: Any, expected: str) -> None:
    with opens(report(replace(PRIVILEGED, status=status, exemption=WAIVER)), "#findings&status=") as page:
        page.get_by_role("button", name="web runs privileged").click()
        assert " | ".join(lines(page.locator(".note").first)) == expected


def test_copying_a_place(opens: Opens) -> None:
    from playwright.sync_api import expect

    with opens(EVERYTHING, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_role("button", name="web runs privileged").click()
        page.get_by_role("button", name="Copy compose.yaml:4:17").click()
        expect(page.locator("#told")).to_have_text("Copied compose.yaml:4:17")  # a browser copies when it comes to it
        assert page.evaluate("navigator.clipboard.readText()") == "compose.yaml:4:17"


def test_the_keyboard_alone(opens: Opens) -> None:
    def focused() -> str:
        return str(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))

    with opens(MANY) as page:
        page.keyboard.press("Tab")
        assert focused() == "Skip to the findings"
        page.keyboard.press("Enter")
        assert focused().startswith("9,900 of 10,000 findings")
        page.get_by_label("Search").focus()
        page.keyboard.type("item 777")
        page.keyboard.press("ArrowDown")
        first = focused()
        assert first.endswith("controls item 7770")
        page.keyboard.press("ArrowDown")
        assert focused() != first
        page.keyboard.press("Enter")
        assert page.locator(".detail").count() == 1
        page.keyboard.press("End")
        assert focused() == messages(page)[-1]
        page.keyboard.press("Home")
        assert focused() == first


def test_the_ends_of_a_long_list(opens: Opens) -> None:
    with opens(MANY, "#findings&sort=message") as page:
        page.locator(".opener").first.focus()
        page.keyboard.press("End")
        last = page.locator("tr.finding").last
        assert last.get_attribute("aria-rowindex") == "9901"
        assert page.locator("#list").get_attribute("aria-rowcount") == "9901"
        assert last.locator(".opener").evaluate("(one) => one === document.activeElement")
        assert last.evaluate("(row) => row.getBoundingClientRect().bottom <= innerHeight + 1")
        page.keyboard.press("Home")
        assert page.locator("tr.finding").first.get_attribute("aria-rowindex") == "2"


def test_rows_stand_where_the_scroll_bar_says(opens: Opens) -> None:
    where = """() => [...document.querySelectorAll("tr.finding")].map((row) => [
      Number(row.dataset.position),
      Math.round(row.getBoundingClientRect().top - document.getElementById("rows").getBoundingClientRect().top)])"""
    with opens(MANY) as page:
        page.locator(".opener").nth(2).click()
        height = page.locator(".detail-cell").evaluate("(cell) => cell.offsetHeight")
        row = page.locator("tr.finding").nth(1).evaluate("(row) => row.getBoundingClientRect().height")
        page.evaluate("scrollTo({ top: 200000, behavior: 'instant' })")
        page.evaluate(FRAME)
        placed = page.evaluate(where)
        assert len(placed) > 20
        assert all(abs(top - (position * row + height)) <= 2 for position, top in placed)
        assert page.evaluate("document.elementFromPoint(700, 450).closest('tr.finding') !== null")


def test_an_opened_row_stays_open_when_it_comes_back(opens: Opens) -> None:
    with opens(MANY) as page:
        page.locator(".opener").first.click()
        opened = page.locator("tr.finding:has(.detail) .opener").inner_text()
        page.evaluate("scrollTo({ top: 100000, behavior: 'instant' })")
        page.evaluate(FRAME)
        assert page.locator(".detail").count() == 0
        page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        page.evaluate(FRAME)
        assert page.locator("tr.finding:has(.detail) .opener").inner_text() == opened


def test_charts_lead_to_their_findings_and_the_way_back(opens: Opens) -> None:
    from playwright.sync_api import expect

    with opens(MANY) as page:
        page.get_by_role("link", name=re.compile("^critical")).click()
        assert count(page) == "1,900 of 10,000 findings"
        page.get_by_role("link", name=re.compile("^policy-1 ")).click()
        assert count(page) == "125 of 10,000 findings"
        page.go_back()
        expect(page.locator("#count")).to_have_text("1,900 of 10,000 findings")  # the page hears of it a moment later
        page.go_back()
        expect(page.locator("#count")).to_have_text("9,900 of 10,000 findings")


def test_by_control_opens_the_controls(opens: Opens) -> None:
    with opens(CONTROLLED, render=RenderOptions(by="control")) as page:
        assert page.get_by_role("heading", name="Controls", exact=True).is_visible()
        assert not page.locator("#list").is_visible()
        page.get_by_role("navigation", name="Views").get_by_role("link", name="Findings").click()
        assert page.locator("#list").is_visible()


def test_the_other_views(opens: Opens) -> None:
    with opens(many(100)) as page:
        views = page.get_by_role("navigation", name="Views")
        views.get_by_role("link", name="Controls").click()
        assert page.get_by_role("heading", name="CIS Docker 1.7.0").is_visible()
        assert not page.locator("#list").is_visible()
        page.get_by_role("link", name="2 fail").first.click()
        assert count(page) == "2 of 100 findings"
        views.get_by_role("link", name="Missing facts").click()
        page.locator("#unknown td a").first.click()
        assert count(page) == "2 of 100 findings"
        views.get_by_role("link", name="Run").click()
        assert page.get_by_text("nothing to let pass").is_visible()
        assert page.evaluate("location.hash").startswith("#run&")
        assert views.locator("[aria-current=page]").inner_text().startswith("Run")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_until_the_reader_chooses(opens: Opens, scheme: Any) -> None:
    colours = {"light": "rgb(245, 246, 248)", "dark": "rgb(14, 18, 23)"}
    other = {"light": "dark", "dark": "light"}[scheme]
    background = "getComputedStyle(document.body).backgroundColor"
    with opens(EVERYTHING, color_scheme=scheme) as page:
        assert page.evaluate(background) == colours[scheme]
        page.get_by_role("button", name=f"{other.title()} theme").click()
        assert page.evaluate(background) == colours[other]
        assert page.get_by_role("button", name=f"{scheme.title()} theme").is_visible()


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")], ids=["light", "dark", "phone"]
)
@pytest.mark.parametrize("view", ["findings", "controls", "unknown", "run"])
def test_axe_finds_nothing(opens: Opens, view: str, viewport: Any, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # What axe adds to a page is what the page's own policy keeps out.
    with opens(many(30), f"#{view}", viewport=viewport, color_scheme=scheme, bypass_csp=True) as page:
        if view == "findings":
            page.locator(".opener").nth(1).click()
        found = Axe().run(
            page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        )
        assert [
            (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found.response["violations"]
        ] == []


@pytest.mark.parametrize("size", [10, 10_000])
def test_a_phone_is_never_scrolled_sideways(opens: Opens, size: int) -> None:
    with opens(many(size), viewport=PHONE) as page:
        page.locator(".opener").nth(1).click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_without_scripts_it_is_a_list(opens: Opens) -> None:
    with opens(many(300), java_script_enabled=False) as page:
        assert page.get_by_text("The first 200 of 297 findings").is_visible()
        assert page.locator(".static > li").count() == 200
        assert page.get_by_role("heading", name="CIS Docker 1.7.0").is_visible()
        assert not page.get_by_label("Search").is_visible()


def test_paper_has_every_finding(opens: Opens) -> None:
    with opens(many(300)) as page:
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("tr.finding").count() == 297
        assert not page.get_by_label("Search").is_visible()
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("tr.finding").count() < 100


@pytest.mark.parametrize(("found", "verdict"), [(CLEAN, "Compliant"), (EMPTY, "Compliant"), (EVERYTHING, "Incomplete")])
def test_reports_with_nothing_in_them(opens: Opens, found: Any, verdict: str) -> None:
    with opens(found) as page:
        assert page.locator(".verdict").inner_text() == verdict
        if found is not EVERYTHING:
            assert count(page) == "0 of 0 findings"


HOSTILE = [
    "</script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<!--<script>",
    "]]>\u2028\u2029&lt;b&gt;",
    "\"'><svg onload=document.title='owned'>",
    "{{script}}",
    "javascript:document.title='owned'",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_no_text_of_a_file_becomes_markup(opens: Opens, text: str, *, scripts: bool) -> None:
    evil = replace(
        PRIVILEGED,
        policy=text,
        category=text,
        title=text,
        message=text,
        resource=replace(PRIVILEGED.resource, name=text, scope=text, parent=text, kind=text, origin=text),
        places=(PRIVILEGED.places[0]._replace(location=PRIVILEGED.location._replace(path=text)),),
        field=text,
        actual={text: text},
        witness=text,
        controls=({"benchmark": text, "version": text, "id": text},),
        remedy=text,
        fingerprint=text,
        excerpt=SourceLine(text, 1, 5),
        exemption=replace(WAIVER, reason=text, owner=text),
    )
    shown = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    with opens(report(evil), java_script_enabled=scripts) as page:
        assert page.title() == "policyengine report"
        if scripts:
            assert messages(page) == [shown]
            page.locator(".opener").click()
            assert page.locator(".detail").inner_text().count(shown) > 5
        else:
            assert page.locator(".static strong").inner_text() == shown
        assert (
            page.locator("img, body script:not(:last-child):not([type='application/json']), svg:not(.bar)").count() == 0
        )
