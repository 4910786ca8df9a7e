"""``policyengine watch`` on a real engine: what starts is judged and told, once, and nothing keeps it from ending."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.watching import AT_ONCE, burst, named, policies, watching
from tests.once import ONCE
from tests.running import COMMAND, cli, variables
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.conftest import Workbench

pytestmark = [pytest.mark.live, ONCE]

SECRET = {"DB_PASSWORD": "correct-horse"}
NONE: dict[str, Any] = {"network_mode": "none"}


def test_what_starts_is_judged_and_told(bench: Workbench, base: str, tmp_path: Path) -> None:
    with watching(tmp_path) as run:
        name = bench.create(base, start=True, environment=SECRET, **NONE)
        told = run.judged(name)
        assert told["why"] == ["start"]
        assert told["first"]
        assert told["exit_code"] == 1
        assert {"secret-literal-env", "run-as-uid-0"} <= policies(told["findings"])
        assert told["new"] == [one["fingerprint"] for one in told["findings"]]
        assert told["gone"] == []
        container = bench.client.containers.get(name)
        assert told["container"] == {
            "id": container.id,
            "name": name,
            "url": f"docker://local/container/{name}",
            "image": base,
        }
        assert "correct-horse" not in str(run.seen)


def test_the_same_is_found_as_by_a_check_of_the_engine(bench: Workbench, base: str, tmp_path: Path) -> None:
    """Also what hangs on other containers: who else writes where it does."""
    volume = bench.volume("shared")
    mounts = {volume: {"bind": "/data", "mode": "rw"}}
    bench.create(base, "other", start=True, volumes=mounts, **NONE)
    args = ("--pack", "strict")
    with watching(tmp_path, *args) as run:
        name = bench.create(base, start=True, volumes=mounts, **NONE)
        told = run.judged(name)
    checked = json.loads(cli("check", "docker://", *args, "-f", "json", cwd=tmp_path).out)
    url = f"docker://local/container/{name}"
    expected = [one for one in checked["findings"] if one["locations"][0]["path"] == url]
    assert expected
    assert told["findings"] == expected


def test_flows_are_judged_by_all_of_the_engine(bench: Workbench, base: str, tmp_path: Path) -> None:
    args = ("--select", "public-ports")
    with watching(tmp_path, *args) as run:
        name = bench.create(base, start=True, ports={"5432/tcp": None})
        told = run.judged(name)
    url = f"docker://local/container/{name}"
    alone = json.loads(cli("check", f"docker:///container/{name}", *args, "-f", "json", cwd=tmp_path).out)
    assert [one["message"] for one in told["findings"]] == [f"lan reaches {name} on tcp/5432"]
    assert [one["message"] for one in alone["findings"] if one["locations"][0]["path"] == url] == [
        f"lan reaches {name} on tcp/5432"
    ]


def test_changes_are_told_by_what_is_new_and_what_is_gone(bench: Workbench, base: str, tmp_path: Path) -> None:
    with watching(tmp_path) as run:
        name = bench.create(base, start=True, environment=SECRET, **NONE)
        first = run.judged(name)
        container = bench.client.containers.get(name)
        container.rename(bench.name("shop"))
        renamed = run.judged(bench.name("shop"))
        assert (renamed["why"], renamed["first"]) == (["rename"], False)
        container.restart(timeout=0)
        again = run.judged(bench.name("shop"))
        assert (again["why"], again["new"], again["gone"]) == (["start"], [], [])
        container.remove(force=True)
        bench.create(base, "shop", start=True, **NONE)
        made = run.judged(bench.name("shop"))
        assert policies(made["gone"]) == {"secret-literal-env"}
        assert made["new"] == []
        assert len(made["findings"]) == len(first["findings"]) - 1


def test_being_connected_is_a_change_and_being_healthy_is_none(bench: Workbench, tmp_path: Path) -> None:
    image = bench.image('HEALTHCHECK --interval=1s CMD ["/bin/busybox", "true"]\nCMD ["/bin/busybox", "sleep", "600"]')
    one, other = bench.network("one", internal=True), bench.network("two", internal=True)
    with watching(tmp_path) as run:
        name = bench.create(image, start=True, network=one)
        run.judged(name)
        bench.client.networks.get(other).connect(name)
        assert run.judged(name)["why"] == ["connect"]
        bench.client.networks.get(one).disconnect(name)
        assert run.judged(name)["why"] == ["disconnect"]
        until(lambda: is_healthy(bench, name), f"{name} is healthy")
        assert [told for told in run.rest(1) if named(told) == name] == []


def is_healthy(bench: Workbench, name: str) -> bool:
    return bool(bench.client.api.inspect_container(name)["State"]["Health"]["Status"] == "healthy")


def test_what_runs_already_is_told_first(bench: Workbench, base: str, tmp_path: Path) -> None:
    name, stopped = bench.create(base, start=True, **NONE), bench.create(base, "stopped", **NONE)
    with watching(tmp_path) as run:
        told = {named(one): one for one in run.seen}
        assert told[name]["why"] == ["look"]
        assert stopped not in told
        assert run.seen[-1]["event"] == "watching"
        assert run.seen[-1]["running"] == len([one for one in run.seen if one["event"] == "judged"])


def test_what_vanishes_is_told_to_who_wants_to_know(bench: Workbench, tmp_path: Path) -> None:
    image = bench.image('CMD ["/bin/busybox", "true"]')
    with watching(tmp_path) as run, watching(tmp_path, "-v") as verbose:
        for number in range(5):
            bench.create(image, f"short{number}", start=True, auto_remove=True, **NONE)
        name = bench.create(image, "last", start=True, **NONE)
        bench.client.containers.get(name).wait()
        left = {bench.name(f"short{number}") for number in range(5)}
        while left:
            left.discard(verbose.until(lambda one: bench.prefix in str(one))["container"]["name"])
        run.rest(1)
        verbose.rest(1)
        told, all_told = ([one for one in each.seen if bench.prefix in str(one)] for each in (run, verbose))
        assert {one["event"] for one in told} <= {"judged"}
        assert {one["event"] for one in all_told} <= {"judged", "vanished", "ended"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once(bench: Workbench, base: str, tmp_path: Path, number: int) -> None:
    bench.create(base, start=True, **NONE)
    with watching(tmp_path) as run:
        code, took = run.stop(number)
        assert (code, run.err) == (1, "")
        assert took < AT_ONCE
        last = run.rest(0.1)[-1]
        assert (last["event"], last["exit_code"]) == ("stopped", 1)


def test_nothing_violated_is_exit_code_0(tmp_path: Path) -> None:
    (tmp_path / "policyengine.yaml").write_text("version: 1\nselect: [privileged]\n")
    with watching(tmp_path) as run:
        assert run.stop()[0] == 0


WAIVERS = """\
version: 1
waivers:
  - policy: run-as-uid-0
    resource: container/{name}
    reason: a test
    expires: 2999-01-01
"""


def test_settings_and_exceptions_that_change_count_at_once(bench: Workbench, base: str, tmp_path: Path) -> None:
    with watching(tmp_path, "--select", "secret-literal-env,run-as-uid-0") as run:
        name = bench.create(base, start=True, environment=SECRET, **NONE)
        assert len(run.judged(name)["findings"]) == 2
        waivers = WAIVERS.format(name=name)
        (tmp_path / "policyengine-waivers.yaml").write_text(waivers)
        told = run.judged(name)
        assert (told["why"], policies(told["gone"])) == (["settings"], {"run-as-uid-0"})
        assert [one["exemption"]["kind"] for one in told["findings"] if one["status"] == "waived"] == ["waiver"]
        (tmp_path / "policyengine.yaml").write_text("version: 1\nno_such_thing: 1\n")
        run.until(lambda one: one["event"] == "error" and "no_such_thing" in one["message"])
        (tmp_path / "policyengine.yaml").write_text(
            "version: 1\nenforcement: [{policy: secret-literal-env, enforce: off}]\n"
        )
        assert policies(run.judged(name)["gone"]) == {"secret-literal-env"}
        (tmp_path / "policyengine-waivers.yaml").unlink()
        assert run.judged(name)["new"]


def test_labels_and_baseline_let_pass_what_they_do_in_a_check(bench: Workbench, base: str, tmp_path: Path) -> None:
    args = ("--select", "secret-literal-env,run-as-uid-0")
    old = bench.create(base, "old", start=True, environment=SECRET, **NONE)
    made = cli("baseline", "create", f"docker:///container/{old}", *args, cwd=tmp_path)
    assert made.code == 0, made
    (tmp_path / "policyengine.yaml").write_text("version: 1\nlive_exceptions: true\n")
    with watching(tmp_path, *args) as run:
        told = next(one for one in run.seen if named(one) == old)
        assert {one["exemption"]["kind"] for one in told["findings"]} == {"baseline"}
        assert told["exit_code"] == 0
        labels = {"policyengine.ignore": "[run-as-uid-0] a test"}
        name = bench.name("labelled")
        bench.client.containers.run(
            base, name=name, detach=True, labels=labels | {"policyengine.test": bench.prefix}, **NONE
        )
        assert [one["exemption"]["kind"] for one in run.judged(name)["findings"]] == ["label"]


def test_a_burst_of_containers_is_judged_each_once(bench: Workbench, base: str, tmp_path: Path) -> None:
    """Of 200 by ``python -m tests.soak.watch_engine``: an engine takes its time to start these."""
    told = burst(bench, base, tmp_path, 12)
    assert told.more_than_once == []
    assert told.grown < 40 * 1024
    assert told.stopped_in < AT_ONCE


def test_people_are_told_in_lines(bench: Workbench, base: str, tmp_path: Path) -> None:
    args = ["--select", "secret-literal-env,run-as-uid-0", "-f", "text"]
    with subprocess.Popen(
        [*COMMAND, "watch", *args],
        cwd=tmp_path,
        env=variables(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stderr is not None
        assert " watching docker://local: " in run.stderr.readline()
        assert run.stdout is not None
        name = bench.create(base, start=True, environment=SECRET, **NONE)
        mine = [next(line for line in run.stdout if name in line).rstrip() for _ in range(3)]
        run.terminate()
        mine += [line.rstrip() for line in run.stdout if name in line]
        err = run.stderr.read()
    url = f"docker://local/container/{name}"
    assert re.fullmatch(rf"\d\d:\d\d:\d\d {url} started: 2 violations \(2 high\)", mine[0])
    assert mine[1:] == [
        f"{url}: high run-as-uid-0 {name} runs as root",
        f"{url}: high secret-literal-env {name} has a secret written out in the variable DB_PASSWORD",
    ]
    assert re.search(r"^\d\d:\d\d:\d\d stopped: \d+ containers? running, \d+ with violations$", err, re.MULTILINE)
