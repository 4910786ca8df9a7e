"""What a resource can see: the borders that relations never cross."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scope(Struct, frozen=True):
    """One Compose project, one namespace of one cluster, one engine.

    ``kind`` and ``name`` are what a report shows (``kubernetes``, ``shop``). ``source`` tells two scopes of the same
    name apart that came from different sources of one run (two directories of manifests are two clusters); it is
    no part of a fingerprint. ``closed`` holds the kinds whose absence is known: a live engine and a whole directory
    are closed, a single file or standard input is not, and there "nothing selects it" is unknown. ``unread`` says that
    a part of the source could not be read, which is why it is less closed than it would be.
    """

    kind: str
    name: str
    source: str = ""
    closed: frozenset[str] = frozenset()
    unread: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What two resources must share to see each other."""
        return (self.kind, self.name, self.source)

    def without(self, kinds: Iterable[str]) -> Scope:
        """The scope where a part of the source is not read that may hold these kinds."""
        return replace(self, closed=self.closed.difference(kinds), unread=True)

    @property
    def why_open(self) -> tuple[str, str]:
        """Why it is not known that there is nothing of a kind, and what settles it."""
        if self.unread:
            return "a part of the source could not be read", "mend what is told as an error"
        return "only part of the namespace's manifests was given", "check the whole directory"

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind
