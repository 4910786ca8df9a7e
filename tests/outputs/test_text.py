from __future__ import annotations

from msgspec.structs import replace

from policyengine.model.report import Problem, Skipped
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.style import file_uri

from .reports import CLEAN, EMPTY, EVERYTHING, PASSED, PRIVILEGED, TEMPLATE, WAIVED, report, whole

render = whole("text")


def test_everything() -> None:
    assert render(EVERYTHING).splitlines() == [
        "compose.yaml:4:17: critical privileged web runs privileged",
        "deploy.yaml:14:11: unknown run-as-uid-0 app may run as root (image.user; --resolve engine)",
        "docker://local/container/web: warning(low) readonly-rootfs web can write to its root file system",
        "compose.yaml:12:9: high bind-all-interfaces web publishes 8080 on every interface",
        "deploy.yaml:17:11: unknown run-as-uid-0 app may run as root (image.user; --resolve engine)",
        "deploy.yaml:14:11: unknown user-missing app names no user (image.user; --resolve engine)",
        "deploy.yaml:14:11: unknown pdb-missing nothing may protect web from eviction (related.pod_disruption_budgets)",
        "compose.yaml:9:5: error memory-limit memory is a list, not a number",
        "broken.yaml:7:3: error mapping values are not allowed here",
        "policyengine: error the engine does not answer",
    ]


def test_nothing_wrong_is_nothing_said() -> None:
    assert render(CLEAN) == ""
    assert render(EMPTY) == ""


def test_all_adds_waived_and_passed() -> None:
    assert render(report(WAIVED, PASSED), RenderOptions(all=True)).splitlines() == [
        "compose.yaml:4:17: waived privileged web runs privileged",
        "compose.yaml:4:17: pass privileged web runs privileged",
    ]


def test_verbose_adds_what_was_left_out() -> None:
    verbose = render(EVERYTHING, RenderOptions(verbose=True))
    assert verbose == render(EVERYTHING) + f"{TEMPLATE.path}: skipped: {TEMPLATE.reason}\n"
    assert "\\x1b" in render(report(skipped=[Skipped("a\x1b", "b")]), RenderOptions(verbose=True))


def test_one_line_stays_one_line() -> None:
    found = report(replace(PRIVILEGED, message="a\r\nb\u2028c"), problems=[Problem("d\ne", "f\n.yaml", 1)])
    assert render(found).splitlines() == [
        "compose.yaml:4:17: critical privileged a\\r\\nb\\u2028c",
        "f\\n.yaml:1: error d\\ne",
    ]


def test_colour_is_not_for_pipes() -> None:
    assert render(EVERYTHING, RenderOptions(colour=True)) == render(EVERYTHING)


def test_places_are_links_where_the_terminal_follows_them() -> None:
    text = render(report(PRIVILEGED), RenderOptions(links="/home/me"))
    place = f"\x1b]8;;{file_uri('/home/me/compose.yaml')}\x1b\\compose.yaml:4:17\x1b]8;;\x1b\\"
    assert text == f"{place}: critical privileged web runs privileged\n"
