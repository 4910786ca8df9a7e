"""Bringing replacements to their end that broke off: whoever did it was killed, or the engine was gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import PolicyengineError, RemedyError
from policyengine.remediation.docker.handing_over import Handover, hand_over
from policyengine.remediation.docker.memory import remembered
from policyengine.remediation.docker.order import Recovered
from policyengine.remediation.docker.settling import groups, groups_of, made, replaced, served, settle
from policyengine.remediation.docker.walking import target
from policyengine.remediation.journal import is_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.memory import Memory
    from policyengine.remediation.docker.settling import Group
    from policyengine.remediation.journal import Entry, Journal

_KIND = target("")


def recover(acting: Acting, journal: Journal, name: str = "") -> list[Recovered]:
    """Bring every replacement, or that of one container, to its end; gives who serves where something was amiss.

    The engine alone tells what is needed. The journal tells besides what has ended and is left alone since, and what
    to bring back where a new container has vanished. May be done any number of times, and be killed.
    Raises :class:`RemedyError` after all that can be done is, where one cannot be brought to its end.
    """
    history = [entry for entry in journal.history() if _is_meant(entry, name)]
    found: list[Recovered] = []
    failed: list[PolicyengineError] = []
    for group in groups(acting.engine):
        if name not in ("", group.leader.memory.name) or _is_left_alone(acting.engine, group, history):
            continue
        try:
            found += settle(acting, group)
            _close(journal, history, group)
        except PolicyengineError as error:
            failed.append(error)
    # What was settled just now has ended, and its new container may be gone for that reason.
    history = [entry for entry in journal.history() if _is_meant(entry, name)]
    for entry, memory in _vanished(acting, history):
        try:
            found += restored(acting, [memory])
            journal.ended(entry.run, entry.target, "recovered", "the new container had vanished")
        except PolicyengineError as error:
            failed.append(error)
    if failed:
        raise RemedyError(
            "; ".join(error.message for error in failed), hint="policyengine recover, when that is mended"
        )
    # Making a container and rolling it back may both have been open: who serves in the end is told once.
    return list({one.name: one for one in found}.values())


def finished(acting: Acting, memories: Sequence[Memory]) -> list[Recovered]:
    """Bring a run to its end that fails; gives who serves. ``memories`` are all that its containers have, or would."""
    found: list[Recovered] = []
    meant = {(memory.run, memory.name) for memory in memories}
    for group in groups_of(acting.engine, lambda memory: (memory.run, memory.name) in meant):
        found += settle(acting, group) or served(acting.engine, group)
    known = {one.name for one in found}
    return found + restored(acting, [memory for memory in memories if memory.name not in known])


def restored(acting: Acting, memories: Iterable[Memory]) -> list[Recovered]:
    """Have the old ones serve whose new ones are not there: not made yet, or vanished."""
    wanted = [
        Handover(memory.name, memory.replaces, memory.previous, "", memory.own, "", memory.network)
        for memory in memories
        if replaced(acting.engine, memory)
    ]
    hand_over(acting, wanted)
    return [Recovered(one.name, one.serves, "old") for one in wanted]


def _is_meant(entry: Entry, name: str) -> bool:
    return entry.target == target(name) if name else entry.target.startswith(_KIND)


def _is_left_alone(engine: Engine, group: Group, history: Sequence[Entry]) -> bool:
    """Whether it has ended, as the journal knows, or as shows where what it replaced is gone.

    What somebody did to it afterwards is meant.
    """
    leader = group.leader
    runs = [entry for entry in history if entry.target == target(leader.memory.name)]
    is_known = any(entry.run == leader.memory.run for entry in runs)
    if any(map(is_open, runs)) or leader.role == "coming":
        return False
    return is_known or (leader.role == "serving" and replaced(engine, leader.memory) is None)


def _close(journal: Journal, history: Sequence[Entry], group: Group) -> None:
    """Write down that runs have ended which the journal has open: making the group, and rolling it back."""
    runs = {(one.memory.run, one.memory.name) for one in group.members}
    for entry in filter(is_open, history):
        memory = remembered(entry.known)
        if memory and (memory.run, memory.name) in runs:
            journal.ended(entry.run, entry.target, "recovered")


def _vanished(acting: Acting, history: Sequence[Entry]) -> list[tuple[Entry, Memory]]:
    """Runs that have not ended, and nothing on the engine remembers them."""
    there = {(one.memory.run, one.memory.name) for one in made(acting.engine)}
    waiting = [(entry, remembered(entry.known)) for entry in history if is_open(entry)]
    return [(entry, memory) for entry, memory in waiting if memory and (memory.run, memory.name) not in there]
