"""Faults at every request of every deed in every way: ``python -m tests.soak.faults [--faults N] [--seed N]``.

Each is a fault of :mod:`tests.remediation.docker.faults`; lost is a service that does not serve afterwards with all
that it had. Changing requests come first, each with every kind of fault; reading ones are drawn by lot.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tests.remediation.docker.faults import DEEDS, Ground
from tests.remediation.docker.proxy import KINDS, between
from tests.remediation.docker.services import Maker
from tests.soak.own import IMAGE, own_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.remediation.docker.faults import Deed, Result
    from tests.remediation.docker.proxy import Kind
    from tests.remediation.docker.services import Service


class Case(NamedTuple):
    """A fault to be made."""

    service: Service
    deed: Deed
    kind: Kind
    at: int
    half: int


def cases(ground: Ground, services: Iterable[Service], lot: random.Random) -> Iterator[Case]:
    """All faults, in an order by lot."""
    found = []
    for service in services:
        first = ground.requests(service, "redeploy")
        changing = [index for index, asked in enumerate(first) if not asked.startswith("GET")]
        for deed in DEEDS:
            half = lot.choice(changing)
            asked = first if deed == "redeploy" else ground.requests(service, deed, half)
            for at, request in enumerate(asked):
                kinds = lot.sample(KINDS, 1) if request.startswith("GET") else KINDS
                found += [Case(service, deed, kind, at, half) for kind in kinds]
    lot.shuffle(found)
    yield from found


def made(maker: Maker) -> list[Service]:
    """A service of every way, and of every kind that is special."""
    return [
        maker.warm(),
        maker.side_by_side(),
        maker.stop_first(),
        maker.host(),
        maker.group(warm=True),
        maker.group(warm=False),
        maker.resting(),
    ]


def run(ground: Ground, services: list[Service], faults: int, seed: int) -> list[Result]:
    """Make faults, and tell of each that loses something."""
    lot = random.Random(seed)
    results: list[Result] = []
    for number, case in enumerate(cases(ground, services, lot)):
        result = ground.fault(*case[:4], half=case.half, forgetful=number % 3 == 0)
        if not result.asked:
            continue  # fewer requests were needed this time
        results.append(result)
        if result.wrong:
            say(f"LOST {case.service.name}: {result}")
        if len(results) % 25 == 0:
            say(f"{len(results)} faults")
        if len(results) >= faults:
            break
    return results


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def told(results: list[Result], seconds: float) -> None:
    """Say how many of which faults there were."""
    for name, count in sorted(Counter((result.deed, result.way, result.kind) for result in results).items()):
        say(f"{count:5} {' '.join(name)}")
    lost = sum(bool(result.wrong) for result in results)
    say(f"{len(results)} faults in {seconds:.0f} s, {lost} lost something")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    began = time.monotonic()
    with (
        own_engine() as (daemon, engine),
        between(daemon.home / "proxy", str(daemon.socket)) as proxy,
    ):
        results = run(Ground(engine, proxy, daemon.home), made(Maker(engine, IMAGE)), chosen.faults, chosen.seed)
    told(results, time.monotonic() - began)
    return 1 if not results or any(result.wrong for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
