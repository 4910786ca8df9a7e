"""HTTP and HTTPS by URL: connections that stay open, proxies, redirects, patience; bounded in bytes and in time."""

from __future__ import annotations

import http.client
import ipaddress
import time
from base64 import b64encode
from contextlib import suppress
from queue import Empty, LifoQueue
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from msgspec import Struct, field

from policyengine import __version__
from policyengine.connections.http import ConnectTimeoutError, Stream

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

_AGAIN = frozenset((429, 500, 502, 503, 504))
"""What may be otherwise a moment later: RFC 6585, section 4, and RFC 9110, section 15.6."""
_ELSEWHERE = frozenset((301, 302, 303, 307, 308))
_SECRETS = ("authorization", "cookie")
_REDIRECTS = 5
_CHUNK = 2**16


class RedirectError(Exception):
    """A redirect that is not followed; the message says why."""


class TooLongError(Exception):
    """An answer is longer than it may be."""


class Limits(Struct, frozen=True):
    """What a question may take: seconds for connecting, for each whole answer, and between two tries at most.

    ``size`` is the most bytes that an answer may have, ``tries`` how often an overloaded server is asked.
    """

    connect: float = 5
    read: float = 30
    wait: float = 10
    size: int = 4 * 2**20
    tries: int = 3


class Answer(Struct, frozen=True):
    """An answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Question(Struct, frozen=True):
    """What is asked: the names of headers are in lower case."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class Web:
    """Asks servers; may be used from several threads at once. ``trust`` gives what a host's certificate must be.

    Raises what the system raises where no answer comes, :class:`RedirectError` and :class:`TooLongError`.
    """

    def __init__(self, trust: Callable[[str], ssl.SSLContext], limits: Limits) -> None:
        self._trust = trust
        self._limits = limits
        self._idle: dict[tuple[str, str], LifoQueue[_Connection]] = {}
        self._open: set[_Connection] = set()
        self._closed = Event()

    def ask(self, question: Question) -> Answer:
        """The answer, wherever a GET or HEAD is redirected to. Another server is told no secret of ours."""
        for _ in range(_REDIRECTS):
            answer = self._patiently(question)
            target = answer.headers.get("location")
            if answer.status not in _ELSEWHERE or target is None or question.method not in ("GET", "HEAD"):
                return answer
            question = _redirected(question, target)
        raise RedirectError("it redirects again and again")

    def close(self) -> None:
        """End all connections, also those on which an answer is awaited."""
        self._closed.set()
        for connection in list(self._open):
            self._drop(connection)

    def _patiently(self, question: Question) -> Answer:
        """An answer, asked for again where the server says that it cannot now, unless it names too late a time."""
        for attempt in range(1, self._limits.tries + 1):
            answer = self._once(question)
            pause = _pause(answer, attempt)
            if answer.status not in _AGAIN or attempt == self._limits.tries or pause > self._limits.wait:
                break
            if self._closed.wait(pause):
                break
        return answer

    def _once(self, question: Question) -> Answer:
        """An answer. A connection that the server gave up meanwhile is replaced once."""
        address = urlsplit(question.url)
        connection = self._used(address)
        if connection is not None:
            with suppress(ConnectionError, http.client.RemoteDisconnected):
                return self._on(connection, question, address)
        return self._on(self._new(address), question, address)

    def _on(self, connection: _Connection, question: Question, address: SplitResult) -> Answer:
        try:
            answer = connection.ask(question, address, self._limits)
        except BaseException:
            self._drop(connection)
            raise
        if connection.sock is None:  # the server said that it would close it
            self._drop(connection)
        else:
            self._queue(address).put(connection)
        return answer

    def _used(self, address: SplitResult) -> _Connection | None:
        try:
            return self._queue(address).get_nowait()
        except Empty:
            return None

    def _new(self, address: SplitResult) -> _Connection:
        connection = _opened(address, self._trust, self._limits.connect)
        self._open.add(connection)
        return connection

    def _queue(self, address: SplitResult) -> LifoQueue[_Connection]:
        return self._idle.setdefault((address.scheme, address.netloc), LifoQueue())

    def _drop(self, connection: _Connection) -> None:
        self._open.discard(connection)
        connection.end()


class _Connection(http.client.HTTPConnection):
    """A connection whose every answer must be there, in whole, within a time."""

    by_proxy = False
    headers: Mapping[str, str] = MappingProxyType({})
    _stream: Stream | None = None

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError:
            raise ConnectTimeoutError from None
        self._stream = Stream(self.sock)
        self.sock = self._stream

    def ask(self, question: Question, address: SplitResult, limits: Limits) -> Answer:
        if self.sock is None:
            self.connect()
        if self._stream is not None:
            self._stream.deadline = time.monotonic() + limits.read
        path = f"{address.path or '/'}{'?' if address.query else ''}{address.query}"
        target = f"http://{address.netloc}{path}" if self.by_proxy else path
        own = {"user-agent": f"policyengine/{__version__}", **self.headers}
        self.request(question.method, target, question.body, {**own, **question.headers})
        response = self.getresponse()
        body = response.read(limits.size + 1)
        if len(body) > limits.size:
            raise TooLongError
        response.read()  # what ends a body of unknown length
        headers: dict[str, str] = {}
        for name, value in response.headers.items():  # repeated ones mean the same as one with commas
            headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
        return Answer(response.status, headers, body)

    def end(self) -> None:
        """Close, and wake whoever waits."""
        if self._stream is not None:
            self._stream.end()
        self.close()


class _Secured(_Connection, http.client.HTTPSConnection):
    """The same over TLS."""


def _opened(address: SplitResult, trust: Callable[[str], ssl.SSLContext], seconds: float) -> _Connection:
    """A connection to a server, or to the proxy that leads there; nothing is sent yet."""
    host, proxy = address.hostname or "", _proxy(address)
    port = address.port or (443 if address.scheme == "https" else 80)
    near = (proxy.hostname or "", proxy.port or 80) if proxy else (host, port)
    headers = _proxy_headers(proxy) if proxy else {}
    if address.scheme == "http":
        plain = _Connection(*near, timeout=seconds)
        plain.by_proxy, plain.headers = proxy is not None, headers
        return plain
    secured = _Secured(*near, timeout=seconds, context=trust(address.netloc))
    if proxy:
        secured.set_tunnel(host, port, headers)
    return secured


def _proxy(address: SplitResult) -> SplitResult | None:
    """The proxy that the environment names, none for this machine: as Go's programs have it, Docker among them."""
    if is_loopback(address.hostname or ""):
        return None
    from urllib.request import getproxies, proxy_bypass

    named = getproxies().get(address.scheme)
    if not named or proxy_bypass(address.hostname or ""):
        return None
    return urlsplit(named if "://" in named else f"http://{named}")


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    return {"Proxy-Authorization": basic(unquote(proxy.username), unquote(proxy.password or ""))}


def basic(user: str, password: str) -> str:
    """The value of an ``Authorization`` header: https://www.rfc-editor.org/rfc/rfc7617."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _redirected(question: Question, target: str) -> Question:
    """The question as it goes on to where a server redirects it."""
    here, there = urlsplit(question.url), urlsplit(urljoin(question.url, target))
    if there.scheme not in ("http", "https") or not there.hostname:
        raise RedirectError("it redirects to what is no web address")
    if here.scheme == "https" and there.scheme == "http":
        raise RedirectError("it redirects from https to http")
    headers = question.headers
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        headers = {name: value for name, value in headers.items() if name not in _SECRETS}
    return Question(there._replace(fragment="").geturl(), question.method, headers)


def _pause(answer: Answer, attempt: int) -> float:
    """Seconds until the next try: what the server asks for (RFC 9110, section 10.2.3), else longer each time."""
    asked = answer.headers.get("retry-after", "")
    if asked.isascii() and asked.isdecimal():
        return float(asked[:9])
    return 0.25 * float(2**attempt)
