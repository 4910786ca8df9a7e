"""What brings runs to an end that broke off, takes back what was done, and clears away what is not needed any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from policyengine.errors import RemedyError, UsageError, did_you_mean
from policyengine.remediation.targets import PACKAGES, target_kind, target_kinds

if TYPE_CHECKING:
    from policyengine.remediation.plan import Kind
    from policyengine.remediation.targets import Around


def recover(around: Around) -> list[str]:
    """Bring what earlier runs left half done to an end, and remove what was kept for long enough; a line for each.

    Each is told as it is done. It may be done again and again.
    """
    done: list[str] = []
    for kind in target_kinds():
        for line in (*kind.recover(around), *kind.forget(around)):
            around.tell(line)
            done.append(line)
    return done


def rollback(name: str, around: Around) -> str:
    """Put back what was replaced last under a name. Raises :class:`UsageError` where nothing of that name was.

    The journal tells what it was; where that is another machine's, or gone, each kind of target is asked.
    """
    replaced = _replaced(around)
    kinds = [target_kind(replaced[name])] if name in replaced else target_kinds()
    reasons: list[RemedyError] = []
    for kind in kinds:
        try:
            return kind.rollback(name, around)
        except RemedyError as error:
            reasons.append(error)
    hint = reasons[0].hint
    if name not in replaced:
        hint = hint or did_you_mean(name, replaced) or "policyengine history lists what was replaced"
    raise UsageError(reasons[0].message, hint=hint)


def _replaced(around: Around) -> dict[str, Kind]:
    """By name the kind of what was replaced on the engine."""
    found: dict[str, Kind] = {}
    for entry in around.journal.history():
        kind, _, name = entry.target.partition(" ")
        if entry.outcome in ("replaced", "recovered") and kind in PACKAGES:
            found[name] = cast("Kind", kind)
    return found
