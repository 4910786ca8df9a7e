"""A Swarm of one node, on an engine of its own: in namespaces of its own, so that it meddles with no other's network.

Kernels without IPVS have no virtual addresses and no ingress: services are made with ``dnsrr``, whose names stand for
the addresses of all tasks that serve.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from policyengine.connections.docker_acting import Acting, acting
from policyengine.connections.docker_context import Endpoint
from policyengine.connections.docker_services import Services
from policyengine.errors import SourceError
from policyengine.remediation.swarm.spec import asks_for, replicas, spec_of
from tests.live.conftest import missing
from tests.waiting import SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.docker import Answer

SERVE = ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
"""What the images run. As process 1 it does not hear of SIGTERM: what it has begun to answer, it answers."""

_PROGRAMS = ("dockerd", "unshare", "nsenter", "ip")
_REGISTRY = "127.0.0.1:5000"
_SECOND = 1_000_000_000
_CHECK = {"Test": ["CMD", "/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/"], "Interval": _SECOND // 4}
_OPERATORS = {"Parallelism": 2, "Monitor": _SECOND // 2, "FailureAction": "pause", "Order": "stop-first"}
"""Update settings that whoever made a service has chosen: under them, both tasks would be replaced at once."""
SERVED = {"Container": {"Healthcheck": _CHECK}, "UpdateConfig": _OPERATORS}
"""What makes a service one that serves: a healthcheck, and an operator who has set something."""


class Swarm:
    """The Swarm and its one engine. ``acting`` asks it; ``network`` is one that its services are joined to."""

    def __init__(self, place: Path, busybox: Path) -> None:
        self.endpoint = Endpoint("swarm", f"unix://{place}/sock")
        self.place = place
        self._busybox = busybox
        self._dockerd: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the engine, again where it was stopped, and wait until it answers."""
        daemon = [
            *("dockerd", "--data-root", f"{self.place}/data", "--exec-root", f"{self.place}/exec"),
            *("--pidfile", f"{self.place}/pid", "--host", self.endpoint.host, "--bridge", "none"),
            *("--containerd-namespace", "moby", "--storage-driver", "overlay2"),
        ]
        enter = ["nsenter", f"--net={self.place}/net", "--"]
        with (self.place / "log").open("ab") as log:
            self._dockerd = subprocess.Popen([*enter, *daemon], stdout=log, stderr=log)
        self._until(self._answers, "the engine does not answer")

    def stop(self) -> None:
        """Stop the engine."""
        if self._dockerd is not None:
            self._dockerd.terminate()
            self._dockerd.wait(60)

    @contextmanager
    def acting(self) -> Iterator[Acting]:
        """The way to the engine."""
        with acting(self.endpoint) as way:
            yield way

    def image(self, tag: str, *command: str, page: str = "", **config: object) -> str:
        """Import an image of a static busybox that serves a page; gives its reference."""
        from docker import APIClient

        reference = f"policyengine-test:{tag}"
        changes = [f"CMD {_json(list(command) or SERVE)}", *(f"{key} {value}" for key, value in config.items())]
        client = APIClient(base_url=self.endpoint.host)
        try:
            client.import_image_from_data(_archive(self._busybox, page or tag), "policyengine-test", tag, changes)
        finally:
            client.close()
        return reference

    @contextmanager
    def registry(self) -> Iterator[str]:
        """A registry within the network of the engine, by its address, for a while."""
        if shutil.which("docker-registry") is None:
            missing("there is no docker-registry")
        config = {
            "version": 0.1,
            "storage": {"filesystem": {"rootdirectory": f"{self.place}/registry"}},
            "http": {"addr": _REGISTRY},
        }
        (self.place / "registry.yml").write_text(_json(config))
        serve = ["nsenter", f"--net={self.place}/net", "--", "docker-registry", "serve", f"{self.place}/registry.yml"]
        with (self.place / "log").open("ab") as log, subprocess.Popen(serve, stdout=log, stderr=log) as process:
            try:
                yield _REGISTRY
            finally:
                process.terminate()

    def push(self, tag: str) -> str:
        """Push an image to the registry; gives its reference there."""
        from docker import APIClient

        name = f"{_REGISTRY}/app"
        client = APIClient(base_url=self.endpoint.host)
        try:
            client.tag(f"policyengine-test:{tag}", name, tag)
            self._until(lambda: "error" not in client.push(name, tag), "nothing can be pushed")
        finally:
            client.close()
        return f"{name}:{tag}"

    def service(self, name: str, image: str, **changes: Any) -> str:
        """Make a service of two replicas and wait until it runs; gives its id.

        ``changes`` are its specification's: ``Container`` the container's, ``Task`` the task's.
        """
        container = {"Image": image, "StopGracePeriod": _SECOND, **changes.pop("Container", {})}
        task = {"ContainerSpec": container, "Networks": [{"Target": "front"}], **changes.pop("Task", {})}
        spec = {
            "Name": name,
            "TaskTemplate": task,
            "Mode": {"Replicated": {"Replicas": 2}},
            "EndpointSpec": {"Mode": "dnsrr"},
            **changes,
        }
        with self.acting() as way:
            made = way.post("/services/create", spec)
            id_ = str(made["ID"]) if isinstance(made, dict) else ""
            self._until(lambda: self._runs(way, id_), f"the service {name} does not run")
        return id_

    def clear(self) -> None:
        """Remove all services: their healthchecks are work."""
        with self.acting() as way:
            for service in Services(way).every():
                way.delete(f"/services/{service['ID']}")

    def tasks(self, id_: str) -> list[Answer]:
        """The tasks of a service that run."""
        with self.acting() as way:
            return [one for one in Services(way).tasks(id_) if one["Status"]["State"] == "running"]  # type: ignore[index]

    def client(self) -> int:
        """A container that does nothing on the network of the services; gives the id of its process."""
        with self.acting() as way:
            body = {"Image": "policyengine-test:1", "Cmd": ["/bin/busybox", "sleep", "600"]}
            id_ = way.create({**body, "HostConfig": {"NetworkMode": "front"}}, "client")
            way.start(id_)
            return int(way.engine.container(id_)["State"]["Pid"])  # type: ignore[index]

    def _runs(self, way: Acting, id_: str) -> bool:
        service = Services(way).one(id_)
        tasks = [one for one in Services(way).tasks(id_) if one["Status"]["State"] == "running"]  # type: ignore[index]
        number = replicas(spec_of(service))
        return len(tasks) == (1 if number is None else number) and all(
            asks_for(spec_of(service), task) for task in tasks
        )

    def _answers(self) -> bool:
        try:
            with self.acting():
                return True
        except SourceError:
            return False

    def _until(self, ready: Any, otherwise: str) -> None:
        until = time.monotonic() + SECONDS
        while not ready():
            if time.monotonic() > until:
                log = (self.place / "log").read_text(errors="replace")
                raise AssertionError(f"{otherwise}: {log[-2000:]}")
            time.sleep(0.1)


def _json(value: object) -> str:
    import json

    return json.dumps(value)


def _archive(busybox: Path, page: str) -> bytes:
    with BytesIO() as data:
        with tarfile.open(fileobj=data, mode="w") as archive:
            archive.add(busybox.resolve(), "bin/busybox")
            archive.add(busybox.resolve(), "bin/sh")
            described = tarfile.TarInfo("www/index.html")
            described.size = len(page.encode())
            archive.addfile(described, BytesIO(page.encode()))
        return data.getvalue()


@contextmanager
def swarm(busybox: Path) -> Iterator[Swarm]:
    """A Swarm that is there for a while. The test is skipped with the reason where there can be none."""
    _require()
    place = Path(mkdtemp(prefix="pe-swarm-"))
    made = Swarm(place, busybox)
    try:
        _own_network(place)
        made.start()
        with made.acting() as way:
            way.post("/swarm/init", {"ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1"})
            way.create_network("front", Driver="overlay", Attachable=True)
        yield made
    finally:
        _clear(made)
        made.stop()
        _clean(place)


def _require() -> None:
    import os

    if os.geteuid() != 0:
        missing("a Swarm of one's own wants root")
    for program in _PROGRAMS:
        if shutil.which(program) is None:
            missing(f"there is no {program}")


def _own_network(place: Path) -> None:
    """A network namespace with nothing but loopback in it, kept at a path."""
    (place / "net").touch()
    _run("unshare", f"--net={place}/net", "ip", "link", "set", "lo", "up")


def _clear(made: Swarm) -> None:
    """Remove everything, for containers that run outlive their engine."""
    with suppress(SourceError), made.acting() as way:
        made.clear()
        ids = [str(one["Id"]) for one in way.engine.containers()]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda id_: _removed(way, id_), ids))


def _removed(way: Acting, id_: str) -> None:
    with suppress(SourceError):
        way.remove(id_, force=True)


def _clean(place: Path) -> None:
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for mount in sorted((one for one in mounts if one.startswith(f"{place}/")), reverse=True):
        subprocess.run(["umount", "-l", mount], check=False, capture_output=True)
    shutil.rmtree(place, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
