"""Why a registry does not answer, or not as we would like, and what to try."""

from __future__ import annotations

import errno
import http.client
import json
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from policyengine.connections.docker_errors import VERIFICATION, causes
from policyengine.connections.http import ConnectTimeoutError
from policyengine.connections.registry_credentials import HUB
from policyengine.connections.web import RedirectError, TooLongError
from policyengine.errors import SourceError
from policyengine.model.masking import concealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.web import Answer, Limits

_TOO_MANY = 429
_LONGEST = 200
_TRY = "is the name right, does a proxy stand between? try again later"


class NoRegistryError(SourceError):
    """The registry does not answer: there is no use in asking it for more."""


class RefusedError(SourceError):
    """The registry does not let us have something; other things it may. ``login`` may help."""

    login = "docker login"

    @classmethod
    def of(cls, host: str, repository: str, *, known: bool, helper: str | None) -> RefusedError:
        """Of a repository; ``known`` says whether we said who we are, ``helper`` why its credential helper did not."""
        login = "docker login" if host == HUB else f"docker login {host}"
        hint = f"{helper}: mend it, or {login}" if helper else f"is there such a repository? {login}"
        if known:
            hint = f"the login that docker has does not do: {login} again"
        made = cls(f"the registry {host} does not let us see {repository}", path=at(host), hint=hint)
        made.login = login
        return made


class NotThereError(SourceError):
    """The registry has no such image, or not for the platform."""


class NonsenseError(SourceError):
    """What is answered is not what was asked for: it is no registry, or what it serves was tampered with."""


class BusyError(SourceError):
    """The registry cannot, or will not, serve us now."""


def at(host: str) -> str:
    """What locations call a registry."""
    return f"registry://{host}"


@contextmanager
def told(host: str, limits: Limits) -> Iterator[None]:
    """Errors of the system, and of the way there, as :class:`SourceError`."""
    try:
        yield
    except RedirectError as error:
        raise NonsenseError(f"the registry {host} cannot be followed: {error}", path=at(host)) from None
    except TooLongError:
        size = f"{limits.size // 2**20} MiB"
        raise NonsenseError(f"the registry {host} answers with more than {size}", path=at(host)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        message, hint = _words(error, limits)
        raise NoRegistryError(f"the registry {host} {message}", path=at(host), hint=hint) from None


def refusal(host: str, answer: Answer) -> SourceError:
    """The registry answers with an error."""
    if answer.status == http.client.NOT_FOUND:
        return NotThereError(_said(answer) or "not found", path=at(host))
    said = concealed(_said(answer))
    if answer.status == _TOO_MANY:
        hint = "log in with docker login, ask a mirror, or try again later"
        return BusyError(f"the registry {host} has had too many questions from us", path=at(host), hint=hint)
    message = f"the registry {host} answers with status {answer.status}{f': {said}' if said else ''}"
    kind = BusyError if answer.status >= http.client.INTERNAL_SERVER_ERROR else NonsenseError
    return kind(message, path=at(host), hint="try again later" if kind is BusyError else None)


def _said(answer: Answer) -> str:
    """An error in the registry's own words: https://github.com/opencontainers/distribution-spec#error-codes."""
    try:
        told_ = json.loads(answer.body)["errors"][0]
        text = told_.get("message") or told_.get("code")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    return text.strip().partition("\n")[0][:_LONGEST] if isinstance(text, str) else ""


def _words(error: BaseException, limits: Limits) -> tuple[str, str]:
    found = list(causes(error))
    for cause in found:
        if isinstance(cause, ssl.SSLError):
            return _tls(cause)
    if isinstance(error, ConnectTimeoutError):
        return f"cannot be reached within {limits.connect:g} s", _TRY
    if isinstance(error, TimeoutError):
        return f"does not answer within {limits.read:g} s", "try again later"
    if any(isinstance(cause, socket.gaierror) for cause in found):
        return "cannot be reached: its host is not known", _TRY
    numbers = [cause.errno for cause in found if isinstance(cause, OSError)]
    if errno.ECONNREFUSED in numbers:
        return "cannot be reached: connection refused", "is it running?"
    if errno.EHOSTUNREACH in numbers or errno.ENETUNREACH in numbers:
        return "cannot be reached: there is no way to its host", _TRY
    if isinstance(error, OSError) and "unnel" in str(error):
        return "cannot be reached: the proxy does not connect us", "check HTTPS_PROXY and NO_PROXY"
    garbled = isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError)
    return ("does not speak HTTP", _TRY) if garbled else ("broke the connection off", _TRY)


def _tls(error: ssl.SSLError) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = VERIFICATION.get(error.verify_code, f"its certificate is refused: {error.verify_message}")
        return f"cannot be trusted: {why}", "put the CA that signed it into /etc/docker/certs.d/HOST/ca.crt"
    reason = error.reason or ""
    if "CERTIFICATE_REQUIRED" in reason or "BAD_CERTIFICATE" in reason:
        return "wants a certificate of ours", "put client.cert and client.key into /etc/docker/certs.d/HOST"
    return "speaks no TLS that we understand", "if it speaks plain HTTP and may, name it in insecure_registries"
