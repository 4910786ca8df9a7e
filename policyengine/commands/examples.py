"""Running one example of a policy through the same readers and engine as everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.commands.example_input import name_of, origin_of, text_of
from policyengine.commands.judged import judged_inputs
from policyengine.commands.mending import mending
from policyengine.documents.editing.files import edited_bytes
from policyengine.documents.load import document
from policyengine.engine import evaluate
from policyengine.errors import EditError, PolicyengineError
from policyengine.firewall.intents.zones import declared
from policyengine.grants import FIELD as GRANTS
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.inputs.host import NAME as HOST
from policyengine.networks import FIELD as FLOWS
from policyengine.networks import Networks
from policyengine.referents import FIELDS as REFERENTS
from policyengine.relations import FIELDS, Index
from policyengine.remediation.files.planning import INPUTS as EDITED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource
    from policyengine.policy.policy import Policy


class ExampleResult(Struct, frozen=True):
    """What an example came to: ``wrong`` says in which ways it was not as expected."""

    name: str
    wrong: tuple[str, ...]


def run_example(policy: Policy, outcome: str, number: int, example: Mapping[str, Any]) -> ExampleResult:
    """Judge an example by its policy and compare the outcome, and line and field where it states them."""
    origin = origin_of(example)
    title = example.get("name") or origin
    return ExampleResult(
        f"{policy.id}: {outcome} example {number} ({title})", tuple(_wrong(policy, outcome, origin, example))
    )


def _wrong(policy: Policy, outcome: str, origin: str, example: Mapping[str, Any]) -> Iterator[str]:
    try:
        resources, problems, networks = example_resources(origin, example)
        given = {policy.id: example.get("parameters") or {}}
        zones = declared(example.get("zones") or {})
        judged = evaluate([(policy, None)], resources, given, keep_passes=True, networks=networks, zones=zones)
    except PolicyengineError as error:
        yield f"cannot be judged: {error}"
        return
    yield from (f"cannot be read: {problem}" for problem in problems)
    found = [finding for finding in judged.findings if finding.status == outcome]
    others = [finding for finding in judged.findings if finding.status not in (outcome, "pass")]
    if not found:
        yield f"expected {outcome}, found {_spoken(judged.findings)}"
        return
    if others:
        yield f"expected only {outcome}, found also {_spoken(others)}"
    if outcome == "fail" and policy.remediate is not None and policy.remediate.changes_fields:
        yield from _unmended(policy, origin, example, resources, given[policy.id])
    for key, value in (("line", [one.location.line for one in found]), ("field", [one.field for one in found])):
        if key in example and example[key] not in value:
            yield f"expected {key} {example[key]}, found {', '.join(map(str, value))}"


def _unmended(
    policy: Policy,
    origin: str,
    example: Mapping[str, Any],
    resources: Sequence[Resource],
    parameters: Mapping[str, object],
) -> Iterator[str]:
    """What is wrong with what the policy says to mend the violation: done, the example has to pass."""
    if origin not in EDITED:
        return
    text, name = text_of(origin, example), name_of(origin)
    try:
        edits = [edit for one in resources for edit in mending(policy, one, parameters, {name: text})]
        mended = edited_bytes(name, text.encode(), [edit for _, edit in edits]).decode()
    except EditError as error:
        if example.get("fixed", True):
            yield f"cannot be mended: {error.message}"
        return
    after, problems, networks = example_resources(origin, {**example, origin: mended})
    judged = evaluate([(policy, None)], after, {policy.id: parameters}, networks=networks)
    yield from (f"cannot be read when it is mended: {problem}" for problem in problems)
    if not example.get("fixed", True):
        if not judged.findings:
            yield "expected not to be mended, and can be"
    elif judged.findings:
        yield f"expected pass when it is mended, found {_spoken(judged.findings)}"


def _spoken(findings: Sequence[Finding]) -> str:
    if not findings:
        return "nothing that the policy applies to"
    return "; ".join(f"{one.status} at line {one.location.line} ({one.field or one.resource})" for one in findings)


def example_resources(origin: str, example: Mapping[str, Any]) -> tuple[list[Resource], list[str], Networks]:
    """The resources of an example's input, what could not be read of it, and the networks that they are in."""
    context = Context(source="example", closed=bool(example.get("closed", False)))
    reader = document_inputs()[origin]
    found = document(name_of(origin), text_of(origin, example).encode())
    resources = list(reader.read(found, context))
    index = Index((*FIELDS, *REFERENTS, FLOWS, GRANTS))
    for resource in resources:
        index.add(resource)
    problems = [f"line {problem.line}: {problem.message}" for problem in context.problems]
    return [index.relate(resource) for resource in resources], problems, Networks(index.gathered)


def missing_examples(policy: Policy) -> Iterator[str]:
    """What examples the policy lacks: one that passes and one that fails for every input kind that it judges.

    What is read from a file is read in the same way from a host that has it: an example of either will do.
    """
    origins = dict.fromkeys(judged_inputs(policy))
    for origin in [one for one in origins if one != HOST] or origins:
        alike = {origin, HOST} & origins.keys()
        for outcome, word in (("pass", "passing"), ("fail", "failing")):
            if not any(alike & example.keys() for example in (policy.examples or {}).get(outcome, ())):
                yield f"no {word} example for {origin}"
