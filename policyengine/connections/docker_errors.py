"""Why an engine does not answer, and what to try: whatever the system or a library raises, said to be mended."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.connections.docker_context import DEFAULT_HOST
from policyengine.connections.docker_sdk import CertificateError
from policyengine.connections.http import ConnectTimeoutError
from policyengine.connections.ssh import SshError
from policyengine.errors import SourceError
from policyengine.model.masking import MASK, concealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policyengine.connections.docker_context import Endpoint

_START = "start it, or set DOCKER_HOST or name a context: docker://CONTEXT"
_CHECK = "check DOCKER_HOST, or the context"
_NONSENSE = "what answers at {} is no Docker Engine"
_CERTIFICATES = "check the certificates of the context, or in DOCKER_CERT_PATH"


class NotThereError(SourceError):
    """The engine has no such container, image, network, volume or command (any more)."""


class ConflictError(SourceError):
    """The state of a thing forbids what is asked of it: a name that is taken, a container that still runs."""


class NoEngineError(SourceError):
    """The engine does not answer, or what answers is none: there is no use in asking it for more."""


class StuckError(NoEngineError):
    """An answer does not come in time. The next one may."""


class NonsenseError(SourceError):
    """What answers speaks HTTP, and not as an engine does: to this question at least."""


@contextmanager
def told(endpoint: Endpoint, limits: tuple[float, float], why: Callable[[], SshError | None]) -> Iterator[None]:
    """Errors of transports as :class:`NoEngineError`. ``limits`` are the seconds for connecting and for an answer."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError, SshError, CertificateError) as error:
        said = error if isinstance(error, SshError) else why()
        raise _told(endpoint, said or error, limits) from None


def nonsense(endpoint: Endpoint) -> NonsenseError:
    """What answers speaks HTTP, and not as a Docker Engine."""
    return NonsenseError(_shown(endpoint, _NONSENSE.format(endpoint.host)), path=url(endpoint), hint=_CHECK)


def refused(endpoint: Endpoint, status: int, said: str) -> SourceError:
    """The engine answers with an error."""
    if "HTTP request to an HTTPS server" in said:
        return _plain_to_tls(endpoint)
    if status == http.client.NOT_FOUND:
        return NotThereError(concealed(said), path=url(endpoint))
    if status == http.client.CONFLICT:
        return ConflictError(concealed(said), path=url(endpoint))
    hint = "unset DOCKER_API_VERSION" if endpoint.api_version and "version" in said else None
    return SourceError(
        _shown(endpoint, f"the engine at {endpoint.host} answers: {said}"), path=url(endpoint), hint=hint
    )


def url(endpoint: Endpoint) -> str:
    """The source that an endpoint is."""
    return f"docker://{endpoint.name}"


def _told(endpoint: Endpoint, error: BaseException, limits: tuple[float, float]) -> NoEngineError:
    host = endpoint.host
    if isinstance(error, SshError):
        return _error(endpoint, f"cannot reach the engine at {host}: {error.message}", error.hint)
    if isinstance(error, CertificateError):
        return _error(endpoint, str(error), _CERTIFICATES)
    found = list(causes(error))
    for cause in found:
        if isinstance(cause, ssl.SSLError):
            return _tls(endpoint, cause)
    if isinstance(error, TimeoutError):
        return _late(endpoint, error, limits)
    if _is_url_error(error):
        # What the library says may quote a part of the address, which may be a password.
        said = "its address is malformed" if "@" in host else str(error)
        return _error(endpoint, f"cannot connect to the engine at {host}: {said}", None)
    return _system(endpoint, found)


def _late(endpoint: Endpoint, error: TimeoutError, limits: tuple[float, float]) -> NoEngineError:
    connect, read = limits
    if isinstance(error, ConnectTimeoutError):
        return _error(endpoint, f"the engine at {endpoint.host} cannot be reached within {connect:g} s", _START)
    hint = "is it overloaded or stuck? look at its log"
    message = f"the engine at {endpoint.host} does not answer within {read:g} s"
    return StuckError(_shown(endpoint, message), path=url(endpoint), hint=hint)


def _is_url_error(error: BaseException) -> bool:
    """An address that was refused before anything was sent."""
    return isinstance(error, ValueError) and not isinstance(error, UnicodeError | OSError)


def _system(endpoint: Endpoint, causes: list[BaseException]) -> NoEngineError:
    """By the system's error at the root of a library's."""
    host = endpoint.host
    numbers = [cause.errno for cause in causes if isinstance(cause, OSError)]
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return _error(endpoint, f"the host of {host} is not known", _CHECK)
    if errno.EACCES in numbers or errno.EPERM in numbers:
        hint = "use sudo, or add yourself to the group docker, which gives root's power over the host"
        return _error(endpoint, f"you may not speak to the engine at {host}: permission denied", hint)
    if errno.ENOENT in numbers or errno.ENOTDIR in numbers:
        return _error(endpoint, f"no engine runs at {host}: there is no such socket", _elsewhere(endpoint))
    if errno.ECONNREFUSED in numbers:
        return _error(endpoint, f"no engine runs at {host}: connection refused", _elsewhere(endpoint))
    if errno.ENOTSOCK in numbers or errno.EPROTOTYPE in numbers:
        return _error(endpoint, f"{host} is no socket of an engine", _CHECK)
    if errno.EHOSTUNREACH in numbers or errno.ENETUNREACH in numbers:
        return _error(endpoint, f"the host of {host} cannot be reached", _CHECK)
    return _broken(endpoint, causes)


def _broken(endpoint: Endpoint, causes: list[BaseException]) -> NoEngineError:
    """A connection that was made, and gave no answer."""
    garbled = [cause for cause in causes if isinstance(cause, http.client.HTTPException) and not _is_cut(cause)]
    if any("\x15\x03" in str(cause) for cause in garbled):  # an alert of TLS
        return _plain_to_tls(endpoint)
    if garbled:
        return _error(endpoint, _NONSENSE.format(endpoint.host), _CHECK)
    return _error(
        endpoint, f"the connection to the engine at {endpoint.host} broke off", "is it still running? try again"
    )


def _is_cut(cause: BaseException) -> bool:
    return isinstance(cause, http.client.RemoteDisconnected | http.client.IncompleteRead)


def _plain_to_tls(endpoint: Endpoint) -> NoEngineError:
    hint = "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or name a context with certificates"
    return _error(endpoint, f"the engine at {endpoint.host} speaks TLS, and no certificates are set", hint)


PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
_NOT_OURS = (
    *("CERTIFICATE_REQUIRED", "UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_EXPIRED", "CERTIFICATE_UNKNOWN"),
    *("DECRYPT_ERROR", "HANDSHAKE_FAILURE"),
)
VERIFICATION = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    62: "its certificate is for another host",
    64: "its certificate is for another address",
    **dict.fromkeys((18, 19, 20, 21), "its certificate is not signed by the CA that is trusted"),
}
"""https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes"""


def _tls(endpoint: Endpoint, error: ssl.SSLError) -> NoEngineError:
    start = f"TLS with the engine at {endpoint.host} fails"
    if isinstance(error, ssl.SSLCertVerificationError):
        why = VERIFICATION.get(error.verify_code, f"its certificate is refused: {error.verify_message}")
        return _error(endpoint, f"{start}: {why}", _CERTIFICATES)
    reason = error.reason or ""
    if reason.endswith(_NOT_OURS):
        return _error(endpoint, f"{start}: it does not accept our certificate", _CERTIFICATES)
    if reason.endswith(PLAIN):
        hint = "unset DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, or name a context without certificates"
        return _error(endpoint, f"the engine at {endpoint.host} speaks no TLS", hint)
    ended = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    return _error(endpoint, f"{start}: the engine ended the connection" if ended else start, _CERTIFICATES)


def _elsewhere(endpoint: Endpoint) -> str:
    """What to try where nobody listens; a socket that is there in another place is named."""
    if endpoint.host != DEFAULT_HOST:
        return _START
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    own = [Path(runtime, "docker.sock"), Path(runtime, "podman/podman.sock")] if runtime else []
    found = [path for path in (*own, Path("/run/podman/podman.sock")) if _is_socket(path)]
    return f"one listens at {found[0]}: set DOCKER_HOST=unix://{found[0]}" if found else _START


def _is_socket(path: Path) -> bool:
    try:
        return path.is_socket()
    except OSError:
        return False


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that it wraps, in whatever way."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, cause.__cause__, cause.__context__, getattr(cause, "reason", None)]


def _error(endpoint: Endpoint, message: str, hint: str | None) -> NoEngineError:
    return NoEngineError(_shown(endpoint, message), path=url(endpoint), hint=hint)


def _shown(endpoint: Endpoint, message: str) -> str:
    host = endpoint.host
    if "@" in host and "://" not in host:  # no address, and still it may hold a password
        message = message.replace(host, f"{MASK}@{host.rpartition('@')[2]}")
    return concealed(message)
