"""Replacements that broke off, found by what the engine alone remembers: which of two is to serve, and that it does.

The name of a new container tells. While it is ``NAME.pe-new``, nothing is decided, and the old one serves. When it is
``NAME``, it serves itself. When it is ``NAME.pe-undone``, it was rolled back, and the old one serves.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.connections.docker import NotThereError
from policyengine.remediation.docker.dependants import dependants as _dependants
from policyengine.remediation.docker.handing_over import Handover, hand_over, is_done
from policyengine.remediation.docker.inspected import read, sought
from policyengine.remediation.docker.memory import LABELS, NEW, OLD, UNDONE, remembered
from policyengine.remediation.docker.order import Recovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policyengine.connections.docker import Answer, Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Container
    from policyengine.remediation.docker.memory import Memory

Role = Literal["coming", "serving", "undone"]
_ROLES: dict[str, Role] = {NEW: "coming", "": "serving", UNDONE: "undone"}


class Made(Struct, frozen=True):
    """A container that a redeploy made, and what it remembers."""

    container: Container
    memory: Memory

    @property
    def role(self) -> Role | None:
        """What its name says of it; None where a later replacement has overtaken it."""
        suffix = self.container.called.removeprefix(self.memory.name)
        known = self.container.called.startswith(self.memory.name)
        return _ROLES.get(suffix) if known else None


class Group(Struct, frozen=True):
    """A leader and those that share its namespaces, made in one run: what becomes of the leader becomes of all."""

    leader: Made
    followers: tuple[Made, ...] = ()

    @property
    def members(self) -> tuple[Made, ...]:
        """All of them, the leader first."""
        return (self.leader, *self.followers)


def made(engine: Engine) -> list[Made]:
    """All containers that redeploys made."""
    ours = (short for short in engine.containers() if LABELS + "name" in str(short.get("Labels")))
    found = (sought(engine, str(short.get("Id"))) for short in ours)
    pairs = ((container, remembered(container.labels)) for container in found if container)
    return [Made(container, memory) for container, memory in pairs if memory]


def replaced(engine: Engine, memory: Memory) -> Container | None:
    """The container whose place a new one takes or took; None where it is gone, or is called otherwise meanwhile.

    By its whole id alone, and by a name that it has in a replacement: images have labels, too, and whoever wrote
    those of one may have meant a container that has nothing to do with it.
    """
    found = sought(engine, memory.replaces)
    names = {memory.name + suffix for suffix in ("", NEW, OLD, UNDONE)}
    return found if found and found.id == memory.replaces and found.called in names else None


def groups(engine: Engine) -> list[Group]:
    """What redeploys made, by leader; first what is not decided yet, which has what others may need."""
    every_one = sorted(made(engine), key=lambda one: one.container.created)  # as they hang on each other
    ids = {one.container.id for one in every_one}
    leaders = [one for one in every_one if one.memory.leader not in ids]
    found = [
        Group(one, tuple(other for other in every_one if other.memory.leader == one.container.id)) for one in leaders
    ]
    return sorted((group for group in found if group.leader.role), key=lambda group: group.leader.role != "coming")


def handovers(engine: Engine, group: Group) -> list[Handover]:
    """What is to become of a group: nothing, where the names are others' meanwhile."""
    found = [_handover(engine, one, group.leader.role) for one in group.members if one.role]
    return [one for one in found if one]


def _handover(engine: Engine, one: Made, role: Role | None) -> Handover | None:
    memory, new = one.memory, one.container
    old = replaced(engine, memory)
    holder = sought(engine, memory.name)
    if holder and holder.id not in (new.id, old.id if old else ""):
        return None
    if old is None:  # there is nothing to go back to
        if role == "undone":
            return None
        return Handover(memory.name, new.id, memory.own, "", memory.previous, "", memory.network)
    if role == "serving":
        return Handover(memory.name, new.id, memory.own, old.id, memory.previous, memory.name + OLD, memory.network)
    kept = memory.name + UNDONE if role == "undone" else ""
    return Handover(memory.name, old.id, memory.previous, new.id, memory.own, kept, memory.network)


def settle(acting: Acting, group: Group) -> list[Recovered]:
    """Bring a group to its end. Gives who serves; nothing where all was so before."""
    wanted = handovers(acting.engine, group)
    if all(is_done(acting, one) for one in wanted):
        return []
    hand_over(acting, wanted)
    return list(_served(group, wanted))


def served(engine: Engine, group: Group) -> list[Recovered]:
    """Who serves, or is to."""
    return list(_served(group, handovers(engine, group)))


def _served(group: Group, wanted: Iterable[Handover]) -> Iterator[Recovered]:
    new = {one.container.id for one in group.members}
    for one in wanted:
        yield Recovered(one.name, one.serves, "new" if one.serves in new else "old")


def groups_of(engine: Engine, is_meant: Callable[[Memory], bool]) -> list[Group]:
    """The groups with a member whose memory is meant."""
    return [group for group in groups(engine) if any(is_meant(one.memory) for one in group.members)]


def dependants(engine: Engine, container: str) -> list[str]:
    """The ids of the containers that must be made anew with one: that hang on it, or on another that does.

    Each comes after those that it hangs on. What is kept, stopped, to go back to is none of them.
    """
    from graphlib import TopologicalSorter

    every_one = [answer for short in engine.containers() for answer in _answer(engine, str(short.get("Id")))]
    idle = _kept(map(read, every_one))
    answers = [answer for answer in every_one if str(answer.get("Id")) not in idle]
    by_id = {str(answer.get("Id")): answer for answer in answers}
    hangs: dict[str, set[str]] = {container: set()}
    waiting = [container]
    while waiting:
        leader = waiting.pop()
        for one in _dependants(by_id[leader], answers) if leader in by_id else ():
            if one.deed == "recreate":
                waiting += [] if one.id in hangs else [one.id]
                hangs.setdefault(one.id, set()).add(leader)
    return [id_ for id_ in TopologicalSorter(hangs).static_order() if id_ != container]


def _kept(containers: Iterable[Container]) -> set[str]:
    """The ids of the containers that do not run, and were replaced or rolled back."""
    known = {one.id: one for one in containers}
    pairs = [(one, memory) for one in known.values() if (memory := remembered(one.labels))]
    undone = [one for one, memory in pairs if one.called == memory.name + UNDONE]
    serving = [memory for one, memory in pairs if one.called == memory.name and memory.replaces in known]
    old = [known[memory.replaces] for memory in serving if known[memory.replaces].called == memory.name + OLD]
    return {one.id for one in (*undone, *old) if not one.state.running}


def _answer(engine: Engine, id_: str) -> Iterator[Answer]:
    with suppress(NotThereError):  # it was removed meanwhile
        yield engine.container(id_)
