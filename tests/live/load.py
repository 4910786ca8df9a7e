"""Requests to a name of a container network, one after the other, from within that network.

``python -m tests.live.load NAME PORT [WORKERS]`` is run in the network namespace of a container on it, asks the
engine's name server before every request, as clients that keep no names do, and tells as JSON what came of the
requests when its standard input ends.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import struct
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import pairwise
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("127.0.0.11", 53)
_SECONDS = 20
"""In which whoever is asked answers: longer than a machine stands still."""
_PAUSE = 0.005


class Told(NamedTuple):
    """What came of the requests: how many, by page that was served; what went wrong; the longest time without one."""

    pages: dict[str, int]
    failed: list[str]
    gap: float

    @property
    def served(self) -> int:
        return sum(self.pages.values())


class Load:
    """Requests that are being made; ``told`` is there when they have ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.told = Told({}, [], 0)

    def end(self) -> None:
        out, _ = self._process.communicate(timeout=120)
        self.told = Told(**json.loads(out))


@contextmanager
def load(pid: int, name: str, port: int = 8080, workers: int = 4) -> Iterator[Load]:
    """Requests from the network of a container, by the id of its process, for as long as this lasts."""
    enter = ["nsenter", f"--net=/proc/{pid}/ns/net", "--"]
    command = [*enter, sys.executable, "-m", "tests.live.load", name, str(port), str(workers)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    found = Load(process)
    try:
        yield found
    finally:
        found.end()


def addresses(name: str) -> list[str]:
    """The addresses of a name, as the engine's name server has them: RFC 1035, section 4."""
    asked = random.getrandbits(16)
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sent:
        sent.settimeout(_SECONDS)
        sent.sendto(struct.pack(">6H", asked, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1", _NAMES)
        answer = sent.recv(4096)
    number, at = struct.unpack(">H", answer[6:8])[0], 12 + len(labels) + 5
    found = []
    for _ in range(number):
        at += 2 if answer[at] >= 0xC0 else answer.index(b"\0", at) - at + 1
        kind, _, _, length = struct.unpack(">HHIH", answer[at : at + 10])
        if kind == 1:
            found.append(socket.inet_ntoa(answer[at + 10 : at + 10 + length]))
        at += 10 + length
    return found


def _ask(name: str, port: int) -> str:
    connection = http.client.HTTPConnection(random.choice(addresses(name)), port, timeout=_SECONDS)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        answer = connection.getresponse()
        page = answer.read().decode()
        if answer.status != 200:
            raise ConnectionError(f"status {answer.status}")
        return page
    finally:
        connection.close()


class _Worker(Thread):
    def __init__(self, name: str, port: int, over: Event) -> None:
        super().__init__()
        self._asked = (name, port)
        self._over = over
        self.served: list[tuple[float, str]] = []
        self.failed: list[str] = []

    def run(self) -> None:
        while not self._over.is_set():
            try:
                page = _ask(*self._asked)
            except (OSError, http.client.HTTPException, IndexError) as error:
                self.failed.append(f"{time.time():.2f} {error!r}")
                time.sleep(0.01)
            else:
                self.served.append((time.monotonic(), page))
                time.sleep(_PAUSE)


def main(name: str, port: str, workers: str = "4") -> None:
    over = Event()
    made = [_Worker(name, int(port), over) for _ in range(int(workers))]
    for worker in made:
        worker.start()
    sys.stdin.read()
    over.set()
    for worker in made:
        worker.join()
    served = sorted(one for worker in made for one in worker.served)
    times = [at for at, _ in served]
    gap = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    pages = {page: sum(one == page for _, one in served) for page in sorted({page for _, page in served})}
    sys.stdout.write(json.dumps(Told(pages, [one for worker in made for one in worker.failed], gap)._asdict()))


if __name__ == "__main__":
    main(*sys.argv[1:])
