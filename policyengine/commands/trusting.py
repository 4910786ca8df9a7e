"""``--trust-config-from``: a change must not open its own gate.

Settings, waivers, baseline and ignores are those of a git revision. What the change adds to the exceptions lets nothing
pass, and is a finding of its own.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.connections.git import repository
from policyengine.connections.git_trees import entries
from policyengine.connections.git_working_tree import renames
from policyengine.documents.load import MAX_BYTES, decoded, parsed
from policyengine.documents.templates import unrendered
from policyengine.errors import DocumentError, UsageError
from policyengine.exceptions.marks import Mark, marks
from policyengine.fingerprint import Numbering
from policyengine.model.location import Location
from policyengine.model.report import Finding, Place, ResourceRef
from policyengine.policy.policy import Policy
from policyengine.revisions import laid_out
from policyengine.sources import claimant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policyengine.exceptions.known import Known
    from policyengine.exceptions.waivers import Waiver
    from policyengine.model.report import Skipped
    from policyengine.revisions import Revision
    from policyengine.settings.trusted import Trusted

ADDED = Policy(
    id="exception-added",
    title="A change adds no exceptions to the rules that it is judged by",
    category="runtime",
    severity="high",
    why="Who may add an exception to a change can let any violation of it pass.",
    targets=(),
    path="policyengine",
    remedy="Have the exception reviewed and merged by itself, before the change that needs it.",
)
"""Stands for the finding that a change adds an exception: of a report's policies, but judged by no engine."""


@contextmanager
def config_from(ref: str) -> Iterator[Revision]:
    """The revision whose settings count, laid out for the time of a run. No cache is used while it is there.

    What CI services restore as a cache may be what a change put there: checked policies, and results. Raises
    :class:`UsageError` for what names no commit.
    """
    here = Path.cwd()
    ours = repository(here)
    before = os.environ.get(_CACHE)
    with TemporaryDirectory(prefix="policyengine-") as own, laid_out(ours, ours.commit(ref), here=here) as revision:
        os.environ[_CACHE] = own
        try:
            yield revision
        finally:
            os.environ.pop(_CACHE) if before is None else os.environ.update({_CACHE: before})


_CACHE = "POLICYENGINE_CACHE_DIR"


class Trust(Struct):
    """What a revision says about exceptions."""

    revision: Trusted
    _renames: dict[str, str] | None = None
    _marks: dict[str, Counter[object]] = field(default_factory=dict)

    def parted(self, found: Iterable[Mark]) -> tuple[list[Mark], list[Mark]]:
        """Marks that count, since the revision has them too, and those that do not.

        It has one when the file has one of the same policies, until the same day, that speaks for the same thing. Of
        labels of running systems no revision can tell: they are nothing that a change of files adds.
        """
        counting: list[Mark] = []
        added: list[Mark] = []
        for mark in found:
            path = mark.place.path
            counts = "://" in path or self._take(path, _key(mark))
            (counting if counts else added).append(mark)
        return counting, added

    def _take(self, path: str, key: object) -> bool:
        there = self._there(path)
        if there[key] <= 0:
            return False
        there[key] -= 1
        return True

    def _there(self, path: str) -> Counter[object]:
        """The marks of the file that a file was in the revision."""
        if path not in self._marks:
            then = self._then(path)
            self._marks[path] = Counter(map(_key, marks(path, then[1]).found if then else ()))
        return self._marks[path]

    def hidden(self, skipped: Iterable[Skipped]) -> Iterator[Skipped]:
        """Of what was left out, what the revision has in a form that is judged, and that now is a template or broken.

        A comment may be all that makes a manifest a template, while it is deployed as ever.
        """
        for path, one in {one.path: one for one in skipped}.items():
            then = self._then(path)
            if then and _is_read(*then) and _is_left_out(path, _data(self.revision.here / path)):
                yield one

    def _then(self, path: str) -> tuple[str, bytes] | None:
        """What a file was in the revision: its path, and its bytes. Where a link leads is what counts."""
        old = self._old(path)
        try:
            data = _data(self.revision.mapped(Path(old)))
        except UsageError:  # outside of the repository
            return None
        return None if data is None else (old, data)

    def _old(self, path: str) -> str:
        """The real path that a file had in the revision, where the working tree would have it."""
        if self._renames is None:
            ours = repository(self.revision.here)
            self._renames = renames(ours, entries(ours, self.revision.commit))
        top = os.path.realpath(self.revision.original)
        real = os.path.relpath(os.path.realpath(self.revision.here / path), top)
        return os.path.join(top, self._renames.get(real, real))  # noqa: PTH118 - a text


def _data(path: Path) -> bytes | None:
    """The bytes of a file that is no link; None where there is none, or too many."""
    if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_BYTES:
        return None
    return path.read_bytes()


def _is_read(path: str, data: bytes) -> bool:
    """Whether an input kind claims what a file holds."""
    try:
        text = decoded(path, data)
        return unrendered(path, text) is None and claimant(parsed(path, text, partly=True)) is not None
    except DocumentError:
        return False


def _is_left_out(path: str, data: bytes | None) -> bool:
    """Whether a file is a template, or broken, and that is why it was not judged."""
    if data is None:
        return False
    try:
        text = decoded(path, data)
        if unrendered(path, text) is None:
            parsed(path, text)
            return False
    except DocumentError:
        pass
    return True


def _key(mark: Mark) -> tuple[object, ...]:
    """What two marks share that say the same. The reason may be told better."""
    said = mark.ignore
    return mark.kind, tuple(sorted(said.policies)), said.until, said.whole, mark.anchor


def added_waivers(now: Sequence[Waiver], then: Sequence[Waiver]) -> list[Waiver]:
    """The waivers that are not there as they were."""
    left = Counter(map(_said, then))
    added = []
    for waiver in now:
        if left[_said(waiver)] > 0:
            left[_said(waiver)] -= 1
        else:
            added.append(waiver)
    return added


def _said(waiver: Waiver) -> str:
    """All that decides what a waiver lets pass."""
    selected = (waiver.policies, waiver.resources, waiver.paths, waiver.scopes)
    return repr((*selected, waiver.until, waiver.has_value, waiver.value if waiver.has_value else None))


def added_known(now: Sequence[Known], then: Sequence[Known]) -> int:
    """How many findings a baseline holds more, wherever they are."""
    return sum((Counter(_finding(one) for one in now) - Counter(_finding(one) for one in then)).values())


def _finding(known: Known) -> tuple[str, str, str]:
    return known.policy, known.status, known.content


def findings(
    marks_added: Iterable[Mark],
    waivers_added: Iterable[Waiver],
    baseline: str,
    more: int,
    hidden: Iterable[Skipped] = (),
) -> Iterator[Finding]:
    """What is told of exceptions that a change adds, and of what it takes out of what is judged."""
    number = Numbering().number
    for mark in marks_added:
        yield number(_told(mark.place, f"ignores {', '.join(mark.ignore.policies)}", mark.anchor))
    for waiver in waivers_added:
        yield number(_told(waiver.place, f"waives {', '.join(waiver.policies)}", _said(waiver)))
    if more:
        yield number(_told(Location(baseline), f"takes {more} more into the baseline", str(more)))
    for one in hidden:
        why = f"{one.reason}; the revision that is trusted has it in a form that is judged"
        yield number(_told(Location(one.path), "has the file left out", one.reason, why))


_DOES_NOT_COUNT = "the exception is not in the revision that is trusted, and does not count"


def _told(place: Location, what: str, about: str, why: str = _DOES_NOT_COUNT) -> Finding:
    from hashlib import sha256

    digest = sha256(f"{ADDED.id}\0{place.path}\0{what}\0{about}".encode(errors="surrogatepass")).hexdigest()
    return Finding(
        policy=ADDED.id,
        status="fail",
        severity=ADDED.severity,
        category=ADDED.category,
        title=ADDED.title,
        message=f"this change {what}: {why}",
        resource=ResourceRef("exception", what, "policyengine", "policyengine"),
        places=(Place(place),),
        fingerprint=digest,
        remedy=ADDED.remedy_for(""),
        content=digest[:16],
    )
