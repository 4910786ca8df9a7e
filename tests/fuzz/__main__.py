"""Reads and judges inputs that nobody would write: ``python -m tests.fuzz READER COUNT [SEED]``.

READER is ``compose``, ``docker``, ``dockerfile`` or ``kubernetes``. Each input goes the whole way: read, related and
judged by every policy. Nothing may crash, take a second of processor time, or more than a gigabyte of memory. Ends
with 1 at the first input that does, which is written to a file.
"""

from __future__ import annotations

import resource
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.commands.policies import loaded
from policyengine.engine import Engine
from policyengine.pipeline import run
from policyengine.pipeline.passes import Passes
from policyengine.settings import Settings
from policyengine.sources import Item, Reader
from tests.fuzz.mutate import DOCKERFILE_WORDS, YAML_WORDS, Mutator, TreeMutator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "corpora" / "realworld"

NAMES = {
    "compose": "compose.yaml",
    "docker": "snapshot.json",
    "dockerfile": "Dockerfile",
    "kubernetes": "manifests.yaml",
}
_REAL_NAMES = {"compose": "compose", "dockerfile": "dockerfile", "kubernetes": "k8s"}
SECONDS = 1.0
MEMORY = 1 << 30


class SlowError(Exception):
    """An input took too long."""


def samples(reader: str) -> list[bytes]:
    """Our fixtures of an input kind, and real files where they are at hand."""
    places = [ROOT / "fixtures" / reader]
    if reader in _REAL_NAMES:
        places.append(REAL / _REAL_NAMES[reader])
    found = [path for place in places if place.is_dir() for path in sorted(place.rglob("*")) if path.is_file()]
    return [path.read_bytes() for path in found if path.suffix != ".txt"]


class Fuzzer:
    """Sends inputs through everything."""

    def __init__(self, reader: str, place: Path) -> None:
        self._path = place / NAMES[reader]
        self._engine = Engine([(policy, None) for policy in loaded(Settings())[0]], {})
        self.judged = 0

    def once(self, data: bytes) -> None:
        """Judge one input. Raises what went wrong."""
        self._path.write_bytes(data)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            outcome = run(Passes(Reader(), self._engine), [Item(str(self._path))], jobs=1)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        self.judged += bool(outcome.resources)
        for finding in outcome.findings:
            if finding.status == "error":
                raise AssertionError(f"{finding.policy}: {finding.message}")


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise SlowError(f"took more than {SECONDS} s of processor time")


def _mutators(reader: str, seed: int) -> list[Mutator | TreeMutator]:
    """Every second input of what is YAML is well-formed."""
    found = samples(reader)
    if reader == "dockerfile":
        return [Mutator(found, DOCKERFILE_WORDS, seed)]
    return [Mutator(found, YAML_WORDS, seed), TreeMutator(found, seed)]


def fuzz(reader: str, count: int, seed: int) -> int:
    """The exit code."""
    signal.signal(signal.SIGPROF, _too_slow)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    mutators, clock = _mutators(reader, seed), time.process_time()
    with tempfile.TemporaryDirectory() as place:
        fuzzer = Fuzzer(reader, Path(place))
        for number in range(count):
            data = mutators[number % len(mutators)].input()
            try:
                fuzzer.once(data)
            except Exception:  # noqa: BLE001 - that none comes is what is tested
                _tell(reader, number, seed, data)
                return 1
    seconds = time.process_time() - clock
    sys.stdout.write(f"{reader}: {count} inputs, {fuzzer.judged} with resources, {seconds:.0f} s, seed {seed}\n")
    return 0


def _tell(reader: str, number: int, seed: int, data: bytes) -> None:
    kept = Path(tempfile.gettempdir()) / f"policyengine-fuzz-{reader}-{seed}-{number}"
    kept.write_bytes(data)
    sys.stdout.write(f"{traceback.format_exc()}\n{reader}: input {number} of seed {seed} is in {kept}\n")


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    reader, count, *seed = arguments
    return fuzz(reader, int(count), int(seed[0]) if seed else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
