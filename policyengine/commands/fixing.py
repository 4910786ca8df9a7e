"""``check --fix`` and ``check --diff``: what mends the findings of a run in the files that they are about.

Nothing is written here but by :func:`write`, one file at a time and each in one step. What the files would hold is
judged before: a fix that does not mend what it is for is not made, and what it uncovers is mended in the next round. A
finding that is waived, or known to the baseline, stays as it is; so does one whose fix cannot be made for sure, which
is told with the reason.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.commands.fix_edits import Left, applied, edits, instead, takes_image
from policyengine.commands.fix_images import ImageFixes
from policyengine.errors import UsageError
from policyengine.model.location import is_file
from policyengine.remediation.files.planning import INPUTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.commands.fix_edits import Contents
    from policyengine.model.location import Location
    from policyengine.model.report import Finding, Report
    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings

    Judge = Callable[[Mapping[str, bytes]], Report]

ROUNDS = 10
"""So often edits are tried before what is still found is left: each round judges all again."""

NOT_MENDED = "its fix does not mend it"

Held = tuple[str, str, str, str]
"""A policy, and a resource in its scope and file: what violations are counted of."""


class Fixing(Struct, frozen=True):
    """What fixes come to: the files' bytes ``before`` and ``after``, the findings ``fixed``, and those ``left``.

    ``origins`` tells by fingerprint where a finding is ``before``, ``left`` where it is ``after``.
    ``unsafe`` counts the findings whose fix is unsafe and was not asked for, ``unasked`` those that take another image,
    where no registry was to be asked.
    """

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    fixed: tuple[Finding, ...]
    left: tuple[Left, ...]
    origins: Mapping[str, Location]
    unsafe: int = 0
    unasked: int = 0


def fixes(
    report: Report, sources: Sequence[str], settings: Settings, chosen: Choice, judge: Judge, *, unsafe: bool
) -> Fixing:
    """What mends the findings of a report by the policies that were chosen; with ``unsafe`` fixes, those too.

    ``judge`` judges the same sources where some files hold something else, by real path.
    """
    with ImageFixes(settings) as images:
        rounds = _Rounds(report, sources, settings, chosen, judge, images, unsafe=unsafe)
        for _ in range(ROUNDS):
            if not rounds.another():
                break
    return rounds.done()


class _Rounds:
    """Mends what can be mended, judges the outcome, and goes on with what that uncovers."""

    def __init__(
        self,
        report: Report,
        sources: Sequence[str],
        settings: Settings,
        chosen: Choice,
        judge: Judge,
        images: ImageFixes,
        *,
        unsafe: bool,
    ) -> None:
        self._report = report
        self._origins = {one.fingerprint: one.location for one in report.findings}
        self._sources = sources
        self._settings = settings
        self._policies = {policy.id: policy for policy, _ in chosen.policies if policy.remediate is not None}
        self._parameters = chosen.parameters
        self._judge = judge
        self._images = images
        self._unsafe = unsafe
        self._before: Contents = {}
        self._now: Contents = {}
        self._fixed: list[Finding] = []
        self._left: dict[str, Left] = {}
        self._given_up: dict[str, Left] = {}

    def another(self) -> bool:
        """Make what edits there are for what is found now; whether there were any."""
        asked = [one for one in self._asked() if one.fingerprint not in self._given_up]
        left, groups, data = edits(
            asked, self._sources, self._settings, self._policies, self._parameters, self._now, self._images
        )
        made, after, more = applied(groups, data)
        self._left = {one.finding.fingerprint: one for one in (*left, *more)}
        if not made:
            return False
        for path in after:
            self._before.setdefault(path, data[path])
        findings = [finding for finding, _ in made]
        judged = self._judge(instead({**self._now, **after}))
        refused = self._refused(findings, judged)
        if refused:
            self._given_up |= {one.finding.fingerprint: one for one in refused}
            return True
        self._now.update(after)
        self._fixed += findings
        self._report = judged
        return True

    def _fixable(self) -> list[Finding]:
        found = (one for one in self._report.findings if one.status == "fail" and one.location.line is not None)
        return [one for one in found if one.resource.origin in INPUTS and _mendable(one, self._policies)]

    def _allowed(self) -> list[Finding]:
        return [one for one in self._fixable() if self._unsafe or _safety(one, self._policies) == "safe"]

    def _asked(self) -> list[Finding]:
        return [one for one in self._allowed() if self._images.asks or not _takes_image(one, self._policies)]

    def _refused(self, made: Sequence[Finding], judged: Report) -> list[Left]:
        """The fixes that are not to be made: that mend nothing, or bring back what another one has mended."""
        if _problems(judged) > _problems(self._report):
            return [Left(one, "what its fix makes of the file cannot be read") for one in made]
        before, after = _counted(self._report), _counted(judged)
        meant = Counter(map(_held, made))
        vain = {held for held, count in meant.items() if after[held] > before[held] - count}
        if vain:
            return [Left(one, NOT_MENDED) for one in made if _held(one) in vain]
        undone = {held for held in map(_held, self._fixed) if after[held] > before[held]}
        return [
            Left(one, f"{', '.join(sorted(policies))} would be violated again")
            for one in made
            if (policies := {policy for policy, *of in undone if tuple(of) == _held(one)[1:]})
        ]

    def done(self) -> Fixing:
        """What it came to."""
        changed = {path: data for path, data in self._now.items() if data != self._before[path]}
        left = (*self._left.values(), *self._given_up.values())
        return Fixing(
            {path: self._before[path] for path in changed},
            changed,
            tuple(self._fixed),
            tuple(sorted(left, key=lambda one: (one.finding.location.path, one.finding.location.line or 0))),
            {one.finding.fingerprint: self._origins.get(one.finding.fingerprint, one.finding.location) for one in left},
            len(self._fixable()) - len(self._allowed()),
            len(self._allowed()) - len(self._asked()),
        )


def _safety(finding: Finding, policies: Mapping[str, Policy]) -> str:
    remediation = policies[finding.policy].remediate
    return remediation.safety if remediation else ""


def _takes_image(finding: Finding, policies: Mapping[str, Policy]) -> bool:
    return takes_image(policies[finding.policy], finding.resource.kind)


def _mendable(finding: Finding, policies: Mapping[str, Policy]) -> bool:
    """Whether a policy says what mends a finding in a file: an image that is built is mended where it is built."""
    if finding.policy not in policies:
        return False
    remediation = policies[finding.policy].remediate
    return _takes_image(finding, policies) or (remediation is not None and remediation.changes_fields)


def _held(finding: Finding) -> Held:
    return finding.policy, str(finding.resource), finding.resource.scope, finding.location.path


def _counted(report: Report) -> Counter[Held]:
    """How often what is in files violates each policy, or may: what is not known any more is not mended either."""
    found = (one for one in report.findings if one.status not in ("pass", "waived"))
    return Counter(_held(one) for one in found if is_file(one.location.path))


def _problems(report: Report) -> int:
    return sum(1 for problem in report.problems if problem.path and is_file(problem.path))


def write(fixing: Fixing) -> None:
    """Write the files, each in one step; a link stays one, and what it leads to is written.

    Raises :class:`UsageError` before the first is written where one has changed meanwhile, or is not to be written.
    """
    from policyengine.outputs.deliver import replace_file

    for path in sorted(fixing.after):
        with _refused(path):
            _look(Path(path), fixing.before[path])
    for path in sorted(fixing.after):
        with _refused(path):
            replace_file(Path(path), [fixing.after[path]])


def _look(file: Path, before: bytes) -> None:
    """Raise an error for a file that is not to be written. Its mode counts: a new file could be put in its place."""
    if file.read_bytes() != before:
        raise UsageError("the file has changed while it was judged", path=str(file), hint="run it again")
    if not file.stat().st_mode & _WRITABLE or not os.access(file, os.W_OK):
        hint = "make it writable, or leave it out with --exclude; no file was changed"
        raise UsageError("cannot write the fixed file: it is read-only", path=str(file), hint=hint)


_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def _refused(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"cannot write the fixed file: {reason}", path=path) from error


def told(fixing: Fixing, *, written: bool) -> Iterator[str]:
    """What should be said of fixes, beside the report or the diff: with places in the files as they are then."""
    for finding, reason in fixing.left:
        place = finding.location if written else fixing.origins[finding.fingerprint]
        yield f"not fixed: {place}: {finding.policy}: {reason}"
    done = "fixed" if written else "to fix"
    yield f"{_count(len(fixing.fixed), 'finding')} {done} in {_count(len(fixing.after), 'file')}"
    if fixing.unsafe:
        yield f"{_count(fixing.unsafe, 'more finding')} with a fix that is not safe: --unsafe-fixes"
    if fixing.unasked:
        yield f"{_count(fixing.unasked, 'more finding')} with a fix that asks a registry: --resolve registry"


def told_of_diffs(only_to_read: Iterable[str]) -> Iterator[str]:
    """What should be said of diffs that do not apply."""
    for path in only_to_read:
        yield f"the diff of {path} does not apply: a secret is masked in or beside a change, or it is UTF-16; use --fix"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
