"""``--trust-config-from``: a change does not open its own gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.once import ONCE
from tests.repositories import made
from tests.running import POD, PRIVILEGED, cli

if TYPE_CHECKING:
    from pathlib import Path

    from tests.repositories import Made

pytestmark = [pytest.mark.usefixtures("nobodys_configuration"), ONCE]

SELECT = ("--select", "privileged,host-pid")
WAIVERS = """\
version: 1
waivers:
  - policy: privileged
    resource: pod/web
    reason: it loads a module
    expires: 2099-01-31
"""
IGNORE = "# policyengine: ignore[privileged] it loads a module\n"
FOUND = f"pod.yaml:8:37: {PRIVILEGED}"
TOLD = "the exception is not in the revision that is trusted, and does not count"


@pytest.fixture
def ours(tmp_path: Path) -> Made:
    return made(tmp_path / "shop", {"pod.yaml": POD})


def judged(ours: Made, *arguments: str, ref: str = "main", **more: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a run that trusts a revision."""
    command = ("check", "-f", "text", *SELECT, "--trust-config-from", ref, *arguments)
    ended = cli(*command, cwd=ours.top, **{"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", **more})
    assert ended.err == "", ended.err
    return ended.code, ended.out.splitlines()


def test_a_change_that_waives_its_own_violation_is_blocked(ours: Made) -> None:
    ours.write({"policyengine-waivers.yaml": WAIVERS})
    assert cli("check", "-f", "text", *SELECT, cwd=ours.top).code == 0  # what the option is for
    told = f"policyengine-waivers.yaml:3:5: high exception-added this change waives privileged: {TOLD}"
    assert judged(ours) == (1, [told, FOUND])
    ours.commit()
    assert judged(ours) == (0, [])
    assert judged(ours, ref="HEAD~1") == (1, [told, FOUND])


WIDENED = {
    "another day": WAIVERS.replace("2099-01-31", "2099-02-01"),
    "another resource": WAIVERS.replace("pod/web", "'*'"),
    "another policy": WAIVERS.replace("policy: privileged", "policy: [privileged, host-pid]"),
}


@pytest.mark.parametrize("change", WIDENED)
def test_a_waiver_that_is_widened_is_another_one(change: str, ours: Made) -> None:
    ours.commit({"policyengine-waivers.yaml": WAIVERS})
    ours.write({"policyengine-waivers.yaml": WIDENED[change]})
    code, lines = judged(ours)
    assert code == 1
    assert [line.split(" this change ")[0] for line in lines] == [
        "policyengine-waivers.yaml:3:5: high exception-added",
    ]  # the old one lets the violation pass still


def test_a_waiver_for_one_value_that_is_made_one_for_all(ours: Made) -> None:
    one = WAIVERS.replace("    reason", "    value: false\n    reason")
    ours.commit({"policyengine-waivers.yaml": one})
    ours.write({"policyengine-waivers.yaml": WAIVERS})
    code, lines = judged(ours)
    assert (code, len(lines)) == (1, 3)
    assert lines[0].startswith("policyengine-waivers.yaml:3:5: high exception-added")


def test_a_better_reason_is_no_other_exception(ours: Made) -> None:
    ours.commit({"policyengine-waivers.yaml": WAIVERS, "pod.yaml": IGNORE + POD})
    ours.write(
        {
            "policyengine-waivers.yaml": "# ours\n" + WAIVERS.replace("it loads", "It loads"),
            "pod.yaml": IGNORE.replace("it loads", "It loads") + POD,
        }
    )
    assert judged(ours)[0] == 0


def test_ignores_that_a_change_adds(ours: Made) -> None:
    ours.write({"pod.yaml": IGNORE + POD})
    told = f"pod.yaml:1:1: high exception-added this change ignores privileged: {TOLD}"
    assert judged(ours) == (1, [told, f"pod.yaml:9:37: {PRIVILEGED}"])
    ours.commit()
    assert judged(ours) == (0, [])
    ours.git("mv", "pod.yaml", "moved.yaml")
    ours.write({"moved.yaml": "# a line more\n\n" + IGNORE + POD})
    assert judged(ours) == (0, [])


TWO = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: nginx
      securityContext: {privileged: true} # policyengine: ignore[privileged] it loads a module
    - name: side
      image: nginx
      securityContext: {privileged: false}
"""


def test_an_ignore_cannot_be_taken_elsewhere(ours: Made) -> None:
    ours.commit({"pod.yaml": TWO})
    comment = " # policyengine: ignore[privileged] it loads a module"
    moved = TWO.replace(comment, "").replace("privileged: true", "privileged: false")
    moved = moved.removesuffix("{privileged: false}\n") + "{privileged: true}" + comment + "\n"
    ours.write({"pod.yaml": moved})
    code, lines = judged(ours)
    assert code == 1
    assert lines == [
        f"pod.yaml:11:43: high exception-added this change ignores privileged: {TOLD}",
        "pod.yaml:11:37: critical privileged side runs privileged",
    ]


def test_lines_may_move(ours: Made) -> None:
    ours.commit({"pod.yaml": TWO})
    ours.write(
        {"pod.yaml": TWO.replace("    - name: web\n", "    - name: first\n      image: nginx\n    - name: web\n")}
    )
    assert judged(ours) == (0, [])


def test_a_baseline_that_a_change_makes_larger(ours: Made) -> None:
    environment = {"GIT_CONFIG_GLOBAL": "/dev/null"}
    assert cli("baseline", "create", *SELECT, cwd=ours.top, **environment).code == 0
    told = f"policyengine-baseline.json: high exception-added this change takes 1 more into the baseline: {TOLD}"
    assert judged(ours) == (1, [told, FOUND])
    ours.commit()
    assert judged(ours) == (0, [])
    (ours.top / "policyengine-baseline.json").unlink()
    assert judged(ours) == (0, [])  # that of the revision counts, and nothing is added


def test_settings_policies_and_packs_are_those_of_the_revision(ours: Made) -> None:
    ours.commit({"policyengine.yaml": "version: 1\nenforcement: [{policy: host-pid, enforce: warn}]\n"})
    ours.write({"policyengine.yaml": "version: 1\nenforcement: [{enforce: off}]\nexclude: ['*']\n"})
    assert judged(ours) == (1, [FOUND])
    ours.write({"policyengine.yaml": "broken: ["})
    assert judged(ours) == (1, [FOUND])
    (ours.top / "below").mkdir()
    ended = cli("check", "-f", "text", *SELECT, "--trust-config-from", "main", "..", cwd=ours.top / "below")
    assert (ended.code, ended.out) == (1, f"../{FOUND}\n")


def test_what_is_named_on_the_command_line_is_that_of_the_revision(ours: Made) -> None:
    ours.commit({"gate/ours.yaml": WAIVERS.replace("privileged", "host-pid")})
    ours.write({"gate/ours.yaml": WAIVERS})
    code, lines = judged(ours, "--waivers", "gate/ours.yaml")
    assert code == 1
    assert lines[0].startswith("gate/ours.yaml:3:5: high exception-added")
    assert lines[1] == FOUND


def test_a_cache_that_came_along_is_not_used(ours: Made, tmp_path: Path) -> None:
    place = tmp_path / "cache"
    code, lines = judged(ours, POLICYENGINE_CACHE_DIR=str(place))
    assert (code, lines) == (1, [FOUND])
    assert not place.exists() or not list(place.iterdir())


def test_other_exceptions_than_those_of_files_are_as_ever(ours: Made) -> None:
    ended = cli("check", "-f", "text", *SELECT, "--no-exceptions", "--trust-config-from", "main", cwd=ours.top)
    assert (ended.code, ended.out) == (1, f"{FOUND}\n")


def test_a_revision_that_is_none(ours: Made, tmp_path: Path) -> None:
    ended = cli("check", "--trust-config-from", "nowhere", cwd=ours.top)
    assert (ended.code, ended.out, ended.err) == (2, "", 'error: unknown revision "nowhere"\n')
    ended = cli("check", "--trust-config-from", "main", cwd=tmp_path)
    assert ended.code == 2
    assert "repository" in ended.err


OTHER = POD.replace("name: web", "name: other").replace("privileged: true", "privileged: false")


@pytest.mark.parametrize("ignore", ["pod.yaml", "*.yaml", "/*", "deploy/"])
def test_ignoring_a_committed_file_does_not_leave_it_out(ignore: str, ours: Made) -> None:
    ours.commit({"deploy/pod.yaml": OTHER})
    ours.write({".gitignore": f"{ignore}\n", "deploy/pod.yaml": POD})
    code, lines = judged(ours, "--new-since", "main")
    assert (code, lines) == (1, [f"deploy/{FOUND}"])
    code, lines = judged(ours, "--exclude", "deploy/")
    assert (code, lines) == (1, [FOUND])  # the command line is nothing that the change says


def test_what_is_ignored_and_not_committed_is_left_out(ours: Made) -> None:
    ours.commit({".gitignore": "build/\nnode_modules/\n"})
    ours.write({"build/pod.yaml": POD, "node_modules/pod.yaml": POD, ".venv/pod.yaml": POD})
    assert judged(ours, "--new-since", "main") == (0, [])


def test_what_was_committed_and_ignored_before_is_not_new(ours: Made) -> None:
    ours.commit({"build/pod.yaml": POD})
    ours.commit({".gitignore": "build/\n"})
    assert judged(ours, "--new-since", "main") == (0, [])


def test_a_link_to_where_nobody_looks_leads_nowhere_else(ours: Made) -> None:
    ours.commit({"deploy/pod.yaml": OTHER})
    ours.write({"node_modules/deploy/pod.yaml": POD})
    (ours.top / "deploy/pod.yaml").unlink()
    (ours.top / "deploy").rmdir()
    (ours.top / "deploy").symlink_to("node_modules/deploy")
    ours.git("add", "--force", "--all")
    code, lines = judged(ours, "--new-since", "main")
    assert (code, lines) == (1, [f"node_modules/deploy/{FOUND}"])


HIDDEN = "high exception-added this change has the file left out"
STOOD = "the revision that is trusted has it in a form that is judged"


@pytest.mark.parametrize("more", [(), ("--no-exceptions",)])
def test_a_comment_does_not_make_a_template_of_what_was_judged(more: tuple[str, ...], ours: Made) -> None:
    ours.commit({"templates/pod.yaml": OTHER, "ytt.yaml": "#@ load('a', 'b')\n" + OTHER, "ours.yaml": OTHER})
    ours.write(
        {
            "pod.yaml": POD + "#@ end\n",
            "templates/pod.yaml": POD + "# {{ }}\n",
            "ytt.yaml": "#@ load('a', 'c')\n" + POD,  # what was a template may stay one
            "new.yaml": "#@ load('a', 'c')\n" + POD,
            "kept.yaml": OTHER,
            "ours.yaml": "a: 1\n",  # what is no manifest is not deployed
        }
    )
    assert judged(ours, *more) == (
        1,
        [
            f"pod.yaml: {HIDDEN}: ytt template, not rendered; {STOOD}",
            f"templates/pod.yaml: {HIDDEN}: Helm template, not rendered; {STOOD}",
        ],
    )


def test_an_ignore_is_one_of_the_file_that_a_link_leads_to(ours: Made) -> None:
    ours.write({"real/pod.yaml": IGNORE + POD})
    (ours.top / "pod.yaml").unlink()
    (ours.top / "pod.yaml").symlink_to("real/pod.yaml")
    ours.commit()
    assert judged(ours) == (0, [])
    ours.write({"evil/pod.yaml": IGNORE + POD})
    (ours.top / "pod.yaml").unlink()
    (ours.top / "pod.yaml").symlink_to("evil/pod.yaml")
    code, lines = judged(ours)
    assert (code, lines[0].partition(" this change")[0]) == (1, "pod.yaml:1:1: high exception-added")


PACK = "version: 1\nname: acme\ntitle: ours\npolicies: [privileged]\n"


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ("", ("--pack", "acme")),
        ("packs: [acme]\n", ()),
        ("packs: [./acme]\n", ()),
    ],
)
def test_a_pack_by_its_bare_name_is_that_of_the_revision(settings: str, more: tuple[str, ...], ours: Made) -> None:
    ours.commit({"acme/pack.yaml": PACK, "policyengine.yaml": f"version: 1\n{settings}"})
    ours.write({"acme/pack.yaml": PACK.replace("privileged", "host-pid")})
    command = ("check", "-f", "text", "--trust-config-from", "main", *more)
    ended = cli(*command, cwd=ours.top, GIT_CONFIG_GLOBAL="/dev/null")
    assert (ended.code, ended.out) == (1, f"{FOUND}\n"), ended.err


def test_a_revision_of_no_name_is_wrong(ours: Made) -> None:
    ended = cli("check", "--trust-config-from", "", cwd=ours.top)  # as of a variable that a pipeline does not have
    hint = "(name a commit, a branch or a tag, such as origin/main)"
    assert (ended.code, ended.out, ended.err) == (2, "", f'error: "" is no revision {hint}\n')


def test_what_is_wrong_with_a_waiver_tells_no_secret(ours: Made) -> None:
    secret = "ghp_" + "R4nd0mT0ken" * 3 + "abc"
    ours.write({"policyengine-waivers.yaml": WAIVERS.replace("2099-01-31", secret)})
    ended = cli("check", "-f", "text", *SELECT, cwd=ours.top)
    assert ended.code == 2
    assert secret not in ended.out + ended.err
    assert "****" in ended.out


def test_a_renamed_file_that_is_named_is_compared_with_what_it_was(ours: Made) -> None:
    ours.git("mv", "pod.yaml", "moved.yaml")
    command = ("check", "-f", "text", *SELECT, "--new-since", "main")
    assert cli(*command, "moved.yaml", cwd=ours.top).code == 0
    assert cli(*command, str(ours.top / "moved.yaml"), cwd=ours.top).code == 0
    ours.write({"other.yaml": POD})
    assert cli(*command, "other.yaml", "moved.yaml", cwd=ours.top).out == f"other.yaml:8:37: {PRIVILEGED}\n"
