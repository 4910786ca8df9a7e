"""Certificates made with ``openssl``, and a TLS end before a Unix socket."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Authority:
    """A certificate authority of its own in a directory."""

    def __init__(self, directory: Path, name: str = "ca") -> None:
        self.directory = directory
        self.certificate = directory / f"{name}.pem"
        self._key = directory / f"{name}-key.pem"
        directory.mkdir(parents=True, exist_ok=True)
        _openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"),
            # Python 3.13 asks for what RFC 5280 does: https://docs.python.org/3/library/ssl.html#ssl.VERIFY_X509_STRICT
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", str(self._key), "-out", str(self.certificate)),
        )

    def issue(self, name: str, *, alternative: str = "IP:127.0.0.1", days: int = 2) -> tuple[Path, Path]:
        """A certificate that is valid for ``alternative``, and its key."""
        key, request, certificate, extensions = (
            self.directory / f"{name}{suffix}" for suffix in ("-key.pem", ".csr", "-cert.pem", ".ext")
        )
        extensions.write_text(f"subjectAltName={alternative}\n")
        _openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", str(key), "-out", str(request)),
        )
        _openssl(
            *("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self._key)),
            *("-CAcreateserial", "-days", str(days), "-extfile", str(extensions), "-out", str(certificate)),
        )
        return certificate, key

    def directory_of(self, name: str, path: Path, *, trusting: Path | None = None) -> Path:
        """A directory as ``DOCKER_CERT_PATH`` names one, with the certificate ``name``."""
        certificate, key = self.issue(name)
        path.mkdir()
        shutil.copy(trusting or self.certificate, path / "ca.pem")
        shutil.copy(certificate, path / "cert.pem")
        shutil.copy(key, path / "key.pem")
        return path


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@contextmanager
def tls_before(target: str, certificate: tuple[Path, Path], clients: Path) -> Iterator[str]:
    """Ends TLS, as ``dockerd --tlsverify`` does, before the engine at a Unix socket; gives ``tcp://...``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.load_verify_locations(clients)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(plain: socket.socket) -> None:
            with suppress(OSError), plain, context.wrap_socket(plain, server_side=True) as client:
                relay(client, target)

        with accepting(listener, serve):
            yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def plain_before(target: str) -> Iterator[str]:
    """The engine at a Unix socket on a port of loopback, without TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(client: socket.socket) -> None:
            with suppress(OSError), client:
                relay(client, target)

        with accepting(listener, serve):
            yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def accepting(listener: socket.socket, serve: object) -> Iterator[None]:
    """Serve each connection in a thread of its own until the block ends."""
    assert callable(serve)

    def accept() -> None:
        with suppress(OSError):
            while True:
                Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def relay(client: socket.socket, target: str) -> None:
    """Pass bytes both ways until one side ends."""
    with socket.socket(socket.AF_UNIX) as engine:
        engine.connect(target)
        there = Thread(target=_pass, args=(client, engine), daemon=True)
        there.start()
        _pass(engine, client)
        there.join(5)


def _pass(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(2**16):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
