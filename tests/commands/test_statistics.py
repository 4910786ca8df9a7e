"""``check --statistics``: what policies found and cost."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from policyengine.commands.statistics import statistics
from policyengine.model.report import PolicyCounts, Report, Run
from policyengine.model.spent import Spent
from tests.running import POD, cli

if TYPE_CHECKING:
    from pathlib import Path

REPORT = Report(
    run=Run(id="1", tool="policyengine", started="2026-01-01T00:00:00Z", seconds=1.25, settings_digest=""),
    inputs=3,
    resources=5,
    policies=(
        PolicyCounts("caps-added", {"pass": 3, "fail": 2}),
        PolicyCounts("host-pid", {"pass": 5}),
        PolicyCounts("host-ipc", {"pass": 5, "not_applicable": 1}),
        PolicyCounts("privileged", {"pass": 1, "fail": 3, "waived": 1}),
        PolicyCounts("pdb-missing", {"not_applicable": 5}),
        PolicyCounts("run-as-uid-0", {"unknown": 5}),
    ),
    findings=(),
)
SPENT = Spent(
    {"judging": 0.25, "reading": 0.5, "choosing": 0.125, "rendering": 0.0625},
    {"caps-added": 0.001, "host-pid": 0.01, "host-ipc": 0.002, "privileged": 0.003},
    kept=1,
)
WHOLE = """\
Policy              Judgements    Fail    Unknown    Waived    ms
----------------  ------------  ------  ---------  --------  ----
privileged                   5       3                    1   3.0
caps-added                   5       2                        1.0
run-as-uid-0                 5                  5               -
2 other policies            10                               12.0

1 policy had nothing to judge.
Most time: host-pid 10.0 ms, privileged 3.0 ms, host-ipc 2.0 ms.

Phase                         Seconds
--------------------------  ---------
policies loaded and chosen      0.125
files and engines read          0.500
policies applied                0.250
the report written              0.062

1.25 s in all before the report was written; the time of several processes is added up.
1 input came from the cache: not judged again.
"""


def test_the_whole() -> None:
    assert statistics(REPORT, SPENT) == WHOLE


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_of_a_run(jobs: str, tmp_path: Path) -> None:
    place = tmp_path / "manifests"
    place.mkdir()
    for number in range(40):  # more than one process is given at once
        (place / f"{number}.yaml").write_text(POD.replace("name: web", f"name: web{number}"))
    arguments = ("check", ".", "--select", "privileged,host-pid", "--format", "json", "--jobs", jobs)
    kept = {"POLICYENGINE_CACHE_DIR": str(tmp_path / "cache")}
    plain = cli(*arguments, "--no-cache", cwd=place, **kept)
    first = cli(*arguments, "--statistics", cwd=place, **kept)
    again = cli(*arguments, "--statistics", cwd=place, **kept)
    assert found(plain.out) == found(first.out) == found(again.out)
    assert plain.err == ""
    rows = re.findall(r"^(privileged|1 other policy) +40 +(?:40 +)?([\d.]+|-)$", first.err, re.MULTILINE)
    assert [name for name, _ in rows] == ["privileged", "1 other policy"]
    assert all(float(spent) > 0 for _, spent in rows)
    assert re.search(r"^files and engines read +\d+\.\d+$", first.err, re.MULTILINE)
    assert "40 inputs came from the cache" not in first.err
    assert "40 inputs came from the cache: not judged again.\n" in again.err
    assert re.search(r"^privileged +40 +40 +-$", again.err, re.MULTILINE)


def found(report: str) -> object:
    data = json.loads(report)
    return [data["summary"], data["policies"], data["findings"]]
