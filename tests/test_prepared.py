"""Runs in a process that has imported the command: none is waited for without an end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.prepared import Bounds, _waited
from tests.running import run, variables

if TYPE_CHECKING:
    from pathlib import Path


def test_a_run_that_is_never_begun() -> None:
    told, telling = socket.socketpair()
    with told, telling, pytest.raises(subprocess.TimeoutExpired) as late:
        _waited(told, ["check"], 60, starting=0.1)
    assert (late.value.cmd, late.value.timeout) == (["tests.prepared"], 0.1)


def test_a_run_that_does_not_end_is_killed() -> None:
    told, telling = socket.socketpair()
    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    with told, telling, sleeping:
        telling.send(b"%d\n" % sleeping.pid)
        with pytest.raises(subprocess.TimeoutExpired) as late:
            _waited(told, ["check"], 0.1)
        assert (late.value.cmd, late.value.timeout) == (["policyengine", "check"], 0.1)
        assert sleeping.wait(10) == -9


def test_a_run_that_ends() -> None:
    told, telling = socket.socketpair()
    with told, telling:
        telling.send(b"1\n3\n")
        assert _waited(told, ["check"], 60) == 3


def test_a_run_that_takes_too_much_processor_time_is_ended(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Pod\na: [" + "b," * 3_000_000 + "]\n")
    assert run(["check", "a.yaml"], tmp_path, variables(), bounds=Bounds(seconds=1)).code == -signal.SIGXCPU
