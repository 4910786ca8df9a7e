"""Kernel, interpreter and diagrams compared for long: ``python -m tests.soak.firewall [--packets N] [--seed N]``.

With ``--dumps DIRECTORY``, by the rules of all dumps of iptables-save below it, with as many packets each.

Needs root and the programs that the tests of the kernel need. It is as nice as can be, and has ``--jobs`` namespaces
at a time; of each program and family as many packets. Each batch has another seed: what it found is told as soon as it
is done, with every mismatch, and how far all of it has come.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from tests.firewall.kernel.differential import Found
from tests.firewall.kernel.dumps import dumps
from tests.firewall.kernel.programs import PROGRAMS
from tests.firewall.kernel.running import differential, lacking, with_dump

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 50_000


def batches(packets: int, seed: int) -> Iterator[tuple[str, int, int, int]]:
    """Arguments of runs until all packets are sent."""
    kinds = list(product(PROGRAMS, (4, 6)))
    number = 0
    while packets > 0:
        program, family = kinds[number % len(kinds)]
        yield program, family, min(BATCH, packets), seed + number // len(kinds)
        packets -= BATCH
        number += 1


def run_dumps(directory: Path, packets: int) -> int:
    """Both of iptables' programs with every dump."""
    wrong = 0
    for path, program in product(dumps(directory), ("iptables-nft", "iptables-legacy")):
        found = with_dump(program, path, packets)
        say(str(path.relative_to(directory)))
        told(found, 0)
        wrong += found.mismatched
    return 1 if wrong else 0


def told(found: Found, seed: int) -> None:
    """Say what a run found."""
    say(f"{found.program} IPv{found.family} seed {seed}: {found.packets} packets, {found.rulesets} rule sets,")
    say(f"  {found.counters} counters, {found.mismatched} mismatches, {found.seconds} s")
    for mismatch in found.mismatches:
        say(mismatch)


def ran(run: tuple[str, int, int, int]) -> Found:
    """What a batch found; that it broke off is a mismatch like any other."""
    try:
        return differential(*run)
    except AssertionError as error:
        broken = Found(run[0], run[1])
        broken.tell(f"it broke off: {error}")
        return broken


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dumps", type=Path)
    chosen = parser.parse_args()
    if reason := lacking():
        say(reason)
        return 2
    if chosen.dumps:
        return run_dumps(chosen.dumps, chosen.packets)
    os.nice(19)
    began = time.monotonic()
    runs = list(batches(chosen.packets, chosen.seed))
    sums = {"packets": 0, "rulesets": 0, "counters": 0, "met": 0, "mismatched": 0}
    with ThreadPoolExecutor(chosen.jobs) as pool:
        for run, found in zip(runs, pool.map(ran, runs), strict=True):
            told(found, run[3])
            sums = {name: count + getattr(found, name) for name, count in sums.items()}
            took = time.monotonic() - began
            say(f"  {sums['packets']:,} of {chosen.packets:,} packets, {sums['mismatched']} mismatches, {took:.0f} s")
    say(f"{', '.join(f'{count} {name}' for name, count in sums.items())} in {time.monotonic() - began:.0f} s")
    return 1 if sums["mismatched"] else 0


if __name__ == "__main__":
    sys.exit(main())
