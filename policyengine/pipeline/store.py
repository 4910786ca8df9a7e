"""What inputs came to, kept between runs by everything it depends on. A store that fails is no store.

One SQLite database, so that runs at the same time may share it: https://www.sqlite.org/wal.html. What it holds is
JSON, never code: a cache directory may come from elsewhere, as those of CI services do.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import zlib
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

T = TypeVar("T")

KEPT_DAYS = 30
KEPT_BYTES = 256 * 1024 * 1024
"""What was not asked for so long, and what is more than this, is dropped."""

_DAY = 24 * 60 * 60
_BATCH = 1024
"""Entries that are written at once."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS kept (key BLOB PRIMARY KEY, day INTEGER, data BLOB) WITHOUT ROWID"
_PATIENCE = 5.0
"""Seconds that another process is waited for. SQLite's own timeout does not hold where it changes to WAL, nor where
the last to close a database tidies up: https://www.sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode"""

_PAUSE = 0.01
_SUM = 8
_SHORT = 16_000
"""Bytes that are not worth compressing."""


class Store:
    """JSON data by key. Opened when it is first asked; nothing it does raises."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._broken = False
        self._empty = False
        self._waiting: dict[bytes, bytes] = {}
        self._used: list[bytes] = []
        self._today = int(time.time() // _DAY)

    def get(self, key: bytes) -> Any | None:
        """What is kept under a key; None when there is nothing, or it is not what was written."""
        if self._empty:  # when it was opened: what others put there since is of other files, most likely
            return None
        row = self._guarded(lambda connection: self._row(connection, key))
        if row is None:
            return None
        day, data = row
        if day != self._today:
            self._used.append(key)
        return _unpacked(data)

    def put(self, key: bytes, value: object) -> None:
        """Keep JSON data under a key; written before long, or when the store is closed."""
        if self._broken:
            return
        self._waiting[key] = _packed(value)
        if len(self._waiting) >= _BATCH:
            self._guarded(self._write)

    def flush(self) -> None:
        """Write what waits, and drop what is old."""
        if self._waiting or self._used:
            self._guarded(self._write)

    def close(self) -> None:
        """Write what waits, and close."""
        self.flush()
        self._drop()

    @staticmethod
    def _row(connection: sqlite3.Connection, key: bytes) -> tuple[int, bytes] | None:
        row: tuple[int, bytes] | None = connection.execute(
            "SELECT day, data FROM kept WHERE key = ?", (key,)
        ).fetchone()
        return row

    def _write(self, connection: sqlite3.Connection) -> None:
        self._empty = False
        with connection:
            rows = ((key, self._today, data) for key, data in self._waiting.items())
            connection.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", rows)
            connection.executemany("UPDATE kept SET day = ? WHERE key = ?", ((self._today, key) for key in self._used))
            connection.execute("DELETE FROM kept WHERE day < ?", (self._today - KEPT_DAYS,))
        wrote, self._waiting, self._used = bool(self._waiting), {}, []
        if wrote and self._path.stat().st_size > KEPT_BYTES:
            self._halve(connection)

    def _halve(self, connection: sqlite3.Connection) -> None:
        """Drop the older half."""
        with connection:
            (count,) = connection.execute("SELECT count(*) FROM kept").fetchone()
            connection.execute(
                "DELETE FROM kept WHERE key IN (SELECT key FROM kept ORDER BY day LIMIT ?)", (count // 2 + 1,)
            )
        connection.execute("VACUUM")

    def _guarded(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do something with the database. After a failure it is left alone for the rest of the run."""
        import sqlite3

        if self._broken:
            return None
        try:
            return self._patiently(action)
        except (sqlite3.Error, OSError, RuntimeError) as error:
            self._broken = True
            self._drop()
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                self._remove()
            return None

    def _patiently(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Do something with the database, again while another process is busy with it."""
        import sqlite3

        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return action(self._opened())
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)

    def _opened(self) -> sqlite3.Connection:
        """The connection; a fork opens its own."""
        if self._connection is None or self._process != os.getpid():
            self._connection, self._process = self._open(), os.getpid()
        return self._connection

    def _drop(self) -> None:
        """Close the connection, whatever it says; a fork leaves that of its parent alone."""
        import sqlite3

        if self._connection is not None and self._process == os.getpid():
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _remove(self) -> None:
        """Take away what is no database, so that the next run has one."""
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{self._path}{suffix}").unlink()

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))  # whose directory others may read
        connection = sqlite3.connect(self._path, timeout=_PATIENCE)
        try:
            # What a crash of the machine takes, the next run finds out anew.
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)
            self._empty = connection.execute("SELECT 1 FROM kept LIMIT 1").fetchone() is None
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another process has the database, for a while: the low byte of an extended code is its primary one."""
    import sqlite3

    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _packed(value: object) -> bytes:
    try:
        text = msgspec.json.encode(value)
    except UnicodeEncodeError:  # names of files may hold what is no text
        text = json.dumps(value, separators=(",", ":")).encode()
    data = zlib.compress(text, 1) if len(text) > _SHORT else text
    return _sum(data) + data


def _unpacked(data: bytes) -> Any | None:
    if not isinstance(data, bytes) or data[:_SUM] != _sum(data[_SUM:]):
        return None
    text = data[_SUM:]
    text = text if text.startswith(b"[") else zlib.decompress(text)
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _sum(data: bytes) -> bytes:
    return blake2b(data, digest_size=_SUM).digest()
