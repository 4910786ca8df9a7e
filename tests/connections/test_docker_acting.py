"""What an engine is asked to do goes out as its API has it, once; what it answers comes back, or an error."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker import Limits, NoEngineError, NotThereError, StuckError
from policyengine.connections.docker_acting import Acting, acting
from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_errors import ConflictError, NonsenseError
from policyengine.errors import SourceError
from tests.connections.engines import PATIENT, VERSION, Closed, Spoiler, answering, through

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

SHORT = Limits(connect=0.5, read=0.5)
"""For those who never are answered."""


@contextmanager
def engine(path: Path, answers: Mapping[str, object], seen: list[str] | None = None) -> Iterator[Acting]:
    with answering(path / "s", answers, seen) as host, acting(Endpoint("local", host), PATIENT) as made:
        yield made


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (
            lambda engine: engine.create({"Image": "app"}, "web"),
            'POST /v1.41/containers/create?name=web {"Image": "app"}',
        ),
        (
            lambda engine: engine.create({"Image": "app"}, "web", "linux/arm64"),
            'POST /v1.41/containers/create?name=web&platform=linux%2Farm64 {"Image": "app"}',
        ),
        (lambda engine: engine.start("web"), "POST /v1.41/containers/web/start"),
        (lambda engine: engine.stop("web", 2), "POST /v1.41/containers/web/stop?t=2"),
        (lambda engine: engine.rename("web", "new"), "POST /v1.41/containers/web/rename?name=new"),
        (lambda engine: engine.pause("web"), "POST /v1.41/containers/web/pause"),
        (lambda engine: engine.unpause("web"), "POST /v1.41/containers/web/unpause"),
        (lambda engine: engine.remove("web"), "DELETE /v1.41/containers/web?v=false&force=false"),
        (
            lambda engine: engine.remove("web", volumes=True, force=True),
            "DELETE /v1.41/containers/web?v=true&force=true",
        ),
        (
            lambda engine: engine.update("web", {"RestartPolicy": {"Name": "no"}}),
            'POST /v1.41/containers/web/update {"RestartPolicy": {"Name": "no"}}',
        ),
        (
            lambda engine: engine.connect("net", "web", {"Aliases": ["a"]}),
            'POST /v1.41/networks/net/connect {"Container": "web", "EndpointConfig": {"Aliases": ["a"]}}',
        ),
        (
            lambda engine: engine.disconnect("net", "web"),
            'POST /v1.41/networks/net/disconnect {"Container": "web", "Force": false}',
        ),
        (
            lambda engine: engine.create_network("net", Internal=True),
            'POST /v1.41/networks/create {"Name": "net", "CheckDuplicate": true, "Internal": true}',
        ),
        (lambda engine: engine.remove_network("net"), "DELETE /v1.41/networks/net"),
        (lambda engine: engine.changes("web"), "/v1.41/containers/web/changes"),
        (
            lambda engine: engine.post("/images/create", query={"tag": "1", "fromImage": "a/b"}),
            "POST /v1.41/images/create?tag=1&fromImage=a%2Fb",
        ),
        (lambda engine: engine.start("../x?y"), "POST /v1.41/containers/../x%3Fy/start"),
    ],
)
def test_what_is_asked(asked: Callable[[Acting], object], sent: str, tmp_path: Path) -> None:
    seen: list[str] = []
    with engine(tmp_path, {}, seen) as made, pytest.raises(NotThereError):
        asked(made)
    assert seen[1:] == [sent]


def test_what_is_answered(tmp_path: Path) -> None:
    answers = {
        "POST /containers/create": {"Id": "c1", "Warnings": []},
        "POST /networks/create": {"Id": "n1", "Warning": ""},
        "POST /containers/c1/start": 204,
        "POST /containers/c1/stop": 304,
        "DELETE /containers/c1": 204,
        "POST /networks/n1/connect": b"",
        "/containers/c1/changes": [{"Path": "/tmp", "Kind": 0}],
        "/containers/c2/changes": b"null\n",
        "/services": [{"ID": "s"}],
        "/containers/c1/logs": b"\x01\0\0\0\0\0\0\x04one\n\x02\0\0\0\0\0\0\x04two\n",
        "/containers/c2/logs": b"of a terminal\r\n",
    }
    with engine(tmp_path, answers) as made:
        assert made.create({}, "web") == "c1"
        assert made.create_network("net") == "n1"
        made.start("c1")
        made.stop("c1", 0)  # it was stopped: nothing is amiss
        made.remove("c1")
        made.connect("n1", "c1")
        assert made.changes("c1") == [{"Path": "/tmp", "Kind": 0}]
        assert made.changes("c2") == []
        assert made.get("/services") == [{"ID": "s"}]
        assert made.said("c1", 2) == "one\ntwo\n"
        assert made.said("c2", 2) == "of a terminal\r\n"
        assert made.engine.version["Version"] == VERSION["Version"]


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (409, ConflictError, "docker://local: status 409"),
        (404, NotThereError, "docker://local: status 404"),
        (500, SourceError, "docker://local: the engine at {host} answers: status 500"),
        (b"<html>", NonsenseError, "docker://local: what answers at {host} is no Docker Engine"),
        ({"Warnings": []}, NonsenseError, "docker://local: what answers at {host} is no Docker Engine"),
        (Closed(), NoEngineError, "docker://local: the connection to the engine at {host} broke off"),
    ],
)
def test_what_fails(answer: object, error: type[SourceError], said: str, tmp_path: Path) -> None:
    with engine(tmp_path, {"POST /containers/create": answer}) as made:
        with pytest.raises(error) as caught:
            made.create({}, "web")
        assert type(caught.value) is error
        assert str(caught.value).startswith(said.replace("{host}", made.engine.endpoint.host))


def test_a_change_is_sent_once(tmp_path: Path) -> None:
    """A connection that breaks may have carried it: sent again, it could take effect twice."""
    seen: list[str] = []
    with answering(tmp_path / "s", {"POST /containers/c1/start": 204}, seen) as host:
        spoiler = Spoiler("cut", requests=1)
        with (
            through(tmp_path / "p", host.removeprefix("unix://"), spoiler) as between,
            acting(Endpoint("local", between), PATIENT) as made,
            pytest.raises(NoEngineError),
        ):
            made.start("c1")
    assert seen[1:] == ["POST /v1.41/containers/c1/start"]


def test_a_connection_that_ended_meanwhile_carries_no_change(tmp_path: Path) -> None:
    """Engines end connections that idle; a change goes out on a new one."""
    path = tmp_path / "s"
    served: SimpleQueue[bytes] = SimpleQueue()
    methods = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(4)
        Thread(target=one_answer_a_connection, args=(listener, served), daemon=True).start()
        with acting(Endpoint("local", f"unix://{path}"), PATIENT) as made:
            methods.append(served.get())
            for name in ("web", "other"):
                made.start(name)
                methods.append(served.get())
        listener.shutdown(socket.SHUT_RDWR)
    assert methods == [b"GET", b"POST", b"POST"]


def one_answer_a_connection(listener: socket.socket, served: SimpleQueue[bytes]) -> None:
    """Answer, end the connection without having said that it would, and tell the method."""
    body = b'{"ApiVersion": "1.41"}'
    try:
        while True:
            client, _ = listener.accept()
            with client:
                method = client.recv(2**16).split(b" ")[0]
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            served.put(method)
    except OSError:
        return


def test_an_answer_that_takes_longer_than_others(tmp_path: Path) -> None:
    """Stopping takes what the container is given to end, and then the engine its time."""
    with answering(tmp_path / "s", {"POST /containers/c1/stop": 204}) as host:
        spoiler = Spoiler("stall", requests=1)
        with (
            through(tmp_path / "p", host.removeprefix("unix://"), spoiler) as between,
            acting(Endpoint("local", between), PATIENT) as made,
        ):
            made.engine.limits = SHORT
            with pytest.raises(StuckError, match=r"does not answer within 1\.5 s"):
                made.stop("c1", 1)


def test_how_a_container_says_that_it_wants_to_be_stopped(tmp_path: Path) -> None:
    answers = {"/containers/c1/json": {"Config": {"StopTimeout": 1}}, "POST /containers/c1/stop": 204}
    seen: list[str] = []
    with engine(tmp_path, answers, seen) as made:
        made.stop("c1")
    assert seen[1:] == ["/v1.41/containers/c1/json", "POST /v1.41/containers/c1/stop"]


def test_messages(tmp_path: Path) -> None:
    answers = {
        "POST /images/create": b'{"status": "Pulling"}\r\n{"status": "Done"}\r\n',
        "POST /build": b'{"stream": "Step 1/1"}\n{"error": "no space left on device", "errorDetail": {}}\n',
        "POST /odd": b"{",
    }
    seen: list[str] = []
    with engine(tmp_path, answers, seen) as made:
        assert made.messages("/images/create") == [{"status": "Pulling"}, {"status": "Done"}]
        with pytest.raises(SourceError, match="docker://local: no space left on device"):
            made.messages("/build", b"a tar archive", headers={"Content-Type": "application/x-tar"})
        with pytest.raises(NonsenseError):
            made.messages("/odd")
    assert seen[2] == "POST /v1.41/build a tar archive"
