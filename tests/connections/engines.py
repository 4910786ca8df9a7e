"""Things that listen where an engine should: one that answers from a table, and ones that misbehave."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VERSION = {"ApiVersion": "1.41", "Version": "20.10.0"}


class Closed:
    """Stands for an answer that never comes because the engine dies."""


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@contextmanager
def answering(path: Path, answers: Mapping[str, object]) -> Iterator[str]:
    """An engine that answers requests, without the version before their paths, from a table; 404 for the others."""
    server = _Server(str(path), _handler({"/version": VERSION, **answers}))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"unix://{path}"
    finally:
        server.shutdown()
        server.server_close()


def _handler(answers: Mapping[str, object]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].removeprefix("/v1.41")
            answer = answers.get(path, 404)
            if isinstance(answer, Closed):
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
def dead(path: Path) -> Iterator[str]:
    """A socket that an engine left behind."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    yield f"unix://{path}"
