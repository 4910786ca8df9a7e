"""HTTP over byte streams that are not TCP's: requests on connections that stay open, each within a time limit."""

from __future__ import annotations

import http.client
import io
import socket
import time
from contextlib import suppress
from queue import Empty, LifoQueue
from select import select
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_BYTES = 256 * 2**20
"""What no answer of an engine is longer than."""

CHUNK = 2**16
"""So much is read at once of an answer that goes on."""


_T = TypeVar("_T")


class ConnectTimeoutError(TimeoutError):
    """No connection came about in time."""


class Request(NamedTuple):
    """What an engine is asked. ``seconds`` is how long its answer may take, None for the transport's own limit."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    seconds: float | None = None

    @property
    def reads(self) -> bool:
        """Whether it changes nothing: it may be asked twice."""
        return self.method in ("GET", "HEAD")


class Part(NamedTuple):
    """The beginning of an answer: ``whole`` where there is no more of it. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool


class Transport(Protocol):
    """Asks an engine; may be used from several threads at once."""

    def ask(self, request: Request) -> tuple[int, bytes]:
        """The status and the body of an answer; raises what the system or a library raises where none comes.

        What changes something is sent once: where no answer comes, nobody knows whether it took effect.
        """

    def part(self, request: Request, limit: int) -> Part:
        """The first ``limit`` bytes of an answer, however much of it there may be.

        Raises what the system or a library raises where none comes.
        """

    def follow(self, path: str, seconds: float, quiet: float) -> Followed:
        """The answer to a GET that goes on: it begins within ``seconds``, and then may say nothing for ``quiet`` ones.

        It has a connection of its own. Raises what the system or a library raises where none comes.
        """

    def close(self) -> None:
        """End all connections, also those on which an answer is awaited."""


class Followed(Protocol):
    """An answer that goes on. Reading it raises what the system or a library raises, a TimeoutError after quiet."""

    @property
    def status(self) -> int:
        """The status of the answer."""

    def read(self) -> bytes:
        """What has come, at least a byte; nothing when it has ended."""

    def end(self) -> None:
        """End the connection, and wake whoever reads: from any thread."""


class Streams:
    """Requests over sockets that ``dial`` opens. Each must be answered, in whole, within ``seconds``."""

    def __init__(self, dial: Callable[[], socket.socket], seconds: float) -> None:
        self._dial = dial
        self._seconds = seconds
        self._idle: LifoQueue[_Connection] = LifoQueue()
        self._open: set[_Connection] = set()

    def ask(self, request: Request) -> tuple[int, bytes]:
        """The status and the body of an answer. A connection that the engine gave up meanwhile is replaced once."""
        seconds = self._seconds if request.seconds is None else request.seconds
        answer, connection = self._asked(lambda one: one.ask(request, seconds), again=request.reads)
        self._put_back(connection)
        return answer

    def part(self, request: Request, limit: int) -> Part:
        """The beginning of an answer. Its connection serves no more where the rest was not read."""
        answer, connection = self._asked(lambda one: one.part(request, self._seconds, limit), again=request.reads)
        if answer.whole:
            self._put_back(connection)
        else:
            self._drop(connection)
        return answer

    def _asked(self, ask: Callable[[_Connection], _T], *, again: bool) -> tuple[_T, _Connection]:
        """An answer, and the connection that it came on."""
        connection, used = self._connection()
        try:
            return ask(connection), connection
        except (ConnectionError, http.client.RemoteDisconnected):
            self._drop(connection)
            if not used or not again:
                raise
        except BaseException:
            self._drop(connection)
            raise
        connection, _ = self._connection(fresh=True)
        return ask(connection), connection

    def _put_back(self, connection: _Connection) -> None:
        if connection.sock is None:  # the engine said that it would close it
            self._drop(connection)
        else:
            self._idle.put(connection)

    def follow(self, path: str, seconds: float, quiet: float) -> Followed:
        """An answer that goes on, on a connection of its own."""
        connection = _Connection(self._dial())
        try:
            return connection.follow(path, seconds, quiet)
        except BaseException:
            connection.end()
            raise

    def close(self) -> None:
        """End all connections."""
        for connection in list(self._open):
            self._drop(connection)

    def _connection(self, *, fresh: bool = False) -> tuple[_Connection, bool]:
        """A connection, and whether it was used before: one that has ended meanwhile is none."""
        while not fresh:
            try:
                idle = self._idle.get_nowait()
            except Empty:
                break
            if not idle.has_ended():
                return idle, True
            self._drop(idle)
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
        self._stream = Stream(stream)
        self.sock = self._stream
        self.auto_open = 0

    def ask(self, request: Request, seconds: float) -> tuple[int, bytes]:
        self._stream.deadline = time.monotonic() + seconds
        self.request(request.method, request.path, request.body, dict(request.headers))
        answer = self.getresponse()
        body = answer.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise http.client.HTTPException("the answer is too long")
        answer.read()  # what ends a body of unknown length
        return answer.status, body

    def part(self, request: Request, seconds: float, limit: int) -> Part:
        self._stream.deadline = time.monotonic() + seconds
        self.request(request.method, request.path, request.body, dict(request.headers))
        answer = self.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        body = answer.read(limit)
        return Part(answer.status, headers, body, whole=not answer.read(1))

    def follow(self, path: str, seconds: float, quiet: float) -> _Followed:
        self._stream.deadline = time.monotonic() + seconds
        self.request("GET", path)
        return _Followed(self, self._stream, self.getresponse(), quiet)

    def has_ended(self) -> bool:
        return self._stream.is_readable()

    def end(self) -> None:
        self._stream.end()
        self.close()


class _Followed:
    """An answer that goes on, on a connection that is its own."""

    def __init__(self, connection: _Connection, stream: Stream, answer: http.client.HTTPResponse, quiet: float) -> None:
        self.status = answer.status
        self._connection = connection
        self._stream = stream
        self._answer = answer
        self._quiet = quiet

    def read(self) -> bytes:
        self._stream.deadline = time.monotonic() + self._quiet
        return self._answer.read1(CHUNK)

    def end(self) -> None:
        self._stream.end()  # no more: who reads in another thread holds what the connection would close


class Stream:
    """As much of a socket as ``http.client`` uses, whose every wait ends at one moment."""

    def __init__(self, stream: socket.socket) -> None:
        self._socket = stream
        self.deadline = 0.0

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._limit()
        self._socket.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - always to read
        """What can be read from it."""
        return io.BufferedReader(_Incoming(self), CHUNK)

    def receive(self, buffer: memoryview) -> int:
        """Fill a buffer with what has come; gives how many bytes that is."""
        self._limit()
        return self._socket.recv_into(buffer)

    def is_readable(self) -> bool:
        """Whether something, or the end, has come: while nothing is asked, nothing but the end can."""
        return bool(select([self._socket], [], [], 0)[0])

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
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        return self._stream.receive(buffer)
