"""How long reading an engine takes: ``python -m tests.benchmarks.live [CONTAINERS]``.

Makes containers (300) from an image without contents, and measures turn by turn: asking the API for each container
that the engine has over one connection and parsing what it answers, which is the least that anybody must do; and
``docker://`` read to the end. What was made is removed. Not a test: nothing fails for being slow.
"""

from __future__ import annotations

import http.client
import io
import json
import socket
import sys
import tarfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from policyengine.connections.docker_context import DEFAULT_HOST
from policyengine.inputs.context import Context
from policyengine.inputs.docker import read_live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

CONTAINERS = 300
ROUNDS = 9
TARGET = 2.5
LABEL = "policyengine.test"


@dataclass
class Measured:
    """Seconds that each round took: the bare API, and our reading."""

    containers: int
    raw: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many times longer our reading takes, of the medians."""
        return median(self.ours) / median(self.raw)

    @property
    def lines(self) -> list[str]:
        """What to print."""
        return [
            f"{self.containers} containers, median of {len(self.raw)} rounds",
            f"inspecting each  {median(self.raw):6.3f} s",
            f"docker://        {median(self.ours):6.3f} s  ({self.ratio:.2f} times; to be at most {TARGET})",
        ]


class _Unix(http.client.HTTPConnection):
    def __init__(self) -> None:
        super().__init__("docker")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(DEFAULT_HOST.removeprefix("unix://"))

    def json(self, path: str) -> Any:
        self.request("GET", path)
        return json.loads(self.getresponse().read())


@contextmanager
def made(client: DockerClient, containers: int) -> Iterator[None]:
    """Containers on the engine."""
    name = f"policyengine-test-{uuid4().hex[:10]}"
    image = client.images.load(_image(name))[0]
    created: list[str] = []
    try:
        for index in range(containers):
            one = client.containers.create(
                name, ["x"], name=f"{name}-{index}", labels={LABEL: name}, environment={"MODE": "test"}, mem_limit="64m"
            )
            created.append(str(one.id))
        yield
    finally:
        for id_ in created:
            client.api.remove_container(id_, force=True)
        client.images.remove(str(image.id), force=True)


def _image(name: str) -> bytes:
    """An image without contents, as ``docker save`` writes one."""
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}, "config": {}}
    manifest = [{"Config": "config.json", "RepoTags": [f"{name}:latest"], "Layers": []}]
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for file, value in (("config.json", config), ("manifest.json", manifest)):
            data = json.dumps(value).encode()
            entry = tarfile.TarInfo(file)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return whole.getvalue()


def measure(client: DockerClient, containers: int = CONTAINERS, rounds: int = ROUNDS) -> Measured:
    """Take the time of both in turns, after one round that fills caches."""
    with made(client, containers):
        measured = Measured(containers)
        connection = _Unix()
        for turn in range(rounds + 1):
            started = time.perf_counter()
            for one in connection.json("/v1.41/containers/json?all=true"):
                connection.json(f"/v1.41/containers/{one['Id']}/json")
            between = time.perf_counter()
            # As a run does whose policies ask for no image's history.
            found = sum(1 for _ in read_live("docker://local", Context(wanted=frozenset())))
            ended = time.perf_counter()
            if found < 2 * containers:
                raise RuntimeError(f"only {found} resources were read")
            if turn:
                measured.raw.append(between - started)
                measured.ours.append(ended - between)
        connection.close()
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
