"""Where the time of a run went: measured only when it is asked for."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class Spent(Struct):
    """Seconds by phase and by policy, and how many inputs were ``kept``: their results were known from earlier runs.

    The time of several processes is added up.
    """

    phases: dict[str, float] = field(default_factory=dict)
    policies: dict[str, float] = field(default_factory=dict)
    kept: int = 0

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """Add the time until the end to a phase."""
        start = perf_counter()
        try:
            yield
        finally:
            self.phases[phase] = self.phases.get(phase, 0.0) + perf_counter() - start

    def add(self, other: Spent) -> None:
        """Add what another process measured."""
        for own, others in ((self.phases, other.phases), (self.policies, other.policies)):
            for name, seconds in others.items():
                own[name] = own.get(name, 0.0) + seconds
        self.kept += other.kept


def during(spent: Spent | None, phase: str) -> AbstractContextManager[None]:
    """Add the time until the end to a phase where time is measured."""
    return _NOTHING if spent is None else spent.during(phase)


_NOTHING: AbstractContextManager[None] = nullcontext()
