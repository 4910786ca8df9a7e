"""How a field came by its value."""

from __future__ import annotations

from typing import Literal, NamedTuple

How = Literal["declared", "default", "inherited", "absent", "unknown"]


class Provenance(NamedTuple):
    """How a field came by its value.

    ``declared``: written in the input. ``default``: the platform's documented default, ``of`` names the platform.
    ``inherited``: from an image or an earlier stage, ``of`` names it. ``absent``: there is no value.
    ``unknown``: the value is an :class:`~policyengine.model.unknown.Unknown`, ``of`` says what would settle it.
    """

    how: How
    of: str | None = None


DECLARED = Provenance("declared")
ABSENT = Provenance("absent")
