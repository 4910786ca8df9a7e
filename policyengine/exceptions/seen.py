"""What a run saw: by it what is gone is told from what was not looked at, and what was moved from what is new."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.model.location import LIVE, STDIN, is_file, is_live

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Bearer = tuple[str, str, str]

_WHOLE_FILES = "dockerfile:"
"""The scope of what is called by where it stands in its file, and so moves with all of the file only."""


def placed(path: str) -> str:
    """A path as all ways to name the same file come to: relative to the working directory. URLs stay."""
    if not is_file(path) or not (path.startswith("/") or ".." in path):
        return path
    return os.path.relpath(path)


def bearer(path: str, scope: str, resource: str) -> Bearer:
    """What bears a finding and can be moved to another file: the outermost of what ``deployment/web/pod`` names."""
    return path, scope, "" if scope.startswith(_WHOLE_FILES) else "/".join(resource.split("/", 2)[:2])


class Seen(Struct, frozen=True):
    """The files and the resources that a run judged.

    ``files`` are the inputs, ``parts`` what these refer to, ``engines`` the scopes of running systems that were judged
    as a whole; ``bearers`` the resources, each with its file or URL and its scope, ``places`` these files and URLs;
    ``named`` are the same resources, wherever they are.
    """

    files: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    engines: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    bearers: frozenset[Bearer] = frozenset()
    named: frozenset[Bearer] = frozenset()

    def was_judged(self, path: str, scope: str) -> bool:
        """Whether all that can be found in a scope at a path was."""
        if is_live(path):
            return scope in self.engines or path in self.places
        return path in self.files or (path in self.parts and scope in self.scopes)

    def is_gone(self, path: str, scope: str) -> bool:
        """Whether there is no such file any more, or no such live object."""
        if is_live(path):
            return scope in self.engines and path not in self.places
        return path != STDIN and not os.path.exists(path)  # noqa: PTH110 - a text, as the paths of findings are

    def has(self, scope: str, resource: str) -> bool:
        """Whether a resource of a scope is anywhere."""
        return bearer("", scope, resource) in self.named

    def holds(self, path: str, scope: str, resource: str) -> bool:
        """Whether a resource of a scope is at a path."""
        return bearer(path, scope, resource) in self.bearers


NOTHING = Seen()


class Sighting(Struct):
    """Puts together what a run sees, input by input."""

    _files: set[str] = field(default_factory=set)
    _parts: set[str] = field(default_factory=set)
    _engines: set[str] = field(default_factory=set)
    _bearers: set[Bearer] = field(default_factory=set)

    def add(self, path: str, parts: Iterable[str], held: Sequence[Bearer], *, whole: bool) -> None:
        """Add an input: the resources in it, each with its URL if it has one; ``whole`` where nothing failed."""
        place = placed(path)
        self._bearers.update(bearer(url or place, scope, name) for url, scope, name in held)
        if not whole:
            return
        if not is_live(path):
            self._files.add(place)
            self._parts.update(map(placed, parts))
        elif "/" not in path.partition(LIVE)[2].rstrip("/"):
            self._engines.update(scope for _, scope, _ in held)

    def seen(self) -> Seen:
        """What all inputs came to."""
        return Seen(
            files=frozenset(self._files),
            parts=frozenset(self._parts),
            engines=frozenset(self._engines),
            scopes=frozenset(scope for _, scope, _ in self._bearers),
            places=frozenset(place for place, _, _ in self._bearers),
            bearers=frozenset(self._bearers),
            named=frozenset(("", scope, resource) for _, scope, resource in self._bearers),
        )
