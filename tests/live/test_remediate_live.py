"""``policyengine remediate`` on a real engine: plans, belts and hooks, the ledger; a second run finds nothing to do."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from msgspec import convert

from policyengine.remediation.plan import Plan
from policyengine.remediation.plan_file import as_json
from tests.live.here import FAST, SETTINGS, Here, urls
from tests.once import ONCE
from tests.running import COMMAND, SECONDS, Ended, variables
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.conftest import Workbench

pytestmark = [pytest.mark.live, ONCE]

SELECT = ("--no-config", "--select", "host-pid,caps-added,readonly-rootfs")


@pytest.fixture
def here(bench: Workbench, base: str, tmp_path: Path) -> Here:
    return Here(bench, base, tmp_path)


PLAN = """\
container {web}  docker://local/container/{web}
  - cap_add: ["NET_ADMIN"]
  + cap_add: []
  - pid: "host"
  how, with no gap:
    1. make {web}.pe-new from {base}
    2. join it to no network
    3. start the new {web}
    4. wait until it is healthy, 20 s at most; else {web} serves as before
    5. see that the new one works where it is now
    6. rename {web} to {web}.pe-old
    7. rename the new one to {web}
    8. keep {web}.pe-old, stopped, to go back to
  satisfies caps-added, host-pid
  warning: it has no healthcheck: that it runs 0.2 s is all that is seen before it takes over

1 target to replace: 2 violations mended, 0 left.
"""


def test_a_plan_is_made_applied_once_and_then_there_is_nothing_to_do(here: Here) -> None:
    web = here.container("web", cap_add=["NET_ADMIN"])
    (url,), before = urls(web), here.ids(web)
    made = here.run("remediate", url, "--plan", "plan.json")
    assert made == Ended(1, PLAN.format(web=web, base=here.base), "the plan is in plan.json\n")
    text = (here.directory / "plan.json").read_text()
    assert "busybox" not in text.replace(here.base, "")  # nothing that it is made of
    assert here.ids(web) == before

    applied = here.run("apply", "plan.json", "--yes")
    new = str(here.ids(web)[0])
    assert applied.code == 0
    assert applied.out.splitlines()[-2] == (
        f"replaced container {web}: {new[:12]} serves, without a gap; {str(before[0])[:12]} is kept, stopped"
    )
    assert applied.out.splitlines()[-1].startswith("No violations.")
    host = here.bench.client.containers.get(web).attrs["HostConfig"]
    assert (host["PidMode"], host["CapAdd"]) == ("", None)

    twice = here.run("apply", "plan.json", "--yes")
    assert (twice.code, twice.err) == (
        2,
        "error: the plan was applied already (plan anew: policyengine remediate)\n",
    )
    again = here.run("remediate", url, "--apply", "--yes")
    assert again == Ended(0, "Nothing to do; 0 violations left.\n", "")
    assert here.ids(web) == [new]

    told = here.run("history", "--format", "json")
    (entry,) = json.loads(told.out)
    assert (entry["target"], entry["outcome"]) == (f"container {web}", "replaced")
    assert entry["known"]["policies"] == "caps-added, host-pid"
    assert entry["run"] == json.loads(text)["id"]
    assert f"container {web}" in here.run("history").out
    assert here.run("history", "another").out == "Nothing was replaced yet.\n"

    back = here.run("rollback", web, "docker://", "--yes")
    assert (back.code, here.ids(web)) == (0, before)
    assert here.bench.client.containers.get(web).status == "running"
    waits = here.run("remediate", url, "--apply", "--yes")
    assert f"skipped container {web}: it failed before: not again before " in waits.out
    assert here.ids(web) == before
    assert here.run("remediate", url, "--apply", "--yes", "--retry").code == 0
    assert here.ids(web) != before


def test_a_plan_is_refused_when_the_live_state_has_moved(here: Here) -> None:
    web = here.container("web")
    here.run("remediate", *urls(web), "--plan", "plan.json")
    before = here.ids(web)
    here.bench.client.api.update_container(web, restart_policy={"Name": "always"})
    moved = here.run("apply", "plan.json", "--yes")
    assert (moved.code, moved.err) == (
        2,
        f"error: the live state has moved since the plan was made: {web} (plan anew: policyengine remediate)\n",
    )
    here.bench.client.containers.get(web).remove(force=True)
    assert here.run("apply", "plan.json", "--yes").err == moved.err
    assert before != []


def test_a_plan_of_another_engine_or_version_is_refused(here: Here) -> None:
    web = here.container("web")
    here.run("remediate", *urls(web), "--plan", "plan.json")
    path = here.directory / "plan.json"
    plan = json.loads(path.read_text())
    elsewhere = convert({**plan, "engine": {**plan["engine"], "id": "another"}}, Plan)
    path.write_text(as_json(elsewhere))
    other = here.run("apply", "plan.json", "--yes")
    assert other.err == (
        "error: the plan is about another engine than local is now (plan anew: policyengine remediate)\n"
    )
    path.write_text(json.dumps({**plan, "version": 2}))
    assert here.run("apply", "plan.json", "--yes").code == 2


def test_a_plan_that_was_edited_is_refused(here: Here) -> None:
    """What it shows would not be what it does."""
    web = here.container("web", cap_add=["NET_ADMIN"])
    here.run("remediate", *urls(web), "--plan", "plan.json")
    before, path = here.ids(web), here.directory / "plan.json"
    path.write_text(path.read_text().replace('"cap_add",\n', '"ports",\n'))
    assert here.run("apply", "plan.json", "--yes") == Ended(
        2,
        "",
        "error: plan.json: the plan is not what it was when it was made: what it shows may not be what it does "
        "(make it anew: policyengine remediate SOURCE --plan FILE)\n",
    )
    assert here.ids(web) == before


def test_what_a_plan_has_made_is_judged_by_the_options_that_apply_is_given(here: Here) -> None:
    here.settings("version: 1\nremediate: {stable: 0.2, gate: 20}\n")
    web = here.container("web")
    chosen = ("--select", "host-pid")
    assert here.run("remediate", *urls(web), *chosen, "--plan", "plan.json").code == 1
    ended = here.run("apply", "plan.json", "--yes", *chosen)
    assert (ended.code, ended.out.splitlines()[-1].startswith("No violations.")) == (0, True)


def test_nothing_acts_without_being_told_to(here: Here) -> None:
    web = here.container("web")
    before, (url,) = here.ids(web), urls(web)
    assert here.run("remediate", url).code == 1
    assert here.run("remediate", url, "--apply", "--dry-run", "--plan", "plan.json").code == 1
    assert here.run("apply", "plan.json", "--dry-run").code == 0
    asks = here.run("remediate", url, "--apply")
    assert asks == Ended(2, "", "error: there is no terminal to ask on (--yes acts without asking)\n")
    assert here.run("apply", "plan.json").code == 2
    assert here.ids(web) == before
    assert not (here.directory / "state" / "policyengine" / "journal.jsonl").exists()


@pytest.mark.parametrize(("answer", "acts"), [("n", False), ("y", True)])
def test_somebody_is_asked_on_a_terminal(answer: str, acts: bool, here: Here) -> None:
    web = here.container("web")
    before = here.ids(web)
    ours, theirs = pty.openpty()
    env = variables(XDG_STATE_HOME=str(here.directory / "state"))
    run = subprocess.Popen(
        [*COMMAND, "remediate", *urls(web), "--apply"], cwd=here.directory, env=env,
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.write(ours, f"{answer}\n".encode())
    out, err = run.communicate(timeout=SECONDS)
    os.close(ours)
    os.close(theirs)
    assert "Do it? [y/N]:" in err
    assert "\x1b" not in out
    assert (here.ids(web) != before) is acts
    assert run.returncode == (0 if acts else 1)


def test_belts(here: Here) -> None:
    """What is protected, owned by others, or gone when it stops, is told with the reason and left alone."""
    pet, label = here.container("pet"), {"com.example.pet": "1"}
    labelled = here.bench.client.containers.run(
        here.base, name=here.bench.name("labelled"), detach=True, pid_mode="host", **FAST,
        labels={**label, "policyengine.test": here.bench.prefix},
    )  # fmt: skip
    pod = here.bench.client.containers.run(
        here.base, name=here.bench.name("pod"), detach=True, pid_mode="host", **FAST,
        labels={"io.kubernetes.pod.name": "p", "policyengine.test": here.bench.prefix},
    )  # fmt: skip
    brief = here.container("brief", auto_remove=True)
    names = [pet, str(labelled.name), str(pod.name), brief]
    before = here.ids(*names)
    arguments = ["--apply", "--yes", "--protect", "*-pet", "--protect", "label=com.example.pet"]
    ended = here.run("remediate", *urls(*names), *arguments)
    reasons = [line for line in ended.out.splitlines() if line.startswith("  violates")]
    assert reasons == [
        "  violates host-pid: the settings protect it: *-pet",
        "  violates host-pid: the settings protect it: label=com.example.pet",
        "  violates host-pid: Kubernetes owns it: change its manifest: policyengine check --fix",
        "  violates host-pid: it was made with --rm: stopping it removes it",
    ]
    assert (ended.code, here.ids(*names)) == (1, before)


def test_a_hook_skips_one_of_two(here: Here) -> None:
    one, two = here.container("one"), here.container("two")
    hook = here.directory / "hook"
    hook.write_text(f'#!/bin/sh\n[ "$POLICYENGINE_HOOK_TARGET" = "container {one}" ] && exit 75\nexit 0\n')
    hook.chmod(0o755)
    here.settings(SETTINGS.replace("{stable", "{hooks: {before: ./hook}, stable"))
    before = here.ids(one, two)
    ended = here.run("remediate", *urls(one, two), "--apply", "--yes")
    assert "before each target: ./hook" in ended.out
    assert f"skipped container {one}: the hook ./hook skips it" in ended.out
    after = here.ids(one, two)
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)
    assert ended.code == 1  # what was skipped still violates


def test_the_run_stops_at_the_first_that_does_not_work(here: Here) -> None:
    image = here.bench.image('HEALTHCHECK --interval=100ms CMD ["/bin/busybox", "test", "-e", "/proc/1/root/nowhere"]')
    bad = here.bench.create(image, "a-bad", start=True, pid_mode="host", **FAST)
    good = here.container("b-good")
    before = here.ids(bad, good)
    ended = here.run("remediate", *urls(bad, good), "--apply", "--yes", "--gate-seconds", "2")
    assert ended.code == 2
    assert f"failed container {bad}: " in ended.out
    assert f"left container {good}: {bad} failed before it" in ended.out
    assert here.ids(bad, good) == before
    assert here.bench.client.containers.get(bad).status == "running"


def test_that_a_container_does_not_work_as_it_is_is_told(here: Here) -> None:
    web = here.container("web", command=["/bin/busybox", "false"], restart_policy={"Name": "always"})
    ends, found = time.monotonic() + 90, here.bench.client.containers.get(web)
    while time.monotonic() < ends and (found.status, found.attrs["RestartCount"] > 5) != ("restarting", True):
        time.sleep(0.05)  # the engine pauses ever longer: it is as good as always between two starts then
        found.reload()
    told = "  warning: it ends and is restarted, as it is: a new one that does no better does not take over\n"
    assert told in here.run("remediate", *urls(web)).out


def test_a_read_only_container_is_given_room_for_what_it_writes(here: Here) -> None:
    here.settings(SETTINGS.replace("host-pid, caps-added", "readonly-rootfs"))
    image = here.bench.image(
        'RUN ["/bin/busybox", "mkdir", "-p", "/data", "/run"]\n'
        'CMD ["/bin/busybox", "sh", "-c", "echo 1 > /run/pid && echo 2 > /data/x && exec /bin/busybox sleep 600"]'
    )
    options = {**FAST, "init": True, "tmpfs": {"/scratch": ""}, "working_dir": "/work"}
    web = here.bench.create(image, "web", start=True, **options)  # the engine makes what these are mounted on
    diff = here.bench.client.api.diff
    until(lambda: {"/run/pid", "/data/x"} <= {one["Path"] for one in diff(web) or []}, f"{web} has written")
    unsafe = here.run("remediate", *urls(web))
    assert "violates readonly-rootfs: its fix may keep the program from working: --unsafe-fixes" in unsafe.out
    ended = here.run("remediate", *urls(web), "--unsafe-fixes", "--apply", "--yes")
    assert '  + volumes[1]: {"type": "volume", "target": "/data"}\n' in ended.out
    assert '  + volumes[1]: {"type": "tmpfs", "target": "/run"}\n' in ended.out
    assert "/sbin" not in ended.out
    assert "  warning: what it has written into its own files is not carried over: /data/x\n" in ended.out
    assert (ended.code, ended.out.splitlines()[-2].startswith(f"replaced container {web}")) == (0, True)
    found = here.bench.client.containers.get(web)
    assert found.attrs["HostConfig"]["ReadonlyRootfs"]
    written = ["/bin/busybox", "cat", "/data/x", "/run/pid"]
    until(lambda: found.exec_run(written).output == b"2\n1\n", f"{web} has written there")


def test_what_runs_in_python(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    from policyengine.api import Care, Settings, apply, plan

    web = here.container("web")
    before = here.ids(web)
    settings = Settings(
        select=("host-pid",), remediate=Care(stable=0.1, state_dir=str(here.directory / "journal")), cache=False
    )
    made = plan(urls(web), settings)
    assert here.ids(web) == before
    steps: list[str] = []
    done = apply(made, settings, tell=steps.append)
    assert [(act.target.name, act.result) for act in done.acts] == [(web, "replaced")]
    assert (done.exit_code, list(done.report.findings)) == (0, [])
    assert steps[0] == f"container {web}: make {web}.pe-new from {here.base}"
    assert here.ids(web) != before
