"""``check --watch``: a save is judged at once, whatever the editor does to write it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests import waiting
from tests.once import ONCE
from tests.running import COMMAND, COMPOSE, Ended, cli, variables

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = ONCE

PRIVILEGED = COMPOSE + "    privileged: true\n"
FOUND = "critical privileged web runs privileged"


def _heed_interrupts() -> None:
    """What a shell runs in the background ignores them, and so would what it runs."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Watching:
    """A run of ``check --watch`` whose output is read line by line."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "check", "--watch", *arguments],
            cwd=directory,
            env=variables(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_heed_interrupts,  # noqa: PLW1509 - no other thread runs yet
        )
        self._lines: Queue[str] = Queue()
        self.reader = Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, text: str, seconds: float = waiting.SECONDS) -> None:
        """Read until a line holds a text."""
        end = time.monotonic() + seconds
        seen = []
        with suppress(Empty):
            while True:
                seen.append(self._lines.get(timeout=max(0.0, end - time.monotonic())))
                if text in seen[-1]:
                    return
        raise AssertionError(f"{text!r} was not told; this was: {''.join(seen)}")

    def worked(self) -> float:
        """The seconds of processor time that it has taken: proc(5), utime and stime."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def quiet_for(self, seconds: float) -> bool:
        """Whether nothing is told for some time."""
        try:
            self._lines.get(timeout=seconds)
        except Empty:
            return True
        return False

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=waiting.SECONDS)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    return tmp_path


@pytest.fixture
def started(project: Path) -> Iterator[list[Watching]]:
    running: list[Watching] = []
    yield running
    for one in running:
        one.process.kill()
        one.process.wait()
        one.reader.join()
        assert one.process.stdout is not None
        one.process.stdout.close()


def looking(started: list[Watching], directory: Path, *arguments: str) -> Watching:
    """A run that looks: the first report does not tell when it begins to, the first judged save does.

    Nothing that was saved here is judged later: the last is judged after all others.
    """
    run = Watching(directory, "-f", "text", *arguments)
    started.append(run)
    probe = directory / "probe.yaml"
    for _ in range(100):
        probe.write_text(f"# {time.perf_counter()}\n")
        try:
            run.until("judged in", 0.5)
        except AssertionError:
            continue
        (directory / "last").write_text("# looked at\n")
        (directory / "last").rename(directory / "last.yaml")  # one change, where writing is two
        run.until("last.yaml")
        return run
    raise AssertionError("it does not begin to look")


def test_a_save_is_judged(project: Path, started: list[Watching]) -> None:
    run = looking(started, project)
    file = project / "compose.yaml"
    file.write_text(PRIVILEGED)
    run.until(FOUND)
    run.until("compose.yaml: judged in")
    fresh = project / ".compose.yaml.swp"
    fresh.write_text(COMPOSE)
    fresh.replace(file)  # how most editors save
    run.until("compose.yaml: judged in")
    (project / "deep").mkdir()
    (project / "deep" / "compose.yaml").write_text(PRIVILEGED)
    run.until(FOUND)
    assert run.end() in (0, 1)


def test_the_last_run_decides_the_exit_code(project: Path, started: list[Watching]) -> None:
    run = looking(started, project)
    (project / "compose.yaml").write_text(PRIVILEGED)
    run.until(FOUND)
    run.until("judged in")
    assert run.end() == 1


def test_settings_are_read_again(project: Path, started: list[Watching]) -> None:
    (project / "compose.yaml").write_text(PRIVILEGED)
    run = looking(started, project)
    (project / "policyengine.yaml").write_text("version: 1\nignore: [priviledged]\n")
    run.until('no policy is called "priviledged"')
    (project / "policyengine.yaml").write_text("version: 1\nignore: [privileged]\nunknown: ignore\n")
    run.until("judged in")
    assert run.end() in (0, 1, 2)


def test_what_cannot_matter_is_passed_over(project: Path, started: list[Watching]) -> None:
    run = looking(started, project, "-f", "json=report.json")
    (project / "notes.txt").write_text("nothing")
    assert run.quiet_for(1)


def test_what_cannot_be_watched(project: Path) -> None:
    instead = {"-": "--watch is for files and directories", "docker://": "policyengine watch docker://"}
    for source, hint in instead.items():
        ended = cli("check", "--watch", source, cwd=project)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == f"error: {source} cannot be watched ({hint})\n"


def test_what_is_new_is_not_watched_for_outside_a_repository(project: Path) -> None:
    """Nothing is judged once: no save would ever make a repository."""
    here = os.path.realpath(project)
    told = f"error: {here}: is in no git repository (run policyengine in the repository)\n"
    assert cli("check", "--watch", "--new-since", "main", cwd=project, GIT_CEILING_DIRECTORIES=here) == Ended(
        2, "", told
    )


SECONDS = 0.3
"""Of processor time: other tests run at the same time, and the machine may stand still."""


def test_a_save_is_judged_within_a_third_of_a_second(project: Path, started: list[Watching]) -> None:
    """In a project of 300 files."""
    for number in range(300):
        below = project / f"service{number % 20}"
        below.mkdir(exist_ok=True)
        (below / f"compose{number}.yaml").write_text(COMPOSE.replace("web", f"web{number}"))
    run = looking(started, project)
    took = []
    for turn in range(3):
        began = run.worked()
        (project / "compose.yaml").write_text((PRIVILEGED, COMPOSE)[turn % 2])
        run.until("compose.yaml: judged in")
        took.append(run.worked() - began)
    assert min(took) < SECONDS, took
