"""Engines over TCP, with and without TLS, through the Docker SDK: it knows proxies and certificates."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from policyengine.connections.http import MAX_BYTES, ConnectTimeoutError

if TYPE_CHECKING:
    from pathlib import Path

    from docker import APIClient
    from docker.tls import TLSConfig

    from policyengine.connections.docker_context import Endpoint

_CHUNK = 2**16


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

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        from requests.exceptions import ConnectTimeout, Timeout

        deadline = time.monotonic() + self._read
        try:
            with self._client.get(
                self._client.base_url + path,
                timeout=(self._connect, self._read),
                verify=self._client.verify,  # said again: requests would prefer $REQUESTS_CA_BUNDLE to the session's
                stream=True,
                allow_redirects=False,
            ) as answer:
                body = bytearray()
                for chunk in answer.iter_content(_CHUNK):
                    body += chunk
                    if time.monotonic() > deadline or len(body) > MAX_BYTES:
                        raise TimeoutError
                return answer.status_code, bytes(body)
        except ConnectTimeout:
            raise ConnectTimeoutError from None
        except Timeout:
            raise TimeoutError from None

    def close(self) -> None:
        """End all connections."""
        self._client.close()


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
