"""All that the files of a root say, whoever has it: a container, an image, a host, or a snapshot of one's files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from policyengine.inputs.authentication import (
    accounts,
    docker_client,
    docker_daemon,
    hostfiles,
    pam,
    shells,
    ssh_client,
    sshd,
    stored_secrets,
    sudoers,
    system,
)
from policyengine.inputs.authentication.legible import legible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.inputs.context import Context
    from policyengine.model.location import Location
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

    Refused = Callable[[str, Location], None]


class Part(Protocol):
    """One family of files."""

    SUPPLIES: Mapping[str, frozenset[str]]
    """The fields it can fill, by kind."""

    def resources(self, root: Root, name: str, scope: Scope, origin: str, refused: Refused) -> Iterator[Resource]:
        """What the root's files of the family say: none where it has none.

        ``name`` is that of the root, and of its resources; what the program whose files they are refuses is told to
        ``refused``, and nothing is said of it.
        """


PARTS: tuple[Part, ...] = (
    accounts,
    docker_client,
    docker_daemon,
    hostfiles,
    pam,
    shells,
    ssh_client,
    sshd,
    stored_secrets,
    sudoers,
    system,
)


def supplies() -> Mapping[str, frozenset[str]]:
    """The fields that the files of a root can fill, by kind."""
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for part in PARTS:
        for kind, fields in part.SUPPLIES.items():
            found[kind] |= fields
    return dict(found)


def resources(root: Root, name: str, scope: Scope, origin: str, context: Context) -> Iterator[Resource]:
    """All resources that the files of a root make, but for families that no policy of the run asks about."""
    for part in PARTS:
        if context.wants_any(part.SUPPLIES):
            yield from map(legible, part.resources(root, name, scope, origin, context.problem))
