"""Engines over TCP, with and without TLS, through the Docker SDK: it knows proxies and certificates."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from policyengine.connections.http import CHUNK, MAX_BYTES, ConnectTimeoutError, Part, Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import APIClient
    from docker.tls import TLSConfig
    from requests import Response

    from policyengine.connections.docker_context import Endpoint
    from policyengine.connections.http import Followed


class CertificateError(Exception):
    """A file with certificates cannot be used; the message says which and why."""


class Sdk:
    """Requests over TCP. Connecting may take ``connect`` seconds, each answer ``read``.

    Raises :class:`ValueError` for an address that is none, :class:`CertificateError`.
    """

    def __init__(self, endpoint: Endpoint, connect: float, read: float, requests: int) -> None:
        from docker import APIClient
        from docker.constants import DEFAULT_DOCKER_API_VERSION
        from docker.errors import DockerException

        self._connect = connect
        self._read = read
        tls = _tls(endpoint)
        try:
            self._client: APIClient = APIClient(
                base_url=endpoint.host,
                version=DEFAULT_DOCKER_API_VERSION,
                tls=tls or False,
                max_pool_size=requests,
            )
        except DockerException as error:
            raise ValueError(str(error)) from None

    def ask(self, request: Request) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        seconds = self._read if request.seconds is None else request.seconds
        deadline = time.monotonic() + seconds
        with _late(), self._answer(request, seconds) as answer:
            body = bytearray()
            for chunk in answer.iter_content(CHUNK):
                body += chunk
                if time.monotonic() > deadline or len(body) > MAX_BYTES:
                    raise TimeoutError
            return answer.status_code, bytes(body)

    def part(self, request: Request, limit: int) -> Part:
        """The beginning of an answer."""
        deadline = time.monotonic() + self._read
        with _late(), self._answer(request, self._read) as answer:
            body = bytearray()
            for chunk in answer.iter_content(CHUNK):
                body += chunk
                if time.monotonic() > deadline:
                    raise TimeoutError
                if len(body) > limit:
                    break
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Part(answer.status_code, headers, bytes(body[:limit]), whole=len(body) <= limit)

    def follow(self, path: str, seconds: float, quiet: float) -> Followed:
        """An answer that goes on, on a connection of its own."""
        with _late():
            return _Followed(self._answer(Request("GET", path), seconds), quiet)

    def _answer(self, request: Request, seconds: float) -> Response:
        """The answer of which the head has come."""
        return self._client.request(
            request.method,
            self._client.base_url + request.path,
            data=request.body,
            headers=dict(request.headers),
            timeout=(self._connect, seconds),
            verify=self._client.verify,  # said again: requests would prefer $REQUESTS_CA_BUNDLE to the session's
            stream=True,
            allow_redirects=False,
        )

    def close(self) -> None:
        """End all connections."""
        self._client.close()


class _Followed:
    """An answer that goes on."""

    def __init__(self, answer: Response, quiet: float) -> None:
        self.status = answer.status_code
        self._chunks = answer.iter_content(CHUNK)  # what is sent in chunks, as events are, comes as it is sent
        # None where the other side says that it closes this connection: then it is soon over anyway.
        self._socket: socket.socket | None = getattr(answer.raw.connection, "sock", None)
        if self._socket is not None:
            self._socket.settimeout(quiet)

    def read(self) -> bytes:
        with _late():
            return next(self._chunks, b"")

    def end(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # it ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)


@contextmanager
def _late() -> Iterator[None]:
    """Time limits of the library's as the system's: reading a body that is late is an error of connection to it."""
    from requests.exceptions import ConnectionError as BrokenError
    from requests.exceptions import ConnectTimeout, Timeout
    from urllib3.exceptions import ReadTimeoutError

    try:
        yield
    except ConnectTimeout:
        raise ConnectTimeoutError from None
    except Timeout:
        raise TimeoutError from None
    except BrokenError as error:
        if any(isinstance(cause, ReadTimeoutError) for cause in error.args):
            raise TimeoutError from None
        raise


def _tls(endpoint: Endpoint) -> TLSConfig | None:
    from docker.tls import TLSConfig

    if endpoint.certificates is None:
        return None
    if not endpoint.verify:
        _accept_unverified()
    found = {name: endpoint.certificates / f"{name}.pem" for name in ("ca", "cert", "key")}
    found = {name: path for name, path in found.items() if path.exists()}
    for path in found.values():
        _check(path)
    for name, other in (("cert", "key"), ("key", "cert")):
        if name in found and other not in found:
            raise CertificateError(f"{endpoint.certificates} has {name}.pem and no {other}.pem")
    pair = (str(found["cert"]), str(found["key"])) if "cert" in found else None
    return TLSConfig(client_cert=pair, ca_cert=str(found["ca"]) if "ca" in found else None, verify=endpoint.verify)


def _check(path: Path) -> None:
    """OpenSSL asks on the terminal for the passphrase of an encrypted key; we never ask."""
    try:
        text = path.read_text("ascii", "replace")
    except OSError as error:
        raise CertificateError(f"{path} cannot be read: {error.strerror}") from None
    if "ENCRYPTED" in text:
        raise CertificateError(f"{path} is encrypted, and no passphrase is ever asked for")
    if "-----BEGIN " not in text:
        raise CertificateError(f"{path} is no PEM file")


def _accept_unverified() -> None:
    """That the engine's certificate is not checked is the user's choice, and no warning each time."""
    import urllib3

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
