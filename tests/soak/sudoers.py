"""Random sudoers files compared for long: ``python -m tests.soak.sudoers [--cases N] [--seed N] [--jobs N]``.

Needs visudo and cvtsudoers of sudo 1.9.13 (Debian 12).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.authentication.sudoers.comparing import differences, ours
from tests.authentication.sudoers.laboratory import asked, lacking, version
from tests.authentication.sudoers.random_files import Maker

BATCH = 500


@dataclass
class Sums:
    """What the comparisons came to."""

    cases: int = 0
    accepted: int = 0
    wrong: list[str] = field(default_factory=list)


def batch(arguments: tuple[int, int]) -> Sums:
    """One batch: so many cases of a seed."""
    cases, seed = arguments
    maker, sums = Maker(Random(seed)), Sums()
    for _ in range(cases):
        files = maker.files()
        with tempfile.TemporaryDirectory() as directory:
            theirs = asked(Path(directory), files)
            told = differences(theirs, ours(files, directory))
        sums.cases += 1
        sums.accepted += theirs.accepted
        if told:
            sums.wrong.append(f"seed {seed}: {told}\n{files}")
    return sums


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    if reason := lacking():
        say(reason)
        return 2
    began, whole = time.monotonic(), Sums()
    batches = [(min(BATCH, chosen.cases - at), chosen.seed + at // BATCH) for at in range(0, chosen.cases, BATCH)]
    with ProcessPoolExecutor(chosen.jobs) as jobs:
        for sums in jobs.map(batch, batches):
            whole.cases += sums.cases
            whole.accepted += sums.accepted
            whole.wrong += sums.wrong
            for one in sums.wrong:
                say(one)
    say(
        f"sudo {version()}: {whole.cases} files, {whole.accepted} accepted, {len(whole.wrong)} differences,"
        f" {time.monotonic() - began:.0f} s"
    )
    return 1 if whole.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
