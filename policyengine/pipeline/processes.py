"""Work on all processors, its results in the order of the work."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Task = TypeVar("Task")
Done = TypeVar("Done")

_AHEAD = 4
"""Tasks under way for each process: enough to keep it busy, few enough to keep memory flat."""


def processors() -> int:
    """How many processes this machine, or the part of it that we may use, runs at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def can_fork() -> bool:
    """Whether processes can be made that share what this one holds: with other threads about, that is not safe."""
    return sys.platform == "linux" and threading.active_count() == 1 and _tasks() <= 1


def _tasks() -> int:
    """The threads of this process, those of libraries too."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - only their number is wanted
    except OSError:
        return 1


def ordered(work: Callable[[Task], Done], tasks: Iterable[Task], processes: int) -> Iterator[Done]:
    """The results of ``work`` for each task, in their order, worked out by several processes.

    These are forks: they see what this process holds now. Raises what ``work`` raises, and :class:`SourceError` when
    a process dies.
    """
    import gc
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    gc.freeze()  # what is shared with the forks stays shared: no collection writes to it
    global _work  # noqa: PLW0603 - what a fork inherits need not be sent to it
    _work = work
    waiting = deque()  # type: ignore[var-annotated] # of futures
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        try:
            for task in tasks:
                waiting.append(pool.submit(_inherited, task))
                if len(waiting) >= processes * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise SourceError(
                "a process that judges ended early, perhaps for want of memory", hint="--jobs 1"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_work: Callable[..., object] | None = None


def _inherited(task: object) -> object:
    assert _work is not None  # noqa: S101 - set before the fork
    return _work(task)
