"""Values that the input leaves open."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field's value that the input does not settle. Never a pass and never a violation.

    ``fact`` names what is missing (``image.user``), the same for all resources that miss the same kind of thing,
    so that reports can group by it; ``why`` says why it is missing here; ``settle`` says what would settle it
    (``--resolve engine``), or is None where nothing that policyengine can do would.
    """

    fact: str
    why: str
    settle: str | None = None
