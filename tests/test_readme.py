"""The README is true: its commands are run, on a terminal as a reader would, and give the output it shows."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from typing import TYPE_CHECKING

import pytest

from policyengine.policy.library import built_in, policy_files
from tests.installation import ROOT
from tests.running import variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

README = (ROOT / "README.md").read_text(encoding="utf-8")
LEFT_OUT = "[...]"
FIGURE = re.compile(r"\d+(?:\.\d+)? s$", re.MULTILINE)
INSTALLING = ("pip install .",)  # tests/test_wheel.py installs


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands() -> Iterator[tuple[str, str]]:
    """Every command with the output shown below it."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def ours(live: bool) -> list[tuple[str, str]]:
    return [
        (command, output)
        for command, output in commands()
        if command.startswith("policyengine ") and ("docker://" in command) == live
    ]


def on_terminal(command: str, width: int = 100) -> str:
    """What a command prints on a terminal without colours."""
    main, side = pty.openpty()
    ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    words = command.split(" ", 1)[1]
    process = subprocess.Popen(
        f"exec {sys.executable} -m policyengine {words}",
        shell=True,
        cwd=ROOT,
        stdin=side,
        stdout=side,
        stderr=side,
        env=variables(NO_COLOR="1", TERM="xterm", COLUMNS=str(width)),
    )
    os.close(side)
    parts = []
    try:
        while part := os.read(main, 65536):
            parts.append(part)
    except OSError:  # Linux ends a terminal's output so
        pass
    process.wait(timeout=60)
    os.close(main)
    return b"".join(parts).decode().replace("\r\n", "\n")


def pattern(shown: str) -> re.Pattern[str]:
    """Matches the output shown: ``[...]`` stands for anything, and how long something took is not compared."""
    text = re.escape(FIGURE.sub("0 s", shown.strip()))
    return re.compile(text.replace(re.escape(LEFT_OUT), ".*"), re.DOTALL)


def compared(command: str, shown: str) -> None:
    found = FIGURE.sub("0 s", on_terminal(command)).strip()
    assert pattern(shown).fullmatch(found), f"$ {command}\n{found}"


@pytest.mark.parametrize(("command", "shown"), ours(live=False), ids=[command for command, _ in ours(live=False)])
def test_a_command_prints_what_is_shown(command: str, shown: str) -> None:
    compared(command, shown)


def test_every_command_is_run() -> None:
    left = [command for command, _ in commands() if not command.startswith(("policyengine ", "docker run "))]
    assert left == list(INSTALLING)


def test_the_policy_is_the_one_in_the_fixtures() -> None:
    (shown,) = blocks("yaml")
    lines = iter((ROOT / "fixtures/policies/acme/team-label.yaml").read_text().splitlines())
    for line in shown.splitlines():
        if not line.lstrip().startswith("#"):
            assert any(line == other for other in lines), f"not in the file, or not in this order: {line}"


def test_the_python_example_runs() -> None:
    (code,) = blocks("python")
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables(), capture_output=True, check=True)
    assert ended.stdout.decode() == "fixtures/demo/deploy/web.yaml:27:25 web runs privileged\n"


def test_the_pipeline_example_runs(tmp_path: Path) -> None:
    command = next(block for block in blocks("sh") if block.startswith("policyengine check"))
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    words = command.split()[1:]
    ended = subprocess.run(
        [sys.executable, "-m", "policyengine", *words], cwd=tmp_path, env=variables(), capture_output=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout.startswith(b"Dockerfile:1:6: high user-missing ")
    assert (tmp_path / "policyengine.sarif").stat().st_size > 1000


def test_the_number_of_policies_and_their_names_are_right() -> None:
    names = [path.stem for path in policy_files(built_in())]
    assert f"| checks that come with it | {len(names)} |" in README
    changelog = " ".join((ROOT / "CHANGELOG.md").read_text().split())
    assert f"{len(names)} policies: {', '.join(sorted(names))}." in changelog
