"""How our policies compare with ComplianceAsCode's rules, in explicit mode.

    python -m tests.conformance.overlays                     agreement by rule, then what disagrees
    python -m tests.conformance.overlays sudo pam            of families
    python -m tests.conformance.overlays --rule sudo_add_*   of rules
    python -m tests.conformance.overlays more/cases.jsonl    of rows in other files, with base_PRODUCT.json beside them
    python -m tests.conformance.overlays --write             record what disagrees, and forget what does no more

Rules, policies and parameters are in covered.tsv (see covered.py), variables of the rules in variables.tsv. What
counts as agreement is told in judging.py. Disagreements are recorded in disagreements.tsv: mend the policy, or say
there why a user is better served by ours.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from tabulate import tabulate

from tests.conformance.overlays import recorded
from tests.conformance.overlays.corpus import families, missing, rows
from tests.conformance.overlays.judging import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.conformance.overlays.judging import Outcome


def main(arguments: Sequence[str] | None = None) -> str:
    """What is to be printed."""
    options = _options().parse_args(arguments)
    if not options.what and (reason := missing()):
        return reason
    chosen = outcomes(
        row
        for name in options.what or families()
        for row in rows(families().get(name) or Path(name))
        if fnmatchcase(row.rule, options.rule)
    )
    if options.write:
        recorded.write(chosen)
    return "\n\n".join([_table(chosen), *_differences(chosen)])


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.conformance.overlays",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="*", metavar="FAMILY|FILE.jsonl")
    parser.add_argument("--rule", default="*", metavar="PATTERN")
    parser.add_argument("--write", action="store_true")
    return parser


def _table(chosen: Sequence[Outcome]) -> str:
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for one in chosen:
        groups[one.row.family, one.row.rule].append(one)
    lines = [(*key, " ".join(group[0].policies) or "-", *_counted(group)) for key, group in groups.items()]
    lines += [(family, "all", "", *_counted(group)) for family, group in _by_family(chosen).items()]
    lines.append(("all", f"{len(groups)} rules", "", *_counted(chosen)))
    return tabulate(lines, ("family", "rule", "policies", "rows", "refused", "agree", "%"))


def _by_family(chosen: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in chosen:
        groups[one.row.family].append(one)
    return groups


def _counted(group: Sequence[Outcome]) -> tuple[int, int, int, str]:
    """The rows; those whose files are refused by what reads them; those that agree, and their share."""
    agree = sum(one.agrees for one in group)
    refused = sum(one.verdict == "refused" for one in group)
    return len(group), refused, agree, f"{100 * agree / len(group):.1f}" if group else "-"


def _differences(chosen: Iterable[Outcome]) -> Iterator[str]:
    known = recorded.recorded()
    for one in chosen:
        if one.agrees or not one.policies:
            continue
        told = known.get((one.row.family, one.row.id))
        lines = [f"{one.row.id}: expected {one.row.expected}, found {one.verdict} by {', '.join(one.policies)}"]
        lines += [f"  {text}" for text in one.told]
        lines.append(f"  recorded: {told.reason}" if told and told.reason else "  not recorded")
        yield "\n".join(lines)


if __name__ == "__main__":
    print(main())  # noqa: T201 - a command of developers
