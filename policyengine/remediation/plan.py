"""A plan: what is to be done to running things, as data. What is shown and what is done walk the same plan.

A plan holds changes in the words of the model, resolved digests, and hashes of live state. It never holds what a
container is made from, nor a value of its environment: whoever acts reads the target again, compares the hash, and
works out anew what the target is made from.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from policyengine.remediation.changes import FieldChange  # noqa: TC001 - plans are read by these types
from policyengine.remediation.images.asking import Chosen
from policyengine.remediation.images.recipe import Recipe  # noqa: TC001 - as above

VERSION = 1
"""The version of a plan's format: of another one nothing is applied."""

Kind = Literal["container", "service", "project"]
"""What a target is: a container of a bare engine, a Swarm service, a service of a Compose project."""


class EngineRef(Struct, frozen=True):
    """Which engine a plan is about: ``name`` is what sources call it, ``id`` what it calls itself (``/info``)."""

    name: str
    id: str


class ImageChange(Struct, frozen=True):
    """The image a target is to run instead of the one that it runs.

    ``before`` is as the target has it; ``after`` is ``repository@digest``, or the id of a local image; ``name`` its
    repository and ``tag`` where it was found. With ``build`` it is what an image is derived from, which is built when
    the plan is applied.
    """

    before: str
    after: str
    why: str
    name: str = ""
    tag: str = ""
    build: Recipe | None = None

    @classmethod
    def to(cls, chosen: Chosen, before: str) -> ImageChange:
        """The change to the image that was chosen."""
        return cls(before, chosen.reference, chosen.why, chosen.name, chosen.tag, chosen.build)

    @property
    def chosen(self) -> Chosen:
        """What was chosen, to be brought to the engine."""
        return Chosen(self.after, self.why, self.name, self.tag, self.build)


class Shown(Struct, frozen=True):
    """A change as it may be shown: the field as policies write it, its masked values, and the policies it is for."""

    field: str
    before: object
    after: object
    policies: tuple[str, ...]


class Left(Struct, frozen=True):
    """A policy that will still be violated, and why nothing is done about it."""

    policy: str
    reason: str


class Target(Struct, frozen=True):
    """One thing that is replaced as a whole.

    ``name`` is a container's, a Swarm service's, or ``PROJECT/SERVICE``; ``id`` its id, of a project's service empty;
    ``url`` what reports call it. ``state`` is the hash of its live state. ``changes`` are in an order in which none
    moves what another is about; ``shown`` is what people see of them. ``way`` is how it is replaced in the words of
    its kind, ``steps`` the same for people, ``gap`` the seconds without service to expect, None where it does not
    serve now.
    """

    kind: Kind
    name: str
    id: str
    url: str
    state: str
    changes: tuple[FieldChange, ...] = ()
    image: ImageChange | None = None
    shown: tuple[Shown, ...] = ()
    way: str = ""
    steps: tuple[str, ...] = ()
    gap: float | None = None
    satisfies: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    warnings: tuple[str, ...] = ()


class Untouched(Struct, frozen=True):
    """What nothing is done to, though it violates policies: no target, or one that is refused as a whole."""

    name: str
    url: str
    left: tuple[Left, ...]


class Proposal(Struct, frozen=True):
    """A patch of a host's settings that somebody may want to apply: it is never applied from here."""

    path: str
    patch: str
    policies: tuple[str, ...]
    note: str = ""


class Plan(Struct, frozen=True):
    """What is to be done on one engine. ``id`` is the plan's own: it is applied once. ``created`` is RFC 3339 in UTC.

    ``sources`` are what was judged, and what is judged again afterwards.
    """

    id: str
    created: str
    tool: str
    engine: EngineRef
    sources: tuple[str, ...]
    unsafe: bool = False
    targets: tuple[Target, ...] = ()
    untouched: tuple[Untouched, ...] = ()
    proposed: tuple[Proposal, ...] = ()
    version: int = VERSION
