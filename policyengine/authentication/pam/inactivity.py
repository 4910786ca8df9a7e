"""After how long without a login somebody is refused: by pam_lastlog(8) in ``auth`` or ``account``."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from policyengine.authentication.numbers import decimal
from policyengine.authentication.pam.behaviour import ANYTHING, COUNTERS, DENIALS, STORES, always, counting
from policyengine.authentication.pam.running import runs
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from policyengine.authentication.pam.entries import Entry, Stack

DEFAULT_DAYS = 90
"""Without ``inactive``, or with one that is no number."""

_DAYS = re.compile(r"inactive=[ \t]*([+-]?[0-9]+)").fullmatch
_GOOD = ("success", "new_authtok_reqd")


def inactive_days(stacks: Iterable[Stack]) -> int | Unknown | None:
    """After how many days without a login somebody is refused who knows all that is asked; None: never.

    So many days as a line of pam_lastlog says, where no way through a stack is left once that line and those with
    fewer days refuse.
    """
    found: list[int] = []
    for stack in stacks:
        days = _of_stack(stack)
        if isinstance(days, Unknown):
            return days
        found += [] if days is None else [days]
    return min(found, default=None)


def _of_stack(stack: Stack) -> int | Unknown | None:
    for days in sorted({days for entry in stack if (days := _days(entry)) is not None}):
        ways = runs(stack, partial(_returns, days=days), frozenset())
        if isinstance(ways, Unknown):
            return ways
        if not any(way.result in _GOOD for way in ways):
            return days
    return None


def _days(entry: Entry) -> int | None:
    """What a line of pam_lastlog sets; None for other lines, and where it refuses nobody."""
    if entry.name != "pam_lastlog" or entry.task not in ("auth", "account"):
        return None
    said = [decimal(found[1]) for one in entry.arguments if (found := _DAYS(one)) is not None]
    days = said[-1] if said else DEFAULT_DAYS
    return days if days > 0 else None


def _returns(entry: Entry, days: int) -> Collection[str]:
    own = _days(entry)
    if own is not None:
        return (DENIALS[entry.task],) if own <= days else ("success", "ignore")
    if entry.name == "pam_rootok":
        return ("auth_err",)
    if entry.name in STORES:
        return ("success",)
    return counting(entry) if entry.name in COUNTERS else always(entry) or ANYTHING
