"""``policyengine remediate`` and ``apply``: what is refused before any engine is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


def test_an_engine_that_is_not_there_is_told(tmp_path: Path) -> None:
    for arguments in (["remediate", "docker://"], ["recover"], ["rollback", "web", "--yes"]):
        ended = cli(*arguments, cwd=tmp_path, DOCKER_HOST=NOBODY, XDG_STATE_HOME=str(tmp_path))
        assert (ended.code, ended.out) == (2, "")
        assert "no engine runs at unix:///nonexistent/docker.sock" in ended.err


def test_nothing_was_replaced_yet(tmp_path: Path) -> None:
    assert cli("history", cwd=tmp_path, XDG_STATE_HOME=str(tmp_path)) == Ended(0, "Nothing was replaced yet.\n", "")
    assert cli("history", "-f", "json", cwd=tmp_path, XDG_STATE_HOME=str(tmp_path)).out == "[]\n"
