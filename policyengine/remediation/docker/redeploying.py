"""One container takes another's place, and the other is never lost: it serves until the new one is known to work.

What fails before the new one has the name is taken back; what fails later is finished.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.remediation.docker import ensuring
from policyengine.remediation.docker.ending import Run
from policyengine.remediation.docker.endpoints import WITHOUT
from policyengine.remediation.docker.inspected import read
from policyengine.remediation.docker.making import Replaced, make
from policyengine.remediation.docker.member import Member
from policyengine.remediation.docker.memory import NEW, OLD, Memory, Side, labels
from policyengine.remediation.docker.recovering import recover
from policyengine.remediation.docker.refusing import left_before, refuse
from policyengine.remediation.docker.steps import Step, quiet, taking_over
from policyengine.remediation.docker.walking import silent, target, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Settings
    from policyengine.remediation.docker.order import Done, Order
    from policyengine.remediation.docker.walking import Tell
    from policyengine.remediation.journal import Journal


class _Making:
    """The members of a redeploy with what is needed to make them; fills in their new ids."""

    def __init__(self, engine: Engine, order: Order, now: datetime) -> None:
        self._orders = (order, *order.followers)
        self._replaced: list[Replaced] = []
        self.memories = [_memory(one, order, now) for one in self._orders]
        self.members = [_member(engine, one, memory) for one, memory in zip(self._orders, self.memories, strict=True)]

    def steps(self) -> list[Step]:
        """The whole list."""
        way = self._orders[0].way
        made = [self._step(index, order) for index, order in enumerate(self._orders)]
        return [*made, *taking_over(self.members, way)]

    def _step(self, index: int, order: Order) -> Step:
        def create(acting: Acting, member: Member) -> None:
            self._create(acting, member, order, self.memories[index])

        member = self.members[index]
        return Step("create", f"make {member.name}{NEW} from {order.image}", member, create)

    def _create(self, acting: Acting, member: Member, order: Order, memory: Memory) -> None:
        leader = self.members[0]
        memory = replace(memory, leader=leader.incoming)  # of the leader itself it is empty still
        first = _first(memory) if member is leader else {}
        member.incoming = make(acting, order, memory, member.name + NEW, first, self._replaced)
        self._replaced.append((order.container, member.incoming))


def steps(engine: Engine, order: Order) -> list[Step]:
    """What a redeploy will do, to be shown. Raises :class:`RemedyError` where it is refused."""
    refuse(engine, order)
    return _Making(engine, order, datetime.now(UTC)).steps()


def redeploy(acting: Acting, order: Order, journal: Journal, tell: Tell = silent) -> Done:
    """Do it. ``tell`` is called with each step before it is taken.

    Raises :class:`RemedyError` where it is refused, or failed and the old container serves as before; the error says
    so where not even that could be brought about.
    """
    recover(acting, journal, read(order.container).called)
    refuse(acting.engine, order)
    making = _Making(acting.engine, order, datetime.now(UTC))
    for member, memory in zip(making.members, making.memories, strict=True):
        journal.began(order.run, target(member.name), order.what, {**order.known, **labels(memory)})
    ending = Run(acting, journal, order.run, making.members, making.memories, "replaced")
    return ending.end(lambda: walk(acting, making.steps(), journal, order.run, tell))


def _memory(order: Order, leading: Order, now: datetime) -> Memory:
    old, host = read(order.container), order.body.config.get("HostConfig")
    restart = host.get("RestartPolicy") if isinstance(host, dict) else None
    until = now + timedelta(seconds=leading.soak + leading.gate.seconds)
    return Memory(
        run=leading.run,
        what=leading.what,
        name=old.called,
        replaces=old.id,
        way=leading.way,
        until=until.isoformat(timespec="seconds"),
        own=Side(restart or dict(ensuring.NEVER), asked(order.body.endpoints), old.state.running),
        previous=Side(old.restart, old.networks, old.state.running),
    )


def asked(endpoints: Mapping[str, Settings]) -> dict[str, Settings]:
    """Joinings to networks without what is not asked for, and without those to ``host`` and ``none``."""
    return {
        network: {key: value for key, value in settings.items() if value}
        for network, settings in endpoints.items()
        if network not in WITHOUT
    }


def _member(engine: Engine, order: Order, memory: Memory) -> Member:
    return Member(
        name=memory.name,
        outgoing=read(order.container),
        enters=memory.own,
        leaves=memory.previous,
        retired=memory.name + OLD,
        network=memory.network,
        gate=order.gate,
        before=tuple(one.id for one in left_before(engine, read(order.container))),
    )


def _first(memory: Memory) -> dict[str, Settings]:
    """The networks to be joined to before it starts: of one that warms up none of its own."""
    if memory.way == "warm":
        return {}
    return quiet(memory.own.endpoints) if memory.way == "side-by-side" else memory.own.endpoints
