"""A run of ``policyengine watch`` whose lines are read as they come, and engines that are started for a test alone."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import SourceError
from tests.live.conftest import missing
from tests.running import COMMAND, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.live.conftest import Workbench

Event = dict[str, Any]
SECONDS = 180
"""In which what is to come comes: far more than it takes, on a machine that may stand still for seconds."""
AT_ONCE = 20.0
"""In which a run ends that ends at once: on a busy machine that takes a second or two. What kept it from ending would
be an engine that has 30 s to answer, or a stream of events that may be silent for minutes."""


class Watcher:
    """A run of ``policyengine watch -f json``: its events, and in ``seen`` all that were read so far."""

    def __init__(self, directory: Path, *arguments: str, **more: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "watch", "-f", "json", *arguments],
            cwd=directory,
            env=variables(PYTHONUNBUFFERED="1", **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.seen: list[Event] = []
        self.err = ""
        self._lines: Queue[str] = Queue()
        self._threads = [Thread(target=self._read_out, daemon=True), Thread(target=self._read_err, daemon=True)]
        for thread in self._threads:
            thread.start()

    def _read_out(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def _read_err(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.err += line

    def until(self, wanted: Callable[[Event], bool], seconds: float = SECONDS) -> Event:
        """Read until an event is as wanted; gives that."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            with suppress(Empty):
                self.seen.append(json.loads(self._lines.get(timeout=left)))
                if wanted(self.seen[-1]):
                    return self.seen[-1]
        raise AssertionError(f"it was not told within {seconds} s; this was: {self.seen} {self.err}")

    def event(self, event: str, seconds: float = SECONDS) -> Event:
        """The next event of a kind."""
        return self.until(lambda one: one["event"] == event, seconds)

    def judged(self, name: str, seconds: float = SECONDS, *why: str) -> Event:
        """The next report of a container."""
        return self.until(lambda one: named(one) == name and (not why or one["why"] == list(why)), seconds)

    def rest(self, seconds: float) -> list[Event]:
        """What else is told within some time, or was already."""
        found = []
        deadline = time.monotonic() + seconds
        with suppress(Empty):
            while True:
                found.append(json.loads(self._lines.get(timeout=max(0.0, deadline - time.monotonic()))))
        self.seen += found
        return found

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; gives the exit code and how long that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=SECONDS)
        took = time.monotonic() - began
        for thread in self._threads:
            thread.join()
        return code, took

    def memory(self) -> int:
        """The memory it holds, in KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@contextmanager
def watching(directory: Path, *arguments: str, **more: str) -> Iterator[Watcher]:
    """A run that looks already."""
    run = Watcher(directory, *arguments, **more)
    try:
        run.event("watching")
        yield run
    finally:
        run.close()


def named(event: Event) -> str | None:
    """The container that was judged; None for other events."""
    name: str | None = event["container"]["name"] if event["event"] == "judged" else None
    return name


def policies(findings: list[Event]) -> set[str]:
    return {one["policy"] for one in findings}


class Burst(NamedTuple):
    """What became of many containers: how often each was told, and what the watch took."""

    told: dict[str, int]
    grown: int
    slowest: float
    stopped_in: float

    @property
    def more_than_once(self) -> list[str]:
        return [name for name, times in self.told.items() if times != 1]


def burst(bench: Workbench, base: str, directory: Path, count: int) -> Burst:
    """Start many containers at once while the engine is watched."""
    with watching(directory) as run:
        before = run.memory()
        with ThreadPoolExecutor(4) as pool:
            make = partial(bench.create, base, start=True, network_mode="none")
            names = list(pool.map(make, (f"b{number}" for number in range(count))))
        waiting = set(names)
        while waiting:
            waiting.discard(str(named(run.event("judged"))))
        run.rest(1)
        mine = [one for one in run.seen if named(one) in names]
        told = Counter(str(named(one)) for one in mine)
        grown = run.memory() - before
        return Burst(told, grown, max(one["seconds"] for one in mine), run.stop()[1])


class Daemon:
    """An engine of a test's own, in a network namespace of its own: it would take the bridge of another away."""

    def __init__(self, home: Path) -> None:
        self.host = f"unix://{home}/sock"
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        places = [f"--{name}={self._home / name}" for name in ("data-root", "exec-root", "pidfile")]
        own = ["--bridge=none", "--iptables=false", "--storage-driver=vfs", "--host", self.host, "--live-restore"]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "--net", "dockerd", *places, *own], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with suppress(SourceError), connected(Endpoint("local", self.host)):
                return
            time.sleep(0.1)
        raise AssertionError((self._home / "log").read_text()[-3000:])

    def docker(self, *arguments: str, data: bytes = b"") -> str:
        """Run the docker command; what it writes."""
        command = ["docker", "--host", self.host, *arguments]
        ended = subprocess.run(command, input=data, capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout.decode()

    def run(self, name: str, *options: str, command: Sequence[str] = ()) -> None:
        """Start a container, which ends at once when it is to."""
        usual = ["--detach", "--network", "none", "--stop-signal", "KILL", "--name", name]
        self.docker("run", *usual, *options, "app:1", *command)

    def inspect(self, name: str) -> Event:
        """What it answers of a container."""
        found: list[Event] = json.loads(self.docker("inspect", name))
        return found[0]

    def clear(self) -> None:
        """Remove all containers."""
        for id_ in self.docker("ps", "--all", "--quiet").split():
            self.docker("rm", "--force", id_)

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=SECONDS)
            self._process = None

    def end(self) -> None:
        """Stop it, and all that it runs."""
        if self._process is None:
            self.start()
        self.clear()
        self.stop()
        for place in self._mounts():
            subprocess.run(["umount", place], check=False)

    def _mounts(self) -> list[str]:
        """What it leaves mounted, the innermost first; nobody could remove the directories."""
        mounted = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
        return [place for place in reversed(list(mounted)) if place.startswith(f"{self._home}/")]

    def load(self, busybox: Path) -> None:
        """Make the image app:1, which holds busybox alone."""
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            archive.add(busybox.resolve(), "busybox")
        self.docker("import", "--change", 'CMD ["/busybox", "sleep", "600"]', "-", "app:1", data=data.getvalue())


@contextmanager
def daemon(home: Path) -> Iterator[Daemon]:
    """An engine that runs; with its containers it is gone in the end."""
    for program in ("docker", "dockerd", "unshare"):
        if shutil.which(program) is None:
            missing(f"there is no {program}")
    if os.geteuid():
        missing("only root may start an engine")
    one = Daemon(home)
    try:
        one.start()
        yield one
    finally:
        one.end()
