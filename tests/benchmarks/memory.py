"""How much memory many files take: ``python -m tests.benchmarks.memory``.

Judges about 400 Kubernetes files, and directories that hold them 10 and 100 times, with all policies and without a
cache, and prints the peak of each run: of its largest process, and of all its processes together, where pages that they
share count once (PSS). Linux only. Not a test: nothing fails for being large.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.corpus import files, manifests, multiplied

TIMES = (1, 10, 100)
_EVERY_SECONDS = 0.02


@dataclass(frozen=True)
class Peak:
    """The peaks of a run, in MB, and its wall time in seconds."""

    files: int
    seconds: float
    largest: float
    together: float


def measure(directory: Path, *options: str) -> Peak:
    """Judge a directory and watch the memory."""
    command = [sys.executable, "-m", "policyengine", "check", "--pack", "all", "--no-cache", "--format", "text"]
    clock = time.perf_counter()
    run = subprocess.Popen([*command, *options, str(directory)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    largest = together = 0.0
    while run.poll() is None:
        sizes = [_size(process) for process in _family(run.pid)]
        largest, together = max(largest, *sizes), max(together, sum(sizes))
        time.sleep(_EVERY_SECONDS)
    return Peak(len(files(directory)), time.perf_counter() - clock, largest, together)


def _family(process: int) -> list[int]:
    """A process and those it started."""
    found = [process]
    try:
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += _family(int(child))
    except OSError:  # it ended meanwhile
        pass
    return found


def _size(process: int) -> float:
    """The memory of a process in MB, what it shares divided by those who share it; 0 when it ended."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024


def lines(peaks: list[Peak]) -> list[str]:
    """What to print."""
    shown = [f"{'files':>7} {'wall':>9} {'largest':>10} {'together':>10}  ({os.cpu_count()} processors)"]
    for peak in peaks:
        sizes = f"{peak.largest:7.0f} MB {peak.together:7.0f} MB"
        shown.append(f"{peak.files:7} {peak.seconds:7.1f} s {sizes}")
    shown.append("(to be flat and under 150 MB)")
    return shown


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as own:
        place = Path(own)
        source = manifests(place / "ours")
        peaks = [measure(source if times == 1 else multiplied(source, times, place / f"x{times}")) for times in TIMES]
    sys.stdout.write("\n".join(lines(peaks)) + "\n")


if __name__ == "__main__":
    main()
