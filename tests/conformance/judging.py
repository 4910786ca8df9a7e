"""Our judgement of the cases: every file once, by all policies that go by a check of its rows."""

from __future__ import annotations

import shutil
from collections import defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from policyengine.api import Settings, evaluate
from policyengine.commands.policies import loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policyengine.api import Finding, Report
    from tests.conformance.corpora import Row


class Judged(NamedTuple):
    """What was found in a file, and why it could not be read, if so."""

    findings: list[Finding]
    unread: str | None


@cache
def policies_of() -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    """The policies that go by a check of a tool on an input kind."""
    found: dict[tuple[str, str, str], tuple[str, ...]] = defaultdict(tuple)
    for policy in loaded(Settings())[0]:
        for control in policy.controls:
            inputs = control.get("inputs") if "tool" in control else None
            for input_ in inputs if isinstance(inputs, list) else ():
                key = (str(control["tool"]), str(control["id"]), str(input_))
                found[key] = (*found[key], policy.id)
    return dict(found)


def policies_for(row: Row) -> tuple[str, ...]:
    """The policies that go by a row's check."""
    return policies_of().get((row.key.tool, row.key.check, row.input), ())


def judged(rows: Iterable[Row]) -> dict[Path, Judged]:
    """What our policies find in the files of rows.

    A case is all there is: manifests are judged in a directory of their own, where what is not in it does not exist.
    """
    wanted = [row for row in rows if policies_for(row)]
    policies = sorted({policy for row in wanted for policy in policies_for(row)})
    if not policies:
        return {}
    settings = Settings(select=tuple(policies), cache=False, jobs=1)
    alone = {row.path for row in wanted if row.input == "kubernetes"}
    files = {str(path): path for path in sorted({row.path for row in wanted} - alone)}
    found = _by_file(evaluate(files, settings), files) if files else {}
    return found | _judged_alone(sorted(alone), settings)


def _judged_alone(paths: list[Path], settings: Settings) -> dict[Path, Judged]:
    if not paths:
        return {}
    with TemporaryDirectory(prefix="policyengine-cases-") as place:
        copies = {}
        for number, path in enumerate(paths):
            copy = Path(place, str(number), path.name)
            copy.parent.mkdir()
            shutil.copyfile(path, copy)
            copies[str(copy)] = path
        return _by_file(evaluate([Path(copy).parent for copy in copies], settings), copies)


def _by_file(report: Report, paths: Mapping[str, Path]) -> dict[Path, Judged]:
    """What a report says of each file; ``paths`` are the cases by the path that was judged."""
    findings = defaultdict(list)
    unread = {}
    for finding in report.findings:
        findings[paths[_whole(finding.location.path)]].append(finding)
    for problem in report.problems:
        unread[paths[_whole(problem.path or "")]] = problem.message
    for skipped in report.skipped:
        unread[paths[_whole(skipped.path)]] = skipped.reason
    return {path: Judged(findings[path], unread.get(path)) for path in paths.values()}


def _whole(path: str) -> str:
    """A path as it was given: reports show those below the working directory relative to it."""
    return str(Path.cwd() / path)
