"""A run: sources are found, read, related and judged, input by input, so that memory stays flat.

The first pass gathers what relates resources to each other, the second judges; both go through the inputs in order,
on all processors where there is enough to do. Results of files that did not change come from the store.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.exceptions.marks import NONE, Marks
from policyengine.exceptions.seen import NOTHING, Seen, Sighting
from policyengine.fingerprint import Numbering
from policyengine.model.report import PolicyCounts
from policyengine.model.spent import Spent
from policyengine.pipeline.processes import can_fork, ordered, processors
from policyengine.pipeline.progress import Progress
from policyengine.pipeline.relating import decoded_index, encoded_index
from policyengine.pipeline.results import Result, decoded, encoded
from policyengine.pipeline.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.exceptions.marks import Mark
    from policyengine.model.artifact import Artifact
    from policyengine.model.report import Finding, Problem, Skipped, Status
    from policyengine.pipeline.passes import Passes
    from policyengine.relations import Index
    from policyengine.sources import Item

    Done = list[list[object]]

MOST = 32
"""How many processes may be asked for where there are fewer processors: each takes memory."""

ALONE = 1000
"""So many files are judged sooner by one process than several are started."""

TOGETHER = 32
"""Files that a process is given at once."""


class Outcome(Struct, frozen=True):
    """What a run came to.

    ``seen`` is what it saw, where resources are tracked.
    ``origins`` are the resources by input kind, ``passes`` are by policy and input kind where that is wanted,
    ``artifacts`` say what was judged: once each, by path.
    """

    inputs: int
    resources: int
    policies: tuple[PolicyCounts, ...]
    findings: Sequence[Finding]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]
    marks: Marks = NONE
    seen: Seen = NOTHING
    origins: Mapping[str, int] = field(default_factory=dict)
    passes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    artifacts: tuple[Artifact, ...] = ()


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
        for item, result in zip(items, _results(passes, items, processes), strict=True):
            outcome.take(item, enforce(result) if enforce else result)
            told.advance()
    return outcome.outcome()


class _Gathering:
    """Puts the results of items together."""

    def __init__(self, passes: Passes) -> None:
        self._counts: dict[str, Counter[Status]] = {policy.id: Counter() for policy, _ in passes.engine.policies}
        self._spool = Spool(passes.engine.by_id)
        self._number = Numbering().number
        self._tracks = passes.engine.tracks
        self._inputs = self._resources = 0
        self._problems: list[Problem] = []
        self._skipped: list[Skipped] = []
        self._marks: dict[Mark, None] = {}
        self._misunderstood: dict[Problem, None] = {}
        self._seen = Sighting()
        self._origins: Counter[str] = Counter()
        self._covers = passes.covers
        self._passes: dict[str, Counter[str]] = {}
        self._artifacts: set[Artifact] = set()

    def take(self, item: Item, result: Result) -> None:
        """Add the next item's result."""
        if self._tracks:
            self._seen.add(item.path, (*item.parts, *result.parts), result.held, whole=not result.problems)
        self._inputs += result.inputs
        self._resources += result.resources
        for id_, counts in result.counts.items():
            sums = self._counts[id_]
            for status, count in counts.items():  # Counter.update takes three times as long
                sums[status] += count
        self._spool.extend([self._number(finding) for finding in result.findings])
        self._problems.extend(result.problems)
        self._skipped.extend(result.skipped)
        self._marks.update(dict.fromkeys(result.marks.found))  # a file may be a part of several inputs
        self._misunderstood.update(dict.fromkeys(result.marks.problems))
        self._origins.update(result.origins)
        self._artifacts.update(result.artifacts)
        for origin, passed in result.passed.items() if self._covers else ():
            self._passes.setdefault(origin, Counter()).update(passed)

    def outcome(self) -> Outcome:
        """What all came to."""
        return Outcome(
            self._inputs,
            self._resources,
            tuple(PolicyCounts(id_, dict(counts)) for id_, counts in self._counts.items()),
            self._spool.findings(),
            tuple(self._problems),
            tuple(self._skipped),
            Marks(tuple(self._marks), tuple(self._misunderstood)),
            self._seen.seen(),
            dict(self._origins),
            _by_policy(self._passes),
            tuple(sorted(self._artifacts, key=lambda one: (one.path, one.sha256 or ""))),
        )


def _by_policy(passes: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Passes by input kind and policy, the other way round."""
    turned: dict[str, dict[str, int]] = {}
    for origin, passed in passes.items():
        for id_, count in passed.items():
            turned.setdefault(id_, {})[origin] = count
    return turned


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
    done = chain.from_iterable(_measured(passes, ordered(partial(_together, passes, work), tasks, processes)))
    for item in items:
        yield next(done) if item.is_file else work(item)


def _measured(passes: Passes, finished: Iterator[tuple[Done, Spent | None]]) -> Iterator[Done]:
    """What was done; the time that it took is added to ours."""
    for done, spent in finished:
        if passes.engine.spent is not None and spent is not None:
            passes.engine.spent.add(spent)
        yield done


def _together(passes: Passes, work: Callable[[Item], list[object]], items: Sequence[Item]) -> tuple[Done, Spent | None]:
    """The work on some items; what is to be kept of it is kept before the next ones are begun."""
    spent = passes.engine.spent = None if passes.engine.spent is None else Spent()  # this process's own
    done = [work(item) for item in items]
    if passes.store is not None:
        passes.store.flush()
    return done, spent
