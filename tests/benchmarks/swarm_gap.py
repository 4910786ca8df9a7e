"""How many requests are lost while a Swarm service of two replicas is mended, and mended back.

``python -m tests.benchmarks.swarm_gap [ROUNDS]``: a service is updated and rolled back so often, on a Swarm that is
made for it, while requests are sent to it from within its network.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from typing import TYPE_CHECKING, NamedTuple

from policyengine.remediation.journal import Journal
from policyengine.remediation.swarm import target as targets
from tests.live.load import load
from tests.live.swarm import SERVED, Swarm, swarm
from tests.live.swarm_targets import FIX, circumstances, planned

if TYPE_CHECKING:
    from policyengine.remediation.targets import Around

ROUNDS = 10


class Figures(NamedTuple):
    """Of each update: seconds that it took, requests that were answered and lost, seconds without an answer."""

    seconds: list[float]
    served: int
    lost: list[str]
    gaps: list[float]

    def __str__(self) -> str:
        return (
            f"{len(self.seconds)} updates of 2 replicas, {median(self.seconds):.1f} s each (median): "
            f"{self.served} requests answered, {len(self.lost)} lost; "
            f"the longest time without an answer {max(self.gaps) * 1000:.0f} ms"
        )


def measured(there: Swarm, place: Path, rounds: int) -> Figures:
    """Update a service, and roll it back, so often."""
    there.service("measured", "policyengine-test:1", **SERVED)
    client = there.client()
    found = Figures([], 0, [], [])
    for _ in range(rounds):
        for act in (_mended, _back):
            with (
                circumstances(there.endpoint, Journal(place / "journal")) as around,
                load(client, "measured") as requests,
            ):
                started = time.monotonic()
                act(there, around)
                found.seconds.append(time.monotonic() - started)
            found.lost.extend(requests.told.failed)
            found.gaps.append(requests.told.gap)
            found = found._replace(served=found.served + requests.told.served)
    return found


def _mended(there: Swarm, around: Around) -> None:
    targets.apply(planned(there.endpoint, "measured", FIX, around), around)


def _back(_: Swarm, around: Around) -> None:
    targets.rollback("measured", around)


def main(rounds: str = str(ROUNDS)) -> int:
    busybox = Path(shutil.which("busybox") or "")
    with swarm(busybox) as there:
        there.image("1")
        found = measured(there, Path(mkdtemp()), int(rounds))
    sys.stdout.write(f"{found}\n")
    return 1 if found.lost else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
