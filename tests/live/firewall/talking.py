"""Who really reaches whom: programs in network namespaces that listen, and that try to connect to all there is."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_LISTEN = """
import json, selectors, socket, sys
name, ports = sys.argv[1], sys.argv[2].split(",")
chosen = selectors.DefaultSelector()
for port in ports:
    listening = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
    chosen.register(listening, selectors.EVENT_READ, port)
    taking = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    taking.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    taking.bind(("::", int(port)))
    chosen.register(taking, selectors.EVENT_READ, port)
chosen.register(sys.stdin, selectors.EVENT_READ, "")
print("ready", flush=True)
taken, open_ = set(), True
while open_:
    for key, _ in chosen.select():
        if not key.data:
            open_ = False
        elif key.fileobj.type == socket.SOCK_DGRAM:
            taken.add((key.fileobj.recv(100).decode(), int(key.data)))
        else:
            with key.fileobj.accept()[0] as talking:
                talking.sendall(f"{name} {key.data}".encode())
print(json.dumps(sorted(taken)))
"""
"""Tells whoever connects who it is, and by which port of its own it was reached; in the end, whose datagrams came."""

_CONNECT = """
import json, selectors, socket, sys, time
name, targets, quiet = sys.argv[1], json.loads(sys.argv[2]), float(sys.argv[3])
chosen = selectors.DefaultSelector()
for address, port in targets:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    trying = socket.socket(family)
    trying.setblocking(False)
    try:
        trying.connect_ex((address, port))
        chosen.register(trying, selectors.EVENT_READ, (address, port))
    except OSError:
        pass
    with socket.socket(family, socket.SOCK_DGRAM) as sending:
        try:
            sending.sendto(name.encode(), (address, port))
        except OSError:
            pass
found, end = [], time.monotonic() + quiet
while chosen.get_map() and time.monotonic() < end:
    for key, _ in chosen.select(timeout=max(0, end - time.monotonic())):
        try:
            told = key.fileobj.recv(100)
        except OSError:
            told = b""
        chosen.unregister(key.fileobj)
        if told:
            found.append([*key.data, told.decode()])
            end = time.monotonic() + quiet
print(json.dumps(found))
"""
"""Tries all at once, until nothing new has answered for a while: longer than the kernel takes to ask a second time."""

QUIET = 4.0

Reached = tuple[str, str, str, int]
"""From whom, whom, by which protocol, on which port of its own."""

T = TypeVar("T")


def each_time(wrong: Callable[[], set[T]], times: int = 3) -> set[T]:
    """What is wrong whenever it is tried.

    While a network is made, by a test beside this one, Docker takes its isolation out of FORWARD and puts it in again
    (EnsureJumpRule in libnetwork): whoever asks a second time in between gets through, and whoever reads the live rules
    finds none. On a machine that stands still, what would have answered comes too late.
    """
    found = wrong()
    for _ in range(times - 1):
        if found:
            found &= wrong()
    return found


class Namespace(NamedTuple):
    """A network namespace, by its file; "" is that of the host."""

    name: str
    file: str

    @property
    def entering(self) -> list[str]:
        """What stands before a command that is run in it."""
        return ["nsenter", f"--net={self.file}"] if self.file else []

    def command(self, script: str, *arguments: str) -> list[str]:
        """A script that is run in it."""
        return [*self.entering, sys.executable, "-I", "-S", "-c", script, *arguments]

    def listen(self, ports: Sequence[int]) -> subprocess.Popen[str]:
        """Listen on these ports of all addresses; it is ready when this returns."""
        command = self.command(_LISTEN, self.name, ",".join(map(str, ports)))
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def connect(self, targets: Iterable[tuple[str, int]]) -> subprocess.Popen[str]:
        """Begin to connect, and to send datagrams, to all of these."""
        command = self.command(_CONNECT, self.name, json.dumps(list(targets)), str(QUIET))
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def reached(
    listening: Mapping[str, Namespace],
    everybody: Mapping[str, Namespace],
    ports: Sequence[int],
    targets: Sequence[tuple[str, int]],
) -> set[Reached]:
    """Who reaches whom, when everybody tries all targets, while some listen on all of these ports."""
    waiting = {name: one.listen(ports) for name, one in listening.items()}
    found: set[Reached] = set()
    try:
        trying = {name: one.connect(targets) for name, one in everybody.items()}
        for source, process in trying.items():
            out, _ = process.communicate(timeout=300)
            answers = (text.split() for _, _, text in json.loads(out))
            found |= {(source, target, "tcp", int(port)) for target, port in answers}
        for target, process in waiting.items():
            out, _ = process.communicate(timeout=300)
            found |= {(source, target, "udp", port) for source, port in json.loads(out)}
    finally:
        for process in waiting.values():
            process.kill()
            process.wait()
    return found
