"""The journal tells what was begun and what has ended, whatever happened to whoever wrote it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from policyengine.errors import SourceError
from policyengine.remediation.journal import Journal

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.jsonl"


def told(journal: Journal) -> list[tuple[object, ...]]:
    return [(entry.run, entry.target, entry.what, entry.steps, entry.outcome, entry.why) for entry in journal.history()]


def test_a_run(path: Path) -> None:
    journal = Journal(path, "docker://local")
    assert journal.history() == []
    journal.began("r1", "container web", "digest", {"id": "abc"})
    journal.step("r1", "container web", "create")
    assert [entry.known for entry in journal.open()] == [{"id": "abc"}]
    journal.step("r1", "container web", "start")
    journal.ended("r1", "container web", "put back", "exited with 1, DB_PASSWORD=hunter2")
    journal.began("r1", "container api", "other")
    assert told(journal) == [
        ("r1", "container web", "digest", ("create", "start"), "put back", "exited with 1, DB_PASSWORD=****"),
        ("r1", "container api", "other", (), None, ""),
    ]
    assert [entry.target for entry in journal.open()] == ["container api"]


def test_what_stands_half_done_is_open(path: Path) -> None:
    journal = Journal(path)
    journal.began("r1", "container web", "digest")
    journal.ended("r1", "container web", "failed", "the engine is gone")
    assert [entry.target for entry in journal.open()] == ["container web"]
    journal.ended("r1", "container web", "recovered")
    assert journal.open() == []


def test_nobody_else_reads_it(path: Path) -> None:
    Journal(path).began("r1", "container web", "digest")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_engines_are_told_apart(path: Path) -> None:
    Journal(path, "docker://a").began("r1", "container web", "digest")
    Journal(path, "docker://b").began("r1", "container web", "digest")
    Journal(path, "docker://b").ended("r1", "container web", "replaced")
    assert [entry.outcome for entry in Journal(path, "docker://a").history()] == [None]
    assert [entry.outcome for entry in Journal(path).history()] == [None, "replaced"]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_line_that_was_cut_off(path: Path, cut: int) -> None:
    journal = Journal(path)
    journal.began("r1", "container web", "digest")
    journal.step("r1", "container web", "create")
    os.truncate(path, path.stat().st_size - cut)
    assert [entry.steps for entry in journal.history()] in ([()], [("create",)])
    journal.step("r1", "container web", "start")
    assert [entry.steps[-1] for entry in journal.history()] == ["start"]


def test_a_line_that_is_none(path: Path) -> None:
    journal = Journal(path)
    journal.began("r1", "container web", "digest")
    with path.open("a") as file:
        file.write('{"event": "odd"}\n')
    with pytest.raises(SourceError, match=r"journal\.jsonl:2: is no line of a journal"):
        journal.history()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match=r"cannot be written: .*--state-dir"):
        Journal(tmp_path / "file" / "journal").began("r1", "container web", "digest")
    with pytest.raises(SourceError, match="cannot be read"):
        Journal(tmp_path).history()


def test_a_full_disk() -> None:
    with pytest.raises(SourceError, match="cannot be written: No space left on device"):
        Journal(Path("/dev/full")).began("r1", "container web", "digest")


WRITER = """
import sys
from pathlib import Path
from policyengine.remediation.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.began(sys.argv[2], "container web", "digest")
for step in range(int(sys.argv[3])):
    journal.step(sys.argv[2], "container web", str(step))
print("done", flush=True)
sys.stdin.read()
"""


def test_several_write_at_once_and_are_killed(path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, path, run, "50"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        for run in ("r1", "r2", "r3")
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == b"done\n"
        process.send_signal(signal.SIGKILL)
        process.communicate()
    expected = tuple(str(step) for step in range(50))
    assert {entry.run: entry.steps for entry in Journal(path).history()} == dict.fromkeys(("r1", "r2", "r3"), expected)
