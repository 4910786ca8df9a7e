"""``policyengine remediate`` on a real engine from end to end: images of a registry, followers, killed runs."""

from __future__ import annotations

import json
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.live.distribution import Distribution, distribution
from tests.live.here import FAST, SETTINGS, Here, urls
from tests.live.killing import killed
from tests.once import ONCE
from tests.running import COMMAND, variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.conftest import Workbench

pytestmark = [pytest.mark.live, ONCE]

HEEDING = ["env", "--default-signal=INT,TERM,HUP"]
"""What a run in the background (nohup, a shell's &) is started without: it would ignore these signals."""


@pytest.fixture
def here(bench: Workbench, base: str, tmp_path: Path) -> Here:
    return Here(bench, base, tmp_path)


@pytest.fixture
def registry(program: str, tmp_path: Path) -> Iterator[Distribution]:
    with distribution(program, tmp_path / "registry") as running:
        yield running


def published(here: Here, registry: Distribution, tag: str) -> str:
    """Build an image and push it; gives its reference by digest. The engine forgets it."""
    local, name = here.bench.image(f'ENV RELEASE="{tag}"'), f"{registry.host}/shop/app"
    images = here.bench.client.images
    images.get(local).tag(name, tag)
    said = [json.loads(line) for line in images.push(name, tag).splitlines()]
    (digest,) = (line["aux"]["Digest"] for line in said if "aux" in line)
    images.remove(f"{name}:{tag}")
    images.remove(local)
    return f"{name}@{digest}"


POLICY = """\
version: 1
id: {id}
title: Another image is wanted
category: image
severity: high
why: As the test has it.
target: image_ref
require: {require}
message: "{{reference}} is not wanted"
remedy: Take another one.
remediate:
  safety: safe
  image: {image}
examples:
  pass: [compose: "services: {{web: {{image: 'app:9'}}}}"]
  fail: [compose: "services: {{web: {{image: '127.0.0.1:5000/app:1.0.0'}}}}"]
"""


def test_images_are_pinned_upgraded_and_rebuilt(here: Here, registry: Distribution) -> None:
    here.settings("version: 1\npolicies: [new.yaml, hard.yaml]\nremediate: {stable: 0.2, gate: 20}\n")
    rules = {
        "new": ('{tag: {forbidden: ["1.0.0"]}}', "{upgrade: {within: minor}}"),
        "hard": ('{reference: {regex: "[^/]+|localhost/.*"}}', '{rebuild: {user: "65532:65532", files: {/hard: "1"}}}'),
    }
    for id_, (require, image) in rules.items():
        (here.directory / f"{id_}.yaml").write_text(POLICY.format(id=id_, require=require, image=image))
    old, new = (published(here, registry, tag) for tag in ("1.0.0", "1.1.0"))
    published(here, registry, "2.0.0")
    reference = f"{registry.host}/shop/app:1.0.0"
    here.bench.client.images.pull(reference)
    for one in (reference, old, new):
        here.bench.pulled(one)
    web = here.bench.create(reference, "web", start=True, environment={"PASSWORD": "hunter2"}, **FAST)
    containers = here.bench.client.containers

    def remediated(policies: str) -> tuple[str, list[str]]:
        ended = here.run("remediate", *urls(web), "--select", policies, "--apply", "--yes")
        assert "hunter2" not in ended.out + ended.err
        assert f"replaced container {web}: " in ended.out, ended
        found = containers.get(web).attrs["Config"]
        return found["Image"], [*found["Env"], found["User"], ended.out.splitlines()[-1][:14], str(ended.code)]

    image, told = remediated("image-digest")
    assert (image, told[-3:]) == (old, ["", "No violations.", "0"])
    assert {"PASSWORD=hunter2", "RELEASE=1.0.0"} <= set(told)
    here.run("rollback", web, "--yes")
    assert containers.get(web).attrs["Config"]["Image"] == reference

    image, told = remediated("new")
    assert (image, "RELEASE=1.1.0" in told, told[-1]) == (new, True, "0")

    plan = here.run("remediate", *urls(web), "--select", "hard,image-digest").out
    assert f"    2. make {web}.pe-new from what was built\n" in plan
    image, told = remediated("hard")
    assert image.startswith("sha256:")
    assert told[-3:] == ["65532:65532", "No violations.", "0"]
    entries = [line.split() for line in here.run("history").out.splitlines()[2:]]
    short = [f"{registry.host}/shop/app@{one.partition('@')[2][:19]}" for one in (old, new)]
    assert [[*entry[4:6]] for entry in entries if entry[4] != "rolled"] == [
        ["replaced", reference],
        ["replaced", reference],
        ["replaced", short[1]],
    ]


def test_what_is_built_and_pushed_nowhere_is_not_said_to_be_pinned(here: Here, registry: Distribution) -> None:
    rule = POLICY.format(
        id="hard", require='{reference: {regex: "[^/]+|localhost/.*"}}', image='{rebuild: {user: "1"}}'
    )
    (here.directory / "hard.yaml").write_text(rule)
    here.settings("version: 1\npolicies: [hard.yaml]\nselect: [hard, image-digest]\n")
    old = published(here, registry, "1.0.0")
    here.bench.client.images.pull(old)
    here.bench.pulled(old)
    here.bench.client.images.get(old).tag(f"{registry.host}/shop/app", "1.0.0")
    here.bench.pulled(f"{registry.host}/shop/app:1.0.0")
    web = here.bench.create(f"{registry.host}/shop/app:1.0.0", "web", start=True, **FAST)
    plan = here.run("remediate", *urls(web)).out
    assert "  satisfies hard\n" in plan
    assert "  still violates image-digest: what is rebuilt has a digest only where it is pushed (remediate.push" in plan


def test_what_shares_its_network_is_carried_along_and_back(here: Here) -> None:
    lead = here.container("lead", network_mode="bridge")
    follower = here.bench.create(here.base, "follower", start=True, **{**FAST, "network_mode": f"container:{lead}"})
    before = here.ids(lead, follower)

    def shares() -> bool:
        mode = here.bench.client.containers.get(follower).attrs["HostConfig"]["NetworkMode"]
        return bool(mode == f"container:{here.ids(lead)[0]}") and not set(here.ids(lead, follower)) & set(before)

    ended = here.run("remediate", *urls(lead), "--apply", "--yes")
    assert f"  warning: {follower} hangs on it: it is made anew together with it\n" in ended.out
    assert (ended.code, shares()) == (0, True)
    assert {here.bench.client.containers.get(name).status for name in (lead, follower)} == {"running"}
    assert here.run("rollback", follower, "--yes").err.endswith(
        f"{follower} was replaced with {lead}: roll that back\n"
    )
    assert here.run("rollback", lead, "--yes").code == 0
    assert here.ids(lead, follower) == before
    again = here.run("rollback", lead, "--yes")
    assert again.err == f"error: {lead} was rolled back already: it is what it was before\n"
    by = [entry["known"]["by"] for entry in json.loads(here.run("history", "--format", "json").out)]
    assert (len(by), len(set(by))) == (4, 1)


@contextmanager
def at(step: str, here: Here, name: str) -> Iterator[subprocess.Popen[str]]:
    """A run that replaces a container, as it comes to a step; it has ended afterwards."""
    command = [*HEEDING, *COMMAND, "remediate", *urls(name), "--apply", "--yes"]
    env = variables(XDG_STATE_HOME=str(here.directory / "state"))
    with subprocess.Popen(command, cwd=here.directory, env=env, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr
        next(line for line in run.stderr if f": {step}" in line)
        yield run


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_has_begun_comes_to_its_end_when_a_signal_comes(number: signal.Signals, here: Here) -> None:
    here.settings(SETTINGS.replace("stable: 0.2", "stable: 3"))
    web = here.container("web")
    before = here.ids(web)
    with at("wait until", here, web) as run:
        run.send_signal(number)
        _, err = run.communicate()
    new = str(here.ids(web)[0])[:12]
    assert (run.returncode, err.splitlines()[-2:]) == (
        130,
        [
            f"container {web}: replaced: {new} serves, without a gap; {str(before[0])[:12]} is kept, stopped",
            "interrupted",
        ],
    )
    assert here.ids(web) != before
    assert here.bench.client.containers.get(web).attrs["HostConfig"]["PidMode"] == ""
    assert here.bench.client.containers.get(web).status == "running"
    assert here.run("recover", *urls(web)).out == "Nothing was left half done.\n"


@pytest.mark.parametrize(("step", "serves"), [("gate", "old"), ("retire", "new")])
def test_a_run_that_was_killed_is_recovered(step: str, serves: str, here: Here) -> None:
    web = here.container("web")
    before = here.ids(web)
    (url,) = urls(web)
    killed(step, str(here.directory / "state" / "policyengine"), url, ("host-pid", "caps-added"))
    assert "broken off" in here.run("history").out
    recovered = here.run("recover", *urls(web))
    assert recovered.out == f"container {web}: a replacement had broken off; the {serves} one serves\n"
    assert (here.ids(web) == before) is (serves == "old")
    assert here.bench.client.containers.get(web).status == "running"
    assert here.run("recover", *urls(web)).out == "Nothing was left half done.\n"


def test_a_container_that_is_named_by_its_id_is_judged_again_by_its_name(here: Here) -> None:
    here.settings(SETTINGS.replace("caps-added", "readonly-rootfs"))
    web = here.container("web")
    ended = here.run("remediate", *urls(str(here.ids(web)[0])[:12]), "--apply", "--yes")
    assert f"replaced container {web}: " in ended.out
    assert ended.out.splitlines()[-2].startswith(f"docker://local/container/{web}: medium readonly-rootfs ")
    assert ended.code == 1


def test_what_is_protected_when_a_plan_is_applied_is_left_alone(here: Here) -> None:
    web = here.container("web")
    before = here.ids(web)
    here.run("remediate", *urls(web), "--plan", "plan.json")
    ended = here.run("apply", "plan.json", "--yes", "--protect", "label=policyengine.test")
    assert f"skipped container {web}: the settings protect it: label=policyengine.test\n" in ended.out
    assert (ended.code, here.ids(web)) == (1, before)


def test_a_plan_whose_change_is_of_no_field_is_no_plan(here: Here) -> None:
    web = here.container("web")
    here.run("remediate", *urls(web), "--plan", "plan.json")
    path = here.directory / "plan.json"
    plan = json.loads(path.read_text())
    plan["targets"][0]["changes"][0]["path"] = []
    path.write_text(json.dumps(plan))
    ended = here.run("apply", "plan.json", "--yes")
    assert (ended.code, ended.err.startswith("error: plan.json: no plan: ")) == (2, True)
