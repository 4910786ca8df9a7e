"""The journal: what was begun, how far it came, how it ended. It outlives whoever writes it, and is the ledger.

One JSON object a line, each synchronised to the disk before what it tells of is done. It holds names, ids, digests
and words, and nothing that a container is made from: no environment, no command.
"""

from __future__ import annotations

import os
from collections.abc import Mapping  # noqa: TC003 - msgspec reads the types
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct, field

from policyengine.errors import SourceError
from policyengine.model.masking import concealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "journal.jsonl"
"""What the file is called in its directory."""

Outcome = Literal["replaced", "put back", "rolled back", "recovered", "failed"]
"""``replaced``: the new one serves. ``put back``: it did not work, the old one serves. ``rolled back``: somebody wanted
the old one again. ``recovered``: a run that had broken off was brought to an end. ``failed``: it stands half done."""


class Line(Struct, frozen=True, omit_defaults=True):
    """A line. ``what`` is a digest of what was to be done; ``known`` what brings the target back where all is lost."""

    at: datetime
    engine: str
    run: str
    target: str
    event: Literal["began", "step", "ended"]
    what: str = ""
    step: str = ""
    outcome: Outcome | None = None
    why: str = ""
    known: Mapping[str, str] = field(default_factory=dict)


class Entry(Struct, frozen=True):
    """What was done to one target in one run. ``ended`` and ``outcome`` are None while it has not ended."""

    engine: str
    run: str
    target: str
    what: str
    began: datetime
    steps: tuple[str, ...] = ()
    ended: datetime | None = None
    outcome: Outcome | None = None
    why: str = ""
    known: Mapping[str, str] = field(default_factory=dict)


class Journal:
    """The journal at a path, as far as it is about one engine; about all of them where ``engine`` is empty.

    Raises :class:`SourceError` where it cannot be written or read. Several may write at once.
    """

    def __init__(self, path: Path, engine: str = "") -> None:
        self.path = path
        self.engine = engine

    def began(self, run: str, target: str, what: str, known: Mapping[str, str] | None = None) -> None:
        """That a run is about to act on a target: ``container NAME``, ``service NAME``, ``project NAME``."""
        self._write(self._line(run, target, "began", what=what, known=known or {}))

    def step(self, run: str, target: str, step: str) -> None:
        """That a step is about to be taken."""
        self._write(self._line(run, target, "step", step=step))

    def ended(self, run: str, target: str, outcome: Outcome, why: str = "") -> None:
        """That a run has done with a target."""
        self._write(self._line(run, target, "ended", outcome=outcome, why=concealed(why)))

    def open(self) -> list[Entry]:
        """What has begun and not ended, or ended half done."""
        return [entry for entry in self.history() if is_open(entry)]

    def history(self) -> list[Entry]:
        """Everything that was done, the oldest first."""
        found: dict[tuple[str, str, str], Entry] = {}
        for line in self._lines():
            key = (line.engine, line.run, line.target)
            if line.event == "began" or key not in found:
                found.pop(key, None)  # a run that begins anew stands where it began last
                found[key] = Entry(line.engine, line.run, line.target, line.what, line.at, known=line.known)
            found[key] = _after(found[key], line)
        return list(found.values())

    def _line(self, run: str, target: str, event: Literal["began", "step", "ended"], **told: object) -> Line:
        return msgspec.convert(
            {"at": datetime.now(UTC), "engine": self.engine, "run": run, "target": target, "event": event, **told}, Line
        )

    def _lines(self) -> Iterator[Line]:
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", path=str(self.path)) from None
        decoder = msgspec.json.Decoder(Line)
        for number, written in enumerate(text.split(b"\n"), 1):
            try:
                line = decoder.decode(written) if written.strip() else None
            except msgspec.MsgspecError as error:
                if not written.endswith(b"}"):  # it was cut off while it was written
                    continue
                raise SourceError(f"is no line of a journal: {error}", path=str(self.path), line=number) from None
            if line and self.engine in ("", line.engine):
                yield line

    def _write(self, line: Line) -> None:
        try:
            with self._opened() as file:
                os.write(file, _ended(file) + msgspec.json.encode(line) + b"\n")
                os.fsync(file)
        except OSError as error:
            hint = "nothing is done that is not written down; --state-dir names another place"
            raise SourceError(f"cannot be written: {error.strerror}", path=str(self.path), hint=hint) from None

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file, which is ours alone until it is closed."""
        from fcntl import LOCK_EX, flock

        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = not self.path.exists()
        file = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            flock(file, LOCK_EX)
            yield file
        finally:
            os.close(file)
        if new:
            _synchronise(self.path.parent)


def is_open(entry: Entry) -> bool:
    """Whether something has begun and not ended, or ended half done."""
    return entry.outcome in (None, "failed")


def _after(entry: Entry, line: Line) -> Entry:
    """What is known of a target after another line."""
    if line.event == "step":
        return msgspec.structs.replace(entry, steps=(*entry.steps, line.step))
    if line.event == "ended":
        return msgspec.structs.replace(entry, ended=line.at, outcome=line.outcome, why=line.why)
    return entry


def _ended(file: int) -> bytes:
    """What ends the last line, where whoever wrote it was cut off."""
    size = os.fstat(file).st_size
    return b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""


def _synchronise(directory: Path) -> None:
    """Have the name of a new file outlive a power cut, too."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
