"""That what failed is not tried again at once: each failure of the same attempt doubles the pause before the next."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from policyengine.model.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.remediation.plan import Target

FIRST = timedelta(minutes=1)
LONGEST = timedelta(days=1)
_DOUBLED = 20
"""So often the pause is doubled at most: long before, it is the longest."""


class Attempt(Struct, frozen=True):
    """That a target was to be changed, and whether it was, and still is: what was rolled back did not work."""

    target: str
    what: str
    at: datetime
    worked: bool


def key(target: Target) -> str:
    """What a target is called in the journal."""
    return f"{target.kind} {target.name}"


def what(target: Target) -> str:
    """A digest of what is to be done to a target: the same fixes towards the same image are the same attempt."""
    image = target.image and (target.image.after, target.image.build and target.image.build.digest)
    told = plain([msgspec.to_builtins(target.changes), image])
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def until(target: Target, attempts: Iterable[Attempt], now: datetime) -> datetime | None:
    """When a target may be tried again; None where that is now.

    Counted are the failures of the same attempt since it last worked.
    """
    failed: list[Attempt] = []
    for attempt in attempts:
        if attempt.target == key(target) and attempt.what == what(target):
            failed = [] if attempt.worked else [*failed, attempt]
    if not failed:
        return None
    pause = min(FIRST * 2 ** min(len(failed) - 1, _DOUBLED), LONGEST)
    found = failed[-1].at + pause
    return found if found > now else None
