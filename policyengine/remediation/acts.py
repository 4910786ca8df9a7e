"""What came of a plan, target by target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from policyengine.remediation.plan import Target

Result = Literal["replaced", "skipped", "failed", "left"]
"""Replaced; skipped by a hook or for the time being; failed, with what was there before back; left after a failure."""


class Act(Struct, frozen=True):
    """What came of one target, and why."""

    target: Target
    result: Result
    detail: str
