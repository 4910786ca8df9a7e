"""The steps by which containers take others' places: a list that is shown as a plan, and walked to do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from policyengine.connections.docker_acting import GRACE
from policyengine.remediation.docker import ensuring
from policyengine.remediation.docker.gate import UnfitError, let_through, unfit
from policyengine.remediation.docker.handing_over import hand_over
from policyengine.remediation.docker.inspected import looked_up
from policyengine.remediation.docker.memory import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.inspected import Settings
    from policyengine.remediation.docker.member import Member
    from policyengine.remediation.docker.order import Way

Action = Callable[["Acting", "Member"], None]


class Step(NamedTuple):
    """``name`` is what the journal calls it, ``says`` what people read.

    ``serving`` is whether somebody serves from its beginning to its end.
    """

    name: str
    says: str
    member: Member
    do: Action
    serving: bool = True


def taking_over(members: Sequence[Member], way: Way) -> list[Step]:
    """The steps for new containers that are made, or old ones that are there. The first is the leader of the others.

    One that did not run is not started: its place is taken, and that is all.
    """
    leader, followers = members[0], members[1:]
    run = [member for member in members if member.enters.running]
    # Whatever is needed is there before anything that serves is touched.
    steps = [*_joining(leader, way)] if leader.enters.running else [_step(leader, "join", _says_join, join)]
    if way == "stop-first":
        steps += [_step(member, "stop", _says_stop, rest, serving=False) for member in reversed(run)]
    for member in run:
        serving = way != "stop-first"
        steps.append(_step(member, "start", _says_start, start, serving=serving))
        steps.append(_step(member, "gate", _says_gate, pass_gate, serving=serving))
    if leader.enters.running:
        steps += _cutting_over(leader, way)
    for member in (*followers, leader):
        steps += _naming(member)
    steps.append(_step(leader, "retire", _says_retire, _retiring(members)))
    return steps


def _step(member: Member, name: str, says: Callable[[Member], str], do: Action, *, serving: bool = True) -> Step:
    return Step(name, says(member), member, do, serving)


def _joining(leader: Member, way: Way) -> Iterator[Step]:
    if way == "warm":
        yield _step(leader, "warm up", lambda member: f"join it to {member.network} alone, which leads nowhere", warm)
    elif way == "side-by-side":
        yield _step(leader, "join", _says_join_quietly, join_quietly)
    else:
        yield _step(leader, "join", _says_join, join)


def _cutting_over(leader: Member, way: Way) -> Iterator[Step]:
    if way == "warm":
        says = f"part {leader.name} from {_networks(leader)}, and join the new one with its ports and addresses"
        yield Step("cut over", says, leader, cut_over, serving=False)
    elif way == "side-by-side" and _is_found(leader):
        says = f"join the new one to {_networks(leader)} with its aliases, which both have until the old one stops"
        yield Step("take up", says, leader, join)
    yield Step("look again", "see that the new one works where it is now", leader, look_again)


def _naming(member: Member) -> Iterator[Step]:
    if member.before:
        yield Step("clear", f"remove what {member.name} replaced or was rolled back to before", member, clear)
    yield Step("name old", f"rename {member.name} to {member.retired}", member, name_outgoing)
    yield Step("name new", f"rename the new one to {member.name}", member, name_incoming)


def _says_join(member: Member) -> str:
    return f"join it to {_networks(member)}"


def _says_join_quietly(member: Member) -> str:
    return f"{_says_join(member)}, without aliases" if _is_found(member) else _says_join(member)


def _is_found(member: Member) -> bool:
    """Whether it has aliases by which others find it: quietly joined it has none."""
    return quiet(member.enters.endpoints) != member.enters.endpoints


def _says_stop(member: Member) -> str:
    seconds = member.outgoing.config.stop_timeout
    if seconds is not None and seconds < 0:
        return f"stop {member.name}, and wait until it ends by itself"
    return f"stop {member.name}, which has {GRACE if seconds is None else seconds} s to end"


def _says_start(member: Member) -> str:
    return f"start the new {member.name}"


def _says_gate(member: Member) -> str:
    return f"wait until it is healthy, {member.gate.seconds:g} s at most; else {member.name} serves as before"


def _says_retire(member: Member) -> str:
    return f"keep {member.retired}, stopped, to go back to"


def _networks(member: Member) -> str:
    return ", ".join(member.enters.endpoints) or "no network"


def join(acting: Acting, member: Member) -> None:
    """The new one is joined to its networks."""
    ensuring.joined(acting, member.incoming, member.enters.endpoints)


def join_quietly(acting: Acting, member: Member) -> None:
    """The same without aliases: nobody who looks for the old one finds the new one before it is healthy."""
    ensuring.joined(acting, member.incoming, quiet(member.enters.endpoints))


def quiet(endpoints: dict[str, Settings]) -> dict[str, Settings]:
    """Joinings to networks by which nobody is found."""
    hidden = ("Aliases",)
    return {
        network: {key: value for key, value in settings.items() if key not in hidden}
        for network, settings in endpoints.items()
    }


def warm(acting: Acting, member: Member) -> None:
    """The new one is joined to a network of its own, which is internal: no port is published there."""
    ensuring.network_there(acting, member.network, {LABELS + "name": member.name})
    ensuring.joined(acting, member.incoming, {member.network: {}})


def rest(acting: Acting, member: Member) -> None:
    """The old one is stopped, and no restart of the engine starts it."""
    ensuring.stopped(acting, member.outgoing.id)
    ensuring.restarting(acting, member.outgoing.id, ensuring.NEVER)


def start(acting: Acting, member: Member) -> None:
    """The new one is started."""
    ensuring.started(acting, member.incoming)


def pass_gate(acting: Acting, member: Member) -> None:
    """The new one is healthy. Raises :class:`UnfitError`."""
    let_through(acting, member.incoming, member.gate)


def cut_over(acting: Acting, member: Member) -> None:
    """The networks change hands: as few requests as can be, for meanwhile nobody serves.

    Ports are published on the network of the default route: it is the last to be parted, and the first to be joined.
    """
    for network, _ in reversed(routed(member.outgoing.networks)):
        acting.disconnect(network, member.outgoing.id)
    for network, settings in routed(member.enters.endpoints):
        acting.connect(network, member.incoming, settings)


def routed(endpoints: Mapping[str, Settings]) -> list[tuple[str, Settings]]:
    """Networks in the order in which an engine prefers them for the default route: by priority, then by name.

    ``Less`` of endpoints in https://github.com/moby/moby/blob/v20.10.24/vendor/github.com/docker/libnetwork/sandbox.go;
    the priority is of API 1.48 (recorded, not tested).
    """
    return sorted(endpoints.items(), key=lambda item: (-_priority(item[1]), item[0]))


def _priority(settings: Settings) -> int:
    stated = settings.get("GwPriority")
    return stated if isinstance(stated, int) else 0


def look_again(acting: Acting, member: Member) -> None:
    """The new one works, and its ports are published. Raises :class:`UnfitError`."""
    container = looked_up(acting.engine, member.incoming)
    problem = unfit(container)
    if problem:
        raise UnfitError(f"the new container {problem}")
    published = container.network_settings.ports or {}
    wanted = container.host_config.port_bindings or {}
    before = member.outgoing.network_settings.ports or {}
    for port in wanted:
        if before.get(port) and not published.get(port):
            raise UnfitError(f"the new container's port {port} is not published")


def clear(acting: Acting, member: Member) -> None:
    """What was kept of an earlier time is gone: its name is needed."""
    for id_ in member.before:
        ensuring.gone(acting, id_)


def name_outgoing(acting: Acting, member: Member) -> None:
    """The old one gives up the name."""
    ensuring.named(acting, member.outgoing.id, member.retired)


def name_incoming(acting: Acting, member: Member) -> None:
    """The new one has the name: with the leader's, all is decided."""
    ensuring.named(acting, member.incoming, member.name)


def _retiring(members: Sequence[Member]) -> Action:
    def retire(acting: Acting, _: Member) -> None:
        hand_over(acting, [member.handover() for member in members])

    return retire
