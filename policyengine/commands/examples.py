"""Running one example of a policy through the same readers and engine as everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.commands.judged import judged_inputs
from policyengine.documents.load import document
from policyengine.engine import evaluate
from policyengine.errors import PolicyengineError
from policyengine.inputs import document_inputs
from policyengine.inputs.context import Context
from policyengine.policy.schema import EXAMPLE_OPTIONS
from policyengine.relations import Index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource
    from policyengine.policy.policy import Policy

_NAMES = {"compose": "compose.yaml", "dockerfile": "Dockerfile", "docker": "snapshot.yaml"}


class ExampleResult(Struct, frozen=True):
    """What an example came to: ``wrong`` says in which ways it was not as expected."""

    name: str
    wrong: tuple[str, ...]


def run_example(policy: Policy, outcome: str, number: int, example: Mapping[str, Any]) -> ExampleResult:
    """Judge an example by its policy and compare the outcome, and line and field where it states them."""
    origin = next(key for key in example if key not in EXAMPLE_OPTIONS)
    title = example.get("name") or origin
    return ExampleResult(
        f"{policy.id}: {outcome} example {number} ({title})", tuple(_wrong(policy, outcome, origin, example))
    )


def _wrong(policy: Policy, outcome: str, origin: str, example: Mapping[str, Any]) -> Iterator[str]:
    try:
        resources, problems = example_resources(origin, example)
        given = {policy.id: example.get("parameters") or {}}
        judged = evaluate([(policy, None)], resources, given, keep_passes=True)
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
    for key, value in (("line", [one.location.line for one in found]), ("field", [one.field for one in found])):
        if key in example and example[key] not in value:
            yield f"expected {key} {example[key]}, found {', '.join(map(str, value))}"


def _spoken(findings: Sequence[Finding]) -> str:
    if not findings:
        return "nothing that the policy applies to"
    return "; ".join(f"{one.status} at line {one.location.line} ({one.field or one.resource})" for one in findings)


def example_resources(origin: str, example: Mapping[str, Any]) -> tuple[list[Resource], list[str]]:
    """The resources of an example's input, and what could not be read of it."""
    context = Context(source="example", closed=bool(example.get("closed", False)))
    reader = document_inputs()[origin]
    found = document(_NAMES.get(origin, "manifest.yaml"), str(example[origin]).encode())
    resources = list(reader.read(found, context))
    index = Index()
    for resource in resources:
        index.add(resource)
    problems = [f"line {problem.line}: {problem.message}" for problem in context.problems]
    return [index.relate(resource) for resource in resources], problems


def missing_examples(policy: Policy) -> Iterator[str]:
    """What examples the policy lacks: one that passes and one that fails for every input kind that it judges."""
    for origin in dict.fromkeys(judged_inputs(policy)):
        for outcome, word in (("pass", "passing"), ("fail", "failing")):
            if not any(origin in example for example in (policy.examples or {}).get(outcome, ())):
                yield f"no {word} example for {origin}"
