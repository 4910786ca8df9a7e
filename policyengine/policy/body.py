"""A policy made ready for one kind of resource from one input kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyengine.policy.compile import Compiled, Failure, compile_schema
from policyengine.policy.desugar import desugar
from policyengine.policy.parameters import substituted
from policyengine.policy.selectors import parse
from policyengine.policy.verdict import FAIL, PASS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from policyengine.model.types import Kind
    from policyengine.policy.expressions import Expression
    from policyengine.policy.policy import Assertion, Policy


@dataclass(frozen=True, slots=True)
class Body:
    """What a policy demands of the resources of one kind from one input kind.

    Rules that read a field of which the input has no notion are left out; with none left the policy does not apply.
    """

    policy: Policy
    kind: Kind
    where: Compiled | None
    require: Compiled | None
    asserts: tuple[tuple[Assertion, Expression], ...]

    @property
    def applies(self) -> bool:
        """Whether there is anything to demand."""
        return self.require is not None or bool(self.asserts)

    def matches(self, facts: Mapping[str, object]) -> int:
        """Whether ``where`` selects the resource: FAIL, UNKNOWN or PASS."""
        return PASS if self.where is None else self.where.verdict(facts, None)

    def verdict(self, facts: Mapping[str, object]) -> int:
        """Whether the resource satisfies the policy."""
        worst = PASS if self.require is None else self.require.verdict(facts, None)
        for _, expression in self.asserts:
            if worst == FAIL:
                break
            worst = min(worst, expression.verdict(facts))
        return worst

    def failures(self, facts: Mapping[str, object], verdict: int) -> Iterator[tuple[Failure, str | None]]:
        """The values that the verdict (FAIL or UNKNOWN) comes from, with the message of their assertion."""
        if self.require is not None:
            for failure in self.require.failures(facts, None, ()):
                if failure.verdict == verdict:
                    yield failure, None
        for assertion, expression in self.asserts:
            if expression.verdict(facts) == verdict:
                yield _assertion_failure(assertion, expression, facts, verdict), assertion.message

    def undecided(self, facts: Mapping[str, object]) -> Iterator[tuple[Failure, str | None]]:
        """The values that keep ``where`` from being decided."""
        if self.where is not None:
            for failure in self.where.failures(facts, None, ()):
                if failure.verdict == UNKNOWN:
                    yield failure, None


def _assertion_failure(
    assertion: Assertion, expression: Expression, facts: Mapping[str, object], verdict: int
) -> Failure:
    path: tuple[str, ...] = tuple(step.name for step in parse(assertion.field)) if assertion.field else ()
    value: object = facts if path else None
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if verdict == UNKNOWN:
        value = first_unknown({root: facts.get(root) for root in sorted(expression.roots)}) or value
    return Failure(path, verdict, "assert", value)


def first_unknown(value: object) -> object | None:
    """The first Unknown in a value, None when all of it is known."""
    from policyengine.model.unknown import Unknown

    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, Unknown):
            return item
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return None


def body(policy: Policy, kind: Kind, supplied: Collection[str], values: Mapping[str, object]) -> Body:
    """Make a policy ready for resources of ``kind`` whose input can fill the fields ``supplied``.

    ``values`` are the policy's parameters. Raises :class:`~policyengine.errors.PolicyError` when a parameter's value
    makes an impossible rule.
    """
    from policyengine.policy.expressions import compile_expression

    parameters = {name: (item.type, values[name]) for name, item in (policy.parameters or {}).items()}
    expressions = ((item, compile_expression(item.cel, _targets(policy), parameters)) for item in policy.asserts)
    return Body(
        policy,
        kind,
        _compiled(policy.where, kind, kind.fields, values, present=True),
        _compiled(policy.require, kind, supplied, values, present=False),
        tuple((item, expression) for item, expression in expressions if expression.roots <= set(supplied)),
    )


def _targets(policy: Policy) -> list[Kind]:
    from policyengine.model.kinds import kinds

    return [kinds()[target] for target in policy.targets]


def _compiled(
    paths: Mapping[str, Mapping[str, object]] | None,
    kind: Kind,
    supplied: Collection[str],
    values: Mapping[str, object],
    *,
    present: bool,
) -> Compiled | None:
    parsed = [(parse(path), substituted(rules, values)) for path, rules in (paths or {}).items()]
    known = [(steps, rules) for steps, rules in parsed if steps[0].name in kind.fields]
    if present and len(known) < len(parsed):
        return Compiled(lambda _facts, _around: FAIL, lambda _facts, _around, _path: iter(()))
    applying = [(steps, rules) for steps, rules in known if steps[0].name in supplied]
    return compile_schema(desugar(applying, present=present), kind.type) if applying else None
