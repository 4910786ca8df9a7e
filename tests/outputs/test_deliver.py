from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import UsageError
from policyengine.outputs.deliver import deliver

if TYPE_CHECKING:
    from pathlib import Path


def test_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    deliver("é…\n", None)
    assert capsys.readouterr() == ("é…\n", "")


def test_standard_output_that_lacks_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    deliver("é…\n", None)
    sys.stdout.flush()
    assert raw.getvalue() == b"\\xe9\\u2026\n"


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    deliver("é\n", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == "é\n".encode()
    assert (tmp_path / "out").stat().st_mode == usual.stat().st_mode


def test_a_file_is_replaced_in_one_step_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("the last report, longer than this one\n")
    path.chmod(0o640)
    with path.open() as reader:
        deliver("new\n", path)
        assert reader.read() == "the last report, longer than this one\n"
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    deliver("new\n", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new\n"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    deliver("new\n", pipe)
    reader.join(timeout=60)
    assert read == ["new\n"]
    assert pipe.is_fifo()


def test_a_disk_that_is_full_leaves_the_last_report(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from policyengine.errors import UsageError
from policyengine.outputs.deliver import deliver

resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    deliver("longer than the limit", Path(sys.argv[1]))
except UsageError as error:
    print(error.message)
"""
    path = tmp_path / "out"
    path.write_text("kept")
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert done.stdout == "cannot write: file too large\n"
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "kept"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/out", "no such file or directory"),
        ("dir", "is a directory"),
        ("file/out", "not a directory"),
        ("x" * 300, "file name too long"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UsageError) as raised:
        deliver("new\n", tmp_path / name)
    assert str(raised.value) == f"{tmp_path / name}: cannot write: {reason}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dir", "file"]
    assert (tmp_path / "file").read_text() == "kept"
