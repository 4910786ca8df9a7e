"""What there is of a service: its containers, those that stand and fall with them, and the files that say it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.connections.docker import NotThereError
from policyengine.errors import RemedyError
from policyengine.remediation.docker.dependants import dependants
from policyengine.remediation.docker.state import state as state_of
from policyengine.remediation.owners import labels_of
from policyengine.remediation.project.files import contents, services
from policyengine.remediation.project.service import (
    HASH,
    PROJECT,
    SERVICE,
    is_member,
    is_running,
    members,
    name_of,
    service_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.connections.docker import Answer, Engine
    from policyengine.remediation.project.service import Service


class Scene(Struct, frozen=True):
    """A service with its containers, and those of the same project that share their namespaces: ``followers``."""

    service: Service
    members: tuple[Answer, ...]
    followers: tuple[Answer, ...] = ()

    @property
    def hash(self) -> str:
        """The hash of the configuration that its containers were made from."""
        return labels_of(self.members[0]).get(HASH, "")

    @property
    def up(self) -> dict[str, int]:
        """The services that change together, each with the number of its containers."""
        found: dict[str, int] = {}
        for one in (*self.members, *self.followers):
            name = labels_of(one)[SERVICE]
            found[name] = found.get(name, 0) + 1
        return found

    @property
    def names(self) -> frozenset[str]:
        """The names of all containers that change."""
        return frozenset(name_of(one) for one in (*self.members, *self.followers))

    def state(self) -> str:
        """A hash of the state of the containers, and of what the files say of the service."""
        parts = sorted(state_of(one) for one in (*self.members, *self.followers))
        return sha256("\n".join((*parts, _said(self.service))).encode()).hexdigest()


def _said(service: Service) -> str:
    """What the files say of a service: it stays the same while they are changed elsewhere."""
    try:
        found = services(service.project, contents(service.project)).get(service.name)
    except RemedyError as error:
        return error.message
    return "" if found is None else repr(sorted(found.facts.items()))


def scene(name: str, engine: Engine) -> Scene:
    """What there is of ``PROJECT/SERVICE``. Raises :class:`RemedyError` where nothing is, or no one thing."""
    project, _, service = name.partition("/")
    found = members(engine, project, service)
    if not found:
        raise RemedyError("it has no container any more")
    told = [service_of(one) for one in found]
    hashes = {labels_of(one).get(HASH) for one in found}
    if len(set(told)) > 1 or len(hashes) > 1:
        raise RemedyError("its containers were not made from the same files", hint=f"docker compose up -d {service}")
    if not all(is_running(one) for one in found):
        still = next(name_of(one) for one in found if not is_running(one))
        raise RemedyError(f"{still} does not run, and bringing the service up would start it")
    return Scene(told[0], tuple(found), _followers(found, engine))


def _followers(found: Iterable[Answer], engine: Engine) -> tuple[Answer, ...]:
    """The containers that must be made anew with others, also those that follow followers."""
    waiting, known = list(found), {str(one["Id"]): one for one in found}
    every: Mapping[str, Answer] = _every(engine)
    followers: list[Answer] = []
    while waiting:
        leader = waiting.pop()
        for one in dependants(leader, every.values()):
            if one.deed == "recreate" and one.id not in known:
                known[one.id] = every[one.id]
                followers.append(_of_same_project(every[one.id], leader))
                waiting.append(every[one.id])
    return tuple(sorted(followers, key=name_of))


def _every(engine: Engine) -> dict[str, Answer]:
    """All containers, but those that are removed meanwhile."""
    found: dict[str, Answer] = {}
    for short in engine.containers():
        try:
            found[str(short["Id"])] = engine.container(str(short["Id"]))
        except NotThereError:
            continue
    return found


def _of_same_project(follower: Answer, leader: Answer) -> Answer:
    project = labels_of(leader)[PROJECT]
    if not is_member(follower, project):
        name, whose = name_of(follower), name_of(leader)
        raise RemedyError(f"{name} shares namespaces with {whose}, and is not of its project", hint=f"remove {name}")
    return follower
