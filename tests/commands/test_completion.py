"""What shells offer."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from policyengine.commands import completion
from policyengine.commands.policies import FORMATS, loaded
from policyengine.commands.schema import DOCUMENTS
from policyengine.enrich import enrichment
from policyengine.model.kinds import kinds
from policyengine.model.report import CATEGORIES, SEVERITIES
from policyengine.outputs import formats
from policyengine.policy.packs import built_in_packs
from policyengine.settings import COLOR, ON_UNKNOWN, Settings
from tests.running import cli, variables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POLICIES = {policy.id for policy in loaded(Settings())[0]}


@pytest.mark.parametrize(
    ("offered", "known"),
    [
        (completion.policies, POLICIES),
        (completion.names, POLICIES | set(CATEGORIES)),
        (completion.packs, set(built_in_packs())),
        (completion.formats, set(formats())),
        (completion.listings, set(FORMATS)),
        (completion.documents, set(DOCUMENTS)),
        (completion.kinds, set(kinds())),
        (completion.severities, set(SEVERITIES)),
        (completion.ways_with_unknowns, set(ON_UNKNOWN)),
        (completion.colors, set(COLOR)),
    ],
)
def test_everything_is_offered(offered: Callable[[str], list[str]], known: set[str]) -> None:
    assert set(offered("")) == known
    assert offered("no-such-thing") == []


def test_every_enrichment_is_offered() -> None:
    assert "engine" in completion.enrichments("")
    for name in completion.enrichments(""):
        enrichment(name)


def test_after_a_comma_the_next_is_offered() -> None:
    assert completion.names("privileged,proc-m") == ["privileged,proc-mount"]
    assert completion.packs("default,str") == ["default,strict"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("policyengine che", ["check"]),
        ("policyengine explain proc-m", ["proc-mount"]),
        ("policyengine check --pack str", ["strict"]),
        ("policyengine check --format s", ["sarif"]),
        ("policyengine check --fail-on h", ["high"]),
        ("policyengine fields dockerf", ["dockerfile"]),
        ("policyengine check --no-conf", ["--no-config"]),
    ],
)
def test_in_bash(line: str, offered: list[str], tmp_path: Path) -> None:
    asked = {"_POLICYENGINE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
    assert cli(cwd=tmp_path, **asked) == (0, "\n".join(offered) + "\n", "")


def test_zsh_gets_each_choice_in_one_line_with_what_it_means(tmp_path: Path) -> None:
    asked = {"_POLICYENGINE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "policyengine check --sel"}
    offered = (
        "Judge by these only\\\\: ids, categories, tags, controls, other tools'' ids. Without --pack, of all policies."
    )
    assert cli(cwd=tmp_path, **asked) == (0, f"""_arguments '*: :(("--select":"{offered}"))'\n""", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_a_shell(shell: str, tmp_path: Path) -> None:
    shown = cli("--show-completion", shell, cwd=tmp_path, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert (shown.code, shown.err) == (0, "")
    assert "_POLICYENGINE_COMPLETE" in shown.out


def test_bash_itself_completes(tmp_path: Path) -> None:
    bash = "/bin/bash"
    if not os.access(bash, os.X_OK):
        pytest.skip("there is no /bin/bash")
    script = cli("--show-completion", "bash", cwd=tmp_path, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1").out
    (tmp_path / "policyengine").write_text(f'#!/bin/sh\nexec {sys.executable} -m policyengine "$@"\n')
    (tmp_path / "policyengine").chmod(0o755)
    asked = (
        f"{script}\nCOMP_WORDS=(policyengine explain proc-m)\nCOMP_CWORD=2\n"
        '_policyengine_completion policyengine\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    ended = subprocess.run(
        [bash, "--norc", "-c", asked], env=variables(PATH=path), capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("proc-mount\n", "")


HEAVY = ("yaml", "cerberus", "docker", "rich", "tabulate", "pathspec", "cel_expr_python", "re2")


def test_completing_imports_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom policyengine.commands import completion as c\n"
        "for offered in (c.policies, c.names, c.packs, c.formats, c.kinds, c.severities, c.enrichments): offered('')\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=variables(), capture_output=True, text=True, check=True
    )
    assert set(ended.stdout.split()).isdisjoint(HEAVY)
