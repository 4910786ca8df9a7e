"""Firewalld's files and what it loads of them compared for long: ``python -m tests.soak.firewalld [--settings N]``.

Needs root and firewalld. Settings are drawn by lot, from ``--seed`` on, and packets of each decided both ways.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.firewall.firewalld.comparing import differences
from tests.firewall.firewalld.drawing import Drawn
from tests.firewall.firewalld.real import lay, load

BATCH = 20


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def batch(seeds: range, packets: int) -> int:
    """How many packets of some settings are decided differently, or settings refused."""
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        places = {seed: lay(Path(directory) / str(seed), Drawn(random.Random(seed)).files) for seed in seeds}
        load([*places.values()])
        for seed, place in places.items():
            refused = place / "refused"
            found = [refused.read_text()] if refused.exists() else differences(place, packets, seed)
            wrong += len(found)
            for one in found[:2]:
                say(f"seed {seed}: {one}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=int, default=2000)
    parser.add_argument("--packets", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began, wrong = time.monotonic(), 0
    for start in range(0, chosen.settings, BATCH):
        first = chosen.seed + start
        wrong += batch(range(first, first + min(BATCH, chosen.settings - start)), chosen.packets)
        done = min(start + BATCH, chosen.settings)
        say(f"{done} settings, {done * chosen.packets} packets, {wrong} mismatches, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
