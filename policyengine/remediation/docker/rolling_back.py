"""Back to the container that was replaced, which is kept for a while: it takes its place again as a new one would."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from policyengine.errors import RemedyError
from policyengine.remediation.docker.checks import in_time
from policyengine.remediation.docker.ending import Run
from policyengine.remediation.docker.inspected import looked_up
from policyengine.remediation.docker.member import Member
from policyengine.remediation.docker.memory import UNDONE, labels
from policyengine.remediation.docker.order import Gate
from policyengine.remediation.docker.recovering import recover
from policyengine.remediation.docker.settling import dependants, groups, replaced
from policyengine.remediation.docker.steps import Step, taking_over
from policyengine.remediation.docker.walking import silent, target, walk
from policyengine.remediation.ledger import by

if TYPE_CHECKING:
    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.order import Done
    from policyengine.remediation.docker.settling import Group, Made
    from policyengine.remediation.docker.walking import Tell
    from policyengine.remediation.journal import Journal

_GATE = Gate()


def steps(engine: Engine, name: str, gate: Gate = _GATE) -> list[Step]:
    """What a rollback will do, to be shown. Raises :class:`RemedyError` where there is nothing to go back to."""
    group = _group(engine, name)
    return taking_over(_members(engine, group, gate), group.leader.memory.way)


def rollback(acting: Acting, name: str, journal: Journal, gate: Gate = _GATE, tell: Tell = silent) -> Done:
    """Have the container serve again that the one called ``name`` replaced; the other is kept, stopped, in its turn.

    Raises :class:`RemedyError` where there is nothing to go back to, or the old one does not work any more: then the
    new one serves.
    """
    recover(acting, journal, name)
    group = _group(acting.engine, name)
    members = _members(acting.engine, group, gate)
    memories = [one.memory for one in group.members]
    run = uuid4().hex
    for memory in memories:
        journal.began(run, target(memory.name), memory.what, {"by": by(), **labels(memory)})
    todo = taking_over(members, group.leader.memory.way)
    ending = Run(acting, journal, run, members, memories, "rolled back")
    return ending.end(lambda: walk(acting, todo, journal, run, tell))


def _group(engine: Engine, name: str) -> Group:
    """The container of a name with those that were made with it."""
    for group in groups(engine):
        if group.leader.role == "serving" and group.leader.memory.name == name:
            _check(engine, group)
            return group
    for group in groups(engine):
        if any(one.memory.name == name for one in group.followers):
            raise RemedyError(f"{name} was replaced with {group.leader.memory.name}: roll that back")
    if any(group.leader.role == "undone" and group.leader.memory.name == name for group in groups(engine)):
        raise RemedyError(f"{name} was rolled back already: it is what it was before")
    raise RemedyError(f"{name} was not replaced by policyengine: there is nothing to go back to")


def _check(engine: Engine, group: Group) -> None:
    known = {one.container.id for one in group.members}
    left = [looked_up(engine, id_).called for id_ in dependants(engine, group.leader.container.id) if id_ not in known]
    if left:
        raise RemedyError(f"{', '.join(left)} would be cut off: it hangs on the container that would go")


def _members(engine: Engine, group: Group, gate: Gate) -> list[Member]:
    return [_member(engine, one, gate) for one in group.members]


def _member(engine: Engine, one: Made, gate: Gate) -> Member:
    memory = one.memory
    old = replaced(engine, memory)
    if old is None:
        raise RemedyError(f"what {memory.name} replaced is not kept any more")
    if memory.previous.running:
        in_time(engine, memory.name, old.config.healthcheck or {}, gate)
    return Member(
        name=memory.name,
        outgoing=one.container,
        enters=memory.previous,
        leaves=memory.own,
        retired=memory.name + UNDONE,
        network=memory.network,
        gate=gate,
        incoming=memory.replaces,
    )
