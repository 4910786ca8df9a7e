"""Random configurations of sshd compared for long: ``python -m tests.soak.sshd [--cases N] [--seed N] [--jobs N]``.

Needs root and openssh-server. Every job asks an sshd in a mount namespace of its own.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.authentication.sshd.comparing import compared
from tests.authentication.sshd.laboratory import lacking, version

BATCH = 1000


@dataclass
class Sums:
    """What the comparisons came to."""

    cases: int = 0
    answers: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def batch(arguments: tuple[int, int]) -> Sums:
    """One batch: so many cases of a seed."""
    cases, seed = arguments
    sums = Sums()
    for case, told, answers in compared(cases, seed):
        sums.cases += 1
        sums.answers += len(answers)
        sums.refused += sum(answer.options is None for answer in answers)
        if told:
            sums.wrong.append(f"seed {seed}: {told}\n{case.files}")
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
            whole.answers += sums.answers
            whole.refused += sums.refused
            whole.wrong += sums.wrong
            for one in sums.wrong:
                say(one)
    say(
        f"OpenSSH {version()}: {whole.cases} configurations, {whole.answers} answers, {whole.refused} refusals,"
        f" {len(whole.wrong)} differences, {time.monotonic() - began:.0f} s"
    )
    return 1 if whole.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
