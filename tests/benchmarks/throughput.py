"""How fast many files are judged: ``python -m tests.benchmarks.throughput``.

Turn by turn, so that a busy machine slows them all alike: PyYAML's C loader merely parsing about 400 Kubernetes files;
``check`` with the pack default and with all policies, each with an empty cache; the latter again with the cache it
filled; checkov on some of the files when ``CHECKOV`` names it or it is on the ``PATH``. Whole processes; medians and
ratios are printed. Not a test: nothing fails for being slow.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks.corpus import files, manifests

ROUNDS = 5
CHECKOV_FILES = 40
"""checkov judges about 27 files a second."""

PARSE = """
import sys, yaml
from pathlib import Path
for name in sys.argv[1:]:
    try:
        list(yaml.load_all(Path(name).read_bytes(), Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError):
        pass
"""


@dataclass
class Measured:
    """A command over a number of files and how long its runs took, in seconds."""

    command: list[str]
    files: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def once(self, env: dict[str, str]) -> None:
        """Run it and take the time."""
        before, clock = _cpu(), time.perf_counter()
        subprocess.run(self.command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self.wall.append(time.perf_counter() - clock)
        self.cpu.append(_cpu() - before)

    @property
    def rate(self) -> float:
        """Files a second of wall time."""
        return self.files / median(self.wall)


def _cpu() -> float:
    """The CPU time of all processes that ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(directory: Path, place: Path, rounds: int = ROUNDS) -> dict[str, Measured]:
    """Run every command in turns; ``place`` is a directory for caches."""
    found = files(directory)
    measured = {
        "parse": Measured([sys.executable, "-c", PARSE, *map(str, found)], len(found)),
        "default": Measured(_check("default", directory), len(found)),
        "cold": Measured(_check("all", directory), len(found)),
        "warm": Measured(_check("all", directory), len(found)),
    }
    checkov = shutil.which(os.environ.get("CHECKOV") or "checkov")
    if checkov:
        some = found[:: max(1, len(found) // CHECKOV_FILES)][:CHECKOV_FILES]
        named = [part for path in some for part in ("-f", str(path))]
        measured["checkov"] = Measured([checkov, "--quiet", "--compact", *named], len(some))
    env = {**os.environ, "POLICYENGINE_CACHE_DIR": str(place)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
    for turn in range(rounds + 1):
        for one in measured.values():
            if one in (measured["default"], measured["cold"]):
                for kept in place.glob("results.db*"):
                    kept.unlink()
            if one.files > CHECKOV_FILES or turn:
                one.once(env)
            if turn == 0:
                one.wall.clear()
                one.cpu.clear()
    return measured


def _check(pack: str, directory: Path) -> list[str]:
    return [sys.executable, "-m", "policyengine", "check", "--pack", pack, "--format", "text", str(directory)]


def lines(measured: dict[str, Measured]) -> list[str]:
    """What to print."""
    shown = [f"{'':8} {'wall':>8} {'CPU':>8} {'files/s':>8}  median of {len(measured['cold'].wall)} runs"]
    for name, one in measured.items():
        shown.append(f"{name:8} {median(one.wall):6.3f} s {median(one.cpu):6.3f} s {one.rate:8.0f}")
    parse, default, cold, warm = (measured[name] for name in ("parse", "default", "cold", "warm"))
    ratio = median(cold.cpu) / median(parse.cpu)
    shown.append(f"all takes {ratio:.2f} times the CPU time of PyYAML's C loader")
    ratio = median(default.cpu) / median(parse.cpu)
    shown.append(f"default takes {ratio:.2f} times the CPU time of PyYAML's C loader  (to be at most 2.5)")
    more = median(cold.cpu) / median(default.cpu)
    shown.append(f"all takes {more:.2f} times the CPU time of default  (to be at most 1.6)")
    shown.append(f"check with its cache takes {median(warm.wall):.3f} s  (to be under 0.35 s)")
    if "checkov" in measured:
        shown.append(f"check judges {cold.rate / measured['checkov'].rate:.1f} times as many files a second as checkov")
    else:
        shown.append("checkov is not installed: set CHECKOV to its path to compare")
    return shown


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as own, tempfile.TemporaryDirectory() as cache:
        sys.stdout.write("\n".join(lines(measure(manifests(Path(own)), Path(cache)))) + "\n")
