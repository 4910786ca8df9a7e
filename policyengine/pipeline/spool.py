"""Findings of a run that has very many of them: on the disk, so that memory stays flat."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload
from weakref import finalize

from policyengine.pipeline.results import decoded_finding, encoded_finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.model.report import Finding
    from policyengine.policy.policy import Policy

IN_MEMORY = 10_000
"""So many findings are held in memory, about 15 MB."""

_BLOCK = 1 << 20


class Spool:
    """Takes findings one after the other, and gives them back as a sequence."""

    def __init__(self, policies: Mapping[str, Policy], limit: int | None = None) -> None:
        self._policies = policies
        self._limit = IN_MEMORY if limit is None else limit
        self._held: list[Finding] = []
        self._spooled: Spooled | None = None

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take findings in."""
        if self._spooled is not None:
            self._spooled.write(findings)
            return
        self._held.extend(findings)
        if len(self._held) > self._limit:
            self._spooled = Spooled(self._policies)
            self._spooled.write(self._held)
            self._held = []

    def findings(self) -> Sequence[Finding]:
        """All findings, in the order they came: a tuple while there are few."""
        return tuple(self._held) if self._spooled is None else self._spooled


class Spooled(Sequence["Finding"]):
    """A sequence of findings in a temporary file that has no name and is gone with the process."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        from tempfile import TemporaryFile  # takes as long to import as a small file to judge

        self._policies = policies
        self._file = TemporaryFile(prefix="policyengine-")  # noqa: SIM115 - closed when the sequence is gone
        finalize(self, self._file.close)
        self._starts = array("Q")
        self._size = 0

    def write(self, findings: Iterable[Finding]) -> None:
        """Add findings at the end."""
        lines = [json.dumps(encoded_finding(finding), separators=(",", ":")).encode() + b"\n" for finding in findings]
        for line in lines:
            self._starts.append(self._size)
            self._size += len(line)
        self._file.write(b"".join(lines))

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Finding]:
        return map(self._finding, self._lines())

    @overload
    def __getitem__(self, index: int) -> Finding: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...

    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        start = self._starts[index]
        number = index % len(self)
        end = self._starts[number + 1] if number + 1 < len(self) else self._size
        self._file.flush()
        return self._finding(os.pread(self._file.fileno(), end - start, start))

    def _lines(self) -> Iterator[bytes]:
        """Each finding's line. Several may be read at once: a position is kept by each reader."""
        self._file.flush()
        at, rest = 0, b""
        while block := os.pread(self._file.fileno(), _BLOCK, at):
            at += len(block)
            *lines, rest = (rest + block).split(b"\n")
            yield from lines

    def _finding(self, line: bytes) -> Finding:
        return decoded_finding(json.loads(line), self._policies)
