"""What the README and the CHANGELOG say is true: every command is run, and prints what the page shows."""

from __future__ import annotations

import doctest
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

from policyengine import __version__
from policyengine.cli import application
from policyengine.policy.library import built_in
from policyengine.settings.environment import OTHERS, VARIABLES
from policyengine.settings.schema import SCHEMA
from tests.installation import ROOT
from tests.live.conftest import missing
from tests.readme import Block, Shell, blocks, masked, matches

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
BLOCKS = blocks(PAGE)
OF_NO_COMMAND = {"--version", "--help", "--install-completion", "--show-completion"}
COMMANDS = [
    (number, order, command)
    for number, block in enumerate(BLOCKS)
    for order, (command, _) in enumerate(block.commands())
    if not block.is_live
]
LIVE = [block for block in BLOCKS if block.is_live]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A copy of the repository in which the page's files are written, and policyengine is installed."""
    made = Shell(tmp_path_factory.mktemp("readme"))
    for block in BLOCKS:
        made.write(block)
    assert made.run(["pip install ."]) == [""]
    return made


@pytest.fixture(scope="module")
def printed(shell: Shell) -> dict[int, list[str]]:
    """What the commands of each block print."""
    quiet = {number: block for number, block in enumerate(BLOCKS) if block.commands() and not block.is_live}
    return {number: shell.run([command for command, _ in block.commands()]) for number, block in quiet.items()}


def assert_shown(shown: str, real: str) -> None:
    if not matches(shown, real):
        assert masked(shown) == masked(real), "python -m tests.readme writes what is printed into the page"


@pytest.mark.parametrize(("number", "order", "command"), COMMANDS, ids=[command for *_, command in COMMANDS])
def test_a_command_prints_what_the_page_shows(
    number: int, order: int, command: str, printed: dict[int, list[str]]
) -> None:
    assert_shown(BLOCKS[number].commands()[order][1], printed[number][order])


@pytest.mark.live
@pytest.mark.parametrize("block", LIVE, ids=["judged", "mended"])
def test_a_live_example(block: Block, shell: Shell) -> None:
    _require_an_engine_without("demo", "demo:1")
    try:
        printed = shell.run([command for command, _ in block.commands()])
        for (_, shown), real in zip(block.commands(), printed, strict=True):
            assert_shown(shown, real)
    finally:
        shell.run(["docker rm --force demo demo.pe-old > /dev/null 2>&1; docker rmi --force demo:1 > /dev/null 2>&1"])


def _require_an_engine_without(container: str, image: str) -> None:
    if not Path("/bin/busybox").is_file():
        missing("there is no /bin/busybox (Debian: busybox-static)")
    try:
        answered = subprocess.run(["docker", "info"], capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        missing("there is no docker command (Debian: docker.io)")
    if answered.returncode != 0:
        missing(f"no container engine answers: {answered.stderr.strip()}")
    for kind, name in (("container", container), ("image", image)):
        if subprocess.run(["docker", kind, "inspect", name], capture_output=True, check=False).returncode == 0:
            missing(f"the engine has a {kind} {name} that is not ours to remove")


def test_what_the_page_shows_of_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = [block for block in BLOCKS if block.language == "pycon"]
    parsed = doctest.DocTestParser().get_doctest(example.text, {}, "README.md", "README.md", 0)
    assert doctest.DocTestRunner(verbose=False).run(parsed) == (0, example.text.count(">>> "))


def test_how_the_tests_are_run_is_where_ci_looks_for_it() -> None:
    section = PAGE.partition("\n## Development\n")[2].partition("\n## ")[0]
    assert [block.text for block in blocks(section) if block.language == "sh"] == ["pip install -e '.[test]'\npytest\n"]


def test_every_block_is_tested() -> None:
    assert {block.language for block in BLOCKS} == {"console", "pycon", "yaml", "text", "sh"}
    assert all(block.file for block in BLOCKS if block.language in ("yaml", "text"))
    assert all(block.commands() for block in BLOCKS if block.language == "console")


def test_every_command_is_in_the_reference() -> None:
    shown = {command for _, _, command in COMMANDS}
    assert {f"policyengine {name} --help" for name in commands()} <= shown


def commands() -> dict[str, set[str]]:
    """The options of each command, and of those that are commands of a command."""
    return dict(_commands(typer.main.get_command(application()), ""))


def _commands(group: Any, above: str) -> Iterator[tuple[str, set[str]]]:
    for name, command in getattr(group, "commands", {}).items():
        options = [*(parameter.opts + parameter.secondary_opts for parameter in command.params)]
        yield f"{above}{name}", set().union(*options)
        yield from _commands(command, f"{above}{name} ")


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [PAGE, CHANGES], ids=["README", "CHANGELOG"])
def test_commands_and_options_that_prose_speaks_of_exist(page: str) -> None:
    spoken = re.findall(r"`([^`\n]+)`", prose(page))
    known = commands()
    options = set().union(*known.values())
    for text in spoken:
        if text.startswith("policyengine ") and not text.startswith("policyengine --"):
            assert text.split()[1] in known, text
        ours = not text.startswith("python -m tests.")
        assert not ours or set(re.findall(r"(?<!\S)--[a-z][a-z-]+", text)) <= options | OF_NO_COMMAND, text


@pytest.mark.parametrize("page", [PAGE, CHANGES], ids=["README", "CHANGELOG"])
def test_the_number_of_policies_is_told_right(page: str) -> None:
    count = sum(path.name != "pack.yaml" for path in built_in().rglob("*.yaml"))
    told = set(re.findall(r"\b(\d+) (?:built-in )?policies", prose(page)))
    assert told <= {str(count)}, "python -m tests.catalogue writes it"


def test_the_table_of_settings_has_all_keys_and_variables() -> None:
    rows = [row for row in PAGE.partition("| key | variable |")[2].partition("\n\n")[0].splitlines()[2:] if row]
    keys = [found[1] for row in rows if (found := re.match(r"\| `(\w+)`", row))]
    assert keys == list(SCHEMA)
    assert all(row.startswith(("| `", "| (")) for row in rows)  # what is no key has a variable and a flag
    told = {name for row in rows for name in re.findall(r"POLICYENGINE_(\w+)", row)}
    assert told == set(VARIABLES)
    assert all(f"`POLICYENGINE_{name}`" in PAGE for name in OTHERS)


def test_the_contents_list_the_headings() -> None:
    listed = re.findall(r"^- \[(.+)\]\(#(.+)\)$", PAGE, re.MULTILINE)
    assert [title for title, _ in listed] == re.findall(
        r"^## (.+)$", PAGE.partition("\n## Contents\n")[2], re.MULTILINE
    )
    assert all(anchor == title.lower().replace(" ", "-") for title, anchor in listed)


def test_the_changelog_has_this_version_first() -> None:
    assert re.findall(r"^## \[(.+?)\] - (.+)$", CHANGES, re.MULTILINE)[0] == (__version__, "Unreleased")


class TestComparing:
    """The comparison itself: it does not let a difference through."""

    SHOWN = "one\n...\nlast, 0.3 s\n"

    @pytest.mark.parametrize("real", ["one\nlast, 0.1 s\n", "one\ntwo\nthree\nlast, 12.25 s\n"])
    def test_what_is_the_same(self, real: str) -> None:
        assert matches(self.SHOWN, real)

    @pytest.mark.parametrize("real", ["one\ntwo\n", "One\nlast, 0.1 s\n", "one\nlast, 0.1 s\nmore\n", ""])
    def test_what_is_not(self, real: str) -> None:
        assert not matches(self.SHOWN, real)

    def test_commands_are_told_from_their_output(self) -> None:
        block = Block("console", "$ a \\\n    b\n1\n2\n$ c\n", 0, None)
        assert block.commands() == [("a \\\n    b", "1\n2\n"), ("c", "")]
