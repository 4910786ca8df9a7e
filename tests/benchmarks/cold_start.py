"""How long a cold start takes: ``python -m tests.benchmarks.cold_start``.

Runs each command several times, turn by turn, so that a busy machine slows them all alike, and prints medians and
their ratios. Wall time is what a user waits; CPU time is what a busy machine falsifies less. checkov is measured
too when ``CHECKOV`` names it or it is on the ``PATH``. Not a test: nothing fails for being slow.
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

ROUNDS = 11
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: ghcr.io/acme/web:1.4.2
          securityContext: {privileged: true}
"""
TARGETS = {"check": "under 0.3 s, and at least 8 times faster than checkov", "help": "under 0.12 s"}


@dataclass
class Measured:
    """A command and how long its runs took, in seconds."""

    name: str
    command: list[str]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def once(self, cwd: Path) -> None:
        """Run it and take the time."""
        before, clock = _cpu(), time.perf_counter()
        subprocess.run(self.command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        self.wall.append(time.perf_counter() - clock)
        self.cpu.append(_cpu() - before)

    def times(self, other: Measured) -> str:
        """How many times longer ``other`` takes: of wall time, and of CPU time."""
        wall, cpu = median(other.wall) / median(self.wall), median(other.cpu) / median(self.cpu)
        return f"{wall:5.1f} times ({cpu:.1f} of CPU time)"


def _cpu() -> float:
    """The CPU time of all processes that ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def commands() -> list[Measured]:
    """What is measured: a bare Python, ours, and checkov where it is installed."""
    ours = [sys.executable, "-m", "policyengine"]
    found = [
        Measured("bare", [sys.executable, "-c", "pass"]),
        Measured("help", [*ours, "--help"]),
        Measured("check", [*ours, "check", "deployment.yaml"]),
    ]
    checkov = shutil.which(os.environ.get("CHECKOV") or "checkov")
    if checkov:
        found.append(Measured("checkov", [checkov, "--quiet", "--compact", "-f", "deployment.yaml"]))
    return found


def measure(rounds: int = ROUNDS) -> dict[str, Measured]:
    """Run every command once to fill caches, then in turns."""
    measured = commands()
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "deployment.yaml").write_text(MANIFEST, encoding="utf-8")
        for turn in range(rounds + 1):
            for one in measured:
                one.once(Path(place))
                if turn == 0:
                    one.wall.clear()
                    one.cpu.clear()
    return {one.name: one for one in measured}


def lines(measured: dict[str, Measured]) -> list[str]:
    """What to print."""
    shown = [f"{'':8} {'wall':>8} {'CPU':>8}  median of {len(measured['bare'].wall)} runs"]
    for name, one in measured.items():
        target = f"  (to be {TARGETS[name]})" if name in TARGETS else ""
        shown.append(f"{name:8} {median(one.wall):6.3f} s {median(one.cpu):6.3f} s{target}")
    bare, check = measured["bare"], measured["check"]
    shown += [f"help takes {bare.times(measured['help'])} as long as a bare Python"]
    shown += [f"check takes {bare.times(check)} as long as a bare Python"]
    if "checkov" in measured:
        shown.append(f"checkov takes {check.times(measured['checkov'])} as long as check")
    else:
        shown.append("checkov is not installed: set CHECKOV to its path to compare")
    return shown


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines(measure())) + "\n")
