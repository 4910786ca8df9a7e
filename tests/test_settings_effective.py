"""The settings of a run: a file, the environment and flags, each over the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policyengine.errors import UsageError
from policyengine.model.care import Care
from policyengine.model.enforcement import EnforcementRule
from policyengine.settings.effective import FLAGS, Effective, effective
from policyengine.settings.environment import OTHERS, VARIABLES
from policyengine.settings.remediating import SECTION
from policyengine.settings.schema import SCHEMA
from policyengine.settings.settings import Settings
from tests.running import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own, in an environment without settings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name in ("NO_COLOR", "FORCE_COLOR", *(f"POLICYENGINE_{name}" for name in (*VARIABLES, "CONFIG"))):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def said(here: Path, monkeypatch: pytest.MonkeyPatch, file: str, variables: dict[str, str], **flags: Any) -> Effective:
    (here / "policyengine.yaml").write_text(f"version: 1\n{file}")
    for name, text in variables.items():
        monkeypatch.setenv(f"POLICYENGINE_{name}", text)
    return effective(flags)


NONE: dict[str, str] = {}
PRECEDENCE: list[tuple[str, dict[str, str], dict[str, Any], dict[str, Any]]] = [
    ("", NONE, {}, {}),
    ("fail_on: high\n", NONE, {}, {"fail_on": "high"}),
    ("fail_on: high\n", {"FAIL_ON": "low"}, {}, {"fail_on": "low"}),
    ("fail_on: high\n", {"FAIL_ON": "low"}, {"fail_on": "critical"}, {"fail_on": "critical"}),
    ("fail_on: high\n", {"FAIL_ON": "low"}, {"fail_on": None}, {"fail_on": "low"}),
    ("require_match: true\n", NONE, {"require_match": False}, {"require_match": False}),
    ("cache: false\n", {"NO_CACHE": "0"}, {}, {"cache": True}),
    ("cache: d\n", NONE, {"cache": False}, {"cache": False, "cache_directory": "d"}),
    ("cache: d\n", {"CACHE_DIR": "e"}, {}, {"cache_directory": "e"}),
    # lists that are replaced
    ("select: [a, b]\n", NONE, {"select": ("c",)}, {"select": ("c",)}),
    ("resolve: engine\n", NONE, {"resolve": ("x",)}, {"resolve": ("x",)}),
    ("packs: strict\n", {"PACKS": "all"}, {}, {"packs": ("all",)}),
    # packs and select are one choice
    ("packs: strict\nselect: a\n", NONE, {}, {"packs": ("strict",), "select": ("a",)}),
    ("packs: strict\n", NONE, {"select": ("a",)}, {"select": ("a",)}),
    ("select: a\n", {"PACKS": "strict"}, {}, {"packs": ("strict",)}),
    ("select: a\n", NONE, {"packs": ("p",), "select": ("b",)}, {"packs": ("p",), "select": ("b",)}),
    # lists that are added to
    ("ignore: [a, b]\n", {"IGNORE": "b,c"}, {"ignore": ("d",)}, {"ignore": ("a", "b", "c", "d")}),
    ("", {"POLICIES": "x"}, {"policies": ("y",)}, {"policies": ("x", "y")}),
    (
        "enforcement: [{severity: low, enforce: warn}]\n",
        NONE,
        {"enforcement": (EnforcementRule("warn", policies=("a",)),)},
        {"enforcement": (EnforcementRule("warn", severities=("low",)), EnforcementRule("warn", policies=("a",)))},
    ),
    # by name
    ("env: {A: x, B: x}\n", NONE, {"env": {"B": "y", "C": "y"}}, {"env": {"A": "x", "B": "y", "C": "y"}}),
    (
        "parameters: {p: {x: 1, y: 1}, q: {z: 1}}\n",
        NONE,
        {"parameters": {"p": {"y": 2}}},
        {"parameters": {"p": {"x": 1, "y": 2}, "q": {"z": 1}}},
    ),
]


@pytest.mark.parametrize(("file", "variables", "flags", "expected"), PRECEDENCE)
def test_precedence(
    file: str,
    variables: dict[str, str],
    flags: dict[str, Any],
    expected: dict[str, Any],
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert said(here, monkeypatch, file, variables, **flags).settings == Settings(**expected)


def test_excludes_of_the_file_are_relative_to_it_and_those_of_flags_are_added(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = said(here, monkeypatch, "exclude: [/a]\n", {}, exclude=("/b",)).settings
    assert (settings.exclusions, settings.exclude) == (((str(here), ("/a",)),), ("/b",))


def test_what_is_the_command_lines_business(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = said(here, monkeypatch, "sources: [a]\nformat: json\ncolor: always\n", {}, format=("text",))
    assert (found.sources, found.format, found.color, found.file) == (("a",), ("text",), "always", "policyengine.yaml")
    assert said(here, monkeypatch, "sources: [a]\n", {}, sources=("b",)).sources == ("b",)


def test_no_colour_counts_more_than_a_file_and_less_than_a_flag(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert said(here, monkeypatch, "color: always\n", {}).color == "never"
    assert said(here, monkeypatch, "color: auto\n", {}, color="always").color == "always"


def test_the_variable_for_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "other.yaml").write_text("version: 1\njobs: 7\n")
    (here / "third.yaml").write_text("version: 1\njobs: 8\n")
    found = said(here, monkeypatch, "jobs: 1\n", {"CONFIG": "other.yaml"})
    assert (found.settings.jobs, found.file) == (7, "other.yaml")
    assert effective({}, config="third.yaml").settings.jobs == 8
    assert effective({}, no_config=True).settings == Settings()


@pytest.mark.parametrize(
    ("file", "variables", "flags", "told"),
    [
        (
            "",
            {"FAIL_ON": "hihg"},
            {},
            'POLICYENGINE_FAIL_ON: fail-on takes critical, high, medium, low or info, not "hihg"',
        ),
        ("", {}, {"unknown": "pass"}, 'unknown takes fail, warn or ignore, not "pass"'),
        ("", {"COLOR": "red"}, {}, 'POLICYENGINE_COLOR: color takes auto, always or never, not "red"'),
        ("", {}, {"color": "allways"}, 'color takes auto, always or never, not "allways" (did you mean "always"?)'),
    ],
)
def test_what_makes_no_sense(
    file: str, variables: dict[str, str], flags: dict[str, Any], told: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError) as refused:
        said(here, monkeypatch, file, variables, **flags)
    assert str(refused.value).startswith(told)


def test_a_replaced_setting_is_not_blamed_on_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = said(here, monkeypatch, "select: [a]\n", {}, select=("a",)).settings
    assert str(settings.error(("select", "a"), "wrong")) == "wrong"
    settings = said(here, monkeypatch, "select: [a]\n", {}).settings
    assert str(settings.error(("select", "a"), "wrong")) == "policyengine.yaml:2:10: wrong"


def test_names_are_those_of_settings() -> None:
    """Nothing is kept twice: every key and every variable stands for a setting."""
    own = {"sources", "format", "color"}
    fields = set(Settings.__dataclass_fields__)
    assert set(SCHEMA) - {"version"} <= fields | own
    assert {setting.partition(".")[0] for setting, _, _ in VARIABLES.values()} <= fields | own
    assert {setting[10:] for setting, _, _ in VARIABLES.values() if "." in setting} <= set(SECTION)
    assert tuple(SECTION) == Care.__struct_fields__
    assert {name.partition(".")[0] for name in FLAGS} <= fields | own
    assert fields - set(SCHEMA) == {
        "exclusions",
        "skip_others",
        "all",
        "cache_directory",
        "exceptions",
        "new_since",
        "origins",
        "trusted",
    }
    assert not OTHERS.keys() & VARIABLES.keys()


SHOWN = """\
Settings file: policyengine.yaml

Setting                        From                                         Value
-----------------------------  -------------------------------------------  ---------------------------------
sources                        policyengine.yaml:2:1                        deploy
policies                       default
built_in                       default                                      true
packs                          POLICYENGINE_PACKS                           strict
select                         default
ignore                         policyengine.yaml:3:1, POLICYENGINE_IGNORE   base-latest, image
parameters.caps-added.allowed  policyengine.yaml:4:27                       ["CHOWN"]
enforcement                    policyengine.yaml:5:16                       warn, severity low, path a/ or b/
unknown                        default                                      warn
fail_on                        default                                      info
require_match                  default                                      false
resolve                        default
insecure_registries            default
registry_mirrors               default
exceptions                     default                                      true
waivers                        default                                      none
baseline                       default                                      none
live_exceptions                default                                      false
new_since                      default
exclude                        policyengine.yaml:6:1                        vendor/
env                            policyengine.yaml:7:1                        PASSWORD=****
zones                          default
format                         default                                      full on a terminal, else text
color                          NO_COLOR                                     never
cache                          default                                      true
jobs                           default                                      auto
progress                       default                                      on a terminal
remediate.soak                 POLICYENGINE_SOAK                            60.0
remediate.gate                 default                                      60
remediate.stable               default                                      10
remediate.max_unavailable      default                                      1
remediate.protected            policyengine.yaml:8:13                       db-*
remediate.unsafe_fixes         default                                      false
remediate.push                 default
remediate.registries           default
remediate.state_dir            default
remediate.hooks.before         policyengine.yaml:8:32                       ./drain --token=****
remediate.hooks.after          policyengine.yaml:8:32
"""


def test_the_settings_are_told_with_their_places_and_without_secrets(tmp_path: Path) -> None:
    (tmp_path / "policyengine.yaml").write_text(
        "version: 1\nsources: [deploy]\nignore: base-latest\nparameters: {caps-added: {allowed: [CHOWN]}}\n"
        "enforcement: [{severity: low, path: [a/, b/], enforce: warn}]\nexclude: [vendor/]\nenv: {PASSWORD: s3cret}\n"
        "remediate: {protected: 'db-*', hooks: {before: ./drain --token=s3cret}}\n"
    )
    more = {"POLICYENGINE_CACHE_DIR": "", "XDG_CACHE_HOME": str(tmp_path)}
    ended = cli(
        "config", cwd=tmp_path, POLICYENGINE_PACKS="strict", POLICYENGINE_IGNORE="image", POLICYENGINE_SOAK="60", **more
    )
    assert (ended.code, ended.err) == (0, "")
    assert [line.split() for line in ended.out.splitlines() if "---" not in line] == [
        line.split() for line in SHOWN.splitlines() if "---" not in line
    ]


def test_the_settings_of_a_run(tmp_path: Path) -> None:
    ended = cli(
        "check",
        "--show-settings",
        "nowhere",
        "--warn",
        "image",
        "--param",
        "a.b=1",
        "-j",
        "2",
        "--no-cache",
        cwd=tmp_path,
    )
    rows = {line.split()[0]: line.split()[1:] for line in ended.out.splitlines()[4:]}
    assert (ended.code, ended.err) == (0, "")
    assert rows["sources"] == ["SOURCE", "nowhere"]
    assert rows["enforcement"] == ["--warn", "warn,", "policy", "image"]
    assert rows["parameters.a.b"] == ["--param", "1"]
    assert rows["jobs"] == ["--jobs", "2"]
    assert rows["cache"] == ["--no-cache", "false"]
