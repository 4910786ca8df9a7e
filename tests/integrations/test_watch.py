"""The examples of how to have an engine watched: read by what reads them, and judged by our own policies."""

from __future__ import annotations

import configparser
import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from policyengine.cli import application
from tests.installation import ROOT
from tests.running import cli

WATCH = ROOT / "integrations" / "watch"
UNIT = WATCH / "policyengine-watch.service"
COMPOSE = WATCH / "compose.yaml"


def _options() -> set[str]:
    import typer.main

    command = typer.main.get_command(application("watch"))
    found = command.commands["watch"] if hasattr(command, "commands") else command
    return {option for parameter in found.params for option in parameter.opts}


def test_the_unit_runs_a_command_that_there_is() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    program, command, source, *options = shlex.split(parser["Service"]["ExecStart"])
    assert (Path(program).name, command, source) == ("policyengine", "watch", "docker://")
    assert {option for option in options if option.startswith("-")} <= _options()
    assert parser["Service"]["SuccessExitStatus"] == "1"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/policyengine/bin/policyengine", "/bin/true"))
    ended = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert UNIT.name not in ended.stderr


def test_the_project_keeps_to_our_own_policies(tmp_path: Path) -> None:
    image = f"registry.example.com/policyengine@sha256:{'a' * 64}"
    shutil.copy(COMPOSE, tmp_path)
    variables = ["--env", f"POLICYENGINE_IMAGE={image}", "--env", "DOCKER_GROUP=999"]
    ended = cli("check", "compose.yaml", *variables, "-f", "json", cwd=tmp_path)
    found = {one["policy"] for one in json.loads(ended.out)["findings"] if one["status"] == "fail"}
    assert found == {"docker-socket"}, ended.err  # what it is about, and its comment tells how to do without


def test_the_command_of_the_project_is_one_that_there_is() -> None:
    command, source, *options = yaml.safe_load(COMPOSE.read_text())["services"]["watch"]["command"]
    assert (command, source) == ("watch", "docker://")
    assert {option for option in options if option.startswith("-")} <= _options()
