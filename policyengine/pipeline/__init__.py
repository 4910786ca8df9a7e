"""A run: sources are found, read, related and judged, input by input, so that memory stays flat.

The first pass gathers what relates resources to each other, the second judges; both go through the inputs in order,
on all processors where there is enough to do. Results of files that did not change come from the store.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.fingerprint import Numbering
from policyengine.model.report import PolicyCounts
from policyengine.pipeline.processes import can_fork, ordered, processors
from policyengine.pipeline.progress import Progress
from policyengine.pipeline.relating import decoded_index, encoded_index
from policyengine.pipeline.results import Result, decoded, encoded
from policyengine.pipeline.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from policyengine.model.report import Finding, Problem, Skipped, Status
    from policyengine.pipeline.passes import Passes
    from policyengine.relations import Index
    from policyengine.sources import Item

MOST = 32
"""How many processes may be asked for where there are fewer processors: each takes memory."""

ALONE = 1000
"""So many files are judged sooner by one process than several are started."""

TOGETHER = 32
"""Files that a process is given at once."""


class Outcome(Struct, frozen=True):
    """What a run came to."""

    inputs: int
    resources: int
    policies: tuple[PolicyCounts, ...]
    findings: Sequence[Finding]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]


def run(
    passes: Passes,
    items: Sequence[Item],
    *,
    enforce: Callable[[Result], Result] | None = None,
    jobs: int = 0,
    progress: bool = False,
) -> Outcome:
    """Judge items by both passes.

    ``enforce`` has the last word on each item's result: it is not kept, and may hang on paths and settings. ``jobs``
    processes work at once, 0 for as many as there is use for; never more than there are items, or than ``MOST`` where
    there are fewer processors.
    """
    processes = _processes(items, jobs, passes)
    if processes > 1:
        passes.keep_nothing()
    outcome = _Gathering(passes)
    if passes.relating:
        for index in _indexes(passes, items, processes):
            passes.index.merge(index)
    with Progress(len(items), shown=progress) as told:
        for result in _results(passes, items, processes):
            outcome.take(enforce(result) if enforce else result)
            told.advance()
    return outcome.outcome()


class _Gathering:
    """Puts the results of items together."""

    def __init__(self, passes: Passes) -> None:
        self._counts: dict[str, Counter[Status]] = {policy.id: Counter() for policy, _ in passes.engine.policies}
        self._spool = Spool(passes.engine.by_id)
        self._number = Numbering().number
        self._inputs = self._resources = 0
        self._problems: list[Problem] = []
        self._skipped: list[Skipped] = []

    def take(self, result: Result) -> None:
        """Add the next item's result."""
        self._inputs += result.inputs
        self._resources += result.resources
        for id_, counts in result.counts.items():
            self._counts[id_].update(counts)
        self._spool.extend([self._number(finding) for finding in result.findings])
        self._problems.extend(result.problems)
        self._skipped.extend(result.skipped)

    def outcome(self) -> Outcome:
        """What all came to."""
        return Outcome(
            self._inputs,
            self._resources,
            tuple(PolicyCounts(id_, dict(counts)) for id_, counts in self._counts.items()),
            self._spool.findings(),
            tuple(self._problems),
            tuple(self._skipped),
        )


def _processes(items: Sequence[Item], jobs: int, passes: Passes) -> int:
    """How many processes are to work. Enrichments ask others, and keep what they were told: one process does."""
    if passes.enrich or not can_fork():
        return 1
    if not jobs:
        return processors() if len(items) > ALONE else 1
    return max(1, min(jobs, len(items), max(MOST, processors())))


def _indexes(passes: Passes, items: Sequence[Item], processes: int) -> Iterator[Index]:
    if processes == 1:
        yield from map(passes.relations, items)
        return
    for data in _spread(passes, lambda item: encoded_index(passes.relations(item)), items, processes):
        yield decoded_index(data)


def _results(passes: Passes, items: Sequence[Item], processes: int) -> Iterator[Result]:
    if processes == 1:
        yield from map(passes.judge, items)
        return
    for data in _spread(passes, lambda item: encoded(passes.judge(item)), items, processes):
        yield decoded(data, passes.engine.by_id)


def _spread(
    passes: Passes, work: Callable[[Item], list[object]], items: Sequence[Item], processes: int
) -> Iterator[list[object]]:
    """The work on each item, in order; files by several processes, everything else by this one."""
    files = [item for item in items if item.is_file]
    tasks = [files[start : start + TOGETHER] for start in range(0, len(files), TOGETHER)]
    done = chain.from_iterable(ordered(partial(_together, passes, work), tasks, processes))
    for item in items:
        yield next(done) if item.is_file else work(item)


def _together(passes: Passes, work: Callable[[Item], list[object]], items: Sequence[Item]) -> list[list[object]]:
    """The work on some items; what is to be kept of it is kept before the next ones are begun."""
    done = [work(item) for item in items]
    if passes.store is not None:
        passes.store.flush()
    return done
