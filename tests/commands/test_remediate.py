"""``policyengine remediate`` and ``apply``: what is refused before any engine is asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from policyengine.remediation.plan_file import write
from tests.commands.plans import PLAN
from tests.running import Ended, cli

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = "unix:///nonexistent/docker.sock"
ONE_ENGINE = "a plan is about one engine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["remediate"], f"{ONE_ENGINE} (name one: policyengine remediate docker://)"),
        (["remediate", "a.yaml"], "a.yaml: no such file (a Compose file, or docker://CONTEXT/container/NAME)"),
        (["remediate", "."], ".: not a file (a Compose file, or docker://CONTEXT/container/NAME)"),
        (
            ["remediate", "docker://", "kubernetes://prod"],
            "kubernetes://prod: live Kubernetes is not acted on "
            "(mend its manifests with policyengine check --fix, and apply them)",
        ),
        (
            ["remediate", "podman://"],
            'unknown kind of source "podman://" (docker://CONTEXT/container/NAME)',
        ),
        (["remediate", "docker://", "--format", "jsn"], 'format takes text or json, not "jsn" (did you mean "json"?)'),
        (["remediate", "docker://", "--apply"], "there is no terminal to ask on (--yes acts without asking)"),
        (
            ["remediate", "docker://", "--plan", "-"],
            "--plan takes a file (--format json shows the plan; a file of this name is ./-)",
        ),
        (["remediate", "docker://", "--soak", "-1"], "soak takes a number of seconds"),
        (
            ["remediate", "docker://", "--max-unavailable", "0"],
            "max-unavailable takes a number of targets, at least 1",
        ),
        (["apply", "none.json", "--yes"], "none.json: cannot be read: No such file or directory"),
        (["rollback", "web"], "there is no terminal to ask on (--yes acts without asking)"),
        (["history", "--format", "tabel"], 'format takes table or json, not "tabel" (did you mean "table"?)'),
    ],
)
def test_what_makes_no_sense(arguments: list[str], told: str, tmp_path: Path) -> None:
    ended = cli(*arguments, cwd=tmp_path, DOCKER_HOST=NOBODY, XDG_STATE_HOME=str(tmp_path))
    assert ended == Ended(2, "", f"error: {told}\n")


SHORT = (
    "a replacement may take {} s to be healthy, and must run {} s where it has no healthcheck: none could pass "
    "(set --gate-seconds or remediate.gate to at least {}, or remediate.stable to at most {})"
)


@pytest.mark.parametrize(
    "arguments",
    [
        ["remediate", "docker://"],
        ["remediate", "docker://", "--apply", "--yes"],
        ["apply", "plan.json", "--yes"],
        ["apply", "plan.json", "--dry-run"],
        ["rollback", "web", "--yes"],
        ["watch", "docker://", "--enforce"],
    ],
)
def test_a_gate_that_nothing_could_pass(arguments: list[str], tmp_path: Path) -> None:
    """Before any engine is asked, for nothing is to be stopped for it; one that is just long enough is none."""
    write(PLAN, tmp_path / "plan.json")
    run = partial(cli, *arguments, cwd=tmp_path, DOCKER_HOST=NOBODY, XDG_STATE_HOME=str(tmp_path))
    told = SHORT.format(4, 10, 10, 4)
    assert run("--gate-seconds", "4") == Ended(2, "", f"error: {told}\n")
    assert "none could pass" not in run("--gate-seconds", "10").err
    (tmp_path / "policyengine.yaml").write_text("version: 1\nremediate:\n  stable: 90\n  gate: 80\n")
    told = SHORT.format(80, 90, 90, 80)
    assert run() == Ended(2, "", f"error: policyengine.yaml:4:3: {told}\n")


def test_what_was_left_half_done_is_no_matter_of_the_gate(tmp_path: Path) -> None:
    (tmp_path / "policyengine.yaml").write_text("version: 1\nremediate: {gate: 4}\n")
    ended = cli("recover", cwd=tmp_path, DOCKER_HOST=NOBODY, XDG_STATE_HOME=str(tmp_path))
    assert "no engine runs at unix:///nonexistent/docker.sock" in ended.err


def test_an_engine_that_is_not_there_is_told(tmp_path: Path) -> None:
    for arguments in (["remediate", "docker://"], ["recover"], ["rollback", "web", "--yes"]):
        ended = cli(*arguments, cwd=tmp_path, DOCKER_HOST=NOBODY, XDG_STATE_HOME=str(tmp_path))
        assert (ended.code, ended.out) == (2, "")
        assert "no engine runs at unix:///nonexistent/docker.sock" in ended.err


def test_nothing_was_replaced_yet(tmp_path: Path) -> None:
    assert cli("history", cwd=tmp_path, XDG_STATE_HOME=str(tmp_path)) == Ended(0, "Nothing was replaced yet.\n", "")
    assert cli("history", "-f", "json", cwd=tmp_path, XDG_STATE_HOME=str(tmp_path)).out == "[]\n"
