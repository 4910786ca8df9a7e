"""Settings files: what they may say, and that everything wrong with one is told with its place."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import PolicyengineError, UsageError
from policyengine.model.care import Hooks
from policyengine.model.enforcement import EnforcementRule
from policyengine.settings.discovery import found
from policyengine.settings.file import layer
from policyengine.settings.settings import Origin
from tests.running import Ended, cli, variables

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


EVERYTHING = """\
version: 1
sources: [deploy, "-", "docker://"]
policies: own
built_in: no
packs: [strict, ./packs/acme, ./strict]
select: [runtime, CKV_K8S_16]
ignore: base-latest
parameters:
  caps-added: {allowed: [CHOWN]}
enforcement:
  - {severity: [low, info], enforce: warn}
  - {policy: privileged, pack: strict, path: "legacy/**", enforce: off}
unknown: fail
fail_on: high
require_match: true
resolve: engine
exclude: [/vendor, "*.tpl.yaml"]
env: {TAG: "1.25", DEBUG: yes}
zones: {office: 203.0.113.0/24, lab: ["2001:db8::/32", 192.0.2.7]}
format: [text, sarif=out.sarif]
color: never
cache: .cache
jobs: 3
progress: false
remediate: {soak: 600, protected: "db-*", hooks: {before: ./drain.sh, seconds: 5}, unsafe_fixes: yes, state_dir: .state}
"""
SAME_IN_TOML = """\
[tool.policyengine]
version = 1
sources = ["deploy", "-", "docker://"]
policies = "own"
built_in = false
packs = ["strict", "./packs/acme", "./strict"]
select = ["runtime", "CKV_K8S_16"]
ignore = "base-latest"
parameters = {caps-added = {allowed = ["CHOWN"]}}
unknown = "fail"
fail_on = "high"
require_match = true
resolve = "engine"
exclude = ["/vendor", "*.tpl.yaml"]
env = {TAG = "1.25", DEBUG = "yes"}
zones = {office = "203.0.113.0/24", lab = ["2001:db8::/32", "192.0.2.7"]}
format = ["text", "sarif=out.sarif"]
color = "never"
cache = ".cache"
jobs = 3
progress = false

[tool.policyengine.remediate]
soak = 600
protected = "db-*"
hooks = {before = "./drain.sh", seconds = 5}
unsafe_fixes = true
state_dir = ".state"

[[tool.policyengine.enforcement]]
severity = ["low", "info"]
enforce = "warn"

[[tool.policyengine.enforcement]]
policy = "privileged"
pack = "strict"
path = "legacy/**"
enforce = "off"
"""


def values(base: str, above: str = "") -> dict[str, object]:
    """What the files above say, from a working directory that is ``above`` below theirs."""
    return {
        "sources": (f"{above}deploy", "-", "docker://"),
        "policies": (f"{above}own",),
        "built_in": False,
        "packs": ("strict", f"{above}packs/acme", f"{above or './'}strict"),
        "select": ("runtime", "CKV_K8S_16"),
        "ignore": ("base-latest",),
        "parameters": {"caps-added": {"allowed": ["CHOWN"]}},
        "enforcement": (
            EnforcementRule("warn", severities=("low", "info")),
            EnforcementRule("off", packs=("strict",), policies=("privileged",), paths=("legacy/**",)),
        ),
        "unknown": "fail",
        "fail_on": "high",
        "require_match": True,
        "resolve": ("engine",),
        "exclusions": ((base, ("/vendor", "*.tpl.yaml")),),
        "env": {"TAG": "1.25", "DEBUG": "yes"},
        "zones": {"office": ("203.0.113.0/24",), "lab": ("2001:db8::/32", "192.0.2.7")},
        "format": ("text", f"sarif={above}out.sarif"),
        "color": "never",
        "cache": True,
        "cache_directory": f"{above}.cache",
        "jobs": 3,
        "progress": False,
        "remediate": {
            "soak": 600,
            "protected": ("db-*",),
            "hooks": Hooks(("./drain.sh",), seconds=5, directory=above.rstrip("/") or "."),
            "unsafe_fixes": True,
            "state_dir": f"{above}.state",
        },
    }


@pytest.mark.parametrize(("name", "text"), [("policyengine.yaml", EVERYTHING), ("pyproject.toml", SAME_IN_TOML)])
@pytest.mark.parametrize("below", ["", "a/b"])
def test_everything_that_can_be_said(
    name: str, text: str, below: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "own").mkdir()
    (here / name).write_text(text)
    (here / below).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(here / below)
    path = found(here / below)
    assert path == here / name
    said = layer(path)
    assert dict(said.values) == values(str(here), "../../" if below else "")
    assert {rule.base for rule in said.values["enforcement"]} == {str(here)}


def test_paths_that_are_absolute_stay(here: Path) -> None:
    (here / "policyengine.yaml").write_text("version: 1\nsources: /srv\ncache: /var/cache/x\n")
    assert dict(layer(here / "policyengine.yaml").values) == {
        "sources": ("/srv",),
        "cache": True,
        "cache_directory": "/var/cache/x",
    }


@pytest.mark.parametrize(("text", "cache"), [("true", True), ("off", False), ("no", False), ("yes", True)])
def test_the_cache_is_a_switch_or_a_directory(text: str, cache: bool, here: Path) -> None:
    (here / "policyengine.yaml").write_text(f"version: 1\ncache: {text}\njobs: auto\n")
    assert dict(layer(here / "policyengine.yaml").values) == {"cache": cache, "jobs": 0}


def test_where_each_setting_stands(here: Path) -> None:
    (here / "policyengine.yaml").write_text(
        "version: 1\nselect:\n  - a\n  - b\nparameters:\n  p: {x: 1}\nenforcement:\n  - {policy: c, enforce: warn}\n"
    )
    said = layer(here / "policyengine.yaml")
    name = "policyengine.yaml"
    assert dict(said.origins) == {
        ("version",): Origin(name, 1, 1),
        ("select",): Origin(name, 2, 1),
        ("select", "a"): Origin(name, 3, 5),
        ("select", "b"): Origin(name, 4, 5),
        ("parameters",): Origin(name, 5, 1),
        ("parameters", "p"): Origin(name, 6, 3),
        ("parameters", "p", "x"): Origin(name, 6, 7),
        ("enforcement",): Origin(name, 7, 1),
    }
    assert said.values["enforcement"][0].place == (name, 8, 6)


WRONG: dict[str, tuple[str, list[str]]] = {
    "nothing": ("", ["1:1: settings are a mapping (begin with version: 1)"]),
    "a list": ("- a\n", ["1:1: settings are a mapping (begin with version: 1)"]),
    "no version": ("fail_on: high\n", ['1:1: "version" is missing (write version: 1)']),
    "another version": ("version: 2\n", ['1:10: version cannot be "2" (write version: 1)']),
    "a version that is a text": ('version: "1"\n', ["1:10: version should be an integer"]),
    "malformed": ("version: 1\nselect: [a\n", ["3:1: malformed YAML: did not find expected ',' or ']'"]),
    "a key twice": ("version: 1\njobs: 1\njobs: 2\n", ['3:1: duplicate key "jobs"']),
    "two documents": ("version: 1\n---\nversion: 1\n", ["3:1: a second document: settings are one"]),
    "a misspelt key": ("version: 1\nfail-on: high\n", ['2:1: unknown key "fail-on" (did you mean "fail_on"?)']),
    "wrong types": (
        "version: 1\nselect: {a: b}\nignore: [1]\nbuilt_in: 1\njobs: -1\ncache: [x]\nparameters: {p: 1}\nenv: [A]\n",
        [
            "2:1: select should be a text, or a list of texts",
            "3:10: an item of ignore should be a text (write it in quotes)",
            "4:11: built_in should be true or false",
            "5:7: jobs should be a number of processes, or auto",
            "6:1: cache should be true, false or a directory",
            "7:17: p should be a mapping of parameters to values",
            "8:1: env should be a mapping of variables to texts",
        ],
    ),
    "misspelt choices": (
        "version: 1\nunknown: fial\nfail_on: xx\ncolor: allways\n",
        [
            '2:10: unknown cannot be "fial" (did you mean "fail"?)',
            '3:10: fail_on cannot be "xx" (one of critical, high, medium, low, info)',
            '4:8: color cannot be "allways" (did you mean "always"?)',
        ],
    ),
    "zones": (
        "version: 1\nzones: {Office: [10.0.0.0/8], lab: [1]}\n",
        ['2:9: "Office" is not a name of a zone', "2:37: an item of lab should be a text (write it in quotes)"],
    ),
    "a zone that is no network": (
        "version: 1\nzones:\n  office: [10.0.0.0/33]\n",
        ['3:3: "10.0.0.0/33" is no address and no network (for example 203.0.113.0/24 or 2001:db8::/32)'],
    ),
    "variables": (
        "version: 1\nenv:\n  1A: x\n  TAG: 1.25\n  OK: fine\n",
        ['3:3: "1A" is not a name of a variable', "4:8: TAG should be a text (write it in quotes)"],
    ),
    "rules": (
        "version: 1\nenforcement:\n  - warn\n  - {severity: low}\n"
        "  - {severity: lwo, enforce: wran}\n  - {polcy: a, enforce: off}\n",
        [
            "3:5: an item of enforcement should be a rule such as {severity: low, enforce: warn}",
            '4:6: "enforce" is missing',
            '5:6: an item of severity cannot be "lwo" (did you mean "low"?)',
            '5:30: enforce cannot be "wran" (did you mean "warn"?)',
            '6:6: unknown key "polcy" (did you mean "policy"?)',
        ],
    ),
    "rules that would be for everything": (
        "version: 1\nenforcement:\n  - {policy: [], enforce: warn}\n  - {path: [], severity: [], enforce: off}\n"
        "  - {pack: [], category: [], enforce: off}\n  - {path: '', enforce: warn}\n  - {enforce: warn}\n",
        [
            "3:14: policy is empty",
            "4:12: path is empty",
            "4:26: severity is empty",
            "5:12: pack is empty",
            "5:26: category is empty",
            "6:6: an item of path is empty",
        ],
    ),
    "policies that are not there": (
        "version: 1\npolicies: [nowhere]\n",
        ['2:12: there is no "nowhere" here (name a policy file or a directory)'],
    ),
}


def told(path: Path) -> list[str]:
    with pytest.raises(PolicyengineError) as refused:
        layer(path)
    return [str(error) for error in getattr(refused.value, "errors", [refused.value])]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_place(name: str, here: Path) -> None:
    text, errors = WRONG[name]
    (here / "policyengine.yaml").write_text(text)
    for _ in range(2):  # what is wrong is not remembered to be right
        assert told(here / "policyengine.yaml") == [f"policyengine.yaml:{error}" for error in errors]


def test_what_is_wrong_in_toml_is_told_with_its_place(here: Path) -> None:
    (here / "pyproject.toml").write_text(
        '[project]\nname = "x"\n\n[tool.policyengine]\nversion = 1\nslect = ["a"]\nfail_on = 3\n\n'
        '[tool.policyengine.env]\n"A B" = "x"\n\n[[tool.policyengine.enforcement]]\nenforce = "warn"\n\n'
        '[[tool.policyengine.enforcement]]\nseverity = "lwo"\nenforce = "warn"\n'
    )
    assert told(here / "pyproject.toml") == [
        'pyproject.toml:6:1: unknown key "slect" (did you mean "select"?)',
        "pyproject.toml:7:11: fail_on should be a text (write it in quotes)",
        'pyproject.toml:10:1: "A B" is not a name of a variable',
        'pyproject.toml:16:12: an item of severity cannot be "lwo" (did you mean "low"?)',
    ]


def test_malformed_toml(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.policyengine]\nversion = \n")
    assert told(here / "pyproject.toml") == ["pyproject.toml:2:11: malformed TOML: Invalid value"]


def test_what_is_no_text(here: Path) -> None:
    (here / "policyengine.yaml").write_bytes(b"version: 1\nselect: \xff\n")
    assert told(here / "policyengine.yaml") == ["policyengine.yaml:2: not UTF-8 text (save it as UTF-8)"]


def test_values_are_not_repeated_that_may_be_secrets(here: Path) -> None:
    (here / "policyengine.yaml").write_text("version: 1\nenv: {A: [s3cret-marker], s3cret-name: x}\n")
    assert not any("s3cret-marker" in line for line in told(here / "policyengine.yaml"))


NO_FILES = {
    "dangling": "a link that leads to no file",
    "looping": "a link that leads to no file",
    "directory": "is a directory",
    "pipe": "not a regular file",
}


def make_no_file(path: Path, what: str) -> None:
    if what == "directory":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere.yaml" if what == "dangling" else path.name)


class TestFinding:
    def test_here_before_above(self, here: Path) -> None:
        (here / "policyengine.yaml").write_text("version: 1\n")
        (here / "sub").mkdir()
        (here / "sub" / "pyproject.toml").write_text("[tool.policyengine]\nversion = 1\n")
        assert found(here / "sub") == here / "sub" / "pyproject.toml"
        assert found(here) == here / "policyengine.yaml"

    def test_a_pyproject_without_our_table_is_none_of_ours(self, here: Path) -> None:
        (here / "policyengine.yaml").write_text("version: 1\n")
        (here / "sub").mkdir()
        (here / "sub" / "pyproject.toml").write_text('[project]\ndependencies = ["policyengine"]\n')
        assert found(here / "sub") == here / "policyengine.yaml"

    def test_not_beyond_the_top_of_the_repository(self, here: Path) -> None:
        (here / "policyengine.yaml").write_text("version: 1\n")
        (here / "repository" / "sub").mkdir(parents=True)
        (here / "repository" / ".git").write_text("gitdir: elsewhere\n")  # of a worktree, it is a file
        assert found(here / "repository" / "sub") is None

    def test_not_beyond_the_home(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (here / "policyengine.yaml").write_text("version: 1\n")
        (here / "home" / "sub").mkdir(parents=True)
        monkeypatch.setenv("HOME", str(here / "home"))
        assert found(here / "home" / "sub") is None

    def test_two_in_one_directory(self, here: Path) -> None:
        (here / "policyengine.yaml").write_text("version: 1\n")
        (here / "pyproject.toml").write_text("[tool.policyengine]\nversion = 1\n")
        with pytest.raises(UsageError) as refused:
            found(here)
        both = "policyengine.yaml and [tool.policyengine] in pyproject.toml"
        assert str(refused.value) == f"there are two settings: {both} (keep one of them)"

    @pytest.mark.parametrize("above", ["", "sub"])
    @pytest.mark.parametrize("what", NO_FILES)
    def test_what_is_no_file_is_not_passed_over(self, what: str, above: str, here: Path) -> None:
        (here / above).mkdir(exist_ok=True)
        make_no_file(here / "policyengine.yaml", what)
        with pytest.raises(UsageError) as refused:
            found(here / above)
        told = f"policyengine.yaml: {NO_FILES[what]} (make it a settings file, or give --no-config)"
        assert str(refused.value) == told

    @pytest.mark.parametrize("name", ["policyengine.yml", ".policyengine.yaml", "policyengine.toml"])
    def test_a_name_that_is_nearly_right(self, name: str, here: Path) -> None:
        (here / name).write_text("version: 1\n")
        with pytest.raises(UsageError) as refused:
            found(here)
        assert str(refused.value) == (
            f"{name}: settings are not read from a file of this name "
            "(call it policyengine.yaml, or give --config or --no-config)"
        )


class TestCommandLine:
    def test_everything_wrong_is_told_and_the_exit_code_is_2(self, here: Path) -> None:
        (here / "policyengine.yaml").write_text("version: 1\njosb: 1\nfail_on: xx\n")
        assert cli("check", cwd=here) == Ended(
            2,
            "",
            'error: policyengine.yaml:2:1: unknown key "josb" (did you mean "jobs"?)\n'
            'error: policyengine.yaml:3:10: fail_on cannot be "xx" (one of critical, high, medium, low, info)\n',
        )
        assert cli("policies", "--no-config", cwd=here).code == 0

    @pytest.mark.parametrize("what", NO_FILES)
    def test_settings_that_cannot_be_had_are_not_the_same_as_none(self, what: str, here: Path) -> None:
        make_no_file(here / "policyengine.yaml", what)
        told = f"error: policyengine.yaml: {NO_FILES[what]} (make it a settings file, or give --no-config)\n"
        assert cli("check", cwd=here) == Ended(2, "", told)
        assert cli("policies", "--no-config", cwd=here).code == 0

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["--config", "no.yaml"], "error: no.yaml: no such file (--config takes a settings file)\n"),
            (
                ["--config", "link.yaml"],
                "error: link.yaml: a link that leads to no file (--config takes a settings file)\n",
            ),
            (["--config", "."], "error: .: is a directory (--config takes a settings file)\n"),
            (["--config", "pipe.yaml"], "error: pipe.yaml: not a regular file (--config takes a settings file)\n"),
            (["--config", ""], "error: --config takes a file (--no-config reads none)\n"),
            (
                ["--config", "a.yaml", "--no-config"],
                "error: --config and --no-config contradict each other (give one of them)\n",
            ),
            (["--config", "other.toml"], "error: other.toml: there is no table [tool.policyengine]\n"),
        ],
    )
    def test_misuse(self, arguments: list[str], told: str, here: Path) -> None:
        (here / "other.toml").write_text("[project]\n")
        os.mkfifo(here / "pipe.yaml")
        (here / "link.yaml").symlink_to("no.yaml")
        assert cli("config", *arguments, cwd=here) == Ended(2, "", told)


def test_what_was_found_right_is_not_checked_again(here: Path) -> None:
    """Cerberus takes longer to load than a settings file to be read."""
    (here / "policyengine.yaml").write_text("version: 1\nfail_on: high # a text that no other test has\n")
    script = (
        "import sys\nfrom policyengine.settings.effective import effective\n"
        "assert effective({}).settings.fail_on == 'high'\nprint('cerberus' in sys.modules)"
    )
    environment = variables(POLICYENGINE_CACHE_DIR=str(here / "cache"))
    runs = [
        subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [run.stdout for run in runs] == ["True\n", "False\n"]
