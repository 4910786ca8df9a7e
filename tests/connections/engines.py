"""Things that listen where an engine should: one that answers from a table, ones that misbehave, and one between."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Literal

from policyengine.connections.docker_line import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

VERSION = {"ApiVersion": "1.41", "Version": "20.10.0"}

PATIENT = Limits(connect=60, read=60)
"""For those who are answered: by a thread of the test's own process, on a machine that may stand still for seconds."""


class Closed:
    """Stands for an answer that never comes because the engine dies."""


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@contextmanager
def answering(path: Path, answers: Mapping[str, object], seen: list[str] | None = None) -> Iterator[str]:
    """An engine that answers requests, without the version before their paths, from a table; 404 for the others.

    What is not a GET is in the table with its method: ``POST /containers/create``. ``seen`` collects the paths that
    were asked for, of others than GETs with the method before and the body after.
    """
    server = _Server(str(path), _handler({"/version": VERSION, **answers}, [] if seen is None else seen))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"unix://{path}"
    finally:
        server.shutdown()
        server.server_close()


def _handler(answers: Mapping[str, object], seen: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.append(self.path)
            self._answer(self.path.partition("?")[0].removeprefix("/v1.41"))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            seen.append(f"{self.command} {self.path} {body}".rstrip())
            self._answer(f"{self.command} " + self.path.partition("?")[0].removeprefix("/v1.41"))

        def do_DELETE(self) -> None:
            seen.append(f"{self.command} {self.path}")
            self._answer(f"{self.command} " + self.path.partition("?")[0].removeprefix("/v1.41"))

        def _answer(self, asked: str) -> None:
            answer = answers.get(asked, 404)
            if isinstance(answer, Closed):
                self.close_connection = True
                return
            status, body = (200, answer) if not isinstance(answer, int) else (answer, {"message": f"status {answer}"})
            data = b"" if status in (204, 304) else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(data)

        def address_string(self) -> str:
            return "unix"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def silent(path: Path) -> Iterator[str]:
    """A socket where connections are taken and nothing is ever said."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)
        yield f"unix://{path}"


@contextmanager
def saying(path: Path, data: bytes) -> Iterator[str]:
    """A socket where the same is said to whatever is asked."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(16)

        def answer() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client:
                        client.recv(2**16)
                        client.sendall(data)

        Thread(target=answer, daemon=True).start()
        yield f"unix://{path}"
        listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def dead(path: Path) -> Iterator[str]:
    """A socket that an engine left behind."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    yield f"unix://{path}"


@dataclass
class Spoiler:
    """What a proxy does to answers: passes ``requests`` of them, then of each the first ``after`` bytes.

    Where not all requests are the test's own, those that are ``counted`` may be told; all are spoilt from there on.
    """

    action: Literal["cut", "stall", "garble", "drip", "error", "nonsense"]
    requests: int = 0
    after: int = 0
    counted: Callable[[bytes], bool] = lambda _: True
    _seen: int = 0
    _lock: Lock = field(default_factory=Lock)

    def spoils(self, request: bytes) -> bool:
        """Count a request; whether its answer is spoilt."""
        with self._lock:
            self._seen += self.counted(request)
            return self._seen > self.requests

    def answer(self, client: socket.socket, data: bytes) -> bool:
        """Send a spoilt answer; false when the connection is to end."""
        client.sendall(data[: self.after])
        rest = data[self.after :]
        if self.action == "garble":
            client.sendall(bytes(byte ^ 0x55 for byte in rest))
        elif self.action == "drip":
            for byte in rest:
                client.sendall(bytes([byte]))
                time.sleep(0.02)
        elif self.action == "error":
            client.sendall(b'HTTP/1.1 500 Oh\r\nContent-Length: 22\r\n\r\n{"message":"it broke"}\n'[:-1])
        elif self.action == "nonsense":
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[[[[")
        elif self.action == "stall":
            client.recv(1)  # until the other side gives up
        return self.action in ("error", "nonsense")


@contextmanager
def through(path: Path, target: str, spoiler: Spoiler) -> Iterator[str]:
    """A proxy before the engine at the Unix socket ``target``."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    Thread(target=_relay, args=(client, target, spoiler), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        yield f"unix://{path}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _relay(client: socket.socket, target: str, spoiler: Spoiler) -> None:
    """One connection: one answer for each request, read in whole."""
    with suppress(OSError), client, socket.socket(socket.AF_UNIX) as engine:
        engine.connect(target)
        while request := client.recv(2**16):
            spoilt = spoiler.spoils(request)
            engine.sendall(request)
            answer = _whole(engine)
            if not spoilt:
                client.sendall(answer)
            elif not spoiler.answer(client, answer):
                return


def _whole(engine: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += engine.recv(2**16)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while len(body) < int(lengths[0].split(b":")[1]) if lengths else not body.endswith(b"0\r\n\r\n"):
        body += engine.recv(2**16)
    return head + b"\r\n\r\n" + body


@contextmanager
def telling(
    path: Path,
    pieces: Iterable[bytes],
    *,
    status: int = 200,
    cut: bool = False,
    stays: bool = False,
    seen: list[str] | None = None,
) -> Iterator[str]:
    """An engine that tells events, piece by piece; what else it is asked for is its version.

    With ``cut`` the connection breaks off behind them, with ``stays`` it stays open and nothing more comes.
    """
    over = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if seen is not None:
                seen.append(self.path)
            self.send_response(200 if self.path == "/version" else status)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            if self.path == "/version":
                self.chunks([json.dumps(VERSION).encode(), b""])
                return
            with suppress(OSError):
                self.chunks(pieces)
                if stays:
                    over.wait(60)
                self.close_connection = cut
                self.chunks([] if cut else [b""])

        def chunks(self, data: Iterable[bytes]) -> None:
            for piece in data:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

        def address_string(self) -> str:
            return "unix"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(str(path), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"unix://{path}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()


class Between:
    """A proxy before an engine that passes everything on, and does harm to the streams of events when it is told to."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._streams: list[tuple[socket.socket, socket.socket]] = []
        self._saying = Lock()  # what is passed on does not get into the middle of what is said

    def relay(self, client: socket.socket, target: str) -> None:
        """Pass one connection on, both ways."""
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(target)
        asked = client.recv(2**16)
        if b"/events?" in asked:
            self._streams.append((client, engine))
        engine.sendall(asked)
        back = Thread(target=_pump, args=(engine, client, self._saying), daemon=True)
        back.start()
        _pump(client, engine, Lock())
        back.join()
        client.close()
        engine.close()

    def cut(self) -> None:
        """Break the streams off."""
        for pair in self._streams:
            for one in pair:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._streams.clear()

    def garble(self) -> None:
        """Say something that no engine says."""
        self._say(b"what?\n")

    def flood(self) -> None:
        """Say a line that is far too long."""
        self._say(b"x" * 2**22 + b"\n")

    def _say(self, data: bytes) -> None:
        for client, _ in self._streams:
            with suppress(OSError), self._saying:
                client.sendall(b"%x\r\n%s\r\n" % (len(data), data))


@contextmanager
def between(path: Path, target: str) -> Iterator[Between]:
    """A proxy before the engine at the Unix socket ``target``."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        proxy = Between(f"unix://{path}")

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    Thread(target=proxy.relay, args=(client, target), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        yield proxy
        proxy.cut()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, sink: socket.socket, one_at_a_time: Lock) -> None:
    with suppress(OSError):
        while data := source.recv(2**16):
            with one_at_a_time:
                sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
