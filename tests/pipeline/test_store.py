"""The store keeps what it was given, whatever happens around it, and never fails a run."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from policyengine.pipeline import store as module
from policyengine.pipeline.store import Store
from tests.running import SECONDS, variables

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
"""Workers of pytest-xdist have threads of their own, which hold no lock of ours."""

KEY = b"k" * 32
LONG = ["text " * 1000, {"a": None}]


def kept(path: Path, key: bytes = KEY) -> object:
    store = Store(path)
    try:
        return store.get(key)
    finally:
        store.close()


def keep(path: Path, value: object, key: bytes = KEY) -> None:
    store = Store(path)
    store.put(key, value)
    store.close()


@pytest.mark.parametrize("value", [[], [1, "é\udcff", None, {"a": [True]}], LONG])
def test_what_is_put_comes_back(value: object, tmp_path: Path) -> None:
    keep(tmp_path / "new" / "results.db", value)
    assert kept(tmp_path / "new" / "results.db") == value
    assert kept(tmp_path / "new" / "results.db", b"other") is None


def test_the_directory_is_the_users_own(tmp_path: Path) -> None:
    keep(tmp_path / "new" / "results.db", [1])
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "results.db").stat().st_mode & 0o777 == 0o600


def test_many_are_written_before_the_store_is_closed(tmp_path: Path) -> None:
    store = Store(tmp_path / "results.db")
    for number in range(3000):
        store.put(str(number).encode(), [number])
    assert kept(tmp_path / "results.db", b"0") == [0]
    assert kept(tmp_path / "results.db", b"2999") is None
    store.close()
    assert kept(tmp_path / "results.db", b"2999") == [2999]


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look like one" * 100, b"\0" * 5000])
def test_a_broken_database_is_no_store(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(content)
    keep(path, [1])
    assert kept(path) is None


def test_a_place_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "results.db", [1])
    assert kept(tmp_path / "file" / "results.db") is None
    keep(tmp_path, [1])  # a directory
    assert kept(tmp_path) is None


@pytest.mark.parametrize(
    "data", [b"", b"12345678[1]", "text", None, module._packed([2])[:-1] + b"x", module._packed(LONG)[:-1]]
)
def test_what_was_not_written_by_us_is_not_there(data: object, tmp_path: Path) -> None:
    keep(tmp_path / "results.db", [1])
    connection = sqlite3.connect(tmp_path / "results.db")
    with connection:
        connection.execute("UPDATE kept SET data = ?", (data,))
    connection.close()
    assert kept(tmp_path / "results.db") is None


def test_what_nobody_asks_for_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.db"
    keep(path, ["old"], b"old")
    keep(path, ["used"], b"used")
    day = module._DAY
    later = time.time() + 20 * day
    monkeypatch.setattr(time, "time", lambda: later)
    assert kept(path, b"used") == ["used"]  # remembered as used that day
    latest = later + 20 * day
    monkeypatch.setattr(time, "time", lambda: latest)
    keep(path, ["new"], b"new")
    assert (kept(path, b"old"), kept(path, b"used"), kept(path, b"new")) == (None, ["used"], ["new"])


def test_it_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 2_000_000)
    path = tmp_path / "results.db"
    for start in range(0, 5000, 500):
        store = Store(path)
        for number in range(start, start + 500):
            store.put(str(number).encode(), [os.urandom(300).hex()])
        store.close()
    assert path.stat().st_size < 4_000_000
    assert kept(path, b"4999") is not None


WRITER = """
import sys
import threading
from pathlib import Path
from policyengine.pipeline import store as module
from policyengine.pipeline.store import Store
module._PATIENCE = 60  # the machine may stand still while one of them writes
for number in range(40):
    store = Store(Path(sys.argv[1]))
    store.put(f"{sys.argv[2]}-{number}".encode(), [sys.argv[2], number, "x" * 5000])
    store.put(b"shared", ["whole " * 500])
    assert store.get(b"shared") in (None, ["whole " * 500])
    store.close()
"""


def test_many_processes_share_it(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(number)], env=variables()) for number in range(4)
    ]
    assert [writer.wait(timeout=SECONDS) for writer in writers] == [0, 0, 0, 0]
    for number in range(4):
        assert kept(path, f"{number}-39".encode()) == [str(number), 39, "x" * 5000]


def test_a_process_that_makes_the_database_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite answers at once, whatever its timeout, who asks for a WAL while another one is about to write."""
    monkeypatch.setattr(module, "_PATIENCE", 60)
    path = tmp_path / "results.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    third = sqlite3.connect(path, timeout=60)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        third.execute("PRAGMA journal_mode=WAL")
    third.close()
    waiting = threading.Timer(0.1, lambda: other.execute("COMMIT"))
    waiting.start()
    keep(path, [1], b"key")
    waiting.join()
    other.close()
    assert kept(path, b"key") == [1]


def test_what_waits_in_vain_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    path = tmp_path / "results.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store = Store(path)
    assert store.get(b"key") is None
    for number in range(3000):
        store.put(str(number).encode(), [number])
    store.close()
    other.close()
    assert kept(path, b"1") is None


FORKING = """
import os, sys
from pathlib import Path
from policyengine.pipeline.store import Store

store = Store(Path(sys.argv[1]))
store.put(b"key", [1])
store.flush()
assert store.get(b"key") == [1]
ours = store._connection
if os.fork() == 0:
    os._exit(0 if store.get(b"key") == [1] and store._connection is not ours else 1)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


def test_a_fork_opens_its_own(tmp_path: Path) -> None:
    """SQLite forbids to carry a connection into a fork: https://www.sqlite.org/howtocorrupt.html, 2.6.

    In a process without other threads: a lock that one of these holds stays locked in the fork.
    """
    ended = subprocess.run([sys.executable, "-c", FORKING, str(tmp_path / "results.db")], env=variables(), check=False)
    assert ended.returncode == 0
