"""Where a registry is: Docker Hub's names, mirrors, plain HTTP where it may be, and certificates."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from policyengine.connections.docker_errors import PLAIN
from policyengine.connections.http import ConnectTimeoutError
from policyengine.connections.registry_credentials import HUB
from policyengine.connections.web import Question, is_loopback
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.web import Web

_HUB_SERVER = "registry-1.docker.io"
CERTIFICATES = Path("/etc/docker/certs.d")


class Options(Struct, frozen=True):
    """How registries are reached.

    ``plain`` are those (``HOST[:PORT]``) that may be asked over plain HTTP, as loopback may; ``mirrors`` are asked
    before Docker Hub: URLs, or ``HOST[:PORT]``. ``certificates`` has, as dockerd's directory has, a directory for each
    ``HOST[:PORT]`` with CAs (``*.crt``) and our own certificates (``*.cert``, each with its ``*.key``). ``config`` is
    the directory of ``config.json``, None for the user's.
    """

    plain: frozenset[str] = frozenset()
    mirrors: tuple[str, ...] = ()
    certificates: Path = CERTIFICATES
    config: Path | None = None


class Server(Struct, frozen=True):
    """A server that may have an image.

    ``name`` is what messages call it, ``address`` where it listens, ``scheme`` how it is spoken to, None for what
    turns out; ``login`` is what logins know it by.
    """

    name: str
    address: str
    scheme: str | None
    login: str


def daemon_mirrors(path: Path) -> tuple[str, ...]:
    """The ``registry-mirrors`` of a ``daemon.json``. Raises :class:`SourceError` for one that cannot be read."""
    try:
        listed = json.loads(path.read_bytes()).get("registry-mirrors") or []
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        problem = error.strerror if isinstance(error, OSError) else "malformed JSON"
        raise SourceError(f"cannot be read: {problem}", path=str(path)) from None
    return tuple(mirror for mirror in listed if isinstance(mirror, str))


class Servers:
    """The servers of registries, and what their certificates must be."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._schemes: dict[str, str] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = Lock()

    def of(self, host: str) -> list[Server]:
        """The servers to ask for what a registry has, in their order."""
        if host == HUB:
            mirrors = [self._server(mirror) for mirror in self._options.mirrors]
            return [*mirrors, Server(HUB, _HUB_SERVER, "https", HUB)]
        return [self._server(host)]

    def base(self, server: Server, web: Web) -> str:
        """The start of a server's URLs. One that may speak plain HTTP is tried once, without any secret."""
        if server.scheme:
            return f"{server.scheme}://{server.address}"
        with self._lock:
            known = self._schemes.get(server.address)
        if known is None:
            known = "http" if _is_plain(server.address, web) else "https"
            with self._lock:
                self._schemes[server.address] = known
        return f"{known}://{server.address}"

    def trust(self, address: str) -> ssl.SSLContext:
        """What a server's certificate must be: signed by a CA of the system, or one named for the server."""
        with self._lock:
            if address not in self._contexts:
                self._contexts[address] = _context(self._options.certificates / address)
            return self._contexts[address]

    def _server(self, written: str) -> Server:
        scheme, address = "", written
        if "://" in written:
            parts = urlsplit(written)
            scheme, address = parts.scheme, parts.netloc.rpartition("@")[2] + parts.path.rstrip("/")
        host = urlsplit(f"//{address}").hostname or ""
        allowed = is_loopback(host) or address in self._options.plain or scheme == "http"
        return Server(address, address, None if allowed else "https", address)


def _is_plain(address: str, web: Web) -> bool:
    """Whether what listens speaks no TLS. A certificate that is refused is no reason to do without."""
    try:
        web.ask(Question(f"https://{address}/v2/"))
    except ssl.SSLError as error:
        return isinstance(error, ssl.SSLEOFError) or (error.reason or "").endswith(PLAIN)
    except (ConnectionResetError, ConnectTimeoutError):
        return True
    return False


def _context(directory: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for path, key in _certificates(directory):
        try:
            if key is None:
                context.load_verify_locations(path)
            else:
                context.load_cert_chain(path, key)
        except (OSError, ssl.SSLError) as error:
            problem = error.strerror if not isinstance(error, ssl.SSLError) else "it is no certificate, or has no key"
            raise SourceError(f"cannot be used: {problem}", path=str(path)) from None
    return context


def _certificates(directory: Path) -> Iterator[tuple[Path, Path | None]]:
    """CAs, and certificates of ours with their keys: https://docs.docker.com/engine/security/certificates/."""
    try:
        listed = sorted(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path=str(directory)) from None
    for path in listed:
        if path.suffix == ".crt":
            yield path, None
        elif path.suffix == ".cert":
            yield path, path.with_suffix(".key")
