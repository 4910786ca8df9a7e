"""HTTP over byte streams that are not TCP's: requests on connections that stay open, each within a time limit."""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextlib import suppress
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 256 * 2**20
"""What no answer of an engine is longer than."""


class ConnectTimeoutError(TimeoutError):
    """No connection came about in time."""


class Transport(Protocol):
    """Asks an engine; may be used from several threads at once."""

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and the body that answer a GET; raises what the system or a library raises where none comes."""

    def close(self) -> None:
        """End all connections, also those on which an answer is awaited."""


class Streams:
    """Requests over sockets that ``dial`` opens. Each must be answered, in whole, within ``seconds``."""

    def __init__(self, dial: Callable[[], socket.socket], seconds: float) -> None:
        self._dial = dial
        self._seconds = seconds
        self._idle: LifoQueue[_Connection] = LifoQueue()
        self._open: set[_Connection] = set()

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and the body of an answer. A connection that the engine gave up meanwhile is replaced once."""
        connection, used = self._connection()
        try:
            answer = connection.get(path, self._seconds)
        except (ConnectionError, http.client.RemoteDisconnected):
            self._drop(connection)
            if not used:
                raise
            connection, _ = self._connection(fresh=True)
            answer = connection.get(path, self._seconds)
        except BaseException:
            self._drop(connection)
            raise
        if connection.sock is None:  # the engine said that it would close it
            self._drop(connection)
        else:
            self._idle.put(connection)
        return answer

    def close(self) -> None:
        """End all connections."""
        for connection in list(self._open):
            self._drop(connection)

    def _connection(self, *, fresh: bool = False) -> tuple[_Connection, bool]:
        """A connection, and whether it was used before."""
        if not fresh:
            try:
                return self._idle.get_nowait(), True
            except Empty:
                pass
        connection = _Connection(self._dial())
        self._open.add(connection)
        return connection, False

    def _drop(self, connection: _Connection) -> None:
        self._open.discard(connection)
        connection.end()


class _Connection(http.client.HTTPConnection):
    """A connection over a socket that is there already."""

    def __init__(self, stream: socket.socket) -> None:
        super().__init__("docker")
        self._stream = _Stream(stream)
        self.sock = self._stream
        self.auto_open = 0

    def get(self, path: str, seconds: float) -> tuple[int, bytes]:
        self._stream.deadline = time.monotonic() + seconds
        self.request("GET", path)
        answer = self.getresponse()
        body = answer.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise http.client.HTTPException("the answer is too long")
        answer.read()  # what ends a body of unknown length
        return answer.status, body

    def end(self) -> None:
        self._stream.end()
        self.close()


class _Stream:
    """As much of a socket as ``http.client`` uses, whose every wait ends at one moment."""

    def __init__(self, stream: socket.socket) -> None:
        self._socket = stream
        self.deadline = 0.0

    def sendall(self, data: bytes) -> None:
        self._limit()
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - always to read
        return io.BufferedReader(_Incoming(self), 2**16)

    def receive(self, buffer: memoryview) -> int:
        self._limit()
        return self._socket.recv_into(buffer)

    def close(self) -> None:
        """Nothing: ``http.client`` closes what it reads on; :meth:`end` ends it."""

    def end(self) -> None:
        """Close, and wake whoever waits."""
        with suppress(OSError):  # it ended by itself
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _limit(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)


class _Incoming(io.RawIOBase):
    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        return self._stream.receive(buffer)
