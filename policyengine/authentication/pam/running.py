"""What comes out of a stack when its modules return what they are said to: as libpam walks it.

The walk is that of libpam's ``_pam_dispatch_aux``. Where a module may return one thing or another all walks are made,
so that "whatever happens" and "it can happen" have exact answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from policyengine.authentication.pam.controls import Action
    from policyengine.authentication.pam.entries import Entry, Stack

DENIED = "perm_denied"
"""What an empty stack comes to, and what a line that cannot be read returns."""

MOST_STEPS = 20_000
"""So many steps are taken. Stacks that people write take some hundred."""


class Run(NamedTuple):
    """A way through a stack: what comes out, and which of the entries that were asked for were run, by position."""

    result: str
    visited: frozenset[int]


class _Mind(NamedTuple):
    """What is thought of the user so far: nothing yet, good or bad; and what will be returned."""

    impression: int
    status: str


_UNDECIDED = _Mind(0, DENIED)


class _Step(NamedTuple):
    """Before the entry at a position: what is thought, and what was where each substack was entered."""

    at: int
    level: int
    mind: _Mind
    entered: tuple[_Mind, ...]
    visited: frozenset[int]


_START = _Step(0, 0, _UNDECIDED, (_UNDECIDED,), frozenset())


def runs(stack: Stack, returns: Callable[[Entry], Collection[str]], marks: Collection[int]) -> set[Run] | Unknown:
    """All ways through a stack. ``marks`` are the positions that are told apart; Unknown where there are too many."""
    walk = _Walk(stack, returns, frozenset(marks))
    waiting = [_START]
    seen = set(waiting)
    found: set[Run] = set()
    while waiting:
        step = waiting.pop()
        if step.at >= len(stack):
            found.add(Run(_sane(step.mind), step.visited))
            continue
        further = [one for one in walk.further(step) if one not in seen]
        seen.update(further)
        waiting += further
        if len(seen) > MOST_STEPS:
            return Unknown("pam.stack", "the stack can be walked in too many ways to look at all of them")
    return found


def result(stack: Stack, returns: Callable[[Entry], str]) -> str:
    """What comes out of a stack whose modules each return one thing."""
    walk, step = _Walk(stack, lambda entry: (returns(entry),), frozenset()), _START
    while step.at < len(stack):
        (step,) = walk.further(step)
    return _sane(step.mind)


def _sane(mind: _Mind) -> str:
    return DENIED if mind.status == "success" and mind.impression != 1 else mind.status


class _Walk:
    """The steps that can be taken in a stack."""

    def __init__(self, stack: Stack, returns: Callable[[Entry], Collection[str]], marks: frozenset[int]) -> None:
        self._stack = stack
        self._returns = returns
        self._marks = marks

    def further(self, step: _Step) -> list[_Step]:
        """The steps that can follow a step."""
        entry = self._stack[step.at]
        if entry.level > step.level:
            kept = (*step.entered[: entry.level], *[_UNDECIDED] * (entry.level - len(step.entered)))
            step = step._replace(entered=(*kept, step.mind))
        step = step._replace(level=entry.level)
        if entry.kind == "substack":
            return [step._replace(at=step.at + 1)]
        if step.at in self._marks:
            step = step._replace(visited=step.visited | {step.at})
        results = (DENIED,) if entry.kind == "broken" else self._returns(entry)
        return [self._after(step, result, entry.actions[result]) for result in results]

    def _after(self, step: _Step, result: str, action: Action) -> _Step:
        """The step after an entry that has returned something."""
        if isinstance(action, int):
            return self._jumped(step, action)
        mind = self._thought(step, result, action)
        ends = action == "die" or (action == "done" and mind.impression == 1)
        return step._replace(at=self._end(step) if ends else step.at + 1, mind=mind)

    def _thought(self, step: _Step, result: str, action: Action) -> _Mind:
        mind = step.mind
        if action == "reset":
            return step.entered[step.level]
        if action in ("ok", "done"):
            is_open = mind.impression == 0 or mind == (1, "success")
            return _Mind(1, result) if is_open else mind
        if action in ("bad", "die") and mind.impression != -1:
            return _Mind(-1, DENIED if result == "ignore" else result)
        return mind

    def _end(self, step: _Step) -> int:
        """The position after all that is left of the substack, or of the stack."""
        return self._next(step.at, lambda level: level >= step.level)

    def _next(self, at: int, skipped: Callable[[int], bool]) -> int:
        at += 1
        while at < len(self._stack) and skipped(self._stack[at].level):
            at += 1
        return at

    def _jumped(self, step: _Step, count: int) -> _Step:
        """Over some entries of the same substack, of which an inner substack is one. Too far is a failure."""
        at = step.at
        while count and at + 1 < len(self._stack) and self._stack[at + 1].level >= step.level:
            at = self._next(at + 1, lambda level: level > step.level) - 1
            count -= 1
        mind = _Mind(-1, DENIED) if count else step.mind
        return step._replace(at=at + 1, mind=mind)
