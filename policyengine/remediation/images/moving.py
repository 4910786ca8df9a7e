"""An image's name at another registry, by a mapping of registries or of the starts of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.images.reference import parse
from policyengine.remediation.images.asking import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.images.reference import Reference


def moved(reference: Reference, moves: Mapping[str, str]) -> tuple[str, str]:
    """The registry and the repository that an image is to come from.

    The longest start of its name that is mapped counts: with ``{docker.io: registry.example.com/hub}``,
    ``docker.io/library/nginx`` is ``registry.example.com/hub/library/nginx``. Raises :class:`RemedyError` where none
    is mapped, or what it is mapped to is no name.
    """
    starts = [start for start in moves if _starts(reference.name, start)]
    if not starts:
        raise RemedyError(
            f"no registry is set that {spoken(reference.name)} may come from instead", hint="remediate.registries"
        )
    start = max(starts, key=len)
    written = f"{moves[start].rstrip('/')}{reference.name.removeprefix(start.rstrip('/'))}"
    found = parse(written)
    if found is None or "/" not in written:
        raise RemedyError(f"{written} is no name of an image", hint=f"remediate.registries: {start}")
    return found.registry, found.repository


def _starts(name: str, start: str) -> bool:
    """Whether a name is, or is below, a start: whole parts count."""
    return name == start or name.startswith(f"{start.rstrip('/')}/")
