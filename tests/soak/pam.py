"""Random stacks of PAM compared for long: ``python -m tests.soak.pam [--cases N] [--seed N] [--jobs N]``.

Needs libpam and its module pam_debug.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.authentication.pam.comparing import compared
from tests.authentication.pam.libpam import lacking

BATCH = 500


@dataclass
class Sums:
    """What the comparisons came to."""

    cases: int = 0
    let_in: int = 0
    wrong: list[str] = field(default_factory=list)


def batch(arguments: tuple[int, int]) -> Sums:
    """One batch: so many cases of a seed."""
    cases, seed = arguments
    sums = Sums()
    with TemporaryDirectory() as directory:
        for case in compared(cases, seed, Path(directory)):
            sums.cases += 1
            sums.let_in += sum(result == "success" for result in case.real.values())
            if case.ours != case.real:
                sums.wrong.append(f"seed {seed}: {case}")
    return sums


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
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
            whole.let_in += sums.let_in
            whole.wrong += sums.wrong
            for wrong in sums.wrong:
                say(wrong)
    seconds = time.monotonic() - began
    say(f"{whole.cases} configurations, {whole.let_in} stacks that let in, {len(whole.wrong)} wrong, {seconds:.0f} s")
    return 1 if whole.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
