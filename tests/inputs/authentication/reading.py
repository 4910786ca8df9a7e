"""The resources of a root's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.files import Given
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.authentication.files import Something
    from policyengine.inputs.authentication.tree import Part
    from policyengine.model.resource import Resource


def read(part: Part, files: Mapping[str, Something]) -> tuple[list[Resource], list[str]]:
    """What a family's files make, and what is refused, with its place."""
    refused: list[str] = []
    found = part.resources(
        Given(files), "web", Scope("host", "web", "example"), "host", lambda why, at: refused.append(f"{at}: {why}")
    )
    return list(found), refused
