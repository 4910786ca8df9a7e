"""Web servers on loopback whose answers tests choose."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


class Said(NamedTuple):
    """An answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}


class Asked(NamedTuple):
    """A request; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]


class Site(Struct):
    """A server that runs, and what it was asked."""

    host: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def site(answer: Callable[[Asked], Said], tls: tuple[Path, Path] | None = None) -> Iterator[Site]:
    """Serve what ``answer`` gives, over TLS with a certificate and its key."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    made = Site(f"127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(made, answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(made: Site, answer: Callable[[Asked], Said]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            made.asked.append(asked)
            said = answer(asked)
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(said.body)

        do_HEAD = do_GET  # noqa: N815 - what the library calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
