"""How our policies compare with other tools on those tools' own cases.

    python -m tests.conformance                          rows, agreement and lines by tool and check, then disagreements
    python -m tests.conformance --policy host-pid        of one policy (may be repeated)
    python -m tests.conformance --tool kics --check k8s/shared_host   of checks whose id or file's path has that in it
    python -m tests.conformance --new                    only disagreements that are not recorded
    python -m tests.conformance --without                checks that no policy goes by
    python -m tests.conformance --write                  record what disagrees, and forget what does no more

What counts as agreement is told in tests/conformance/comparing.py. Disagreements are recorded in
tests/conformance/disagreements.tsv: ``--write`` keeps the reasons that are there and adds new ones as ``bug``; decide
what a user would want, mend our policy, or make it ``intended`` with the reason.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import TYPE_CHECKING

from tabulate import tabulate

from tests.conformance import recorded
from tests.conformance.comparing import denominator, outcomes
from tests.conformance.corpora import CASES, TOOLS, missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.conformance.comparing import Outcome


def main(arguments: Sequence[str] | None = None) -> str:
    """What is to be printed."""
    options = _options().parse_args(arguments)
    reason = missing()
    if reason:
        return reason
    every = outcomes(denominator())
    chosen = [one for one in every if _wanted(one, options)]
    if options.write:
        recorded.write(recorded.found(every))
    if options.without:
        return "\n".join(sorted({f"{one.row.key.tool} {_check(one)}" for one in every if one.verdict == "none"}))
    parts = [] if options.new else [_table(chosen), _summary(chosen)]
    return "\n\n".join([*parts, *_differences(chosen, new=options.new)])


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--policy", action="append", default=[], metavar="ID")
    parser.add_argument("--tool", choices=TOOLS)
    parser.add_argument("--check", default="", metavar="TEXT")
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--without", action="store_true")
    parser.add_argument("--write", action="store_true")
    return parser


def _wanted(one: Outcome, options: argparse.Namespace) -> bool:
    named = not options.policy or not set(options.policy).isdisjoint(one.policies)
    tool = options.tool in (None, one.row.key.tool)
    return named and tool and (options.check in one.row.key.check or options.check in one.row.key.file)


def _table(chosen: Iterable[Outcome]) -> str:
    groups = defaultdict(list)
    for one in chosen:
        groups[one.row.key.tool, _check(one), ", ".join(one.policies) or "-"].append(one)
    lines = [(*key, len(group), _share(one.agrees for one in group), _in_place(group)) for key, group in groups.items()]
    return tabulate(lines, ("tool", "check", "policies", "rows", "agree", "in place"))


def _check(one: Outcome) -> str:
    """A check as one knows it: KICS' ids tell nothing."""
    return one.row.directory if one.row.key.tool == "kics" else one.row.key.check


def _summary(chosen: Sequence[Outcome]) -> str:
    lines = []
    for tool in TOOLS:
        group = [one for one in chosen if one.row.key.tool == tool]
        if group:
            lines.append((tool, len(group), _share(one.agrees for one in group), _in_place(group)))
    lines.append(("all", len(chosen), _share(one.agrees for one in chosen), _in_place(chosen)))
    return tabulate(lines, ("tool", "rows", "agree", "in place"))


def _in_place(group: Iterable[Outcome]) -> str:
    return _share(one.in_place for one in group if one.place and one.agrees)


def _share(values: Iterable[bool]) -> str:
    listed = list(values)
    return f"{sum(listed)} of {len(listed)} ({100 * sum(listed) / len(listed):.0f} %)" if listed else "-"


def _differences(chosen: Iterable[Outcome], *, new: bool) -> Iterator[str]:
    known = recorded.recorded()
    for difference, one in recorded.found(chosen).items():
        told = known.get(difference)
        if one.verdict == "none" or (new and told and told.judgement == "intended"):
            continue
        key = one.row.key
        number = f" row {key.number}" if key.number > 1 else ""
        yield "\n".join(
            (
                f"{key.tool} {_check(one)}{number}: {difference.differs} of {', '.join(one.policies)}",
                f"  {CASES / key.tool / key.file}",
                f"  theirs: {one.row.theirs}{f' ({one.row.named})' if one.row.named else ''}; ours: {one.ours}",
                f"  {told.judgement}: {told.reason}" if told else "  not recorded",
            )
        )


if __name__ == "__main__":
    print(main())  # noqa: T201 - a command of developers
