"""How long nobody serves while a container is replaced: ``python -m tests.benchmarks.gap [--rounds N]``.

A container with a fixed port of the host on a bare engine is asked for a page, one request after another, while it is
replaced and rolled back; the gap of each is the longest time between two answers. The engine is one of the benchmark's
own, which takes root. Fails where the median of the warm way is over 300 ms, or the 95th percentile over 600 ms.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from statistics import median, quantiles
from threading import Event, Thread
from typing import TYPE_CHECKING

from policyengine.remediation.docker.redeploying import redeploy
from policyengine.remediation.docker.rolling_back import rollback
from policyengine.remediation.journal import Journal
from tests.remediation.docker import services
from tests.remediation.docker.services import Maker, got
from tests.soak.own import IMAGE, own_engine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from policyengine.connections.docker_acting import Acting
    from tests.remediation.docker.services import Service

MEDIAN, MOST = 0.3, 0.6
"""Seconds that the median and the 95th percentile of the warm way may take."""
_PAUSE = 0.004
_SECONDS = 30


@dataclass
class Requests:
    """Asks a port for its page, again and again, and keeps when it was answered and how often it was not."""

    port: int
    answered: list[float] = field(default_factory=list)
    failed: int = 0
    _ended: Event = field(default_factory=Event)

    def __enter__(self) -> Requests:
        self._thread = Thread(target=self._ask, daemon=True)
        self._thread.start()
        while not self.answered:
            time.sleep(_PAUSE)
        return self

    def __exit__(self, *_: object) -> None:
        """End when the page was there again: a program may take its time to listen after it was started."""
        now = time.monotonic()
        while not (self.answered and self.answered[-1] > now) and time.monotonic() < now + _SECONDS:
            time.sleep(_PAUSE)
        self._ended.set()
        self._thread.join()

    @property
    def gap(self) -> float:
        """The longest time between two answers, in seconds."""
        return max(later - earlier for earlier, later in zip(self.answered, self.answered[1:], strict=False))

    def _ask(self) -> None:
        while not self._ended.is_set():
            if got("127.0.0.1", self.port, 0.5) == b"served\n":
                self.answered.append(time.monotonic())
            else:
                self.failed += 1
            time.sleep(_PAUSE)


def measured(service: Service, deed: Callable[[], object]) -> Requests:
    """The requests while a deed is done."""
    with Requests(service.port) as requests:
        deed()
    return requests


def rounds(engine: Acting, service: Service, count: int, home: Path) -> tuple[list[Requests], list[Requests]]:
    """Replace a container and roll that back, so many times."""
    journal = Journal(home / "journal.jsonl")
    replaced, undone = [], []
    for _ in range(count):
        order = services.order(engine.engine, service)
        replaced.append(measured(service, partial(redeploy, engine, order, journal)))
        undone.append(measured(service, partial(rollback, engine, service.name, journal, services.GATE)))
    return replaced, undone


def told(what: str, found: list[Requests]) -> bool:
    """Say what was measured; whether it is little enough."""
    gaps = [one.gap for one in found]
    middle, most = median(gaps), quantiles(gaps, n=20)[-1] if len(gaps) > 1 else gaps[0]
    answered, failed = sum(len(one.answered) for one in found), sum(one.failed for one in found)
    sys.stdout.write(
        f"{what:20} median {middle * 1e3:5.0f} ms, 95th percentile {most * 1e3:5.0f} ms, most {max(gaps) * 1e3:5.0f} ms"
        f" ({len(gaps)} times; {answered} requests answered, {failed} not)\n"
    )
    return middle <= MEDIAN and most <= MOST


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args()
    with own_engine() as (daemon, engine):
        maker = Maker(engine, IMAGE)
        warm = rounds(engine, maker.fixed(), chosen.rounds, daemon.home)
        others = {
            "warm, 2 networks": rounds(engine, maker.warm(), max(1, chosen.rounds // 4), daemon.home),
            "stop-first": rounds(engine, maker.stop_first(), max(1, chosen.rounds // 4), daemon.home),
        }
    fine = [told("warm", warm[0]), told("warm, rolled back", warm[1])]
    for name, found in others.items():
        told(name, found[0])
        told("  rolled back", found[1])
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
