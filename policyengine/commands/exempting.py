"""What exceptions make of the findings of a run: which are waived, and what is to be said of the exceptions."""

from __future__ import annotations

import os
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.exceptions.marks import Mark
from policyengine.model.location import Location, is_live
from policyengine.model.masking import concealed
from policyengine.model.report import Exemption, Notice, PolicyCounts
from policyengine.outputs.summary import plural
from policyengine.pipeline.spool import Spool
from policyengine.policy import cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.commands.choice import Choice
    from policyengine.commands.exception_files import Said
    from policyengine.commands.judging import Judged
    from policyengine.exceptions.known import Known, Matching
    from policyengine.exceptions.marks import Marks
    from policyengine.exceptions.waivers import Waiver
    from policyengine.model.report import Finding, Problem, ResourceRef, Skipped, Status
    from policyengine.settings import Settings
    from policyengine.settings.trusted import Trusted

    Judgement = tuple[str, Status, ResourceRef, str]


class Exempted(Struct, frozen=True):
    """The findings of a run with those waived that exceptions let pass, the counts, and what is to be said of these.

    ``left`` is what a baseline holds and the run did not find.
    """

    findings: Sequence[Finding]
    policies: tuple[PolicyCounts, ...]
    notices: tuple[Notice, ...] = ()
    problems: tuple[Problem, ...] = ()
    left: Sequence[Known] = ()


def exempted(now: Judged, settings: Settings) -> Exempted:
    """Apply the exceptions that the settings let count to what was judged."""
    outcome, chosen = now.outcome, now.chosen
    if not settings.exceptions:
        return _bare(now, settings)
    if not _are_any(outcome.marks, settings):
        return Exempted(outcome.findings, outcome.policies)
    from policyengine.commands.exception_files import said  # what few runs need

    with cache.used(wanted=settings.cache):
        files = said(settings)
    marks, notices = _counting(outcome.marks.found, settings)
    added: Sequence[Finding] = ()
    if settings.trusted is not None:
        marks, added = _trusted(marks, files, settings.trusted, outcome.skipped)
    findings = outcome.findings
    if files.waivers or marks:
        findings, told = _granted(findings, chosen, [*marks, *files.waivers], now.sources)
        notices += told
    left: Sequence[Known] = ()
    if files.known is not None:
        exemption = Exemption("baseline", Location(files.baseline))
        findings, left = passed_over(findings, files.known, exemption, now)
        notices += _mended(left, files.baseline)
    policies = recounted(outcome.findings, findings, outcome.policies)
    problems = (*_counting_problems(outcome.marks.problems, settings), *files.problems)
    if added:
        findings, policies = _with_added(added, findings, policies, chosen)
    return Exempted(findings, policies, _ordered(notices), problems, left)


def _are_any(marks: Marks, settings: Settings) -> bool:
    """Whether there may be exceptions, or anything to be said of them."""
    named = settings.waivers or settings.baseline or settings.trusted is not None
    return bool(marks.found or marks.problems or named)


def _bare(now: Judged, settings: Settings) -> Exempted:
    """What was judged where no exception counts. What a change takes out of that is told all the same."""
    findings, policies = now.outcome.findings, now.outcome.policies
    if settings.trusted is not None:
        from policyengine.commands.exception_files import Said

        _, added = _trusted([], Said(), settings.trusted, now.outcome.skipped)
        findings, policies = _with_added(added, findings, policies, now.chosen) if added else (findings, policies)
    return Exempted(findings, policies)


def _trusted(
    marks: list[Mark], files: Said, trusted: Trusted, skipped: Sequence[Skipped]
) -> tuple[list[Mark], list[Finding]]:
    """The marks that a trusted revision has too, and findings of all exceptions that it has not."""
    from policyengine.commands.trusting import Trust, findings

    trust = Trust(trusted)
    counting, others = trust.parted(marks)
    hidden = trust.hidden(skipped)
    return counting, list(findings(others, files.waivers_added, files.baseline, files.known_added, hidden))


def _with_added(
    added: Sequence[Finding], findings: Iterable[Finding], policies: tuple[PolicyCounts, ...], chosen: Choice
) -> tuple[Sequence[Finding], tuple[PolicyCounts, ...]]:
    """The findings with those of exceptions that a change adds before them."""
    from policyengine.commands.trusting import ADDED

    spool = Spool({ADDED.id: ADDED, **{policy.id: policy for policy, _ in chosen.policies}})
    for finding in chain(added, findings):
        spool.extend([finding])
    return spool.findings(), (*policies, PolicyCounts(ADDED.id, {"fail": len(added)}))


def _counting(marks: Iterable[Mark], settings: Settings) -> tuple[list[Mark], list[Notice]]:
    """The marks that count: a running container's own word only where the settings take it."""
    counting, notices = [], []
    for mark in marks:
        if mark.live and not settings.live_exceptions:
            names = concealed(", ".join(mark.ignore.policies))
            message = f"its label that ignores {names} does not count (live_exceptions: true in the settings makes it)"
            at = mark.place
            notices.append(Notice("ignored", message, at.path, at.line, at.column))
        else:
            counting.append(mark)
    return counting, notices


def _counting_problems(problems: Iterable[Problem], settings: Settings) -> Iterator[Problem]:
    """The problems of what counts: nobody keeps an engine from being judged by a label that makes no sense."""
    yield from (one for one in problems if settings.live_exceptions or not is_live(one.path or ""))


def _granted(
    findings: Iterable[Finding], chosen: Choice, sources_of: Sequence[Waiver | Mark], sources: Sequence[str]
) -> tuple[Sequence[Finding], list[Notice]]:
    from policyengine.exceptions.applying import Exceptions
    from policyengine.exceptions.dates import today
    from policyengine.policy.select import Names

    by_id = {policy.id: policy for policy, _ in chosen.policies}
    exceptions = Exceptions(by_id.keys())
    exceptions.add(sources_of, Names.of(chosen.known).resolved, today())
    spool = Spool(by_id)
    for finding in findings:
        spool.extend([exceptions.applied(finding)])
    return spool.findings(), list(exceptions.told(lambda one: _is_whole(one, sources)))


def _is_whole(one: Waiver | Mark, sources: Sequence[str]) -> bool:
    """Whether all that an exception may be for was judged: a mark's file was, a waiver is for its directory."""
    if isinstance(one, Mark):
        return True
    return _is_within(one.base, sources)


def _is_within(path: str, sources: Iterable[str]) -> bool:
    """Whether a path is one of the sources, or lies below one."""
    real = os.path.realpath(path)
    return any(f"{real}/".startswith(f"{os.path.realpath(source).rstrip('/')}/") for source in sources)


def matching(before: Sequence[Known], now: Judged, renames: Mapping[str, str] | None = None) -> Matching:
    """What tells what was known before from what is new among the findings of a run that tracks resources."""
    from policyengine.exceptions.known import Matching

    return Matching(before, now.outcome.seen, renames or {})


def passed_over(
    findings: Sequence[Finding],
    before: Sequence[Known],
    exemption: Exemption,
    now: Judged,
    renames: Mapping[str, str] | None = None,
) -> tuple[Sequence[Finding], list[Known]]:
    """The findings with those waived that were known before; and what was known and is found no more.

    Whose exemption expired is not waived: what was to be mended by a day is not forgotten as old.
    """
    from policyengine.exceptions.known import TOLD

    matched = matching(before, now, renames)
    new = matched.new(findings)
    spool = Spool({policy.id: policy for policy, _ in now.chosen.policies})
    for position, finding in enumerate(findings):
        known = position not in new and finding.status in TOLD and finding.exemption is None
        spool.extend([replace(finding, status="waived", exemption=exemption) if known else finding])
    return spool.findings(), found_no_more(matched.left, now)


def less(
    told: Exempted, before: Sequence[Known], exemption: Exemption, now: Judged, renames: Mapping[str, str]
) -> Exempted:
    """The findings with those waived too that were found before."""
    findings, _ = passed_over(told.findings, before, exemption, now, renames)
    return replace(told, findings=findings, policies=recounted(told.findings, findings, told.policies))


def found_no_more(left: Iterable[Known], now: Judged) -> list[Known]:
    """Of what was known and not found, what would have been: that of policies and files that were judged.

    A file that is gone may have been moved to where the run did not look: it was judged where its directory was.
    """
    ids = {policy.id for policy, _ in now.chosen.policies}
    return [one for one in left if one.policy in ids and _was_looked_for(one, now)]


def _was_looked_for(one: Known, now: Judged) -> bool:
    seen = now.outcome.seen
    if seen.was_judged(one.path, one.scope):
        return True
    return seen.is_gone(one.path, one.scope) and (is_live(one.path) or _is_within(one.path, now.sources))


def _mended(left: Sequence[Known], path: str) -> Iterator[Notice]:
    if left:
        message = (
            f"{plural(len(left), 'finding')} of the baseline found no more: policyengine baseline update takes them out"
        )
        yield Notice("unused", message, path)


def recounted(
    before: Iterable[Finding], after: Iterable[Finding], policies: Sequence[PolicyCounts]
) -> tuple[PolicyCounts, ...]:
    """The counts of policies where findings were waived: a judgement is when all that it found is.

    Resources of one name in several files are several: their findings have other paths.
    """
    waived: dict[str, set[Judgement]] = {}
    kept: set[Judgement] = set()
    for old, new in zip(before, after, strict=True):
        judgement = (old.policy, old.status, old.resource, old.location.path)
        if new.status == "waived" and old.status != "waived":
            waived.setdefault(old.policy, set()).add(judgement)
        else:
            kept.add(judgement)
    moved = {id_: Counter(status for _, status, *_ in found - kept) for id_, found in waived.items()}
    return tuple(_moved(one, moved[one.id]) if one.id in moved else one for one in policies)


def _moved(counted: PolicyCounts, moved: Counter[Status]) -> PolicyCounts:
    counts: Counter[Status] = Counter(counted.counts)
    for status, count in moved.items():
        gone = min(count, counts[status])
        counts[status] -= gone
        counts["waived"] += gone
    return replace(counted, counts=dict(counts))


def _ordered(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Notices in the order of their places."""
    return tuple(sorted(notices, key=lambda one: (one.path or "", one.line or 0, one.column or 0, one.message)))
