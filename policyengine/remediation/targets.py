"""What a kind of target does: bare containers, Swarm services, Compose projects. Each is a package beside this module.

The package of a kind has a module ``target`` that defines

``NAME``
    the kind of the targets that it plans: ``container``, ``service`` or ``project``;
``plan(wanted, around) -> Target``
    what is to be done, without doing anything. Raises :class:`RemedyError` where nothing can be;
``state(target, around) -> str``
    the hash of the live state that a target has now. Raises :class:`RemedyError` where the target is gone;
``apply(target, around) -> str``
    do what the plan says, and tell in one line what came of it. The live state is that of the plan: that was compared.
    The journal is told: ``began`` with :func:`~policyengine.remediation.backoff.key`, ``what`` of the same module and
    what :func:`~policyengine.remediation.ledger.told` says, and ``ended``. Raises :class:`RemedyError` when it failed,
    after what was there before is back in its place;
``recover(around) -> list[str]``
    bring what earlier runs left half done to an end; a line for each;
``rollback(name, around) -> str``
    put what was replaced last back in its place. Raises :class:`RemedyError` where nothing of that name is kept;
``forget(around) -> list[str]``
    remove what has been kept for as long as it was to be; a line for each.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.connections.docker import Answer
    from policyengine.connections.docker_acting import Acting
    from policyengine.connections.docker_images import Images
    from policyengine.model.care import Care
    from policyengine.model.resource import Resource
    from policyengine.remediation.desired import Wish
    from policyengine.remediation.images.asking import Asking
    from policyengine.remediation.journal import Journal
    from policyengine.remediation.owners import Owner
    from policyengine.remediation.plan import Left, Target


class Live(Struct, frozen=True):
    """A live container: what the engine answers of it, and the same as policies see it."""

    answer: Answer
    resource: Resource


class Wanted(Struct, frozen=True):
    """What policies want of one target.

    ``containers`` are those that it consists of: one of a bare container, the replicas of a service. ``wishes`` are
    what policies want, none of which contradicts another; ``left`` is what they want in vain. ``written`` are the
    files that they have written into their own.
    """

    owner: Owner
    url: str
    containers: tuple[Live, ...]
    wishes: tuple[Wish, ...]
    left: tuple[Left, ...] = ()
    written: tuple[str, ...] = ()


class Around(Struct, frozen=True):
    """The circumstances in which targets are planned and replaced.

    ``acting`` is the way to the engine; who plans uses no more than ``acting.engine`` and ``acting.changes``. ``run``
    is the id of the run in the journal, and of the plan. ``tell`` shows a line to whoever watches. ``asking`` is how
    images are chosen, ``images`` how they are brought to the engine.
    ``names`` are the containers that the run is about, where it is not about the whole engine: no other is recovered.
    """

    acting: Acting
    journal: Journal
    care: Care
    run: str
    tell: Callable[[str], None]
    asking: Asking
    images: Images
    names: tuple[str, ...] = ()


class TargetKind(Protocol):
    """What every kind of target does."""

    NAME: str

    def plan(self, wanted: Wanted, around: Around) -> Target:
        """What is to be done, without doing anything. Raises RemedyError where nothing can be."""

    def state(self, target: Target, around: Around) -> str:
        """The hash of the live state that a target has now. Raises RemedyError where it is gone."""

    def apply(self, target: Target, around: Around) -> str:
        """Replace the target; what came of it in one line. Raises RemedyError after the old one is back."""

    def recover(self, around: Around) -> list[str]:
        """Bring what earlier runs left half done to an end; a line for each."""

    def rollback(self, name: str, around: Around) -> str:
        """Put what was replaced last back in its place. Raises RemedyError where nothing of that name is kept."""

    def forget(self, around: Around) -> list[str]:
        """Remove what has been kept for as long as it was to be; a line for each."""


PACKAGES = {"container": "docker", "service": "swarm", "project": "project"}
"""The package of each kind of target."""


def target_kinds() -> list[TargetKind]:
    """The modules of all kinds of target."""
    return [target_kind(kind) for kind in PACKAGES]


def target_kind(kind: str) -> TargetKind:
    """The module of a kind of target, loaded when it is needed."""
    return cast("TargetKind", import_module(f"policyengine.remediation.{PACKAGES[kind]}.target"))
