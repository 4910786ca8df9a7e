from __future__ import annotations

import re
from textwrap import dedent

import pytest
from msgspec.structs import replace

from policyengine.model.location import Location
from policyengine.model.provenance import ABSENT, Provenance
from policyengine.model.report import Finding, Place, Problem
from policyengine.model.source_line import SourceLine
from policyengine.outputs.options import RenderOptions
from policyengine.outputs.style import file_uri

from .reports import (
    BROKEN,
    CLEAN,
    EMPTY,
    EVERYTHING,
    LIVE,
    LOST,
    PASSED,
    PDB,
    PORT,
    PRIVILEGED,
    PROBLEM,
    SIDECAR,
    TEMPLATE,
    USER,
    USER_MISSING,
    WAIVED,
    report,
    whole,
)

render = whole("full")


def test_everything() -> None:
    assert render(EVERYTHING, RenderOptions(width=80)) == dedent("""\
        critical[privileged]: web runs privileged
         --> compose.yaml:4:17
          |
        4 |     privileged: true
          |                 ^^^^
          = resource: service/web container/web (compose:shop)
          = actual: privileged = true
          = help: Remove privileged: true.

        warning(low)[readonly-rootfs]: web can write to its root file system
         --> docker://local/container/web
          = resource: container/web (docker:local)
          = actual: read_only = false
          = note: a warning only: it does not make the run fail
          = help: Run it with --read-only.
                  Give it a tmpfs where it has to write.

        high[bind-all-interfaces]: web publishes 8080 on every interface
          --> compose.yaml:12:9
           |
        12 |       - "8080:80"
           |         ^^^^^^^^^
           = resource: service/web container/web (compose:shop)
           = actual: ports[0].host_ip = "0.0.0.0" (default: Compose)
           = related: other.yaml:3:1

        unknown: image.user of 2 containers (run-as-uid-0, user-missing)
          = why: the image nginx:1.25 decides (for example deployment/web container/app,
                 deploy.yaml:14:11)
          = help: to settle it: --resolve engine

        unknown: related.pod_disruption_budgets of 1 workload (pdb-missing)
          = why: a single file does not show all of its namespace (workload/web,
                 deploy.yaml:14:11)

        error[memory-limit]: memory is a list, not a number
         --> compose.yaml:9:5
          |
        9 |     mem_limit: []
          |     ^^^^^^^^^^^^^
          = resource: service/web container/web (compose:shop)

        error: broken.yaml:7:3: mapping values are not allowed here
        error: the engine does not answer

        3 violations (1 critical, 1 high, 1 low; 1 warning), 4 unknown, 3 errors, 1 waived in 3 inputs (1 skipped); \
12 resources, 7 policies, 0.4 s
        """)


def test_nothing_wrong() -> None:
    assert render(CLEAN) == "No violations. 3 inputs, 12 resources, 1 policy, 0.4 s\n"


def test_nothing_judged() -> None:
    assert render(EMPTY) == "Nothing was judged: no policy applies. 3 inputs, 12 resources, 0 policies, 0.4 s\n"


def test_verbose_and_all_add_what_is_left_out() -> None:
    found = report(replace(LIVE, controls=PRIVILEGED.controls), WAIVED, PASSED, skipped=[TEMPLATE])
    quiet = render(found)
    verbose = render(found, RenderOptions(verbose=True))
    everything = render(found, RenderOptions(all=True))
    controls = "  = controls: CIS Docker 1.7.0 5.5, checkov CKV_K8S_16"
    waived = "waived[privileged]: compose.yaml:4:17: service/dind container/dind: Containers do not run privileged"
    passed = "pass[privileged]: compose.yaml:4:17: service/db container/db: Containers do not run privileged"
    skipped = "skipped: chart/templates/x.yaml: Helm template, not rendered"
    lines = (controls, waived, passed, skipped)
    assert [line in quiet.splitlines() for line in lines] == [False, False, False, False]
    assert [line in verbose.splitlines() for line in lines] == [True, True, False, True]
    assert [line in everything.splitlines() for line in lines] == [False, True, True, False]


def test_findings_stand_in_the_order_of_the_report() -> None:
    def at(path: str, line: int, column: int = 1) -> Finding:
        return replace(PRIVILEGED, places=(Place(Location(path, line, column)),))

    text = render(report(at("b.yaml", 9), at("a.yaml", 1), at("b.yaml", 2, 10), at("b.yaml", 10), at("b.yaml", 2, 9)))
    places = [line.split()[1] for line in text.splitlines() if line.lstrip().startswith("-->")]
    assert places == ["b.yaml:9:1", "a.yaml:1:1", "b.yaml:2:10", "b.yaml:10:1", "b.yaml:2:9"]


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (replace(LIVE, actual=None, provenance=ABSENT), "  = actual: read_only is not set"),
        (replace(LIVE, actual=None), "  = actual: read_only = null"),
        (replace(LIVE, provenance=Provenance("default")), "  = actual: read_only = false (default)"),
        (
            replace(LIVE, field="user", actual="root", provenance=Provenance("inherited", "nginx:1.25")),
            '  = actual: user = "root" (inherited from nginx:1.25)',
        ),
        (replace(LIVE, actual=["NET_ADMIN", "é"]), '  = actual: read_only = ["NET_ADMIN", "é"]'),
        (replace(LIVE, actual="x" * 300), '  = actual: read_only = "' + "x" * 198 + "…"),
        (replace(LIVE, witness="10.0.0.1 -> 10.0.0.2:22"), "  = witness: 10.0.0.1 -> 10.0.0.2:22"),
        (replace(LIVE, places=LIVE.places * 8), "  = related: 2 more places"),
    ],
)
def test_notes(finding: Finding, expected: str) -> None:
    assert expected in render(report(finding), RenderOptions(width=400)).splitlines()


def test_a_finding_on_a_whole_resource_has_no_value() -> None:
    assert "actual" not in render(report(replace(LIVE, field=None)))


def test_every_missing_fact_is_told_once_with_all_that_would_settle_it() -> None:
    assert USER.unknown
    registry = replace(SIDECAR, unknown=replace(USER.unknown, settle="--resolve registry"))
    other = replace(PDB, unknown=USER.unknown)
    text = render(report(PDB, USER, registry, USER_MISSING, other), RenderOptions(width=200))
    assert text.split("\n\n")[:2] == [
        "unknown: image.user of 3 resources (run-as-uid-0, user-missing, pdb-missing)\n"
        "  = why: the image nginx:1.25 decides (for example deployment/web container/app, deploy.yaml:14:11)\n"
        "  = help: to settle it: --resolve engine or --resolve registry",
        "unknown: related.pod_disruption_budgets of 1 workload (pdb-missing)\n"
        "  = why: a single file does not show all of its namespace (workload/web, deploy.yaml:14:11)",
    ]


def test_an_unknown_finding_may_lack_its_fact() -> None:
    text = render(report(replace(USER, unknown=None)), RenderOptions(width=200))
    assert text.startswith(
        "unknown: something that the policy reads of 1 container (run-as-uid-0)\n"
        "  = why: app may run as root (deployment/web container/app, deploy.yaml:14:11)\n\n"
    )


def test_colours() -> None:
    text = render(report(PRIVILEGED, problems=[PROBLEM]), RenderOptions(colour=True))
    assert text == (
        "\x1b[1;38;5;196mcritical[privileged]\x1b[0m: \x1b[1mweb runs privileged\x1b[0m\n"
        "\x1b[38;5;31m -->\x1b[0m compose.yaml:4:17\n"
        "\x1b[38;5;31m  |\x1b[0m\n"
        "\x1b[38;5;31m4 |\x1b[0m     privileged: true\n"
        "\x1b[38;5;31m  |\x1b[0m                 \x1b[1;38;5;196m^^^^\x1b[0m\n"
        "\x1b[38;5;31m  =\x1b[0m \x1b[1mresource\x1b[0m: service/web container/web (compose:shop)\n"
        "\x1b[38;5;31m  =\x1b[0m \x1b[1mactual\x1b[0m: privileged = true\n"
        "\x1b[38;5;31m  =\x1b[0m \x1b[1mhelp\x1b[0m: Remove privileged: true.\n"
        "\n"
        "\x1b[1;38;5;196merror\x1b[0m: \x1b[1mbroken.yaml:7:3: mapping values are not allowed here\x1b[0m\n"
        "\n"
        "\x1b[1m1 violation (1 critical), 0 unknown, 1 error in 3 inputs; 12 resources, 1 policy, 0.4 s\x1b[0m\n"
    )


def test_links_where_the_terminal_follows_them() -> None:
    linked = replace(report(PRIVILEGED), rules={"privileged": {"path": "/opt/policies/privileged.yaml"}})
    text = render(linked, RenderOptions(colour=True, links="/home/me"))
    policy, place = (file_uri(path) for path in ("/opt/policies/privileged.yaml", "/home/me/compose.yaml"))
    assert text.startswith(
        f"\x1b]8;;{policy}\x1b\\\x1b[1;38;5;196mcritical[privileged]\x1b[0m\x1b]8;;\x1b\\: "
        "\x1b[1mweb runs privileged\x1b[0m\n"
        f"\x1b[38;5;31m -->\x1b[0m \x1b]8;;{place}\x1b\\compose.yaml:4:17\x1b]8;;\x1b\\\n"
    )
    assert re.sub(r"\x1b\]8;;[^\x1b]*\x1b\\", "", text) == render(linked, RenderOptions(colour=True))


def test_a_file_of_a_hostile_name_is_linked_and_steers_nothing() -> None:
    name = "\x1b]8;;http://evil.example\x07\x1b\\a.yaml"
    text = render(report(replace(PRIVILEGED, places=(Place(Location(name, 4, 17, 4, 21)),))), LINKED)
    opened = f"\x1b]8;;{file_uri('/home/me/' + name)}\x1b\\"
    assert f"{opened}\\x1b]8;;http://evil.example\\x07\\x1b\\a.yaml:4:17\x1b]8;;\x1b\\\n" in text
    assert text.count("\x1b]8;;") == 2
    assert "\x07" not in text


LINKED = RenderOptions(links="/home/me")


def test_a_narrow_terminal_keeps_the_value_in_sight() -> None:
    line = "services: {web: {image: nginx, privileged: true, environment: {A: b}, restart: always}}"
    finding = replace(
        PRIVILEGED,
        places=(Place(Location("compose.yaml", 1, 44, 1, 48)),),
        excerpt=SourceLine(line, 44, 48),
        remedy="Remove it, and grant the single capabilities that the program needs instead.",
    )
    assert render(report(finding), RenderOptions(width=44)).split("\n\n")[0] == dedent("""\
        critical[privileged]: web runs privileged
         --> compose.yaml:1:44
          |
        1 | …age: nginx, privileged: true, environm…
          |                          ^^^^
          = resource: service/web container/web
                      (compose:shop)
          = actual: privileged = true
          = help: Remove it, and grant the single
                  capabilities that the program
                  needs instead.""")


def test_an_error_without_a_place() -> None:
    assert render(report(problems=[LOST])).startswith("error: the engine does not answer\n\n0 violations, 0 unknown, ")
    assert "error: broken.yaml: x\n" in render(report(problems=[Problem("x", "broken.yaml")]))


def test_an_error_of_a_policy_is_no_violation() -> None:
    text = render(report(BROKEN))
    assert text.startswith("error[memory-limit]: memory is a list, not a number\n --> compose.yaml:9:5\n")
    assert text.endswith("\n0 violations, 0 unknown, 1 error in 3 inputs; 12 resources, 1 policy, 0.4 s\n")


def test_only_the_help_may_have_several_lines() -> None:
    finding = replace(
        PORT,
        message="a\nb",
        resource=replace(PORT.resource, name="a\nerror: forged"),
        witness="a\nb",
        remedy="one\n\ntwo\n",
    )
    assert render(report(finding)).split("\n\n0")[0].splitlines()[4:] == [
        "   |         ^^^^^^^^^",
        "   = resource: service/web container/a\\nerror: forged (compose:shop)",
        '   = actual: ports[0].host_ip = "0.0.0.0" (default: Compose)',
        "   = witness: a\\nb",
        "   = related: other.yaml:3:1",
        "   = help: one",
        "",
        "           two",
        "",
        "1 violation (1 high), 0 unknown, 0 errors in 3 inputs; 12 resources, 1 policy, 0.4 s",
    ]


def test_quiet_leaves_out_the_summary() -> None:
    assert render(EVERYTHING, RenderOptions(quiet=True)) == render(EVERYTHING).rpartition("\n\n")[0] + "\n"
    assert render(CLEAN, RenderOptions(quiet=True)) == ""
