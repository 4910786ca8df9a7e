"""Reads and judges inputs that nobody would write: ``python -m tests.fuzz READER COUNT [SEED]``.

READER is ``compose``, ``docker``, ``dockerfile`` or ``kubernetes``. Each input goes the whole way: read, related,
judged by every policy and told; of some every place and provenance is asked. Nothing may crash, take a second of
processor time, or more than a gigabyte of memory. Ends with 1 at the first input that does, which is left in a
directory.
"""

from __future__ import annotations

import json
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from policyengine.commands.policies import loaded
from policyengine.documents.load import document
from policyengine.engine import Engine
from policyengine.errors import DocumentError, UsageError
from policyengine.inputs.context import Context
from policyengine.inputs.docker import read as read_answers
from policyengine.inputs.docker.snapshot import LiveAnswers
from policyengine.model.report import Report, Run
from policyengine.outputs import formats
from policyengine.outputs.options import RenderOptions
from policyengine.pipeline import run
from policyengine.pipeline.passes import Passes
from policyengine.settings import Settings
from policyengine.sources import Item, Reader
from tests.fuzz.projects import NAMES, Projects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import FrameType

    from policyengine.model.resource import Resource
    from policyengine.pipeline import Outcome

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "corpora" / "realworld"

_REAL_NAMES = {"compose": "compose", "dockerfile": "dockerfile", "kubernetes": "k8s"}
SECONDS = 1.0
MEMORY = 1 << 30
LOOKED_AT = 4
TOLD = 20
"""Of so many inputs one is looked at in every place, and one told in every format."""
REFUSED = ("holds a NUL character", "is an integer of more than 64 bits", "is too large a number")
"""What a policy may say it cannot judge."""

_RUN = Run("run", "policyengine", "2026-01-02T03:04:05Z", 0.0, "")


class SlowError(Exception):
    """An input took too long."""


class Fuzzer:
    """Sends inputs through everything."""

    def __init__(self, reader: str, place: Path) -> None:
        self._reader = reader
        self._place = place
        self._engine = Engine([(policy, None) for policy in loaded(Settings())[0]], {})
        self._done = 0
        self.judged = 0

    def once(self, files: Mapping[str, bytes]) -> None:
        """Judge one directory of inputs. Raises what went wrong."""
        for old in self._place.iterdir():
            old.unlink()
        for name, data in files.items():
            (self._place / name).write_bytes(data)
        self._done += 1
        item = Item(str(self._place / NAMES[self._reader]), home=str(self._place) if self._done % 2 else None)
        with limited():
            outcome = run(Passes(Reader(), self._engine), [item], jobs=1)
        self.judged += bool(outcome.resources)
        for finding in outcome.findings:
            if finding.status == "error" and not finding.message.endswith(REFUSED):
                raise AssertionError(f"{finding.policy}: {finding.message}")
        if self._done % TOLD == 0:
            self._tell(outcome)
        if self._done % LOOKED_AT == 0:
            look_at(Reader().read(item).resources)
            if self._reader == "docker":
                self._judge_live(files[NAMES["docker"]])

    def _judge_live(self, data: bytes) -> None:
        """What is no file has no places: the same as the answers of a running engine."""
        try:
            values = document("answers.json", data).values
        except DocumentError:
            return
        if values and isinstance(values[0], dict):
            answers = {"context": "local", **values[0], "docker_snapshot": 1}
            with limited():
                resources = list(read_answers(LiveAnswers(answers), Context()))
                self._engine.judge(resources)
            look_at(resources)

    def _tell(self, outcome: Outcome) -> None:
        report = Report(
            _RUN,
            outcome.inputs,
            outcome.resources,
            outcome.policies,
            outcome.findings,
            outcome.problems,
            outcome.skipped,
        )
        for name, format_ in formats().items():
            try:
                text = "".join(format_.render(report, RenderOptions(verbose=True)))
            except UsageError:
                assert name == "in-toto"  # here nothing has a digest that could be attested
                continue
            if name in ("json", "sarif"):
                json.loads(text)


def look_at(resources: Iterable[Resource]) -> None:
    """Ask for every place and provenance."""
    with limited():
        for one in resources:
            one.where()
            for field in one.facts:
                location = one.where((field,))
                one.provenance((field,))
                one.origins.excerpt(location)


@contextmanager
def limited() -> Iterator[None]:
    """What is done within takes no second."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def samples(reader: str) -> list[bytes]:
    """Our fixtures of an input kind, and real files where they are at hand."""
    places = [ROOT / "fixtures" / reader]
    if reader in _REAL_NAMES:
        places.append(REAL / _REAL_NAMES[reader])
    found = [path for place in places if place.is_dir() for path in sorted(place.rglob("*")) if path.is_file()]
    return [path.read_bytes() for path in found if path.suffix != ".txt"]


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise SlowError(f"took more than {SECONDS} s of processor time")


def fuzz(reader: str, count: int, seed: int) -> int:
    """The exit code."""
    signal.signal(signal.SIGPROF, _too_slow)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    projects, clock = Projects(reader, samples(reader), seed), time.process_time()
    with tempfile.TemporaryDirectory() as place:
        fuzzer = Fuzzer(reader, Path(place))
        for number in range(count):
            files = projects.files()
            try:
                fuzzer.once(files)
            except Exception:  # noqa: BLE001 - that none comes is what is tested
                _tell(reader, number, seed, Path(place))
                return 1
    seconds = time.process_time() - clock
    sys.stdout.write(f"{reader}: {count} inputs, {fuzzer.judged} with resources, {seconds:.0f} s, seed {seed}\n")
    return 0


def _tell(reader: str, number: int, seed: int, place: Path) -> None:
    kept = Path(tempfile.gettempdir()) / f"policyengine-fuzz-{reader}-{seed}-{number}"
    shutil.copytree(place, kept, dirs_exist_ok=True)
    sys.stdout.write(f"{traceback.format_exc()}\n{reader}: input {number} of seed {seed} is in {kept}\n")


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    reader, count, *seed = arguments
    return fuzz(reader, int(count), int(seed[0]) if seed else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
