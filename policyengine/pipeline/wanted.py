"""Which fields the policies of a run read, so that readers need not work out what nobody asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine import grants, referents
from policyengine.model.kinds import kinds
from policyengine.networks import FIELD as FLOWS
from policyengine.networks.makers import made_of
from policyengine.relations import FIELDS, SETTLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.policy.policy import Policy


def wanted(policies: Iterable[Policy]) -> frozenset[tuple[str, str]]:
    """The fields that policies may read, as ``(kind, field)``: every field whose name stands anywhere in a rule, and
    those that networks are made of where flows are demanded.
    """
    found: set[tuple[str, str]] = set()
    for policy in policies:
        if policy.flows:
            found |= made_of()
        for target in policy.targets:
            found.update((target, field) for field in kinds()[target].fields if field in policy.words)
    return frozenset(found)


def relations(policies: Sequence[Policy]) -> frozenset[str]:
    """The fields of ``related`` that policies read, or that settle a field which they read; flows and grants."""
    words = frozenset(word for policy in policies for word in policy.words)
    found = {field for field in FIELDS if field in words or SETTLES.get(field) in words}
    flows = frozenset({FLOWS}) if any(policy.flows for policy in policies) else frozenset()
    granted = grants.wanted({target for policy in policies for target in policy.targets})
    return frozenset(found) | referents.wanted(words) | flows | granted
