"""What is written down before a project is changed: it outlives whoever writes it, and only its owner reads it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from policyengine.connections.docker_compose import Project
from policyengine.errors import RemedyError
from policyengine.remediation.journal import Journal
from policyengine.remediation.project import record as module
from policyengine.remediation.project.record import Record, Records, Saved

RECORD = Record(
    run="0123",
    target="project shop/web",
    engine="E",
    project=Project("shop", "/srv", ("/srv/compose.yaml",)),
    service="web",
    way="compose",
    up={"web": 1},
    hash="a",
    names=("shop-web-1",),
    files=(Saved("/srv/compose.yaml", "1", "2", ""),),
)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(Journal(tmp_path / "state" / "journal.jsonl"))


def test_what_files_held_is_kept_for_its_owner_alone(records: Records, tmp_path: Path) -> None:
    begun = records.begin(RECORD, {"/srv/compose.yaml": b"PASSWORD=x"})
    assert Path(begun.files[0].copy).read_bytes() == b"PASSWORD=x"
    assert replace(begun, files=RECORD.files) == RECORD
    assert records.all("E") == [begun]
    assert records.all("F") == []
    for path in (tmp_path / "state" / "projects").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    done = replace(begun, after="b", done=7.0)
    records.update(done)
    assert records.all("E") == [done]
    records.erase(done)
    assert records.all("E") == []
    assert not list((tmp_path / "state" / "projects").iterdir())


def test_what_was_cut_off_while_it_was_written_counts_for_nothing(records: Records, tmp_path: Path) -> None:
    begun = records.begin(RECORD, {"/srv/compose.yaml": b""})
    (tmp_path / "state" / "projects" / begun.home / "record.json").write_bytes(b'{"run": "01')
    assert records.all("E") == []
    assert records.begin(RECORD, {"/srv/compose.yaml": b""}) == begun


def test_a_program_that_was_handed_the_lock_has_it_until_it_ends(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.3)
    with records.held("shop") as lock:
        program = subprocess.Popen(["sleep", "60"], pass_fds=(lock,))
    try:
        with records.held("another"):
            pass
        with pytest.raises(RemedyError, match="another run acts on the project shop"), records.held("shop"):
            pass
    finally:
        program.kill()
        program.wait()
    with records.held("shop") as lock:
        assert os.get_inheritable(lock) is False
