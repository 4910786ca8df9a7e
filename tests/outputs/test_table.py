from __future__ import annotations

import re
from textwrap import dedent

from msgspec.structs import replace

from policyengine.outputs.options import RenderOptions

from .reports import CLEAN, EVERYTHING, PASSED, PORT, PRIVILEGED, TEMPLATE, USER, WAIVED, report, whole

render = whole("table")


def test_everything() -> None:
    assert render(EVERYTHING, RenderOptions(width=120)) == dedent("""\
        Severity      Policy               Resource                          Where                         Message
        ------------  -------------------  --------------------------------  ----------------------------  ------------------------------
        critical      privileged           service/web/container/web         compose.yaml:4:17             web runs privileged
        unknown       run-as-uid-0         deployment/web/container/app      deploy.yaml:14:11             app may run as root
        warning(low)  readonly-rootfs      container/web                     docker://local/container/web  web can write to its root file
                                                                                                           system
        high          bind-all-interfaces  service/web/container/web         compose.yaml:12:9             web publishes 8080 on every
                                                                                                           interface
        unknown       run-as-uid-0         deployment/web/container/sidecar  deploy.yaml:17:11             app may run as root
        unknown       user-missing         deployment/web/container/app      deploy.yaml:14:11             app names no user
        unknown       pdb-missing          workload/web                      deploy.yaml:14:11             nothing may protect web from
                                                                                                           eviction
        error         memory-limit         service/web/container/web         compose.yaml:9:5              memory is a list, not a number
        error                                                                broken.yaml:7:3               mapping values are not allowed
                                                                                                           here
        error                                                                                              the engine does not answer

        3 violations (1 critical, 1 high, 1 low; 1 warning), 4 unknown, 3 errors, 1 waived in 3 inputs (1 skipped); 12 resources, 7 policies, 0.4 s
        """)  # noqa: E501


def test_what_several_policies_lack_is_one_row() -> None:
    others = [replace(USER, policy=policy) for policy in ("allow-priv-esc", "caps-added")]
    apart = replace(USER, resource=replace(USER.resource, name="other"))
    rows = render(report(USER, *others, apart), RenderOptions(width=150)).splitlines()[2:-2]
    assert [re.split(r"\s{2,}", row)[1:3] for row in rows] == [
        ["run-as-uid-0 and 2 more", "deployment/web/container/app"],
        ["run-as-uid-0", "deployment/web/container/other"],
    ]


def test_nothing_wrong_is_only_the_summary() -> None:
    assert render(CLEAN) == "No violations. 3 inputs, 12 resources, 1 policy, 0.4 s\n"


def test_a_wide_terminal_breaks_no_message() -> None:
    lines = render(report(PORT), RenderOptions(width=150)).splitlines()
    assert lines[2].endswith("web publishes 8080 on every interface")
    assert len(lines) == 5


def test_all_adds_waived_and_passed() -> None:
    rows = render(report(WAIVED, PASSED), RenderOptions(all=True)).splitlines()[2:4]
    assert [row.split()[0] for row in rows] == ["waived", "pass"]
    assert "privileged  " not in render(report(WAIVED, PASSED))


def test_verbose_adds_what_was_left_out_before_the_summary() -> None:
    *rows, summary = render(EVERYTHING).splitlines()
    skipped = f"{TEMPLATE.path}: skipped: {TEMPLATE.reason}"
    assert render(EVERYTHING, RenderOptions(verbose=True)).splitlines() == [*rows, skipped, summary]


def test_numbers_and_control_characters_stay_text() -> None:
    text = render(report(replace(PRIVILEGED, message="007\n\x1b[2J")))
    assert "007\\n\\x1b[2J" in text
    assert len(text.splitlines()) == 5


def test_numbers_are_not_aligned_as_numbers() -> None:
    found = report(replace(PRIVILEGED, message="1.50"), replace(PRIVILEGED, message="100"))
    assert [row.split("  ")[-1] for row in render(found).splitlines()[2:4]] == ["1.50", "100"]


def test_only_the_severity_is_coloured() -> None:
    plain = render(EVERYTHING, RenderOptions(width=120))
    text = render(EVERYTHING, RenderOptions(width=120, colour=True))
    assert "\x1b[1;38;5;196mcritical\x1b[0m      privileged  " in text
    assert "\x1b[38;5;31mwarning(low)\x1b[0m  readonly-rootfs" in text
    for code in ("\x1b[1;38;5;196m", "\x1b[38;5;196m", "\x1b[38;5;31m", "\x1b[1;38;5;164m", "\x1b[0m"):
        text = text.replace(code, "")
    assert text == plain


def test_quiet_leaves_out_the_summary() -> None:
    loud, quiet = render(EVERYTHING, RenderOptions(width=120)), render(EVERYTHING, RenderOptions(width=120, quiet=True))
    assert quiet == loud.rpartition("\n\n")[0]
    assert render(CLEAN, RenderOptions(quiet=True)) == ""


def test_no_cell_takes_longer_than_it_is_worth() -> None:
    text = render(report(replace(PRIVILEGED, message="\u2028" * 1_000_000)), RenderOptions(width=120))
    assert text.count("u2028") < 400
    assert "…" in text
