"""Archives and stats of files, asked of an engine over a Unix socket and over TCP."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_errors import NotThereError
from policyengine.connections.docker_files import Seen, Taken, files_of
from policyengine.errors import SourceError
from tests.connections.engines import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from socketserver import BaseServer

    Listening = Callable[[Path], AbstractContextManager[str]]

LONG = bytes(range(256)) * 4096
FILES: dict[str, bytes] = {"/etc/hosts": b"archive", "/etc/caf\u00e9 &": b"other", "/long": LONG, "/chunks": LONG}
STATS: dict[str, object] = {
    "/etc": {"mode": 0o20000000755, "linkTarget": ""},
    "/bin": {"mode": 0o1000000777, "linkTarget": "/usr/bin"},
    "/odd": ["mode"],
    "/less": {"mode": 7},
}


class _Unix(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    """Answers for one container, web; ``connections`` counts what was opened."""

    protocol_version = "HTTP/1.1"
    connections = 0

    def setup(self) -> None:
        Handler.connections += 1
        super().setup()

    def do_GET(self) -> None:
        path, asked = (
            urlsplit(self.path).path.removeprefix("/v1.41"),
            parse_qs(urlsplit(self.path).query).get("path", [""])[0],
        )
        if path == "/version":
            self._answer(200, json.dumps(VERSION).encode())
        elif path != "/containers/web/archive":
            self._answer(404, b'{"message": "No such container: gone"}')
        elif asked == "/broken":
            self._answer(500, b'{"message": "input/output error"}')
        elif asked in FILES:
            self._answer(200, FILES[asked], chunked=asked == "/chunks")
        else:
            self._answer(404, b'{"message": "Could not find the file in container web"}')

    def do_HEAD(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)["path"][0]
        self.send_response(200 if asked in STATS else 404)
        told = b64encode(json.dumps(STATS.get(asked)).encode()).decode()
        self.send_header("X-Docker-Container-Path-Stat", "!" if asked == "/odd" else told)
        self.end_headers()

    def _answer(self, status: int, body: bytes, *, chunked: bool = False) -> None:
        self.send_response(status)
        self.send_header("Transfer-Encoding", "chunked") if chunked else self.send_header(
            "Content-Length", str(len(body))
        )
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body)

    def address_string(self) -> str:
        return "here"

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def unix(place: Path) -> Iterator[str]:
    with _served(_Unix(str(place / "s"), Handler)):
        yield f"unix://{place}/s"


@contextmanager
def tcp(_: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with _served(server):
        yield f"tcp://127.0.0.1:{server.server_port}"


@contextmanager
def _served(server: BaseServer) -> Iterator[None]:
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who leaves an answer is no error
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


BOTH = pytest.mark.parametrize("listening", [unix, tcp])


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@BOTH
def test_archives(listening: Listening, tmp_path: Path) -> None:
    with listening(tmp_path) as host, files_of(Endpoint("local", host)) as files:
        assert files.taken("web", "/etc/hosts", 100) == Taken(b"archive", whole=True)
        assert files.taken("web", "/etc/hosts", 7) == Taken(b"archive", whole=True)
        assert files.taken("web", "/etc/hosts", 6) == Taken(b"archiv", whole=False)
        assert files.taken("web", "/etc/caf\u00e9 &", 100) == Taken(b"other", whole=True)
        for path in ("/long", "/chunks"):
            assert files.taken("web", path, 70_000) == Taken(LONG[:70_000], whole=False)
            assert files.taken("web", path, 1 << 24) == Taken(LONG, whole=True)
        assert files.taken("web", "/none", 100) is None
        with pytest.raises(NotThereError, match="No such container: gone"):
            files.taken("gone", "/etc/hosts", 100)
        with pytest.raises(SourceError, match="answers: input/output error"):
            files.taken("web", "/broken", 100)


@BOTH
def test_what_lies_at_a_path(listening: Listening, tmp_path: Path) -> None:
    with listening(tmp_path) as host, files_of(Endpoint("local", host)) as files:
        there, link = files.seen("web", "/etc"), files.seen("web", "/bin")
        assert there == Seen(0o20000000755, "")
        assert (there.is_directory, there.is_symlink) == (True, False)
        assert link == Seen(0o1000000777, "/usr/bin")
        assert (link.is_directory, link.is_symlink) == (False, True)
        assert [files.seen("web", path) for path in ("/none", "/odd", "/less")] == [None, None, None]


def test_a_connection_serves_until_an_answer_is_left(tmp_path: Path) -> None:
    Handler.connections = 0
    with unix(tmp_path) as host, files_of(Endpoint("local", host)) as files:
        for _ in range(5):
            files.taken("web", "/etc/hosts", 100)
            files.seen("web", "/etc")
            files.taken("web", "/none", 100)
        assert Handler.connections == 1
        for _ in range(3):
            files.taken("web", "/long", 100)
    assert Handler.connections == 3
