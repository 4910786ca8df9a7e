"""Which fields the policies of a run read, so that readers need not work out what nobody asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine import referents
from policyengine.model.kinds import kinds
from policyengine.relations import FIELDS, SETTLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.policy.policy import Policy


def wanted(policies: Iterable[Policy]) -> frozenset[tuple[str, str]]:
    """The fields that policies may read, as ``(kind, field)``: every field whose name stands anywhere in a rule."""
    found: set[tuple[str, str]] = set()
    for policy in policies:
        for target in policy.targets:
            found.update((target, field) for field in kinds()[target].fields if field in policy.words)
    return frozenset(found)


def relations(policies: Iterable[Policy]) -> frozenset[str]:
    """The fields of ``related`` that policies may read, or that settle a field which they may read."""
    words = frozenset(word for policy in policies for word in policy.words)
    found = {field for field in FIELDS if field in words or SETTLES.get(field) in words}
    return frozenset(found) | referents.wanted(words)
