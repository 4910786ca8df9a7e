"""What is asked of a redeploy, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Answer
    from policyengine.remediation.docker.body import Body

Way = Literal["warm", "side-by-side", "stop-first"]
"""How one container takes another's place. The longest service is lost with the last.

``side-by-side``: both run, for they need nothing that only one can have; the old one stops when the new one serves.
``warm``: the new one starts on a network of its own, where it can neither publish ports nor have the old one's
addresses; when it is healthy it is given the old one's networks. What it needs from others it cannot reach until then,
and connections that are open at that moment are lost.
``stop-first``: the old one stops, then the new one starts.
"""


class Gate(Struct, frozen=True):
    """When a new container may take over: it is healthy within ``seconds``.

    Healthy is what its healthcheck says; without one, that it has run ``stable`` seconds without an end or a restart.
    ``probe``, a command that is run in it until it ends with 0, must succeed besides.
    """

    seconds: float = 60
    stable: float = 10
    probe: tuple[str, ...] = ()


class Order(Struct, frozen=True):
    """One container to be replaced by one that is made from ``body`` and ``image``.

    ``container`` is what the engine told of the old one; ``run`` the id of the run, ``what`` a digest of what is to be
    done, both for the journal, and ``known`` what else it is to tell. ``soak`` is how many seconds the old one is kept.
    ``followers`` are the orders of those that share its namespaces: they are replaced with it, or not at all.
    """

    container: Answer
    body: Body
    image: str
    run: str
    way: Way
    gate: Gate = Gate()
    soak: float = 3600
    what: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    followers: tuple[Order, ...] = ()


class Done(Struct, frozen=True):
    """What came of it: the container ``id`` serves as ``name``, ``previous`` is kept, stopped.

    ``gap`` is how many seconds nobody served, None where nobody did before. ``note`` is what is left to be done by
    ``recover``, empty where nothing is.
    """

    name: str
    id: str
    previous: str
    way: Way
    gap: float | None
    note: str = ""


class Recovered(Struct, frozen=True):
    """A replacement that had broken off: ``id`` serves as ``name``, the ``new`` one or the ``old`` one."""

    name: str
    id: str
    serves: Literal["new", "old"]
