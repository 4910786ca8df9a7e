"""What a resource can see: the borders that relations never cross."""

from __future__ import annotations

from msgspec import Struct


class Scope(Struct, frozen=True):
    """One Compose project, one namespace of one cluster, one engine.

    ``kind`` and ``name`` are what a report shows (``kubernetes``, ``shop``). ``source`` tells two scopes of the same
    name apart that came from different sources of one run (two directories of manifests are two clusters); it is
    no part of a fingerprint. ``closed`` holds the kinds whose absence is known: a live engine and a whole directory
    are closed, a single file or standard input is not, and there "nothing selects it" is unknown.
    """

    kind: str
    name: str
    source: str = ""
    closed: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str, str]:
        """What two resources must share to see each other."""
        return (self.kind, self.name, self.source)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind
