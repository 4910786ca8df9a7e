"""Image references, read as distribution/reference does.

https://github.com/distribution/reference/blob/main/reference.go
"""

from __future__ import annotations

import re

from msgspec import Struct

from policyengine.model.unknown import Unknown

_REFERENCE = re.compile(
    r"(?P<name>[A-Za-z0-9\[][A-Za-z0-9._:/\[\]-]*?)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?"
).fullmatch
_HOST = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]+)?").fullmatch
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*").fullmatch
_MAX_REPOSITORY = 255
_DOCKER_IO = ("docker.io/", "index.docker.io/")
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}").fullmatch


class Reference(Struct, frozen=True):
    """A parsed reference. ``tag`` is ``latest`` where neither tag nor digest is written."""

    written: str
    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def name(self) -> str:
        """registry/repository."""
        return f"{self.registry}/{self.repository}"


def parse(written: str) -> Reference | None:
    """The parts of a reference after normalisation; None for what is no reference (an image id, a typo).

    ``nginx`` is ``docker.io/library/nginx:latest``; the first part is a registry when it has a dot, a port, is
    ``localhost`` or has an upper-case letter.
    """
    match = _REFERENCE(written)
    if match is None or _ID(written):
        return None
    name, tag, digest = match["name"], match["tag"], match["digest"]
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        registry, repository = first, rest
    else:
        registry, repository = "docker.io", name
    if registry in ("docker.io", "index.docker.io"):
        registry = "docker.io"
        repository = repository if "/" in repository else f"library/{repository}"
    if len(repository) > _MAX_REPOSITORY or not _REPOSITORY(repository) or not _HOST(registry):
        return None
    return Reference(written, registry, repository, tag or (None if digest else "latest"), digest)


def implied(written: str) -> frozenset[str]:
    """The parts of a reference that nobody wrote: its registry, its tag. None of what is no reference."""
    parsed = parse(written)
    if parsed is None:
        return frozenset()
    left_out = {
        "registry": parsed.registry == "docker.io" and not written.startswith(_DOCKER_IO),
        "tag": parsed.tag == "latest" and not written.partition("@")[0].endswith(":latest"),
    }
    return frozenset(part for part, out in left_out.items() if out)


PARTS = ("registry", "repository", "name", "tag", "digest", "pinning")
"""What a reference that is understood has beside its text."""


def _pinning(parsed: Reference) -> str:
    """What names the version."""
    if parsed.digest is not None:
        return "digest"
    if parsed.tag != "latest":
        return "tag"
    return "latest" if parsed.written.endswith(":latest") else "none"


def fields(written: str) -> dict[str, object]:
    """A reference as the model's ``image`` object; its parts are unknown where it is no valid reference."""
    parsed = parse(written)
    if parsed is None:
        unknown = Unknown("image", f'"{written}" is no image reference')
        return {"reference": written, **dict.fromkeys(PARTS, unknown)}
    found = {
        "reference": written,
        "registry": parsed.registry,
        "repository": parsed.repository,
        "name": parsed.name,
        "tag": parsed.tag,
        "digest": parsed.digest,
        "pinning": _pinning(parsed),
    }
    return {name: value for name, value in found.items() if value is not None}
