"""What is told while an engine is watched: what was found of a container, and what became of the watch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.report import Finding, Report

Why = Literal["start", "update", "rename", "connect", "disconnect", "look", "settings"]
"""Why a container was judged: the engine's word for what happened to it; that all were looked at; other settings."""

Event = Literal["watching", "lost", "settings", "error", "vanished", "ended", "remedy", "stopped"]


class Watched(Struct, frozen=True):
    """Which container: ``url`` is what reports call it, ``image`` the reference that it was made with."""

    id: str
    name: str
    url: str
    image: str


class Found(Struct, frozen=True):
    """What was found of a container.

    ``time`` is in seconds since 1970, ``seconds`` how long after the engine told it was judged. ``report`` has all that
    was found of it; ``new`` is what was not when it was judged last, ``gone`` what is no more. ``first`` is whether it
    was not judged before.
    """

    time: float
    container: Watched
    why: tuple[Why, ...]
    seconds: float
    report: Report
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    first: bool

    @property
    def is_news(self) -> bool:
        """Whether it is not what was told before."""
        return self.first or bool(self.new or self.gone)

    @property
    def was_looked_at(self) -> bool:
        """Whether nothing happened to it, but all containers were judged."""
        return set(self.why) <= {"look", "settings"}


class Noted(Struct, frozen=True):
    """What became of the watch, or of a container that there is no report of.

    ``data`` is what programs are told beside the message; ``detail`` what only those want to know who want to know
    all; ``failed`` marks an error.
    """

    time: float
    event: Event
    message: str
    data: Mapping[str, object] = field(default_factory=dict)
    detail: bool = False
    failed: bool = False


Happening = Found | Noted
