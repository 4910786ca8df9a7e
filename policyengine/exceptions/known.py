"""Which findings were known before: those of a baseline, or of another revision.

A finding is known by what it is about, its content, and by its file and scope. What was known at a file is known at
another one only when the file was renamed, or is gone, or when the resource left it for another file of its scope; and
never at a resource that had findings at its place before: so that nobody mends one thing and breaks its like elsewhere
unseen. What was not judged went nowhere. What was known twice is known twice, and not a third time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from policyengine.exceptions.seen import bearer, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from policyengine.exceptions.seen import Bearer, Seen
    from policyengine.model.report import Finding

    Key = Callable[["Known"], object]

TOLD = ("fail", "unknown")
"""The statuses of what can be known."""


class Known(NamedTuple):
    """What is known of a finding. ``resource`` and ``scope`` are as reports show them."""

    policy: str
    status: str
    path: str
    resource: str
    scope: str
    content: str

    @classmethod
    def of(cls, finding: Finding) -> Known:
        """What is known of a finding."""
        at = finding.resource
        return cls(finding.policy, finding.status, placed(finding.location.path), str(at), at.scope, finding.content)

    @property
    def bearer(self) -> Bearer:
        """What has it."""
        return bearer(self.path, self.scope, self.resource)


class Matching(Struct):
    """Tells known findings from new ones.

    ``before`` is what was found, as often as it was; ``seen`` what was judged now; ``renames`` leads from a file's path
    to the one it has now. After :meth:`new`, ``left`` is what was known and is found no more.
    """

    before: Sequence[Known]
    seen: Seen
    renames: Mapping[str, str] = field(default_factory=dict)
    left: Sequence[Known] = ()
    _bearers: frozenset[Bearer] = frozenset()

    def new(self, findings: Iterable[Finding]) -> set[int]:
        """The positions of the findings that were not known before."""
        self.left = self.before
        self._bearers = frozenset(known.bearer for known in self.before)
        waiting = [(position, Known.of(one)) for position, one in enumerate(findings) if one.status in TOLD]
        for then, now in self._ways():
            waiting = self._taken(waiting, then, now)
        return {position for position, _ in waiting}

    def _ways(self) -> Iterator[tuple[Key, Key]]:
        """In which ways a finding may be a known one, the surest first: what of the known has to be what of it."""
        yield _file_and_scope, _file_and_scope
        yield self._file_of_lost_scope, _file
        yield self._new_file_and_scope, _file_and_scope
        yield self._new_file_of_lost_scope, _file
        yield self._scope_it_left, self._scope_it_came_to
        yield self._anywhere_if_gone, self._anywhere_if_it_came

    def _taken(self, waiting: Sequence[tuple[int, Known]], then: Key, now: Key) -> list[tuple[int, Known]]:
        """The findings that are none of what is left of the known ones. What they are of it is taken off."""
        left: dict[object, list[Known]] = {}
        rest: list[Known] = []
        for known in reversed(self.left):
            key = then(known)
            (rest if key is None else left.setdefault((_like(known), key), [])).append(known)
        still: list[tuple[int, Known]] = []
        for position, one in waiting:
            key = now(one)
            like = left.get((_like(one), key)) if key is not None else None
            if like:
                like.pop()
            else:
                still.append((position, one))
        self.left = [*reversed(rest), *(known for like in left.values() for known in reversed(like))]
        return still

    def _file_of_lost_scope(self, known: Known) -> object:
        """What a scope is called may depend on what else is judged."""
        return None if self._stays(known, known.path) else _file(known)

    def _new_file_and_scope(self, known: Known) -> object:
        renamed = self.renames.get(known.path)
        return renamed and (renamed, known.scope)

    def _new_file_of_lost_scope(self, known: Known) -> object:
        renamed = self.renames.get(known.path)
        return renamed if renamed and not self._stays(known, renamed) else None

    def _scope_it_left(self, known: Known) -> object:
        """The scope of what is in its file no more."""
        if known.path in self.renames:
            return None
        judged = self.seen.was_judged(known.path, known.scope) and not self._stays(known, known.path)
        return known.scope if judged or self._is_gone(known) else None

    def _scope_it_came_to(self, one: Known) -> object:
        return one.scope if self._came(one) else None

    def _anywhere_if_gone(self, known: Known) -> object:
        """With its file its scope may be gone: a Compose project is called by its directory."""
        lost = known.path not in self.renames and self._is_gone(known)
        return True if lost and not self.seen.has(known.scope, known.resource) else None

    def _anywhere_if_it_came(self, one: Known) -> object:
        return True if self._came(one) else None

    def _came(self, one: Known) -> bool:
        """Whether nothing was known of what has it at its place: what had findings there before did not come."""
        return one.bearer not in self._bearers

    def _is_gone(self, known: Known) -> bool:
        return self.seen.is_gone(known.path, known.scope)

    def _stays(self, known: Known, path: str) -> bool:
        """Whether what had a finding is at a path, in the scope of that name."""
        return self.seen.holds(path, known.scope, known.resource)


def _like(known: Known) -> tuple[str, str, str]:
    return known.policy, known.status, known.content


def _file(known: Known) -> object:
    return known.path


def _file_and_scope(known: Known) -> object:
    return known.path, known.scope
