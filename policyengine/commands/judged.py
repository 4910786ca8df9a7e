"""Which input kinds a policy judges: those whose readers can fill the fields that it reads."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from policyengine.inputs import inputs, supplied
from policyengine.networks.makers import is_judged
from policyengine.policy import cache
from policyengine.policy.selectors import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.policy.policy import Policy


def judged_inputs(policy: Policy) -> list[str]:
    """The input kinds whose resources the policy can judge."""
    key = (policy.id, policy.digest)
    found = _JUDGED.get(key) if policy.digest else None
    if found is None:
        found = _JUDGED[key] = _judged_inputs(policy)
    return list(found)


_JUDGED: dict[tuple[str, str], list[str]] = {}
"""What was found out by id and digest: to compile the expressions of all policies takes a while."""


def judged_inputs_of(policies: Iterable[Policy]) -> Mapping[str, list[str]]:
    """The input kinds that each of many policies can judge, by its id; kept between runs."""
    every = {policy.id: policy for policy in policies}
    if not all(policy.digest for policy in every.values()):
        return {name: judged_inputs(policy) for name, policy in every.items()}
    named = sorted((name, policy.digest) for name, policy in every.items())
    key = sha256(f"judged inputs\0{cache.tool_digest()}\0{sorted(inputs())}\0{named}".encode()).hexdigest()
    found = _kept(key)
    if found is None or found.keys() != every.keys():
        found = {name: judged_inputs(policy) for name, policy in every.items()}
        cache.write(key, json.dumps(found))
    return found


def _kept(key: str) -> dict[str, list[str]] | None:
    """What was kept; None where there is nothing, or nothing of the kind."""
    text = cache.read(key)
    try:
        return None if text is None else msgspec.json.decode(text, type=dict[str, list[str]])
    except (msgspec.DecodeError, RecursionError):
        return None


def _judged_inputs(policy: Policy) -> list[str]:
    read = list(_fields_read(policy))
    found = (
        origin
        for origin, reader in inputs().items()
        for target in policy.targets
        if target in reader.supplies()
        if any(fields <= supplied(origin, target) for fields in read) or (policy.flows and is_judged(origin, target))
        if _where_can_match(policy, origin, target)
    )
    return list(dict.fromkeys(found))


def _fields_read(policy: Policy) -> Iterator[frozenset[str]]:
    """The fields that each demand reads: one that reads a field which an input kind has no notion of is left out."""
    for path in policy.require or {}:
        yield frozenset((parse(path)[0].name,))
    if policy.asserts:
        from policyengine.policy.body import read_by

        yield from (read_by(policy, assertion) for assertion in policy.asserts)


def _where_can_match(policy: Policy, origin: str, target: str) -> bool:
    return {parse(path)[0].name for path in policy.where or {}} <= supplied(origin, target)
