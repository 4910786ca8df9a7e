"""Work on several processors comes back in order, and a process that dies is told."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import SourceError, UsageError
from policyengine.pipeline.processes import ordered, processors
from tests.running import SECONDS, variables
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
"""Workers of pytest-xdist have threads of their own, which hold no lock of ours."""


def test_results_come_in_the_order_of_the_tasks(tmp_path: Path) -> None:
    """The first is done when others are, which another process does meanwhile."""
    done = tmp_path / "done"

    def work(number: int) -> tuple[int, int]:
        if number == 0:
            until(done.exists, "another process has done something")
        else:
            done.touch()
        return number, os.getpid()

    found = list(ordered(work, range(40), 3))
    assert [number for number, _ in found] == list(range(40))
    assert os.getpid() not in {process for _, process in found}
    assert len({process for _, process in found}) > 1


def test_tasks_are_taken_as_they_are_worked_off() -> None:
    taken: list[int] = []

    def tasks() -> object:
        for number in range(1000):
            taken.append(number)
            yield number

    results = ordered(lambda number: number, tasks(), 2)  # type: ignore[arg-type, var-annotated] # a generator it is
    assert next(results) == 0
    assert len(taken) < 20
    results.close()  # type: ignore[attr-defined] # as above


def test_what_the_work_raises_is_raised() -> None:
    def work(number: int) -> int:
        if number == 7:
            raise UsageError("seven")
        return number

    results = ordered(work, range(20), 2)
    assert [next(results) for _ in range(7)] == list(range(7))
    with pytest.raises(UsageError, match="seven"):
        list(results)


def test_a_process_that_dies_is_an_error_that_says_what_to_do() -> None:
    def work(number: int) -> int:
        if number == 7:
            os.kill(os.getpid(), 9)
        return number

    with pytest.raises(SourceError) as caught:
        list(ordered(work, range(200), 2))
    assert str(caught.value) == "a process that judges ended early, perhaps for want of memory (--jobs 1)"


FORKING = """
import threading
from policyengine.commands.policies import loaded
from policyengine.engine import Engine
from policyengine.model.kinds import kinds
from policyengine.pipeline.processes import can_fork
from policyengine.settings import Settings
engine = Engine([(policy, None) for policy in loaded(Settings())[0]], {})
assert sum(len(engine.bodies(kind, "kubernetes")[0]) for kind in kinds()) > 20
assert can_fork()  # the libraries of expressions start no threads
waiting = threading.Event()
thread = threading.Thread(target=waiting.wait)
thread.start()
assert not can_fork()
waiting.set()
thread.join()
"""


def test_processes_are_forked_where_that_is_safe() -> None:
    subprocess.run([sys.executable, "-c", FORKING], env=variables(), check=True, timeout=SECONDS)
    assert processors() == len(os.sched_getaffinity(0))
