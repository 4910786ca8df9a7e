"""Settings as they bear on what a run judges, tells and returns: packs, enforcement, excludes, volume and colour."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.once import ONCE
from tests.running import POD, PRIVILEGED, Ended, cli, only_privileged

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = ONCE

HARDENING = "pod.yaml:8:7: medium readonly-rootfs the root filesystem of web is writable\n"


def settings(here: Path, text: str) -> None:
    (here / "policyengine.yaml").write_text(f"version: 1\n{text}")


def policies(ended: Ended) -> set[str]:
    return {line.split(": ", 1)[1].split()[1] for line in ended.out.splitlines()}


class TestPacks:
    def test_default_leaves_hardening_out(self, here: Path) -> None:
        ended = cli("check", "pod.yaml", cwd=here)
        assert f"pod.yaml:8:37: {PRIVILEGED}\n" in ended.out
        assert HARDENING not in ended.out

    def test_strict_by_flag_variable_and_file(self, here: Path) -> None:
        by_flag = cli("check", "pod.yaml", "--pack", "strict", cwd=here)
        assert HARDENING in by_flag.out
        assert cli("check", "pod.yaml", cwd=here, POLICYENGINE_PACKS="strict") == by_flag
        settings(here, "packs: strict\n")
        assert cli("check", "pod.yaml", cwd=here) == by_flag
        assert HARDENING not in cli("check", "pod.yaml", "--pack", "default", cwd=here).out
        assert HARDENING not in cli("check", "pod.yaml", "--no-config", cwd=here).out

    def test_a_policy_is_chosen_whatever_pack_it_is_in(self, here: Path) -> None:
        assert cli("check", "pod.yaml", "--select", "readonly-rootfs", cwd=here) == Ended(1, HARDENING, "")
        settings(here, "packs: default\n")
        assert cli("check", "pod.yaml", "--select", "readonly-rootfs", cwd=here) == Ended(1, HARDENING, "")

    def test_the_report_names_them(self, here: Path) -> None:
        (here / "acme").mkdir()
        (here / "acme" / "pack.yaml").write_text("version: 1\nname: acme\ntitle: A\nrelease: '7'\npolicies: [image]\n")
        ended = cli("check", "pod.yaml", "-f", "json", "--pack", "acme", cwd=here)
        assert json.loads(ended.out)["run"]["packs"] == [{"name": "acme", "version": "7"}]

    def test_a_misspelt_pack(self, here: Path) -> None:
        settings(here, "packs:\n  - defualt\n")
        told = 'error: policyengine.yaml:3:5: no pack is called "defualt" (did you mean "default"?)\n'
        assert cli("check", "pod.yaml", cwd=here) == Ended(2, "", told)

    def test_parameters_count_from_the_pack_up(self, here: Path) -> None:
        (here / "pod.yaml").write_text(
            POD.replace("privileged: true", "capabilities: {add: [NET_BIND_SERVICE]}"),
        )
        assert cli("check", "pod.yaml", "--select", "caps-added", cwd=here).code == 0
        settings(here, "parameters: {caps-added: {allowed: []}}\n")
        assert cli("check", "pod.yaml", "--select", "caps-added", cwd=here).code == 1
        flag = ["--param", "caps-added.allowed=[NET_BIND_SERVICE]"]
        assert cli("check", "pod.yaml", "--select", "caps-added", *flag, cwd=here).code == 0


class TestEnforcement:
    WARNED = "pod.yaml:8:37: warning(critical) privileged web runs privileged\n"

    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            ("[{policy: privileged, enforce: warn}]", Ended(0, WARNED, "")),
            ("[{policy: privileged, path: /pod.yaml, enforce: warn}]", Ended(0, WARNED, "")),
            ("[{policy: privileged, path: elsewhere/, enforce: warn}]", only_privileged("pod.yaml")),
            ("[{policy: privileged, path: pod.yaml, enforce: off}]", Ended(0, "", "")),
            ("[{enforce: warn}, {severity: critical, enforce: block}]", only_privileged("pod.yaml")),
        ],
    )
    def test_rules(self, rules: str, expected: Ended, here: Path) -> None:
        settings(here, f"enforcement: {rules}\n")
        assert cli("check", "pod.yaml", "--select", "privileged", cwd=here) == expected

    def test_below_the_settings_file_paths_are_still_relative_to_it(self, here: Path) -> None:
        (here / "sub").mkdir()
        (here / "sub" / "pod.yaml").write_text(POD)
        settings(here, "enforcement: [{path: /sub/, enforce: warn}]\n")
        arguments = ["check", "--select", "privileged"]
        assert cli(*arguments, "pod.yaml", cwd=here / "sub") == Ended(0, self.WARNED, "")
        assert cli(*arguments, "../pod.yaml", cwd=here / "sub").code == 1

    def test_warn_is_the_last_rule(self, here: Path) -> None:
        settings(here, "enforcement: [{enforce: block}]\n")
        arguments = ["check", "pod.yaml", "--select", "privileged", "--warn", "runtime"]
        assert cli(*arguments, cwd=here) == Ended(0, self.WARNED, "")

    def test_off_is_counted_as_not_applicable(self, here: Path) -> None:
        settings(here, "enforcement: [{path: pod.yaml, enforce: off}]\n")
        ended = cli("check", "pod.yaml", "--select", "privileged", "-f", "json", cwd=here)
        summary = json.loads(ended.out)["summary"]
        assert (ended.code, summary["fail"], summary["not_applicable"]) == (0, 0, 1)


class TestSources:
    def test_the_files_sources_are_relative_to_it(self, here: Path) -> None:
        settings(here, "sources: [pod.yaml]\n")
        (here / "sub").mkdir()
        (here / "sub" / "bad.yaml").write_text(POD)
        arguments = ["check", "--select", "privileged"]
        assert cli(*arguments, cwd=here) == only_privileged("pod.yaml")
        assert cli(*arguments, cwd=here / "sub") == only_privileged("../pod.yaml")
        assert cli(*arguments, ".", cwd=here / "sub") == only_privileged("bad.yaml")

    def test_excludes_of_the_file_are_relative_to_it(self, here: Path) -> None:
        for name in ("a/b/pod.yaml", "b/pod.yaml"):
            (here / name).parent.mkdir(parents=True)
            (here / name).write_text(POD)
        (here / "broken.yaml").unlink()
        settings(here, "exclude: [/b/]\n")
        arguments = ["check", "--select", "privileged"]
        assert sorted(cli(*arguments, cwd=here).out.splitlines()) == sorted(
            only_privileged("a/b/pod.yaml", "pod.yaml").out.splitlines()
        )
        assert cli(*arguments, "--exclude", "a", cwd=here) == only_privileged("pod.yaml")
        assert cli(*arguments, cwd=here / "a") == only_privileged("b/pod.yaml")

    def test_policies_of_the_file_are_relative_to_it(self, here: Path) -> None:
        settings(here, "policies: [policies/]\npacks: [default]\n")
        (here / "sub").mkdir()
        (here / "sub" / "pod.yaml").write_text(POD)
        assert "acme/named" in policies(cli("check", "pod.yaml", cwd=here / "sub"))
        assert "acme/named" in cli("policies", cwd=here / "sub").out
        assert cli("explain", "acme/named", cwd=here / "sub").code == 0

    def test_formats_of_the_file_are_relative_to_it(self, here: Path) -> None:
        settings(here, "format: [text, json=report.json]\nselect: privileged\n")
        (here / "sub").mkdir()
        assert cli("check", "../pod.yaml", cwd=here / "sub") == only_privileged("../pod.yaml")
        assert json.loads((here / "report.json").read_text())["summary"]["fail"] == 1
        settings(here, "format: jsno\n")
        told = 'error: policyengine.yaml:2:1: unknown format "jsno" (did you mean "json"?)\n'
        assert cli("check", "pod.yaml", cwd=here) == Ended(2, "", told)


class TestVolume:
    def test_quiet_tells_findings_only(self, here: Path) -> None:
        loud = cli("check", "pod.yaml", "-f", "full", "--select", "privileged", cwd=here)
        quiet = cli("check", "pod.yaml", "-f", "full", "--select", "privileged", "-q", cwd=here)
        assert quiet == Ended(1, loud.out.rpartition("\n\n")[0] + "\n", "")

    def test_quiet_leaves_out_advice_and_keeps_errors(self, here: Path) -> None:
        assert cli("check", "empty", cwd=here).err.startswith("warning: nothing to check was found")
        assert cli("check", "-q", "empty", cwd=here, POLICYENGINE_THING="1") == Ended(0, "", "")
        told = "error: no policy applied to anything (--require-match)\n"
        assert cli("check", "-q", "--require-match", "empty", cwd=here) == Ended(2, "", told)

    def test_quieter_leaves_the_exit_code_and_files(self, here: Path) -> None:
        arguments = ["check", "pod.yaml", "--select", "privileged", "-qq", "-f", "full", "-f", "text=report.txt"]
        assert cli(*arguments, cwd=here) == Ended(1, "", "")
        assert (here / "report.txt").read_text() == only_privileged("pod.yaml").out

    def test_quiet_and_verbose(self, here: Path) -> None:
        told = "error: --verbose and --quiet contradict each other (give one of them)\n"
        assert cli("check", "-q", "-v", cwd=here) == Ended(2, "", told)

    def test_a_strange_variable_is_told(self, here: Path) -> None:
        ended = cli("check", "pod.yaml", "--select", "privileged", cwd=here, POLICYENGINE_THING="1")
        assert ended == only_privileged("pod.yaml")._replace(
            err="warning: POLICYENGINE_THING is no setting, and is not heeded\n"
        )


@pytest.mark.parametrize(
    ("file", "variables", "flags", "painted"),
    [
        ("", {}, [], False),
        ("", {"FORCE_COLOR": "1"}, [], True),
        ("", {}, ["--color", "always"], True),
        ("", {"NO_COLOR": "1"}, ["--color", "always"], True),
        ("color: always\n", {}, [], True),
        ("color: always\n", {"NO_COLOR": "1"}, [], False),
        ("color: always\n", {}, ["--color", "never"], False),
        ("", {"POLICYENGINE_COLOR": "always", "NO_COLOR": "1"}, [], True),
    ],
)
def test_colours(file: str, variables: dict[str, str], flags: list[str], painted: bool, here: Path) -> None:
    settings(here, file)
    ended = cli("check", "pod.yaml", "-f", "full", *flags, cwd=here, **{"NO_COLOR": "", **variables})
    assert ("\x1b[" in ended.out) is painted


class TestListings:
    def test_packs(self, here: Path) -> None:
        ended = cli("packs", cwd=here)
        assert (ended.code, ended.err) == (0, "")
        rows = {line.split()[0]: int(line.split()[1]) for line in ended.out.splitlines()[2:]}
        assert rows["default"] < rows["strict"] <= rows["all"]

    def test_packs_of_ones_own(self, here: Path) -> None:
        (here / "own").mkdir()
        (here / "own" / "pack.yaml").write_text("version: 1\nname: ours\ntitle: Ours\npolicies: [privileged]\n")
        settings(here, "packs: [./own]\n")
        for arguments in (["packs"], ["packs", "--no-config", "--pack", "./own"]):
            assert cli(*arguments, cwd=here).out.splitlines()[-1].split() == ["ours", "1", "Ours"]

    def test_policies_of_a_pack(self, here: Path) -> None:
        shown = cli("policies", "--pack", "default", cwd=here)
        listed = {line.split()[0] for line in shown.out.splitlines()[2:]}
        assert "privileged" in listed
        assert "readonly-rootfs" not in listed
        told = 'error: no pack is called "defualt" (did you mean "default"?)\n'
        assert cli("policies", "--pack", "defualt", cwd=here) == Ended(2, "", told)


class TestCache:
    def test_who_wants_none_leaves_nothing_behind(self, here: Path) -> None:
        """Neither results nor that settings, policies, packs and waivers were found to be right."""
        settings(here, "packs: default\n")
        waiver = "{policy: [host-pid], resource: [x], reason: known, expires: 2999-01-01}"
        (here / "policyengine-waivers.yaml").write_text(f"version: 1\nwaivers: [{waiver}]\n")
        run = partial(cli, "check", "pod.yaml", "--by", "control", cwd=here, POLICYENGINE_CACHE_DIR=str(here / "kept"))
        none = run("--no-cache")
        assert run(POLICYENGINE_NO_CACHE="1") == none
        create = partial(cli, "baseline", "create", "pod.yaml", cwd=here, POLICYENGINE_CACHE_DIR=str(here / "kept"))
        assert (none.code, create("--no-cache").code) == (1, 0)
        assert not (here / "kept").exists()
        (here / "policyengine-baseline.json").unlink()
        assert run() == none
        assert (here / "kept" / "results.db").exists()
        assert len(list((here / "kept").glob("policies-*.json"))) >= 5
