from __future__ import annotations

import re
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.report import Notice, Place, Problem, Report
from policyengine.outputs.markdown import LIMIT
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.style import visible

from .gate import EXPIRED, GATE, WAIVED_FOR_A_WHILE, many
from .reports import (
    CLEAN,
    EMPTY,
    EVERYTHING,
    LIVE,
    PASSED,
    PRIVILEGED,
    TEMPLATE,
    USER,
    WAIVED,
    report,
    whole,
)

render = whole("markdown")
QUIET = RenderOptions(quiet=True)
ALL = RenderOptions(verbose=True, all=True)

NASTY = [
    "|",
    r"\|",
    r"\\|",
    r"a\|b|c\\",
    "`",
    "``a`|`",
    "<script>alert(1)</script>",
    "</summary></details>",
    "<!--",
    "&lt;b&gt; &amp; &#124;",
    "@octocat",
    "me@example.com",
    "https://example.com/x",
    "www.example.com",
    "[a](https://example.com)",
    "![a](x)",
    "*a* _b_ ~~c~~",
    "#1 GH-1",
    "deadbeef",
    ":tada:",
    "$x$ $`y`$",
    "1. a",
    "- a",
    "# a",
    "> a",
    "[x]: https://example.com",
    "\\",
    "line\nend",
    "\x1b[31m\u202e\u200b",
]


def page(text: str) -> Any:
    """What GitHub's renderer makes of Markdown, with its extensions and its filter, as a tree."""
    return html.fromstring(f"<div>{cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)}</div>")


def texts(tree: Any, path: str) -> list[str]:
    return [element.text_content() for element in tree.iterfind(path)]


def test_everything() -> None:
    assert render(EVERYTHING) == (
        """\
<!-- policyengine -->
## policyengine

**3 violations (1 critical, 1 high, 1 low; 1 warning), 4 unknown, 3 errors, 1 waived in 3 inputs (1 skipped); \
12 resources, 7 policies, 0.4 s**

### Could not be judged

- `broken.yaml:7`: mapping values are not allowed here
- policyengine: the engine does not answer
- `compose.yaml:9`, `memory-limit`: memory is a list, not a number

<details open>
<summary>1 critical</summary>

| Where | Policy | Violation |
| :-- | :-- | :-- |
| `compose.yaml:4` | `privileged` | web runs privileged |

</details>

<details open>
<summary>1 high</summary>

| Where | Policy | Violation |
| :-- | :-- | :-- |
| `compose.yaml:12` | `bind-all-interfaces` | web publishes 8080 on every interface (also `other.yaml:3`) |

</details>

<details>
<summary>1 low</summary>

| Where | Policy | Violation |
| :-- | :-- | :-- |
| `docker://local/container/web` | `readonly-rootfs` | *warning only:* web can write to its root file system |

</details>

<details>
<summary>4 unknown, for want of 2 facts</summary>

- `image.user` of 2 containers (`run-as-uid-0`, `user-missing`), `deploy.yaml:14`: the image `nginx:1.25` decides; \
to settle it: `--resolve engine`
- `related.pod_disruption_budgets` of 1 workload (`pdb-missing`), `deploy.yaml:14`: \
a single file does not show all of its namespace

</details>

<details>
<summary>How to mend it</summary>

- `privileged`: Remove privileged: true.
- `readonly-rootfs`: Run it with `--read-only`.<br>Give it a tmpfs where it has to write.

</details>
"""
    )


def test_nothing_is_the_summary_or_with_quiet_nothing() -> None:
    assert render(CLEAN) == (
        "<!-- policyengine -->\n## policyengine\n\n**No violations. 3 inputs, 12 resources, 1 policy, 0.4 s**\n"
    )
    assert render(EMPTY).endswith(
        "**Nothing was judged: no policy applies. 3 inputs, 12 resources, 0 policies, 0.4 s**\n"
    )
    assert render(CLEAN, QUIET) == render(EMPTY, QUIET) == ""


def test_what_github_shows() -> None:
    tree = page(render(EVERYTHING, ALL))
    assert texts(tree, "h2") == ["policyengine"]
    assert texts(tree, ".//details/summary") == [
        "1 critical",
        "1 high",
        "1 low",
        "4 unknown, for want of 2 facts",
        "How to mend it",
        "1 waived",
        "1 passed",
        "1 skipped",
    ]
    assert [table.getparent().tag for table in tree.iter("table")] == ["details"] * 3
    assert texts(tree, ".//tbody/tr/td") == [
        "compose.yaml:4",
        "privileged",
        "web runs privileged",
        "compose.yaml:12",
        "bind-all-interfaces",
        "web publishes 8080 on every interface (also other.yaml:3)",
        "docker://local/container/web",
        "readonly-rootfs",
        "warning only: web can write to its root file system",
    ]
    assert texts(tree, ".//details/ul/li")[-1] == f"{TEMPLATE.path}: {TEMPLATE.reason}"


def test_only_what_is_bad_is_unfolded() -> None:
    found = report(*(replace(PRIVILEGED, severity=one) for one in ("critical", "high", "medium", "low", "info")))
    assert [detail.get("open") is not None for detail in page(render(found)).iter("details")][:5] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_rows_are_grouped_by_file() -> None:
    def at(path: str, line: int) -> Any:
        return replace(PRIVILEGED, places=(Place(Location(path, line)),), remedy=None)

    found = report(at("b", 1), at("a", 1), at("b", 2), at("a", 2))
    assert texts(page(render(found)), ".//tbody/tr/td")[::3] == ["b:1", "b:2", "a:1", "a:2"]


def test_unknowns_that_fail_the_run_are_unfolded_and_ignored_ones_left_out() -> None:
    assert "<details open>" in render(replace(report(USER), unknown="fail"))
    assert "<details>" in render(report(USER))
    assert render(replace(report(USER), unknown="ignore"), QUIET) == ""


def test_exemptions_and_notices() -> None:
    tree = page(render(GATE, ALL))
    assert texts(tree, ".//tbody/tr/td")[-1] == (
        "web publishes 8080 on every interface — "
        "expired: comment at compose.yaml:11:5, until 2026-01-01: behind a firewall (also other.yaml:3)"
    )
    items = texts(tree, ".//li")
    assert "waivers.yaml:9: the waiver of privileged for db lets nothing pass (unused)" in items
    assert "policyengine: annotations of live objects do not count (ignored)" in items
    assert "Exceptions" not in render(GATE, QUIET)
    assert items[-1] == (
        "compose.yaml:4, privileged, service/dind container/dind: web runs privileged — "
        "waived: waiver at waivers.yaml:4:3, until 2027-01-31, owner platform: we migrate in May"
    )


def test_what_is_waived_is_counted_and_with_all_listed() -> None:
    found = report(WAIVED_FOR_A_WHILE, PASSED)
    assert "**No violations. 3 inputs, 1 waived, " in render(found)
    assert "<details>" not in render(found)
    assert render(found, RenderOptions(all=True)).count("<details>") == 2


def test_the_remedy_of_a_policy_is_told_once() -> None:
    assert render(report(PRIVILEGED, replace(PRIVILEGED, fingerprint="x"))).count("Remove privileged") == 1


def test_what_has_no_room_is_counted_the_worst_is_kept() -> None:
    text = render(many())
    assert LIMIT * 0.75 < len(text.encode()) <= LIMIT
    tree = page(text)
    rows = texts(tree, ".//tbody/tr")
    assert texts(tree, ".//details/summary") == [
        "1000 critical",
        "1000 unknown, for want of 1 fact",
        "How to mend it",
    ]
    assert texts(tree, "p")[-1] == (
        f"Left out, for a comment has no room for more: {9000 - len(rows)} violations. The format json has all."
    )


def test_nothing_less_bad_is_shown_in_place_of_what_has_no_room() -> None:
    rows = [
        replace(PRIVILEGED, places=(Place(Location(f"{number}.yaml")),), message="so " * (100 if number % 3 else 1))
        for number in range(1000)
    ]
    shown = texts(page(render(report(*rows))), ".//tbody/tr/td")[::3]
    assert shown == [f"{number}.yaml" for number in range(len(shown))]
    assert 100 < len(shown) < 1000


@pytest.mark.parametrize("found", [EVERYTHING, GATE, many()], ids=range(3))
def test_a_page_is_no_longer_than_a_comment_may_be(found: Report) -> None:
    long = [replace(one, message=one.message + " x_y" * 9_000) for one in found.findings]
    problems = tuple(Problem(f"{number} " + "é" * 400, "a.yaml") for number in range(400))
    notices = tuple(Notice("unused", "é" * 400, "a.yaml", number) for number in range(400))
    text = render(replace(found, findings=long, problems=problems, notices=notices, skipped=(TEMPLATE,) * 9_000), ALL)
    assert len(text.encode()) <= LIMIT
    assert "Left out, for a comment has no room for more: " in text
    assert text.count("<details") == text.count("</details>") == len(list(page(text).iter("details")))
    assert texts(page(text), ".//tbody/tr")


def hostile(text: str) -> Any:
    """The page of a report in which a text stands wherever a file can put one."""
    places = (Place(Location(text)), Place(Location(text)))
    found = replace(PRIVILEGED, policy=text, message=text, remedy=f"x {text}", places=places)
    broken = replace(found, status="error")
    said = replace(
        report(found, broken, WAIVED, problems=[Problem(text, text), Problem(text)]),
        notices=(Notice("unused", text, text),),
    )
    return page(render(said))


def check(text: str) -> None:
    tree = hostile(text)
    where, policy, message = texts(tree, ".//tbody/tr/td")
    shown = visible(text)
    assert where == policy == shown
    assert message == f"{' '.join(shown.split())} (also {shown})".strip()
    tags = {
        "br",
        "code",
        "details",
        "div",
        "h2",
        "h3",
        "li",
        "p",
        "strong",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    }
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= tags
    assert len(list(tree.iter("li"))) == 5
    for element in tree.iter("p", "li", "td"):
        outside = "".join([element.text or "", *(child.tail or "" for child in element)])
        assert not set("@#$<>[]`*_~\\") & set(outside)
        assert "://" not in outside


@pytest.mark.parametrize("text", NASTY)
def test_no_text_is_markup(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("|\\`<>@ .:#*_-\n")), min_size=1, max_size=60))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    ("remedy", "shown"),
    [
        ("Remove `privileged: true`; grant `cap_add`.", "Remove `privileged: true`; grant `cap_add`."),
        ("Set user: to a number.", "Set user: to a number."),
        ("Use ${DB_PASSWORD} or `${A|B}`.", "Use `${DB_PASSWORD}` or `${A`\\|`B}`."),
        ("a_b`c`d_e", "`a_b`<!-- -->`c`<!-- -->`d_e`"),
        ("an odd ` one", "an odd `` ` `` one"),
    ],
)
def test_what_a_policy_has_in_backticks_is_code(remedy: str, shown: str) -> None:
    text = render(report(replace(PRIVILEGED, remedy=remedy)))
    assert f"- `privileged`: {shown}\n" in text
    bare = re.sub("`([^`]+)`", r"\1", remedy)
    assert texts(page(text), ".//details/ul/li") == [f"privileged: {bare}"]


def test_expired_is_told_in_the_row_only() -> None:
    assert render(report(EXPIRED)).count("expired: comment") == 1


def test_a_live_object_is_told_by_its_address() -> None:
    assert texts(page(render(report(LIVE))), ".//tbody/tr/td")[0] == "docker://local/container/web"
