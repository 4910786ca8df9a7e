"""Exceptions from end to end: what every command and every format makes of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from policyengine.outputs import formats
from tests.exceptions.saying import write
from tests.once import ONCE
from tests.running import POD, Ended, cli

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = ONCE

ONLY = ("--select", "privileged")
TODAY = datetime.now(UTC).date()
TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


def waivers(expires: object, reason: str = "why") -> str:
    item = f"{{policy: privileged, path: a.yaml, reason: {reason}, expires: {expires}}}"
    return f"version: 1\nwaivers:\n  - {item}\n"


EXPIRED = waivers(TODAY - timedelta(days=1))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, {"a.yaml": POD, "policyengine-waivers.yaml": EXPIRED})
    return tmp_path


@pytest.mark.parametrize("name", sorted(formats()))
def test_a_waiver_that_expired_yesterday_blocks_in_each_format(name: str, shop: Path) -> None:
    ended = cli("check", ".", *ONLY, "--format", name, cwd=shop)
    assert ended.code == 1, ended
    assert "a.yaml" in ended.out + ended.err


def test_a_waiver_that_expired_yesterday_blocks_in_spite_of_a_baseline(shop: Path) -> None:
    (shop / "policyengine-waivers.yaml").rename(shop / "w.yaml")
    assert cli("baseline", "create", *ONLY, cwd=shop).out.startswith("1 finding ")
    assert cli("check", ".", *ONLY, cwd=shop).code == 0
    assert cli("check", ".", *ONLY, "--waivers", "w.yaml", cwd=shop).code == 1


def test_the_day_itself_counts(shop: Path) -> None:
    write(shop, {"policyengine-waivers.yaml": waivers(TODAY + timedelta(days=1))})
    assert cli("check", ".", *ONLY, cwd=shop) == Ended(0, "", "")
    assert cli("check", ".", *ONLY, "--no-exceptions", cwd=shop).code == 1


def test_an_ignore_without_a_reason_is_an_error(shop: Path) -> None:
    write(shop, {"a.yaml": POD + "      # policyengine: ignore[privileged]\n      stdin: true\n", "b.yaml": POD})
    hint = "write ignore[POLICY] REASON, or ignore[POLICY, ...] until YYYY-MM-DD: REASON"
    ended = cli("check", ".", *ONLY, cwd=shop)
    assert ended.code == 2
    assert f"a.yaml:9:7: error this comment is not understood: it has no reason ({hint})\n" in ended.out + ended.err
    assert ended.out.count("runs privileged") == 2


JOB = """apiVersion: batch/v1
kind: Job
metadata: {generateName: migrate-}
spec:
  template:
    spec:
      hostPID: true
      containers: [{name: a, image: "x:1"}, {name: b, image: "x:1"}]
"""
HOST_PID = ("jobs.yaml", "--select", "host-pid", "--format", "text")
SHARES = "high host-pid migrate- shares the process namespace of its host\n"


def test_an_ignore_is_for_its_own_object_not_for_the_next_one_of_that_name(shop: Path) -> None:
    ignored = JOB.replace("      hostPID", "      # policyengine: ignore[host-pid] reviewed\n      hostPID")
    write(shop, {"jobs.yaml": f"{ignored}---\n{JOB}"})
    assert cli("check", *HOST_PID, cwd=shop) == Ended(1, f"jobs.yaml:17:16: {SHARES}", "")
    write(shop, {"jobs.yaml": f"{ignored}---\n{ignored}"})
    assert cli("check", *HOST_PID, cwd=shop) == Ended(0, "", "")
    write(shop, {"jobs.yaml": f"{ignored}---\n{JOB}"})
    assert cli("check", *HOST_PID, "--fix", cwd=shop) == Ended(0, "", "1 finding fixed in 1 file\n")
    assert (shop / "jobs.yaml").read_text() == f"{ignored}---\n{JOB.replace('      hostPID: true' + chr(10), '')}"


def test_a_baseline_knows_as_many_objects_of_one_name_as_there_were(shop: Path) -> None:
    write(shop, {"jobs.yaml": JOB})
    assert cli("baseline", "create", "jobs.yaml", "--select", "host-pid", cwd=shop).out.startswith("1 finding ")
    write(shop, {"jobs.yaml": f"{JOB}---\n{JOB}"})
    assert cli("check", *HOST_PID, cwd=shop) == Ended(1, f"jobs.yaml:16:16: {SHARES}", "")


def everything(shop: Path) -> None:
    """An exception of each kind, some of no use, in several files."""
    pod = POD.splitlines(keepends=True)
    inline = "".join([*pod[:7], "      # policyengine: ignore[privileged] inline\n", *pod[7:]])
    annotated = POD.replace("{name: web}", '{name: web, annotations: {policyengine/ignore: "[privileged] said"}}')
    labelled = "services: {a: {image: x, privileged: true, labels: ['policyengine.ignore=[privileged] label']}}\n"
    files = {f"d{number}/p.yaml": POD.replace("web", f"w{number}") for number in range(40)}
    write(shop, {"i.yaml": inline, "n.yaml": annotated, "compose.yaml": labelled, "old.yaml": POD, **files})
    write(shop, {"unused.yaml": "# policyengine: ignore[privileged] of no use\n\n" + POD.replace("true", "false")})
    waived = waivers("2999-01-01").replace("a.yaml", "d1*")
    write(shop, {"policyengine-waivers.yaml": waived + EXPIRED.split("\n", 2)[2]})
    cli("baseline", "create", "old.yaml", "d2", "d3", *ONLY, cwd=shop)


def outcome(ended: Ended) -> object:
    data = json.loads(ended.out)
    return {key: value for key, value in data.items() if key != "run"}, ended.code, ended.err


def test_all_of_them_together(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    everything(shop)
    ways = {
        "one process": ("--jobs", "1", "--no-cache"),
        "two processes": ("--jobs", "2", "--no-cache"),
        "cold": ("--jobs", "1"),
        "cached": ("--jobs", "1"),
        "cached, two processes": ("--jobs", "2"),
    }
    cache = {"POLICYENGINE_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}
    told = {
        way: cli("check", ".", *ONLY, "--format", "json", *options, cwd=shop, **cache) for way, options in ways.items()
    }
    first = outcome(told["one process"])
    assert all(outcome(ended) == first for ended in told.values())
    data = json.loads(told["cold"].out)
    kinds = [(one["status"], (one.get("exemption") or {}).get("kind")) for one in data["findings"]]
    assert {pair: kinds.count(pair) for pair in kinds} == {
        ("waived", "inline"): 1,
        ("waived", "annotation"): 1,
        ("waived", "label"): 1,
        ("waived", "waiver"): 11,
        ("waived", "baseline"): 3,
        ("fail", "waiver"): 1,
        ("fail", None): 27,
    }
    assert data["summary"]["waived"] == 17
    assert [notice["kind"] for notice in data["notices"]] == ["expired", "unused"]


def test_the_bare_truth(shop: Path) -> None:
    everything(shop)
    ended = cli("check", ".", *ONLY, "--format", "json", "--no-exceptions", cwd=shop)
    data = json.loads(ended.out)
    assert {one["status"] for one in data["findings"]} == {"fail"}
    assert len(data["findings"]) == 45
    assert not data.get("notices")
    by_variable = cli("check", ".", *ONLY, "--format", "json", cwd=shop, POLICYENGINE_NO_EXCEPTIONS="true")
    assert json.loads(by_variable.out)["findings"] == data["findings"]


def test_with_enforcement(shop: Path) -> None:
    """What only warns blocks not, exempt or not; what is off is not told, and an exception for it is of no use."""
    write(shop, {"policyengine-waivers.yaml": waivers("2999-01-01"), "b.yaml": POD})
    warned = cli("check", ".", *ONLY, "--warn", "privileged", cwd=shop)
    assert (warned.code, warned.out.count("runs privileged")) == (0, 1)
    write(shop, {"policyengine.yaml": "version: 1\nenforcement: [{path: b.yaml, enforce: off}]\n"})
    off = cli("check", ".", *ONLY, cwd=shop)
    assert off == Ended(0, "", "")
    write(shop, {"policyengine.yaml": "version: 1\nenforcement: [{path: a.yaml, enforce: off}]\n"})
    unused = "policyengine-waivers.yaml:3:6: notice the waiver of privileged has nothing to let pass: remove it\n"
    assert cli("check", ".", *ONLY, cwd=shop).out == f"b.yaml:8:37: critical privileged web runs privileged\n{unused}"


@pytest.mark.parametrize("name", sorted(formats()))
def test_reasons_show_no_secret(name: str, shop: Path) -> None:
    write(shop, {"policyengine-waivers.yaml": waivers("2999-01-01", f"see {TOKEN}")})
    comment = POD.replace("    - name", f"    # policyengine: ignore[privileged] until 2020-01-01: {TOKEN}\n    - name")
    write(shop, {"b.yaml": comment, "c.yaml": comment.replace("until", f"until {TOKEN}")})
    ended = cli("check", ".", *ONLY, "--format", name, "--all", cwd=shop)
    assert TOKEN not in ended.out + ended.err
    assert TOKEN not in "".join(cli("baseline", "create", *ONLY, cwd=shop)[1:])
