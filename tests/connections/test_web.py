"""HTTP by URL: what is followed, repeated, kept open and given up."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import closing, contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.http import ConnectTimeoutError
from policyengine.connections.web import Limits, Question, RedirectError, TooLongError, Web, is_loopback
from tests.connections.servers import Asked, Said, site
from tests.live.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUICK = Limits(connect=60, read=60, wait=1, size=100)
"""They ask again soon; what answers is a thread of this process, on a machine that may stand still for seconds."""


def trust(_: str) -> ssl.SSLContext:
    return ssl.create_default_context()


@contextmanager
def web(limits: Limits = QUICK) -> Iterator[Web]:
    made = Web(trust, limits)
    try:
        yield made
    finally:
        made.close()


def always(said: Said) -> Callable[[Asked], Said]:
    return lambda _: said


def test_another_server_is_told_no_secret() -> None:
    with site(always(Said(body=b"there"))) as there, web() as made:

        def elsewhere(asked: Asked) -> Said:
            target = "/own" if asked.path == "/" else f"http://{there.host}/blob?signed=1"
            return Said(307, headers={"Location": target})

        with site(elsewhere) as here:
            answer = made.ask(
                Question(f"http://{here.host}/", headers={"authorization": "Basic s3cret", "accept": "x"})
            )
    assert answer.body == b"there"
    assert [asked.headers.get("authorization") for asked in here.asked] == ["Basic s3cret", "Basic s3cret"]
    assert [(asked.path, asked.headers["accept"]) for asked in there.asked] == [("/blob?signed=1", "x")]
    assert "authorization" not in there.asked[0].headers


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("/", "it redirects again and again"),
        ("file:///etc/passwd", "it redirects to what is no web address"),
        ("https:///nowhere", "it redirects to what is no web address"),
    ],
)
def test_redirects_that_are_not_followed(target: str, why: str) -> None:
    with (
        site(always(Said(302, headers={"Location": target}))) as here,
        web() as made,
        pytest.raises(RedirectError) as caught,
    ):
        made.ask(Question(f"http://{here.host}/"))
    assert str(caught.value) == why
    assert len(here.asked) <= 5


def test_a_redirect_from_https_to_http_is_not_followed(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with site(always(Said())) as there:
        said = Said(307, headers={"Location": f"http://{there.host}/"})
        with site(always(said), authority.issue("here")) as here:
            made = Web(lambda _: ssl.create_default_context(cafile=str(authority.certificate)), QUICK)
            with closing(made), pytest.raises(RedirectError, match="from https to http"):
                made.ask(Question(f"https://{here.host}/"))
    assert (len(here.asked), there.asked) == (1, [])


def test_a_server_that_cannot_now_is_asked_again_when_it_says() -> None:
    answers = [Said(503), Said(429, headers={"Retry-After": "1"}), Said(body=b"at last")]
    with site(lambda _: answers.pop(0)) as here, web() as made:
        started = time.monotonic()
        assert made.ask(Question(f"http://{here.host}/")).body == b"at last"
        assert time.monotonic() - started > 1


@pytest.mark.parametrize(
    ("said", "times"),
    [(Said(429, headers={"Retry-After": "3600"}), 1), (Said(500), 3), (Said(404), 1), (Said(401), 1)],
)
def test_what_is_asked_again_and_how_often(said: Said, times: int) -> None:
    with site(always(said)) as here, web() as made:
        assert made.ask(Question(f"http://{here.host}/")).status == said.status
    assert len(here.asked) == times


def test_an_answer_that_is_too_long() -> None:
    with site(always(Said(body=b"x" * 101))) as here, web() as made:
        with pytest.raises(TooLongError):
            made.ask(Question(f"http://{here.host}/"))
        assert made.ask(Question(f"http://{here.host}/", "HEAD")).body == b""


def test_a_connection_stays_open_and_is_replaced_when_the_server_ended_it() -> None:
    twice = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"] * 2
    with scripted(twice, [b"HTTP/1.1 204 No\r\n\r\n"]) as (host, seen), web() as made:
        statuses = [made.ask(Question(f"http://{host}/")).status for _ in range(3)]
    assert statuses == [200, 200, 204]
    assert seen == [2, 1]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
def test_an_answer_must_be_there_in_time(answer: bytes) -> None:
    with scripted([answer], hold=True) as (host, _), web(Limits(connect=60, read=0.3)) as made:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            made.ask(Question(f"http://{host}/"))
        assert time.monotonic() - started < 30  # it would be held for ever


def test_a_handshake_must_be_done_in_time() -> None:
    with scripted([b""], hold=True) as (host, _), web(Limits(connect=0.3)) as made, pytest.raises(ConnectTimeoutError):
        made.ask(Question(f"https://{host}/"))


def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with site(always(Said(body=b"by proxy"))) as proxy, web() as made:
        monkeypatch.setenv("http_proxy", f"http://ann:s3%3Acret@{proxy.host}")
        monkeypatch.delenv("no_proxy", raising=False)
        assert made.ask(Question("http://registry.example/v2/?a=b")).body == b"by proxy"
        assert (proxy.asked[0].path, proxy.asked[0].headers["host"]) == (
            "http://registry.example/v2/?a=b",
            "registry.example",
        )
        assert proxy.asked[0].headers["proxy-authorization"] == "Basic YW5uOnMzOmNyZXQ="
        with site(always(Said(body=b"direct"))) as here:  # as Go's programs have it
            assert made.ask(Question(f"http://{here.host}/")).body == b"direct"


def test_the_proxy_of_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted([b"HTTP/1.1 403 Forbidden\r\n\r\n"]) as (host, _), web() as made:
        monkeypatch.setenv("https_proxy", host)
        with pytest.raises(OSError, match="Tunnel connection failed: 403 Forbidden"):
            made.ask(Question("https://registry.example/v2/"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_what_is_this_machine_itself(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@contextmanager
def scripted(*connections: list[bytes], hold: bool = False) -> Iterator[tuple[str, list[int]]]:
    """Answer on each connection what is listed, then end it, or ``hold`` it; gives how many questions each had."""
    seen: list[int] = []
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for answers in connections:
                client, _ = listener.accept()
                seen.append(0)
                for answer in answers:
                    client.recv(2**16)
                    seen[-1] += 1
                    client.sendall(answer)
                held.append(client)
                if not hold:
                    client.close()

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", seen
        thread.join(5)
        for client in held:
            client.close()
