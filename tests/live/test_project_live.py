"""Live Compose projects: the file is mended, Docker Compose makes the containers anew, or all is as it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from policyengine.commands.apply import remediated
from policyengine.commands.projects import running
from policyengine.errors import UsageError
from tests.live.conftest import missing
from tests.live.distribution import distribution, installed
from tests.live.projects import POLICIES, SHOP, SHOP_MENDED, Made, killed_and_recovered, plugin
from tests.once import ONCE
from tests.running import Ended, cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

pytestmark = [pytest.mark.live, ONCE]


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the docker command finds Docker Compose."""
    found = plugin(tmp_path_factory.mktemp("docker"))
    if found is None:
        missing("Docker Compose is not here: pip install -e '.[ground-truth]'")
    return found


@pytest.fixture
def made(plugins: Path, engine: DockerClient, base: str, tmp_path: Path) -> Iterator[Made]:
    """A project of two services, not up yet."""
    directory = tmp_path / "shop"
    directory.mkdir()
    made = Made(engine, f"policyengine-test-{uuid4().hex[:10]}", directory, base, tmp_path / "state", plugins)
    made.write(SHOP)
    yield made
    made.down()


@pytest.fixture
def shop(made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Such a project where Docker Compose is at hand."""
    monkeypatch.setenv("DOCKER_CONFIG", str(made.plugins))
    return made


@pytest.fixture
def bare(made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Made:
    """Such a project that was brought up from elsewhere: here is no Docker Compose but version 1."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "docker-compose").write_text(V1, encoding="utf-8")
    (programs / "docker-compose").chmod(0o755)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return made


V1 = """#!/bin/sh
# As Debian's docker-compose 1.29.2-3 answers.
case "$*" in
"version --short") echo 1.29.2 ;;
*) echo "docker-compose version 1.29.2, build unknown"; exit 1 ;;
esac
"""


def test_a_service_is_mended_in_its_file_and_brought_up(shop: Made) -> None:
    shop.up()
    before = shop.containers()
    assert shop.violations(shop.source()) == set(POLICIES) == shop.violations(str(shop.file))
    plan, applied = shop.remediate()
    (target,) = plan.targets
    assert (target.kind, target.name, target.way) == ("project", f"{shop.name}/web", "compose")
    assert target.steps == (
        "keep what its Compose files hold, to put them back",
        f"write {shop.file}: - - NET_ADMIN; + security_opt:; + - no-new-privileges:true",
        "docker compose up -d web: each container is stopped, then a new one started",
        "wait until it is healthy, 60 s at most",
        "if that fails, put the files and the containers back as they were",
    )
    assert [(act.result, act.detail) for act in applied.acts] == [
        ("replaced", f"{shop.file} written, {shop.name}-web-1 made anew")
    ]
    assert applied.exit_code == 0
    assert shop.text == SHOP_MENDED.format(image=shop.image)
    assert shop.violations(shop.source()) == set() == shop.violations(str(shop.file))
    after = shop.containers()
    assert after.keys() == before.keys()
    assert {name for name in before if before[name] != after[name]} == {"web-1"}
    assert shop.container()["Config"]["Labels"]["tier"] == "front"
    assert shop.label("depends_on") == "db:service_started:false"
    hashes = dict(line.split() for line in shop.compose("config", "--hash", "*").splitlines())
    assert shop.label("config-hash") == hashes["web"]
    shop.up()
    assert shop.containers() == after, "docker compose up has nothing to do"
    again, _ = shop.remediate()
    assert again.targets == ()
    assert again.untouched == ()


def test_a_service_is_mended_and_rolled_back_by_the_command_line(shop: Made, tmp_path: Path) -> None:
    (tmp_path / "policyengine.yaml").write_text("version: 1\nselect: [caps-added]\nremediate: {gate: 60}\n")
    shop.up()
    before, name = shop.containers(), f"{shop.name}/web"

    def run(*arguments: str) -> Ended:
        more = {"DOCKER_CONFIG": str(shop.plugins), "XDG_STATE_HOME": str(shop.state)}
        return cli(*arguments, cwd=tmp_path, **more)

    ended = run("remediate", str(shop.file), "--apply", "--yes")
    lines = ended.out.splitlines()
    assert lines[0] == f"project {name}  docker://local/container/{shop.name}-web-1", ended
    assert lines[-2] == f"replaced project {name}: {shop.file} written, {shop.name}-web-1 made anew"
    assert (ended.code, lines[-1][:14]) == (0, "No violations.")
    assert shop.text == SHOP.replace("      - NET_ADMIN\n", "").format(image=shop.image)
    assert shop.containers()["web-1"] != before["web-1"]
    assert run("remediate", str(shop.file), "--apply", "--yes") == Ended(0, "Nothing to do; 0 violations left.\n", "")
    assert run("rollback", name, "--yes").out == f"{name} is what it was before\n"
    assert (shop.text, shop.containers()["db-1"]) == (SHOP.format(image=shop.image), before["db-1"])


def test_a_compose_file_stands_for_what_was_made_from_it(shop: Made, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing runs that was made from it"):
        running([str(shop.file)])
    shop.up()
    link = tmp_path / "link.yaml"
    link.symlink_to(shop.file)
    mine = [shop.source("db"), shop.source("web")]
    assert running([str(shop.file)]) == running([str(link), mine[0]]) == mine
    with remediated([str(shop.file)], shop.settings(), shop.told.append, act=False) as (planned, _):
        assert [target.name for target in planned.plan.targets] == [f"{shop.name}/web"]


NEEDY = SHOP.replace('[CMD, /bin/busybox, "true"]', "[CMD, /bin/busybox, grep, -q, 35fb, /proc/self/status]").replace(
    "start_period: 5s", "retries: 2"
)
"""Healthy only with the capability that is taken away: bit 12 of CapEff."""


def test_what_is_not_healthy_is_put_back_with_its_file(shop: Made) -> None:
    shop.write(NEEDY.replace("  db:", "  db:\n    cap_add: [NET_ADMIN]"))
    text = shop.text
    shop.up()
    before = shop.label("config-hash")
    _, applied = shop.remediate()
    (act,) = applied.acts
    assert act.result == "failed"
    assert act.detail == "the new container is unhealthy: it is as before"
    assert applied.exit_code == 2
    assert shop.text == text
    assert sorted(path.name for path in shop.directory.iterdir()) == ["compose.yaml"]
    assert shop.label("config-hash") == before
    assert shop.container()["HostConfig"]["CapAdd"] == ["CAP_CHOWN", "CAP_NET_ADMIN"]
    assert shop.container()["State"]["Health"]["Status"] == "healthy"
    assert shop.label("depends_on") == "db:service_started:false"
    assert set(shop.containers()) == {"web-1", "db-1"}
    assert shop.recover() == []


@pytest.mark.parametrize("way", ["shop", "bare"])
def test_what_could_not_be_healthy_in_time_is_not_made_anew(way: str, request: pytest.FixtureRequest) -> None:
    project: Made = request.getfixturevalue(way)
    project.write(SHOP.replace("interval: 100ms, start_period: 5s", "interval: 5m"))
    text = project.text
    project.compose("up", "-d", "--pull", "never")
    before = project.containers()
    plan, applied = project.remediate()
    assert [target.way for target in plan.targets] == ["compose" if way == "shop" else "recreate"]
    assert [(act.result, act.detail) for act in applied.acts] == [
        (
            "failed",
            f"the healthcheck of {project.name}-web-1 first runs after 300 s, and it is to be healthy in 60 s "
            "(set --gate-seconds or remediate.gate to more than 300)",
        )
    ]
    assert (project.text, project.containers()) == (text, before)
    assert project.recover() == []


def test_a_killed_run_is_put_back_or_finished(shop: Made) -> None:
    """At every place: ``python -m tests.soak.project``."""
    shop.up()
    before = shop.containers()
    assert killed_and_recovered(shop, "docker compose up").endswith("it is as before")
    assert shop.containers() == before, "nothing was done yet to the containers"
    killed_and_recovered(shop, "docker compose up+0.3")  # Docker Compose goes on, and recover waits for it
    assert killed_and_recovered(shop, "ended").endswith("its change is finished")


def test_without_compose_the_containers_are_replaced_and_the_file_is_mended(bare: Made) -> None:
    bare.up()
    before, labels = bare.containers(), bare.container()["Config"]["Labels"]
    plan, applied = bare.remediate()
    (target,) = plan.targets
    assert target.way == "recreate"
    assert target.steps[2] == f"replace {bare.name}-web-1 over the container API"
    assert target.warnings == (
        "docker-compose is 1.29.2: Compose v1, which knows neither the files of today nor their labels:"
        " the next docker compose up makes the containers anew from the changed files",
    )
    assert [act.result for act in applied.acts] == ["replaced"]
    assert applied.exit_code == 0
    assert bare.text == SHOP_MENDED.format(image=bare.image)
    after = bare.containers()
    assert set(after) == {"web-1", "db-1"}, "what was replaced is removed: Compose would take it for its own"
    assert after["db-1"] == before["db-1"]
    now = bare.container()["Config"]["Labels"]
    assert {name: value for name, value in now.items() if not name.startswith("policyengine.")} == labels
    bare.up()
    assert set(bare.containers()) == {"web-1", "db-1"}
    assert bare.violations(bare.source()) == set()


def test_a_project_whose_file_is_elsewhere_is_replaced_with_a_warning(bare: Made) -> None:
    bare.up()
    bare.file.unlink()
    plan, applied = bare.remediate()
    assert plan.targets[0].warnings == (
        f"its Compose file is not on this machine: {bare.file}: it still violates the policies, and undoes this"
        " as soon as it is brought up",
    )
    assert applied.exit_code == 0
    bare.write(SHOP)
    after = bare.containers()
    bare.up()
    assert bare.containers() == after, "it has the hash of that file: docker compose up leaves it alone"


def refused(shop: Made) -> str:
    """Why nothing is planned for the service web."""
    plan = shop.plan()
    assert plan.targets == ()
    (untouched,) = plan.untouched
    (reason,) = {left.reason for left in untouched.left}
    return reason


def test_files_that_say_otherwise_than_what_runs_are_not_touched(shop: Made) -> None:
    shop.up()
    hint = f"(docker compose -p {shop.name} up -d web, then plan anew)"
    shop.write(SHOP.replace("- CHOWN", "- KILL").replace("{{tier: front}}", "{{tier: back}}"))
    says = f"its Compose files say otherwise than what runs: cap_add, labels {hint}"
    assert refused(shop) == says
    shop.write(SHOP.replace("web:", "api:"))
    assert refused(shop) == f"{shop.file}: its Compose file has no service web any more"
    shop.write(SHOP.replace("cap_add:", "stop_grace_period: 7s\n    cap_add:"))
    changed = f"its Compose files, or variables that they use, have changed since it was made {hint}"
    assert refused(shop) == changed
    shop.write(SHOP + "networks: {{default: {{labels: {{a: b}}}}}}\n")
    assert f"docker compose up would change more now: container {shop.name}-web-1 (stopping)" in refused(shop)
    shop.write(SHOP + "oops: [\n")
    assert refused(shop).startswith(f"{shop.file}:")
    shop.write(SHOP.replace("- NET_ADMIN", "- ${{EXTRA}}"))
    shop.directory.joinpath(".env").write_text("EXTRA=NET_ADMIN\n")
    plan = shop.plan()
    assert plan.targets[0].satisfies == ("allow-priv-esc",)
    assert [(left.policy, left.reason) for left in plan.targets[0].left] == [
        ("caps-added", "a variable decides what stands there")
    ]
    assert shop.text == SHOP.replace("- NET_ADMIN", "- ${{EXTRA}}").format(image=shop.image)


PROD = """\
services:
  web:
    # In production alone.
    privileged: false
    cap_add: [NET_ADMIN]
"""


def test_the_file_among_several_that_says_it_is_mended_for_all_replicas(shop: Made) -> None:
    shop.write(SHOP.replace("      # For its VPN.\n      - NET_ADMIN\n", ""))
    prod = shop.directory / "prod.yaml"
    prod.write_text(PROD)
    files = ("-f", "compose.yaml", "-f", "prod.yaml")
    shop.compose(*files, "up", "-d", "--wait", "--pull", "never", "--scale", "web=2")
    before = shop.containers()
    # What it depends on was changed, and not brought up yet: that is none of our business.
    text = shop.text.replace("/scratch", "/elsewhere")
    shop.file.write_text(text)
    _, applied = shop.remediate()
    assert [(act.result, act.detail) for act in applied.acts] == [
        (
            "replaced",
            f"{shop.file}, {prod} written, {shop.name}-web-1, {shop.name}-web-2 made anew",
        )
    ]
    after = shop.containers()
    assert after.keys() == before.keys() == {"web-1", "web-2", "db-1"}
    assert after["db-1"] == before["db-1"]
    assert prod.read_text() == PROD.replace("    cap_add: [NET_ADMIN]\n", "")
    assert shop.text == text.replace(
        "    labels: {tier: front}\n",
        "    labels: {tier: front}\n    security_opt:\n      - no-new-privileges:true\n",
    )
    assert shop.violations(shop.source(number=2)) == set()


def test_what_shares_namespaces_is_made_anew_too(shop: Made) -> None:
    shop.write(SHOP.replace("  db:", "  side:\n    <<: *common\n    network_mode: service:web\n\n  db:"))
    shop.up()
    foreign = shop.client.containers.create(
        shop.image, name=f"{shop.name}-foreign", network_mode=f"container:{shop.name}-web-1"
    )
    try:
        assert refused(shop) == (
            f"{shop.name}-foreign shares namespaces with {shop.name}-web-1, and is not of its project"
            f" (remove {shop.name}-foreign)"
        )
    finally:
        foreign.remove()
    plan, applied = shop.remediate()
    assert f"{shop.name}-side-1 is made anew, too: it shares namespaces with web" in plan.targets[0].warnings
    assert applied.exit_code == 0
    web = shop.container()["Id"]
    assert shop.container("side")["HostConfig"]["NetworkMode"] == f"container:{web}"
    after = shop.containers()
    shop.up()
    assert shop.containers() == after


def test_an_image_is_pinned_to_what_runs_where_the_file_names_it(
    shop: Made, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = installed()
    if program is None:
        missing("there is no docker-registry (Debian: docker-registry)")
    with distribution(program, tmp_path_factory.mktemp("pinned") / "registry") as registry:
        name = f"{registry.host}/{shop.name}"
        shop.client.images.get(shop.image).tag(name, "1")
        shop.client.images.push(name, "1")
        (digest,) = [
            found.partition("@")[2]
            for found in shop.client.images.get(f"{name}:1").attrs["RepoDigests"]
            if found.startswith(f"{name}@")
        ]
        shop.write(SHOP.replace("  web:\n", "  web:\n    image: IMAGE # as built\n").replace("IMAGE", f"{name}:1"))
        text = shop.text
        try:
            shop.up()
            plan, applied = shop.remediate(policies=("image-digest",))
            assert plan.targets[0].image is not None
            assert plan.targets[0].image.after == f"{name}@{digest}"
            assert [act.result for act in applied.acts] == ["replaced"], applied.acts
            assert shop.text == text.replace(f"{name}:1", f"{name}:1@{digest}")
            assert shop.container()["Config"]["Image"] == f"{name}:1@{digest}"
            shop.up()
            assert shop.remediate(policies=("image-digest",))[0].targets == ()
        finally:
            shop.down()
            shop.client.images.remove(f"{name}:1")


def test_without_compose_all_replicas_are_replaced_or_none(bare: Made) -> None:
    bare.up("--scale", "web=2")
    text, before = bare.text, bare.containers()
    bare.killed(f"replace {bare.name}-web-2")
    assert bare.violations(bare.source(number=1)) == set()
    assert bare.recover() == [f"project {bare.name}/web: it is as before"]
    assert bare.text == text
    assert bare.containers() == before, "those of before serve again, and nothing else is left"
    assert bare.container(number=1)["State"]["Running"]


def test_without_compose_what_is_not_healthy_is_put_back_with_its_file(bare: Made) -> None:
    bare.write(NEEDY.replace("  db:", "  db:\n    cap_add: [NET_ADMIN]"))
    text = bare.text
    bare.up()
    before = bare.containers()
    _, applied = bare.remediate()
    assert applied.acts[0].result == "failed"
    assert "the new container is unhealthy" in applied.acts[0].detail
    assert applied.acts[0].detail.endswith(": it is as before")
    assert bare.text == text
    assert bare.containers() == before
