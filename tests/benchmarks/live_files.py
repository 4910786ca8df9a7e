"""How long auditing containers' files takes: ``python -m tests.benchmarks.live_files [CONTAINERS]``.

Makes containers (200) from an image with the files of a small system, and measures turn by turn: sending the requests
that an audit sends, as many at once, and reading their answers, which is the least that anybody must do; and the audit
itself, by all policies on authentication. What was made is removed. Not a test: nothing fails for being slow.
"""

from __future__ import annotations

import http.client
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from threading import local
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from policyengine.api import Settings, evaluate
from policyengine.connections.docker_context import DEFAULT_HOST
from policyengine.connections.docker_line import DEFAULTS
from policyengine.connections.http import Part, Request, Streams
from tests.authentication.layers.tars import M, archive, directory, symlink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

CONTAINERS = 200
ROUNDS = 3
TARGET = 3
LABEL = "policyengine.test"
USERS = 30

_STACK = "auth required pam_env.so\nauth sufficient pam_unix.so nullok\nauth required pam_deny.so\n" * 3
FILES = [
    directory("etc/"),
    M(
        "etc/passwd",
        "".join(f"user{number}:x:{number}:{number}::/home/user{number}:/bin/sh\n" for number in range(USERS)),
    ),
    M("etc/group", "".join(f"user{number}:x:{number}:\n" for number in range(USERS))),
    M("etc/shadow", "".join(f"user{number}:*:19500:0:99999:7:::\n" for number in range(USERS)), mode=0o640, gid=42),
    M("etc/login.defs", "PASS_MAX_DAYS 99999\nPASS_MIN_DAYS 0\nUMASK 022\nENCRYPT_METHOD SHA512\n"),
    M("etc/ssh/sshd_config", "PermitRootLogin no\nCiphers aes128-ctr,aes256-ctr\nX11Forwarding yes\n"),
    M("etc/sudoers", "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL) NOPASSWD: ALL\n", mode=0o440),
    *(M(f"etc/pam.d/{name}", _STACK) for name in ("common-auth", "common-password", "login", "sshd", "su", "sudo")),
    *(M(f"etc/other/{number}", "setting = value\n" * 100) for number in range(150)),
    symlink("bin", "usr/bin"),
    directory("usr/bin/"),
    M("usr/lib/os-release", "ID=debian\n"),
    M("var/lib/dpkg/status", "Package: base\nStatus: install ok installed\nVersion: 1\n\n" * 2000),
]


@dataclass
class Measured:
    """Seconds that each round took: the bare API, and our audit."""

    containers: int
    requests: int = 0
    findings: int = 0
    raw: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many times longer our audit takes, of the medians."""
        return median(self.ours) / median(self.raw)

    @property
    def lines(self) -> list[str]:
        """What to print."""
        return [
            f"{self.containers} containers, median of {len(self.raw)} rounds: {self.findings} findings",
            f"{self.requests} requests  {median(self.raw):6.2f} s",
            f"the audit      {median(self.ours):6.2f} s  ({self.ratio:.2f} times; to be at most {TARGET})",
        ]


class Sent(NamedTuple):
    """A request, and how many bytes of its answer are read."""

    method: str
    path: str
    limit: int


class _Unix(http.client.HTTPConnection):
    def __init__(self) -> None:
        super().__init__("docker")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(DEFAULT_HOST.removeprefix("unix://"))


_here = local()


def _send(sent: Sent) -> None:
    """Send a request, and read as much of its answer as the audit does."""
    connection: _Unix = getattr(_here, "connection", None) or _Unix()
    _here.connection = connection
    connection.request(sent.method, sent.path)
    answer = connection.getresponse()
    answer.read(sent.limit)
    if answer.read(1):
        connection.close()


@contextmanager
def recorded() -> Iterator[list[Sent]]:
    """The requests that are sent meanwhile."""
    sent: list[Sent] = []
    ask, part = Streams.ask, Streams.part

    def asked(self: Streams, request: Request) -> tuple[int, bytes]:
        sent.append(Sent(request.method, request.path, 1 << 28))
        return ask(self, request)

    def parted(self: Streams, request: Request, limit: int) -> Part:
        sent.append(Sent(request.method, request.path, limit))
        return part(self, request, limit)

    Streams.ask, Streams.part = asked, parted  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        Streams.ask, Streams.part = ask, part  # type: ignore[method-assign]


@contextmanager
def made(client: DockerClient, containers: int) -> Iterator[None]:
    """Containers on the engine."""
    name = f"policyengine-test-{uuid4().hex[:10]}"
    client.api.import_image_from_data(archive(*FILES), name, "1")
    created: list[str] = []
    try:
        for index in range(containers):
            one = client.containers.create(f"{name}:1", ["x"], name=f"{name}-{index}", labels={LABEL: name})
            created.append(str(one.id))
        yield
    finally:
        for id_ in created:
            client.api.remove_container(id_, force=True)
        client.images.remove(f"{name}:1", force=True)


def _audit() -> int:
    """Audit all containers; gives how many findings there are."""
    report = evaluate("docker://", Settings(select=("authentication",)))
    return len(report.findings)


def measure(client: DockerClient, containers: int = CONTAINERS, rounds: int = ROUNDS) -> Measured:
    """Take the time of both in turns, after one audit that fills caches and tells what is asked."""
    measured = Measured(containers)
    with made(client, containers):
        with recorded() as sent:
            measured.findings = _audit()
        measured.requests = len(sent)
        for _ in range(rounds):
            started = time.perf_counter()
            with ThreadPoolExecutor(DEFAULTS.requests) as pool:
                list(pool.map(_send, sent))
            between = time.perf_counter()
            _audit()
            measured.raw.append(between - started)
            measured.ours.append(time.perf_counter() - between)
    return measured


def main() -> None:
    """Measure, and print."""
    import docker

    count = int(sys.argv[1]) if len(sys.argv) > 1 else CONTAINERS
    client = docker.from_env()
    sys.stdout.write("\n".join(measure(client, count).lines) + "\n")
    client.close()


if __name__ == "__main__":
    main()
