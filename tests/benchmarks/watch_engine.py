"""How soon a start is told: ``python -m tests.benchmarks.watch_engine [STARTS] [BESIDE]``.

Containers (30) are started one after the other while the engine is watched, beside others (50) that run already. What
is measured is the time from the moment at which the engine says that a container has started to the line about it, as
who starts it sees both, and what of that the watch itself took. What was made is removed. Not a test: nothing fails
for being slow.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from uuid import uuid4

from tests.live.conftest import Workbench, build
from tests.live.watching import watching

STARTS, BESIDE = 30, 50
TARGET = 0.3
DOCKERFILE = 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "sleep", "600"]\n'


@dataclass
class Measured:
    """Seconds for each start: until it was told, and what the watch took of that; its memory in KiB."""

    beside: int
    told: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    memory: int = 0

    @property
    def lines(self) -> list[str]:
        """What to print."""
        return [
            f"{len(self.told)} starts beside {self.beside} containers: seconds until each was told",
            f"seen from outside  {_spread(self.told)}  (the median to be under {TARGET})",
            f"of the watch       {_spread(self.own)}",
            f"memory             {self.memory / 1024:.0f} MiB",
        ]


def _spread(seconds: list[float]) -> str:
    return f"median {median(seconds):.3f}, 95th percentile {quantiles(seconds, n=20)[-1]:.3f}"


def measure(bench: Workbench, base: str, starts: int = STARTS, beside: int = BESIDE) -> Measured:
    """Start containers, and take the time."""
    for number in range(beside):
        bench.create(base, f"beside{number}", start=True, network_mode="none")
    measured = Measured(beside)
    with tempfile.TemporaryDirectory() as directory, watching(Path(directory)) as run:
        for number in range(starts):
            name = bench.create(base, f"start{number}", network_mode="none")
            bench.client.api.start(name)
            began = time.perf_counter()
            told = run.judged(name)
            measured.told.append(time.perf_counter() - began)
            measured.own.append(told["seconds"])
        measured.memory = run.memory()
    return measured


def main() -> None:
    """Measure, and print."""
    import docker

    counts = [int(argument) for argument in sys.argv[1:3]]
    client, base = docker.from_env(), f"policyengine-test-{uuid4().hex[:10]}-base:1"
    build(client, base, DOCKERFILE, Path(shutil.which("busybox") or "busybox"))
    bench = Workbench(client, base)
    try:
        sys.stdout.write("\n".join(measure(bench, base, *counts).lines) + "\n")
    finally:
        bench.clear()
        client.images.remove(base, force=True)
        client.close()


if __name__ == "__main__":
    main()
