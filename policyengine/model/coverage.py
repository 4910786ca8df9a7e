"""What a run judged and what it could have: as much as one must know before one says that a control is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    ByInput = Mapping[str, int]


class KnownControl(Struct, frozen=True):
    """A control of a benchmark, and the policies that speak for it, whether they are in the run or not.

    ``policies`` are their ids, each with the input kinds whose resources it can judge for this control.
    """

    id: str
    policies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    title: str = ""


class Benchmark(Struct, frozen=True):
    """A version of a benchmark with the controls that are known of it, in its order; ``complete`` if these are all."""

    name: str
    version: str
    controls: tuple[KnownControl, ...]
    complete: bool = False


class Coverage(Struct, frozen=True):
    """``resources`` were read, by input kind; ``passes`` of them are counted by policy id and input kind.

    ``acts`` holds the policies of the run, each with the input kinds that it acted on, None for all; ``off`` those
    of which the settings let violations go untold.
    """

    benchmarks: tuple[Benchmark, ...] = ()
    resources: ByInput = field(default_factory=dict)
    passes: Mapping[str, ByInput] = field(default_factory=dict)
    acts: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
