"""An engine in a network namespace of its own: its host is not the one that the tests run on."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from docker import DockerClient

from policyengine.connections.docker import connected
from policyengine.connections.docker_context import Endpoint
from policyengine.errors import SourceError
from tests.live.conftest import missing
from tests.live.firewall.talking import Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDS = 60.0


@contextmanager
def engine_apart(*settings: str) -> Iterator[tuple[DockerClient, Namespace, str]]:
    """A client of the engine, the namespace that is its host, and its address, for a while.

    ``settings`` are more of dockerd's. The test is skipped with the reason where there can be no such engine.
    """
    if os.geteuid() != 0:
        missing("an engine of one's own is root's to start")
    for program in ("dockerd", "unshare", "nsenter", "ip"):
        if shutil.which(program) is None:
            missing(f"there is no {program}")
    place = Path(mkdtemp(prefix="pe-apart-"))
    host = Namespace("host", f"{place}/net")
    try:
        (place / "net").touch()
        _run("unshare", f"--net={place}/net", "ip", "link", "set", "lo", "up")
        # Who turns forwarding on has what nobody lets through dropped; the namespace has what the host has.
        for setting in ("ipv4.ip_forward", "ipv6.conf.all.forwarding"):
            _run(*host.entering, "sysctl", "-q", f"net.{setting}=0")
        with _started(place, host, settings) as client:
            yield client, host, f"unix://{place}/sock"
    finally:
        _clean(place)


@contextmanager
def _started(place: Path, host: Namespace, settings: tuple[str, ...]) -> Iterator[DockerClient]:
    daemon = [
        *("dockerd", "--data-root", f"{place}/data", "--exec-root", f"{place}/exec", "--pidfile", f"{place}/pid"),
        *(
            "--host",
            f"unix://{place}/sock",
            "--containerd-namespace",
            "moby",
            "--storage-driver",
            "overlay2",
            *settings,
        ),
    ]
    with (
        (place / "log").open("ab") as log,
        subprocess.Popen([*host.entering, *daemon], stdout=log, stderr=log) as process,
    ):
        try:
            _wait(process, place)
            with closing(DockerClient(base_url=f"unix://{place}/sock")) as client:
                yield client
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _wait(process: subprocess.Popen[bytes], place: Path) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            with connected(Endpoint("apart", f"unix://{place}/sock")):
                return
        except SourceError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError((place / "log").read_text(errors="replace")[-2000:]) from None
        time.sleep(0.05)


def _clean(place: Path) -> None:
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    for mount in sorted((one for one in mounts if one.startswith(f"{place}/")), reverse=True):
        with suppress(subprocess.CalledProcessError):
            _run("umount", "-l", mount)
    shutil.rmtree(place, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
