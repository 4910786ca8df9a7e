"""A proxy before an engine that passes requests on, and spoils one: it kills, cuts, refuses, or says nothing."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Kind = Literal["kill before", "kill after", "error", "cut before", "cut after", "hang before", "hang after"]
KINDS: tuple[Kind, ...] = ("kill before", "kill after", "error", "cut before", "cut after", "hang before", "hang after")
"""What is done to a request: the process that asks is killed before the engine gets it, or when it has answered; the
engine answers 500, the connection breaks, or no answer comes, before it took effect or after."""


@dataclass
class Spoiler:
    """Spoils the request with the number ``at``, from 0; none where that is None. ``seen`` are those that came."""

    kind: Kind = "error"
    at: int | None = None
    victim: int = 0
    is_meant: Callable[[str], bool] = lambda _: True
    seen: list[str] = field(default_factory=list)
    spoilt: str = ""
    _lock: Lock = field(default_factory=Lock)

    def spoils(self, asked: str) -> bool:
        """Count a request; whether it is the one."""
        with self._lock:
            if not self.is_meant(asked):
                return False
            self.seen.append(asked)
            hit = len(self.seen) - 1 == self.at
            self.spoilt = asked if hit else self.spoilt
            return hit

    def kill(self) -> None:
        """Kill whoever asks, as nobody can prevent."""
        while not self.victim:  # it has just been started
            time.sleep(0.001)
        os.kill(self.victim, signal.SIGKILL)


@dataclass
class Proxy:
    """Where the proxy listens. ``spoiler`` may be changed between runs."""

    host: str
    spoiler: Spoiler


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def between(path: Path, engine: str) -> Iterator[Proxy]:
    """A proxy that listens at ``path`` before the engine at the Unix socket ``engine``."""
    proxy = Proxy(f"unix://{path}", Spoiler())
    server = _Server(str(path), type("Handler", (_Handler,), {"proxy": proxy, "engine": engine}))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    engine: str

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        spoiler = self.proxy.spoiler
        with suppress(ConnectionError):  # who asks may be gone
            if not spoiler.spoils(f"{self.command} {self.path}"):
                self._answer(*_forwarded(self.engine, self, body))
            elif spoiler.kind == "error":
                self._answer(500, b'{"message": "it broke"}\n')
            else:
                self._spoil(spoiler, body)

    def do_POST(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def _spoil(self, spoiler: Spoiler, body: bytes) -> None:
        """End without an answer."""
        self.close_connection = True
        action, _, moment = spoiler.kind.partition(" ")
        if moment == "after":
            _forwarded(self.engine, self, body)
        if action == "kill":
            spoiler.kill()
        if action == "hang":
            self.connection.recv(1)  # until the other side gives up

    def _answer(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _forwarded(engine: str, asked: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("docker")
    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect(engine)
        connection.sock = stream
        kind = {"Content-Type": asked.headers["Content-Type"]} if asked.headers["Content-Type"] else {}
        connection.request(asked.command, asked.path, body or None, kind)
        answer = connection.getresponse()
        return answer.status, answer.read()
