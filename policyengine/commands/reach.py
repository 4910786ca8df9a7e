"""Which constraints of a policy no failing example reaches: what its tests would not notice missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from policyengine.commands.example_input import origin_of
from policyengine.commands.examples import example_resources
from policyengine.engine import evaluate
from policyengine.firewall.intents.zones import declared
from policyengine.inputs import supplied
from policyengine.model.kinds import kind as kind_named
from policyengine.policy.body import body
from policyengine.policy.flows import DEMANDS
from policyengine.policy.parameters import parameter_values
from policyengine.policy.verdict import FAIL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.policy.policy import Policy


def unreached(policy: Policy) -> Iterator[str]:
    """The constraints and assertions that no failing example violates."""
    for path, rules in (policy.require or {}).items():
        for rule in rules:
            if rule != "nullable" and not _violated(_only(policy, path, rule, rules)):
                yield f"{path}: {rule}"
    for index, assertion in enumerate(policy.asserts):
        if not _violated(_only_assertion(policy, index)):
            yield f"assert: {assertion.cel}"
    for intent in DEMANDS:
        if intent in (policy.flows or {}) and not _violated(_only_intent(policy, intent)):
            yield f"flows: {intent}"


def _only(policy: Policy, path: str, rule: str, rules: Mapping[str, object]) -> Policy:
    kept = {name: argument for name, argument in rules.items() if name in (rule, "nullable")}
    return replace(policy, require={path: kept}, asserts=(), flows=None)


def _only_assertion(policy: Policy, index: int) -> Policy:
    return replace(policy, require={}, asserts=(policy.asserts[index],), flows=None)


def _only_intent(policy: Policy, intent: str) -> Policy:
    flows = policy.flows or {}
    kept = {name: flows[name] for name in (intent, *(("from",) if intent == "accepts_only" else ())) if name in flows}
    return replace(policy, require={}, asserts=(), flows=kept)


def _violated(policy: Policy) -> bool:
    return any(_fails(policy, example) for example in (policy.examples or {}).get("fail", ()))


def _fails(policy: Policy, example: Mapping[str, Any]) -> bool:
    origin = origin_of(example)
    resources, _, networks = example_resources(origin, example)
    if policy.flows:
        given, zones = {policy.id: example.get("parameters") or {}}, declared(example.get("zones") or {})
        judged = evaluate([(policy, None)], resources, given, networks=networks, zones=zones)
        return any(finding.status == "fail" for finding in judged.findings)
    values = parameter_values(policy.id, policy.parameters or {}, example.get("parameters") or {})
    for resource in resources:
        if resource.kind in policy.targets:
            ready = body(policy, kind_named(resource.kind), supplied(resource.origin, resource.kind), values)
            if ready.applies and ready.selects(resource.facts) != FAIL and ready.verdict(resource.facts, None) == FAIL:
                return True
    return False
