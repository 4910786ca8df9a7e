"""From the findings on one live object to what is wanted of it, and what is wanted in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policyengine.commands.mending import violations
from policyengine.model.kinds import kind as kind_named
from policyengine.model.paths import render
from policyengine.policy.parameters import parameter_values
from policyengine.remediation.changes import wanted
from policyengine.remediation.desired import Wish
from policyengine.remediation.plan import Left

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource
    from policyengine.policy.policy import Policy

NO_FIX = "no fix is known"
UNSAFE = "its fix may keep the program from working: --unsafe-fixes"
GONE = "it was not found again"


class Wishes(NamedTuple):
    """What policies want of one live object, and what nothing is done about."""

    asked: tuple[Wish, ...] = ()
    left: tuple[Left, ...] = ()


class Wishing:
    """Finds what policies want; ``unsafe`` fixes, too, where they are asked for."""

    def __init__(self, chosen: Choice, *, unsafe: bool) -> None:
        self._policies: Mapping[str, Policy] = {policy.id: policy for policy, _ in chosen.policies}
        self._parameters = chosen.parameters
        self._unsafe = unsafe

    def changes_image(self, policy: str) -> bool:
        """Whether a policy is mended by another image."""
        found = self._policies.get(policy)
        return found is not None and found.remediate is not None and found.remediate.image is not None

    def wishes(self, findings: Sequence[Finding], resources: Iterable[Resource]) -> Wishes:
        """What is wanted where ``resources`` are what the findings are about, one of a kind."""
        by_kind = {resource.kind: resource for resource in resources}
        names = dict.fromkeys(finding.policy for finding in findings)
        grouped = [[finding for finding in findings if finding.policy == name] for name in names]
        found = [self._wish(mine, by_kind.get(mine[0].resource.kind)) for mine in grouped]
        asked = tuple(one for one in found if isinstance(one, Wish))
        return Wishes(asked, tuple(one for one in found if isinstance(one, Left)))

    def _wish(self, findings: Sequence[Finding], resource: Resource | None) -> Wish | Left:
        """What one policy wants."""
        policy = self._policies.get(findings[0].policy)
        if policy is None or policy.remediate is None:
            return Left(findings[0].policy, NO_FIX)
        proposed = findings[0].resource.kind == "engine"  # never applied, hence never unsafe
        if policy.remediate.safety == "unsafe" and not (self._unsafe or proposed):
            return Left(policy.id, UNSAFE)
        if policy.remediate.image is not None:
            return Wish(policy.id, (), policy.remediate.image)
        if resource is None:
            return Left(policy.id, GONE)
        return self._changes(policy, findings, resource)

    def _changes(self, policy: Policy, findings: Iterable[Finding], resource: Resource) -> Wish | Left:
        assert policy.remediate is not None  # noqa: S101 - only such policies are asked
        fields = {finding.field for finding in findings}
        type_ = kind_named(resource.kind).type
        values = parameter_values(policy.id, policy.parameters or {}, self._parameters.get(policy.id, {}))
        paths = [path for path in violations(policy, resource, values) if (render(path, type_) or None) in fields]
        changes = [wanted(policy.remediate, path, values) for path in paths]
        if not changes:
            return Left(policy.id, GONE)
        if not all(changes):
            return Left(policy.id, "no fix is known for this field")
        return Wish(policy.id, tuple(change for each in changes for change in each))
