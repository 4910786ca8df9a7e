"""The command line, judged by whole outputs and exit codes of real processes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING, get_args

import pytest

from policyengine import __version__
from policyengine.cli import ALONE
from policyengine.model.report import SEVERITIES
from policyengine.outputs import formats
from policyengine.outputs.style import file_uri
from policyengine.policy.library import built_in
from policyengine.settings import ON_UNKNOWN
from tests.installation import ROOT
from tests.running import COMMAND, PRIVILEGED, SECONDS, Ended, cli, only_privileged, variables

if TYPE_CHECKING:
    from pathlib import Path


class TestExitCodes:
    def test_0_when_nothing_is_wrong(self, here: Path) -> None:
        assert cli("check", "good.yaml", cwd=here) == Ended(0, "", "")

    def test_1_when_something_is(self, here: Path) -> None:
        assert cli("check", "--select", "privileged", "pod.yaml", cwd=here) == only_privileged("pod.yaml")

    def test_2_for_a_malformed_file_among_good_ones_which_are_judged(self, here: Path) -> None:
        found = cli("check", "--select", "privileged", "broken.yaml", "pod.yaml", "good.yaml", cwd=here)
        problem = "broken.yaml:3:1: error malformed YAML: did not find expected node content\n"
        assert found == Ended(2, f"pod.yaml:8:37: {PRIVILEGED}\n{problem}", "")


UNKNOWN_COMMAND = """\
Usage: policyengine [OPTIONS] COMMAND [ARGS]...
Try 'policyengine -h' for help.

Error: No such command 'chekc'. Did you mean 'check'?
"""
UNKNOWN_OPTION = """\
Usage: policyengine check [OPTIONS] [SOURCE...]
Try 'policyengine check -h' for help.

Error: No such option: MEANT
"""
MISUSES: dict[str, tuple[list[str], str]] = {
    "an unknown command": (["chekc"], UNKNOWN_COMMAND),
    "an unknown option": (
        ["check", "--selct", "x"],
        UNKNOWN_OPTION.replace("MEANT", "--selct. Did you mean '--select'?"),
    ),
    "an option like no other": (["check", "--xyz"], UNKNOWN_OPTION.replace("MEANT", "--xyz")),
    "an unknown pack": (["check", "--pack", "strct"], 'error: no pack is called "strct" (did you mean "strict"?)\n'),
    "an unknown policy to be warned of": (
        ["check", "--warn", "privilegd"],
        'error: no policy is called "privilegd" (did you mean "privileged"?)\n',
    ),
    "an unknown listing": (
        ["policies", "--format", "tabel"],
        'error: format takes table, markdown or json, not "tabel" (did you mean "table"?)\n',
    ),
    "an unknown schema": (
        ["schema", "setings"],
        'error: there is no schema of "setings" (did you mean "settings"?)\n',
    ),
    "an unknown format": (["check", "-f", "jsno"], 'error: unknown format "jsno" (did you mean "json"?)\n'),
    "a format like no other": (
        ["check", "-f", "xml"],
        f'error: unknown format "xml" (formats are {", ".join(formats())})\n',
    ),
    "an empty revision": (
        ["check", "--new-since", ""],
        "error: --new-since takes a git revision (name one, such as origin/main)\n",
    ),
    "two formats to one place": (
        ["check", "-f", "json", "-f", "text"],
        'error: formats "json" and "text" both go to standard output (give one of them a file: --format text=FILE)\n',
    ),
    "a report in no directory": (
        ["check", "-f", "json=nowhere/report.json"],
        "error: nowhere: cannot write: there is no such directory\n",
    ),
    "an unknown severity": (
        ["check", "--fail-on", "hihg"],
        'error: fail-on takes critical, high, medium, low or info, not "hihg" (did you mean "high"?)\n',
    ),
    "an unknown way with unknowns": (
        ["check", "--unknown", "pass"],
        'error: unknown takes fail, warn or ignore, not "pass"\n',
    ),
    "a misspelt policy": (
        ["check", "--select", "privilegd"],
        'error: no policy is called "privilegd" (did you mean "privileged"?)\n',
    ),
    "a policy like no other": (
        ["check", "--ignore", "xyz"],
        'error: no policy is called "xyz" (policyengine policies lists them)\n',
    ),
    "no policies": (
        ["check", "--no-built-in"],
        "error: no policies to judge by (name some with --policies, or leave out what leaves none)\n",
    ),
    "everything ignored": (
        ["check", "--select", "privileged", "--ignore", "runtime"],
        "error: no policies to judge by (name some with --policies, or leave out what leaves none)\n",
    ),
    "policies that are not there": (
        ["check", "--policies", "nowhere"],
        "error: nowhere: no such file or directory (name a policy file or a directory)\n",
    ),
    "a directory without policies": (
        ["check", "--policies", "empty"],
        "error: empty: no policy files in it (policy files end in .yaml)\n",
    ),
    "a parameter without a value": (
        ["check", "--param", "caps-added.allowed"],
        "error: --param takes NAME=VALUE (--param 'caps-added.allowed=[CHOWN]')\n",
    ),
    "a parameter of no policy": (
        ["check", "--param", "allowed=[CHOWN]"],
        "error: --param: \"allowed\" names no policy (--param 'caps-added.allowed=[CHOWN]')\n",
    ),
    "a parameter of an unknown policy": (
        ["check", "--param", "caps-add.allowed=[CHOWN]"],
        'error: --param: unknown policy "caps-add" (did you mean "caps-added"?)\n',
    ),
    "an unknown parameter": (
        ["check", "pod.yaml", "--param", "caps-added.alowed=[CHOWN]"],
        'error: policy "caps-added" has no parameter "alowed" (did you mean "allowed"?)\n',
    ),
    "a parameter of the wrong type": (
        ["check", "pod.yaml", "--param", "caps-added.allowed=5"],
        'error: parameter "caps-added.allowed" should be a list of string\n',
    ),
    "a parameter that is no YAML": (
        ["check", "--param", "caps-added.allowed=[a"],
        "error: --param caps-added.allowed: malformed YAML: did not find expected ',' or ']'\n",
    ),
    "a variable without a value": (["check", "--env", "TAG"], "error: --env takes NAME=VALUE (--env TAG=1.25)\n"),
    "an unknown enrichment": (
        ["check", "--resolve", "engin"],
        'error: nothing called "engin" can resolve facts (did you mean "engine"?)\n',
    ),
    "an unknown scheme": (
        ["check", "dokcer://"],
        'error: unknown kind of source "dokcer://" (did you mean "docker://"?)\n',
    ),
    "an unset variable of the shell": (
        ["check", ""],
        "error: a source is empty (name a file or a directory; . is the working directory)\n",
    ),
    "an unset variable in place of a name": (
        ["check", "--select", " , "],
        "error: a name is empty (give one, or leave the option out)\n",
    ),
    "explain a misspelt policy": (
        ["explain", "pdb-mising"],
        'error: unknown policy "pdb-mising" (did you mean "pdb-missing"?)\n',
    ),
    "fields of a misspelt kind": (["fields", "pot"], 'error: unknown kind "pot" (did you mean "pod"?)\n'),
    "tests that are not there": (
        ["test", "nowhere"],
        "error: nowhere: no such file or directory (name a policy file or a directory)\n",
    ),
}


@pytest.mark.parametrize("name", MISUSES)
def test_misuse_says_what_to_do_and_exits_with_2(name: str, here: Path) -> None:
    arguments, told = MISUSES[name]
    assert cli(*arguments, cwd=here) == Ended(2, "", told)


def test_an_unknown_option_is_told_with_its_likes(here: Path) -> None:
    ended = cli("check", "--slect", "x", cwd=here)
    assert (ended.code, ended.out) == (2, "")
    assert "No such option: --slect" in ended.err
    assert "--select" in ended.err


UNKNOWN = "cannot tell: the user depends on the image nginx (image.user; --resolve engine or registry)"


class TestJudging:
    @pytest.mark.parametrize(("unknown", "code"), [("warn", 0), ("fail", 1), ("ignore", 0)])
    def test_unknown(self, unknown: str, code: int, here: Path) -> None:
        ended = cli("check", "--select", "run-as-uid-0", "--unknown", unknown, "pod.yaml", cwd=here)
        told = "" if unknown == "ignore" else f"pod.yaml:8:7: unknown run-as-uid-0 {UNKNOWN}\n"
        assert ended == Ended(code, told, "")

    @pytest.mark.parametrize(
        ("severity", "code"), [("info", 1), ("low", 1), ("medium", 1), ("high", 0), ("critical", 0)]
    )
    def test_fail_on(self, severity: str, code: int, here: Path) -> None:
        ended = cli("check", "--select", "memory-limit", "--fail-on", severity, "pod.yaml", cwd=here)
        assert ended == Ended(code, "pod.yaml:6:7: medium memory-limit web has no memory limit\n", "")

    def test_all_tells_passes(self, here: Path) -> None:
        ended = cli("check", "--select", "host-network,privileged", "--all", "good.yaml", cwd=here)
        assert ended == Ended(
            0,
            "good.yaml:2:3: pass host-network Containers do not share the network of their host\n"
            "good.yaml:2:3: pass privileged Containers do not run privileged\n",
            "",
        )

    def test_param(self, here: Path) -> None:
        arguments = ["check", "--select", "registry-allowlist", "good.yaml"]
        assert cli(*arguments, cwd=here).code == 0
        assert cli(*arguments, "--param", "registry-allowlist.allowed=[docker.io/*]", cwd=here).code == 1

    def test_other_tools_ids_and_categories_choose_policies(self, here: Path) -> None:
        assert cli("check", "--select", "CKV_K8S_16", "pod.yaml", cwd=here) == only_privileged("pod.yaml")
        assert cli("check", "--select", "runtime", "--ignore", "medium", "pod.yaml", cwd=here).code == 2
        ended = cli("check", "--select", "image,privileged", "pod.yaml", cwd=here)
        told = {line.split()[2] for line in ended.out.splitlines()}
        assert {"base-untagged", "privileged"} <= told
        assert told <= {"privileged", *(path.stem for path in (ROOT / "policies" / "image").iterdir())}


class TestOwnPolicies:
    FOUND = Ended(1, "pod.yaml:6:13: low acme/named web is not one of ours\n", "")

    def test_beside_the_built_in_ones(self, here: Path) -> None:
        assert cli("check", "-p", "policies", "--select", "acme/named", "pod.yaml", cwd=here) == self.FOUND
        assert PRIVILEGED in cli("check", "-p", "policies", "pod.yaml", cwd=here).out

    def test_alone(self, here: Path) -> None:
        assert cli("check", "-p", "policies/named.yaml", "--no-built-in", "pod.yaml", cwd=here) == self.FOUND

    def test_a_file_that_is_reached_twice_is_one_policy(self, here: Path) -> None:
        arguments = ["-p", "policies", "-p", "policies/named.yaml", "--no-built-in"]
        assert cli("check", *arguments, "pod.yaml", cwd=here) == self.FOUND

    def test_one_that_is_wrong_is_a_problem_and_the_others_judge(self, here: Path) -> None:
        ended = cli("check", "-p", "wrong", "--select", "privileged", "pod.yaml", cwd=here)
        problem = 'wrong/acme.yaml:5:11: error "lwo" is no severity (did you mean "low"?)\n'
        assert ended == Ended(2, f"pod.yaml:8:37: {PRIVILEGED}\n{problem}", "")

    def test_choosing_one_that_is_wrong_tells_why_it_is_not_there(self, here: Path) -> None:
        told = (
            'error: no policy is called "acme/acme" (perhaps because of '
            'wrong/acme.yaml:5:11: "lwo" is no severity (did you mean "low"?))\n'
        )
        assert cli("check", "-p", "wrong", "--select", "acme/acme", "pod.yaml", cwd=here) == Ended(2, "", told)

    def test_listings_tell_what_is_wrong_beside_the_rest(self, here: Path) -> None:
        told = 'error: wrong/acme.yaml:5:11: "lwo" is no severity (did you mean "low"?)\n'
        for arguments in (["policies"], ["explain", "privileged"]):
            whole = cli(*arguments, cwd=here)
            assert whole.code == 0
            assert cli(*arguments, "-p", "wrong", cwd=here) == Ended(2, whole.out, told)


class TestFormats:
    def test_several_in_one_run(self, here: Path) -> None:
        ended = cli(
            "check",
            "pod.yaml",
            "--select",
            "privileged",
            "-f",
            "text",
            "-f",
            "json=a.json",
            "-f",
            "sarif=b.sarif",
            cwd=here,
        )
        assert ended == only_privileged("pod.yaml")
        assert [one["policy"] for one in json.loads((here / "a.json").read_text())["findings"]] == ["privileged"]
        assert json.loads((here / "b.sarif").read_text())["runs"][0]["results"][0]["ruleId"] == "privileged"

    def test_links_on_a_terminal_that_follows_them(self, here: Path) -> None:
        arguments = ("check", "pod.yaml", "--select", "privileged")
        terminal = {"NO_COLOR": "", "VTE_VERSION": "7600", "CI": "", "TERM": "xterm-256color"}
        shown = on_a_terminal(*arguments, cwd=here, **terminal)
        assert f"\x1b]8;;{file_uri(str(here / 'pod.yaml'))}\x1b\\pod.yaml:8:37\x1b]8;;\x1b\\" in shown
        assert f"\x1b]8;;{file_uri(str(built_in() / 'runtime/privileged.yaml'))}\x1b\\" in shown
        assert "\x1b]8" not in cli(*arguments, cwd=here, FORCE_COLOR="1", **terminal).out

    def test_text_into_a_pipe_and_full_on_a_terminal(self, here: Path) -> None:
        assert cli("check", "pod.yaml", "--select", "privileged", cwd=here) == only_privileged("pod.yaml")
        shown = on_a_terminal("check", "pod.yaml", "--select", "privileged", cwd=here, NO_COLOR="1")
        assert shown.startswith("critical[privileged]: web runs privileged\n --> pod.yaml:8:37\n")

    @pytest.mark.parametrize(
        ("environment", "coloured"),
        [
            ({"TERM": "xterm", "NO_COLOR": ""}, True),
            ({"TERM": "xterm", "NO_COLOR": "1"}, False),
            ({"TERM": "dumb", "NO_COLOR": ""}, False),
            ({"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ],
    )
    def test_colours_on_a_terminal(self, environment: dict[str, str], coloured: bool, here: Path) -> None:
        shown = on_a_terminal("check", "pod.yaml", "--select", "privileged", cwd=here, **environment)
        assert ("\x1b[" in shown) is coloured

    def test_colours_into_a_pipe_only_when_forced(self, here: Path) -> None:
        arguments = ["check", "pod.yaml", "-f", "full", "--select", "privileged"]
        assert "\x1b[" not in cli(*arguments, cwd=here, NO_COLOR="").out
        assert "\x1b[" in cli(*arguments, cwd=here, NO_COLOR="", FORCE_COLOR="1").out

    def test_a_file_gets_no_colours(self, here: Path) -> None:
        cli("check", "pod.yaml", "-f", "full=report.txt", cwd=here, NO_COLOR="", FORCE_COLOR="1")
        assert "\x1b[" not in (here / "report.txt").read_text()


def on_a_terminal(*arguments: str, cwd: Path, **more: str) -> str:
    """What a run shows on a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=cwd, env=variables(**more), stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        shown = b"".join(_read(ours))
        running.wait(timeout=SECONDS)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def _read(file: int) -> list[bytes]:
    parts: list[bytes] = []
    while True:
        try:
            part = os.read(file, 65536)
        except OSError:  # how Linux says that nobody has the other end open
            return parts
        if not part:
            return parts
        parts.append(part)


class TestHelp:
    def test_version(self, here: Path) -> None:
        assert cli("--version", cwd=here) == Ended(0, f"policyengine {__version__}\n", "")

    def test_no_command_shows_the_help(self, here: Path) -> None:
        shown = cli("--help", cwd=here)
        assert shown.code == 0
        assert cli("-h", cwd=here) == shown
        nothing = cli(cwd=here)
        assert (nothing.code, nothing.out + nothing.err) == (2, shown.out)

    def test_the_first_line_of_every_command_fits(self, here: Path) -> None:
        shown = cli("--help", cwd=here).out
        assert "..." not in shown.partition("Commands:")[2]

    def test_choices_in_the_help_are_complete(self, here: Path) -> None:
        shown = " ".join(cli("check", "--help", cwd=here).out.split())
        assert "|".join(SEVERITIES) in shown
        assert "|".join(ON_UNKNOWN) in shown

    def test_choices_are_those_of_the_types(self) -> None:
        from policyengine.settings import OnUnknown

        assert get_args(OnUnknown) == ON_UNKNOWN


def test_the_demo_is_judged_under_any_working_directory(tmp_path: Path) -> None:
    ended = cli("check", str(ROOT / "fixtures" / "demo"), cwd=tmp_path)
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.count("\n") > 10


@pytest.mark.parametrize("name", ALONE)
def test_a_module_that_is_loaded_alone_has_the_command_of_its_name(name: str, here: Path) -> None:
    ended = cli(name, "--help", cwd=here)
    assert (ended.code, ended.out.split(" [")[0]) == (0, f"Usage: policyengine {name}")
