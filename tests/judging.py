"""Policies from text, resources from facts or from real input, and what the engine makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policyengine.documents.load import document
from policyengine.engine import Judgements, evaluate
from policyengine.inputs import document_inputs, inputs
from policyengine.inputs.context import Context
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED, Provenance
from policyengine.model.resource import Owner, Resource
from policyengine.model.scope import Scope
from policyengine.policy.load import policy_data
from policyengine.policy.policy import Policy, policy_from
from policyengine.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from policyengine.model.paths import FieldPath
    from policyengine.model.source_line import SourceLine

SCOPE = Scope("compose", "shop")


@dataclass(frozen=True)
class Origins:
    """Facts of no document: all in one line."""

    line: int

    def where(self, path: FieldPath) -> Location:
        return Location("facts", self.line, len(path) + 1)

    def written(self, path: FieldPath) -> tuple[str, FieldPath]:
        return "test", path

    def provenance(self, path: FieldPath) -> Provenance:
        return DECLARED

    def excerpt(self, location: Location) -> SourceLine | None:
        return None


def shown_line(resource: Resource, where: Location) -> str | None:
    """The line where a location starts as a report shows it."""
    found = resource.origins.excerpt(where)
    return found.text if found else None


def loaded(text: str, name: str = "sample") -> Policy:
    """The policy that a file of that name and text is."""
    path = f"{name}.yaml"
    return policy_from(policy_data(path, text, tuple(inputs())), path)


def container(
    name: str = "web",
    *,
    line: int = 1,
    origin: str = "compose",
    scope: Scope = SCOPE,
    shared: Mapping[str, Owner] | None = None,
    **facts: Any,
) -> Resource:
    """A container with some facts; its name is one of them."""
    return Resource("container", name, origin, scope, {"name": name, **facts}, Origins(line), shared=shared or {})


def read(origin: str, text: str, path: str = "input.yaml") -> list[Resource]:
    """The resources in a document."""
    return list(document_inputs()[origin].read(document(path, text.encode()), Context()))


def read_all(*sources: Path) -> list[Resource]:
    """The resources in files and directories."""
    reader = Reader()
    return [resource for item in reader.items(list(map(str, sources))) for resource in reader.read(item).resources]


def judged(
    policies: Policy | Iterable[Policy],
    resources: Resource | Iterable[Resource],
    parameters: Mapping[str, Mapping[str, object]] | None = None,
    *,
    keep_passes: bool = False,
) -> Judgements:
    """What the engine makes of policies that act on every input."""
    every = [policies] if isinstance(policies, Policy) else policies
    found = [resources] if isinstance(resources, Resource) else resources
    return evaluate([(policy, None) for policy in every], found, parameters, keep_passes=keep_passes)
