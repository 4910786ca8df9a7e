"""A policy made ready for one kind of resource from one input kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from policyengine.errors import ExpressionError, PolicyError, UsageError, did_you_mean
from policyengine.firewall.intents.zones import BUILT_IN, OF_NETWORKS
from policyengine.policy.compile import Compiled, Failure, compile_schema
from policyengine.policy.desugar import desugar
from policyengine.policy.flows import flow_issues, intents
from policyengine.policy.parameters import parameter_values, specimen, substituted
from policyengine.policy.selectors import parse
from policyengine.policy.verdict import FAIL, PASS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from policyengine.firewall.intents.intent import Intents
    from policyengine.model.types import Kind
    from policyengine.policy.expressions import Expression
    from policyengine.policy.issues import Issue
    from policyengine.policy.policy import Assertion, Policy
    from policyengine.policy.vocabulary import Verdict


class Body(Struct, frozen=True):
    """What a policy demands of the resources of one kind from one input kind.

    Rules that read a field of which the input has no notion are left out, and so are ``flows`` where the resources
    are in no network; with none left the policy does not apply.
    ``matches`` says whether ``where`` selects facts, None where it selects all; ``verdict`` whether facts satisfy the
    policy: both FAIL, UNKNOWN or PASS.
    """

    policy: Policy
    kind: Kind
    where: Compiled | None
    require: Compiled | None
    asserts: tuple[tuple[Assertion, Expression], ...]
    matches: Verdict | None
    verdict: Verdict
    flows: Intents | None = None

    @classmethod
    def of(
        cls,
        policy: Policy,
        kind: Kind,
        where: Compiled | None,
        require: Compiled | None,
        asserts: tuple[tuple[Assertion, Expression], ...] = (),
        flows: Intents | None = None,
    ) -> Body:
        """The body of a policy with these parts."""
        verdict = require.verdict if require is not None and not asserts else _verdict(require, asserts)
        return cls(policy, kind, where, require, asserts, None if where is None else where.verdict, verdict, flows)

    @property
    def applies(self) -> bool:
        """Whether there is anything to demand."""
        return self.require is not None or bool(self.asserts) or self.flows is not None

    def selects(self, facts: Mapping[str, object]) -> int:
        """Whether ``where`` selects the facts."""
        return PASS if self.matches is None else self.matches(facts, None)

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


def _verdict(require: Compiled | None, asserts: tuple[tuple[Assertion, Expression], ...]) -> Verdict:
    def verdict(facts: Any, _around: Any) -> int:
        worst = PASS if require is None else require.verdict(facts, None)
        for _, expression in asserts:
            if worst == FAIL:
                break
            worst = min(worst, expression.verdict(facts))
        return worst

    return verdict


def _assertion_failure(
    assertion: Assertion, expression: Expression, facts: Mapping[str, object], verdict: int
) -> Failure:
    path: tuple[str, ...] = tuple(step.name for step in parse(assertion.field)) if assertion.field else ()
    value: object = facts if path else None
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if verdict == UNKNOWN:
        value = next((unknown for _, unknown in expression.unknowns(facts)), value)
    return Failure(path, verdict, "assert", value)


def checked_values(policy: Policy, given: Mapping[str, object]) -> Mapping[str, object]:
    """The values of a policy's parameters: the given ones, else the defaults.

    Raises :class:`~policyengine.errors.UsageError` for a value that is given to an undeclared parameter, has another
    type, or makes a rule impossible.
    """
    values = parameter_values(policy.id, policy.parameters or {}, given)
    for issue in _given_issues(policy, values) if given else ():
        names = ", ".join(f'"{policy.id}.{name}"' for name in given)
        raise UsageError(f"parameter {names}: {issue.message}", hint=issue.hint)
    return values


def _given_issues(policy: Policy, values: Mapping[str, object]) -> Iterator[Issue]:
    from policyengine.policy.semantics import assertion_issues, path_issues

    targets = _targets(policy)
    given = {name: replace(item, default=values[name]) for name, item in (policy.parameters or {}).items()}
    specimens = {name: specimen(item) for name, item in given.items()}
    for rules_of in (policy.where, policy.require):
        for path, rules in (rules_of or {}).items():
            yield from path_issues((path,), path, substituted(rules, specimens), targets)
    for assertion in policy.asserts:
        yield from assertion_issues((), {"cel": assertion.cel}, targets, given)
    if policy.flows:
        yield from flow_issues(substituted(policy.flows, specimens))


def body(
    policy: Policy,
    kind: Kind,
    supplied: Collection[str],
    values: Mapping[str, object],
    *,
    networked: bool = False,
) -> Body:
    """Make a policy ready for resources of ``kind`` whose input can fill the fields ``supplied``.

    ``values`` are those of the policy's parameters, from :func:`checked_values`; with ``networked`` they are in
    networks, so that flows can be judged.
    """
    expressions = [(item, _expression(policy, item, values)) for item in policy.asserts]
    return Body.of(
        policy,
        kind,
        _compiled(policy.where, kind, kind.fields, values, present=True),
        _compiled(policy.require, kind, supplied, values, present=False),
        tuple((item, expression) for item, expression in expressions if expression.roots <= set(supplied)),
        intents(substituted(policy.flows, values)) if policy.flows and networked else None,
    )


def check_zones(policy: Policy, values: Mapping[str, object], declared: Collection[str]) -> None:
    """Raise :class:`UsageError` for a zone that a policy names, and that neither the settings nor policyengine know."""
    for name in intents(substituted(policy.flows, values)).zones:
        if name not in declared and name not in BUILT_IN and name not in OF_NETWORKS:
            near = did_you_mean(name, (*declared, *BUILT_IN, *OF_NETWORKS))
            hint = near or f"declare it in the settings: zones: {{{name}: [203.0.113.0/24]}}"
            raise UsageError(f'policy "{policy.id}" names the zone "{name}", which is not declared', hint=hint)


def read_by(policy: Policy, assertion: Assertion) -> frozenset[str]:
    """The fields that an assertion of the policy reads."""
    return _expression(policy, assertion, checked_values(policy, {})).roots


def _expression(policy: Policy, assertion: Assertion, values: Mapping[str, object]) -> Expression:
    from policyengine.policy.expressions import compile_expression

    parameters = {name: (item.type, values[name]) for name, item in (policy.parameters or {}).items()}
    try:
        return compile_expression(assertion.cel, _targets(policy), parameters)
    except ExpressionError as error:  # it compiled when it was loaded, and checked policies are kept
        raise PolicyError(f"assert: {error}", path=policy.path) from None


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
