"""One run alone acts on an engine; a lock ends with its process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from policyengine.errors import UsageError
from policyengine.remediation.locking import alone, state_directory
from tests.running import variables

HOLD = "import sys, time; from pathlib import Path; from policyengine.remediation.locking import alone\n"
HOLD += "with alone(Path(sys.argv[1]), 'a:b'): print('held', flush=True); time.sleep(60)\n"


def test_another_run_has_to_wait_until_the_first_has_ended_however_it_ends(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], env=variables(), stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UsageError) as refused, alone(tmp_path, "a:b"):
            pass
        assert str(refused.value) == (f"{tmp_path}/a-b.lock: another run acts on this engine (wait until it has ended)")
        with alone(tmp_path, "another"):
            pass
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    with alone(tmp_path, "a:b"):
        assert (tmp_path / "a-b.lock").stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(UsageError, match=r"cannot be made: .*--state-dir names another place"),
        alone(tmp_path / "file" / "x", "e"),
    ):
        pass


def test_the_usual_place() -> None:
    assert state_directory("here", {}) == Path("here")
    assert state_directory("", {"XDG_STATE_HOME": "/s"}) == Path("/s/policyengine")
    usual = Path.home() / ".local" / "state" / "policyengine"
    assert state_directory("", {"XDG_STATE_HOME": "relative"}) == state_directory("", {}) == usual
