"""``check --statistics``: what policies found and what they cost, and where the time of a run went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.outputs.summary import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from policyengine.model.report import PolicyCounts, Report, Status
    from policyengine.model.spent import Spent

PHASES: Mapping[str, str] = {
    "choosing": "policies loaded and chosen",
    "relating": "what relates to what",
    "reading": "files and engines read",
    "asking": "facts asked for elsewhere",
    "judging": "policies applied",
    "rendering": "the report written",
}
"""The phases of a run in their order, and what they are."""

_FOUND: tuple[Status, ...] = ("fail", "unknown", "error", "waived")
_DEAREST = 3
"""Policies that are named for the time they took."""


def statistics(report: Report, spent: Spent) -> str:
    """Policies that found something, the one that found most first; what the others came to; the time by phase.

    The order hangs on what was found and on names, never on time, but for the policies that took most of it.
    """
    return "\n".join(_lines(report, spent)) + "\n"


def _lines(report: Report, spent: Spent) -> Iterator[str]:
    judging = [one for one in report.policies if _judgements(one.counts)]
    found = sorted((one for one in judging if _found(one.counts)), key=_order)
    told = [status for status in _FOUND if any(one.counts.get(status) for one in found)]
    rows = [_row(one.id, one.counts, told, spent.policies.get(one.id)) for one in found]
    clean = [one for one in judging if not _found(one.counts)]
    if clean:
        taken = [spent.policies[one.id] for one in clean if one.id in spent.policies]
        rows.append(_row(_called(clean, found), _summed(clean), told, sum(taken) if taken else None))
    if rows:
        yield _table(["Policy", "Judgements", *map(str.capitalize, told), "ms"], rows)
        yield ""
    idle = len(report.policies) - len(judging)
    if idle:
        yield f"{plural(idle, 'policy')} had nothing to judge."
    yield from _dearest(spent.policies)
    yield ""
    phases = [(what, f"{spent.phases[name]:.3f}") for name, what in PHASES.items() if name in spent.phases]
    yield _table(["Phase", "Seconds"], phases)
    yield ""
    yield from _kept(report, spent)


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Names on the left, numbers on the right."""
    from tabulate import tabulate

    aligned = ("left", *["right"] * (len(headers) - 1))
    return tabulate(rows, headers, tablefmt="simple", disable_numparse=True, colalign=aligned)


def _judgements(counts: Mapping[Status, int]) -> int:
    return sum(count for status, count in counts.items() if status != "not_applicable")


def _found(counts: Mapping[Status, int]) -> bool:
    return any(counts.get(status) for status in _FOUND)


def _order(policy: PolicyCounts) -> tuple[object, ...]:
    return (*(-policy.counts.get(status, 0) for status in _FOUND), policy.id)


def _row(name: str, counts: Mapping[Status, int], told: Iterable[Status], seconds: float | None) -> tuple[str, ...]:
    numbers = (counts.get(status, 0) for status in told)
    milliseconds = "-" if seconds is None else f"{seconds * 1000:.1f}"
    return (name, str(_judgements(counts)), *(str(number or "") for number in numbers), milliseconds)


def _called(clean: list[PolicyCounts], found: list[PolicyCounts]) -> str:
    return f"{plural(len(clean), 'other policy' if found else 'policy')}"


def _summed(policies: Iterable[PolicyCounts]) -> Mapping[Status, int]:
    return {"pass": sum(_judgements(policy.counts) for policy in policies)}


def _dearest(seconds: Mapping[str, float]) -> Iterator[str]:
    most = sorted(seconds.items(), key=lambda item: (-item[1], item[0]))[:_DEAREST]
    if most:
        yield f"Most time: {', '.join(f'{name} {taken * 1000:.1f} ms' for name, taken in most)}."


def _kept(report: Report, spent: Spent) -> Iterator[str]:
    yield f"{report.run.seconds:.2f} s in all before the report was written; the time of several processes is added up."
    if spent.kept:
        yield f"{plural(spent.kept, 'input')} came from the cache: not judged again."
