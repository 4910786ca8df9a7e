"""What a new container remembers of the one whose place it takes: labels, from which the engine alone can recover.

A container that was made by a redeploy keeps these labels; the next redeploy replaces them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from policyengine.remediation.docker.inspected import Settings  # noqa: TC001 - msgspec reads the types
from policyengine.remediation.docker.order import Way  # noqa: TC001 - as that

if TYPE_CHECKING:
    from collections.abc import Mapping

LABELS = "policyengine.redeploy."
"""What the names of all our labels begin with."""

NEW, OLD, UNDONE = ".pe-new", ".pe-old", ".pe-undone"
"""What follows the name of a container before it takes over, when it was replaced, and when it was rolled back."""
_WARM = ".pe-warm"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_.-]")


def original(name: str) -> str:
    """The name that a container has when it serves, by one that it has while it is replaced, or afterwards."""
    return next((name.removesuffix(suffix) for suffix in (NEW, OLD, UNDONE) if name.endswith(suffix)), name)


class Side(Struct, frozen=True):
    """How a container is when it serves: its restart policy, its networks, whether it runs at all."""

    restart: Settings
    endpoints: dict[str, Settings]
    running: bool


class Memory(Struct, frozen=True):
    """What is written on a new container.

    ``name`` is the one that it takes, ``replaces`` the id of the one that has it, which is kept until ``until``, a
    moment in RFC 3339. ``own`` and ``previous`` are how the two are when they serve. ``leader`` is the id of the new
    container whose namespaces it shares and with which it stands and falls, empty for none.
    """

    run: str
    what: str
    name: str
    replaces: str
    way: Way
    until: str
    own: Side
    previous: Side
    leader: str = ""

    @property
    def network(self) -> str:
        """The name of the network on which it warms up."""
        return _NOT_PLAIN.sub("-", self.name) + _WARM


def labels(memory: Memory) -> dict[str, str]:
    """The labels that hold a memory."""
    built = msgspec.to_builtins(memory)
    return {LABELS + name: value if isinstance(value, str) else _json(value) for name, value in built.items()}


def remembered(found: Mapping[str, str]) -> Memory | None:
    """The memory that labels hold; None where they hold none, or one that is not ours."""
    ours = {name.removeprefix(LABELS): value for name, value in found.items() if name.startswith(LABELS)}
    try:
        sides: dict[str, object] = {name: msgspec.json.decode(ours[name]) for name in ("own", "previous")}
        return msgspec.convert({**ours, **sides}, Memory)
    except (KeyError, msgspec.MsgspecError):
        return None


def without(found: Mapping[str, str]) -> dict[str, str]:
    """Labels without ours."""
    return {name: value for name, value in found.items() if not name.startswith(LABELS)}


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
