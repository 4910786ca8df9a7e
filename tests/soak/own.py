"""An engine of one's own in a network of one's own: whoever runs this has root, and meddles with nobody's things."""

from __future__ import annotations

import ctypes
import io
import shutil
import subprocess
import tarfile
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.docker_acting import Acting

IMAGE = "app:1"
_CLONE_NEWNET = 0x40000000
"""<sched.h>"""
_SECONDS = 60


@contextmanager
def own_network() -> Iterator[None]:
    """A network namespace of this thread's own, in which no port and no rule is anybody else's."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as before:
        if libc.unshare(_CLONE_NEWNET):
            raise PermissionError(ctypes.get_errno(), "a network namespace takes root")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            libc.setns(before.fileno(), _CLONE_NEWNET)


class Daemon:
    """An engine whose files are below ``home``, its data in ``data``."""

    def __init__(self, home: Path, data: Path | None = None) -> None:
        self.home = home
        self.socket = home / "sock"
        self.endpoint = Endpoint("local", f"unix://{self.socket}")
        self._data = data or home / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it, again where it was stopped, and wait until it answers."""
        places = [f"--data-root={self._data}", f"--exec-root={self.home}/exec", f"--pidfile={self.home}/pid"]
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["dockerd", *places, "--host", self.endpoint.host, *options], stdout=log, stderr=log
            )
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            with suppress(SourceError), acting(self.endpoint):
                return
            time.sleep(0.1)
        raise AssertionError((self.home / "log").read_text()[-3000:])

    def stop(self) -> None:
        """Stop it."""
        if self._process:
            self._process.terminate()
            self._process.wait(_SECONDS)
            self._process = None

    def load(self, engine: Acting) -> None:
        """Have the image that holds nothing but busybox."""
        busybox = shutil.which("busybox")
        assert busybox, "there is no busybox (Debian: busybox-static)"
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w") as archive:
            archive.add(Path(busybox).resolve(), "bin/busybox")
        repository, _, tag = IMAGE.partition(":")
        query = {"fromSrc": "-", "repo": repository, "tag": tag}
        engine.messages("/images/create", data.getvalue(), query=query, headers={"Content-Type": "application/x-tar"})


@contextmanager
def own_engine(data: Path | None = None) -> Iterator[tuple[Daemon, Acting]]:
    """An engine with the image, which ends with all that it runs."""
    home = Path(tempfile.mkdtemp(prefix="policyengine-soak-"))
    daemon = Daemon(home, data)
    try:
        with own_network():
            daemon.start()
            with acting(daemon.endpoint) as engine:
                daemon.load(engine)
                yield daemon, engine
                for container in engine.engine.containers():
                    engine.remove(str(container["Id"]), force=True, volumes=True)
    finally:
        daemon.stop()
        for place in mounted(home):
            subprocess.run(["umount", place], check=False)
        shutil.rmtree(home, ignore_errors=True)


def mounted(home: Path) -> list[str]:
    """What is mounted below a directory, the innermost first."""
    places = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return [place for place in reversed(list(places)) if place.startswith(f"{home}/")]
