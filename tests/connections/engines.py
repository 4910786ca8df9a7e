"""Things that listen where an engine should: one that answers from a table, ones that misbehave, and one between."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VERSION = {"ApiVersion": "1.41", "Version": "20.10.0"}


class Closed:
    """Stands for an answer that never comes because the engine dies."""


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@contextmanager
def answering(path: Path, answers: Mapping[str, object], seen: list[str] | None = None) -> Iterator[str]:
    """An engine that answers requests, without the version before their paths, from a table; 404 for the others.

    ``seen`` collects the paths that were asked for.
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
            path = self.path.partition("?")[0].removeprefix("/v1.41")
            answer = answers.get(path, 404)
            if isinstance(answer, Closed):
                self.close_connection = True
                return
            status, body = (200, answer) if not isinstance(answer, int) else (answer, {"message": f"status {answer}"})
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
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
    """What a proxy does to answers: passes ``requests`` of them, then of each the first ``after`` bytes."""

    action: Literal["cut", "stall", "garble", "drip", "error", "nonsense"]
    requests: int = 0
    after: int = 0
    _seen: int = 0
    _lock: Lock = field(default_factory=Lock)

    def spoils(self) -> bool:
        """Count a request; whether its answer is spoilt."""
        with self._lock:
            self._seen += 1
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
            spoilt = spoiler.spoils()
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
