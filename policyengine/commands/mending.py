"""The edits that mend what a policy finds in one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs import supplied
from policyengine.model.kinds import kind as kind_named
from policyengine.policy.body import body
from policyengine.policy.parameters import parameter_values
from policyengine.policy.verdict import FAIL
from policyengine.remediation.files.planning import edits_for
from policyengine.remediation.files.written import Sources, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.paths import FieldPath
    from policyengine.model.resource import Resource
    from policyengine.policy.body import Body
    from policyengine.policy.policy import Policy
    from policyengine.remediation.files.written import FileEdit


def violations(policy: Policy, resource: Resource, parameters: Mapping[str, object]) -> Iterator[FieldPath]:
    """The paths of the values with which a resource violates a policy."""
    if resource.kind not in policy.targets:
        return
    values = parameter_values(policy.id, policy.parameters or {}, parameters)
    ready = body(policy, kind_named(resource.kind), supplied(resource.origin, resource.kind), values)
    yield from violated(ready, resource)


def violated(ready: Body, resource: Resource) -> Iterator[FieldPath]:
    """The same of a policy that was made ready for resources of the kind."""
    if ready.applies and ready.selects(resource.facts) != FAIL and ready.verdict(resource.facts, None) == FAIL:
        yield from (failure.path for failure, _ in ready.failures(resource.facts, FAIL))


def mending(
    policy: Policy, resource: Resource, parameters: Mapping[str, object], texts: Mapping[str, str]
) -> list[FileEdit]:
    """The edits that mend all violations of a policy by a resource; ``texts`` are those of the files, by path.

    Raises :class:`~policyengine.errors.EditError` where one cannot be mended.
    """
    written = Written(resource, Sources(texts))
    values = parameter_values(policy.id, policy.parameters or {}, parameters)
    assert policy.remediate is not None  # noqa: S101 - only such policies are asked
    return [
        edit
        for path in violations(policy, resource, parameters)
        for edit in edits_for(policy.remediate, path, written, values)
    ]
