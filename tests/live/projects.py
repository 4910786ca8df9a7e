"""Compose projects on a real engine, brought up by Docker Compose itself, and what remediates them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from policyengine.commands.apply import apply, recovering, remediated, rolling_back
from policyengine.commands.check import check
from tests.inputs import compose_engine
from tests.live.killing import killed, settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from docker import DockerClient

    from policyengine.commands.apply import Applied
    from policyengine.model.report import Report
    from policyengine.remediation.plan import Plan
    from policyengine.settings import Settings

POLICIES = ("caps-added", "allow-priv-esc")

SHOP = """\
# The shop, as it is sold.
x-common: &common     # what all have
  image: {image}
  stop_signal: SIGKILL
  healthcheck: {{test: [CMD, /bin/busybox, "true"], interval: 100ms, start_period: 5s}}
  environment:
    MODE: "live"      # not: test

services:
  web:
    <<: *common
    depends_on: [db]
    cap_add:
      - CHOWN
      # For its VPN.
      - NET_ADMIN
    labels: {{tier: front}}

  db:
    <<: *common
    security_opt: ["no-new-privileges:true"]
    volumes:
      - data:/data    # all that is sold
      - /scratch

volumes:
  data:
"""

SHOP_MENDED = SHOP.replace("      - NET_ADMIN\n", "").replace(
    "    labels: {{tier: front}}\n",
    "    labels: {{tier: front}}\n    security_opt:\n      - no-new-privileges:true\n",
)


def plugin(directory: Path) -> Path | None:
    """A directory for ``DOCKER_CONFIG`` in which the docker command finds Compose; None where that is not here."""
    program = compose_engine.program()
    if program is None:
        return None
    (directory / "cli-plugins").mkdir(parents=True)
    (directory / "cli-plugins" / "docker-compose").symlink_to(program)
    return directory


@dataclass
class Made:
    """A project in a directory, whose services run an image. ``plugins`` is where the docker command has Compose."""

    client: DockerClient
    name: str
    directory: Path
    image: str
    state: Path
    plugins: Path
    told: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.directory / "compose.yaml"

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def write(self, text: str) -> None:
        """Write the main file; ``{image}`` in it is the image."""
        self.file.write_text(text.format(image=self.image), encoding="utf-8")

    def compose(self, *arguments: str) -> str:
        """What Docker Compose says, on both of its outputs."""
        command = ["docker", "compose", "-p", self.name, *arguments]
        env = {**os.environ, "DOCKER_CONFIG": str(self.plugins)}
        ended = subprocess.run(command, cwd=self.directory, env=env, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr

    def up(self, *arguments: str) -> str:
        return self.compose("up", "-d", "--wait", "--pull", "never", *arguments)

    def down(self) -> None:
        """Remove all of it."""
        mine: dict[str, Any] = {"label": f"com.docker.compose.project={self.name}"}
        for container in self.client.containers.list(all=True, filters=mine):
            container.remove(force=True, v=True)
        for network in self.client.networks.list(filters=mine):
            network.remove()
        for volume in self.client.volumes.list(filters=mine):
            volume.remove(force=True)

    def container(self, service: str = "web", number: int = 1) -> Any:
        """What the engine tells of a container."""
        return self.client.api.inspect_container(f"{self.name}-{service}-{number}")

    def containers(self) -> dict[str, str]:
        """The ids of all containers, by name without that of the project."""
        mine: dict[str, Any] = {"label": f"com.docker.compose.project={self.name}"}
        found = self.client.containers.list(all=True, filters=mine)
        return {str(one.name).removeprefix(f"{self.name}-"): str(one.id) for one in found}

    def label(self, name: str, service: str = "web", number: int = 1) -> str:
        return str(self.container(service, number)["Config"]["Labels"].get(f"com.docker.compose.{name}"))

    def source(self, service: str = "web", number: int = 1) -> str:
        return f"docker:///container/{self.name}-{service}-{number}"

    def settings(self, policies: Sequence[str] = POLICIES, **care: Any) -> Settings:
        return settings(str(self.state), policies, **care)

    def plan(self, *services: str, **care: Any) -> Plan:
        sources = [self.source(service) for service in services or ("web",)]
        with remediated(sources, self.settings(**care), self.told.append, act=False) as (planned, _):
            return planned.plan

    def remediate(self, *services: str, policies: Sequence[str] = POLICIES, **care: Any) -> tuple[Plan, Applied]:
        """Plan, and do it."""
        settings = self.settings(policies, **care)
        sources = [self.source(service) for service in services or ("web",)]
        with remediated(sources, settings, self.told.append, act=True) as (planned, circumstances):
            return planned.plan, apply(planned.plan, settings, circumstances, retry=True)

    def killed(self, where: str) -> None:
        """Remediate in a process that dies at a step: see :mod:`tests.live.killing`."""
        killed(where, str(self.state), self.source(), POLICIES)

    def recover(self) -> list[str]:
        return recovering(self.source(), self.settings())

    def roll_back(self, service: str = "web") -> str:
        return rolling_back(f"{self.name}/{service}", self.source(), self.settings(), self.told.append)

    def judged(self, source: str) -> Report:
        return check([source], self.settings(), excerpts=False)

    def violations(self, source: str) -> set[str]:
        return {one.policy for one in self.judged(source).findings if one.status == "fail"}


PLACES = ("write", "docker compose up", "docker compose up+0.3", "docker compose up+1", "wait", "ended")
"""Where a remediation of the shop is killed: before a step, or so many seconds into it."""


def killed_and_recovered(shop: Made, where: str) -> str:
    """Kill a remediation of a shop that is up, recover, and see that all is as it was, or as it should become.

    What is finished is rolled back. Gives what recover said.
    """
    text, hash_before, others = shop.text, shop.label("config-hash"), shop.containers()["db-1"]
    shop.killed(where)
    (said,) = shop.recover()
    if said == f"project {shop.name}/web: its change is finished":
        assert shop.text == SHOP_MENDED.format(image=shop.image)
        assert shop.violations(shop.source()) == set()
        assert shop.roll_back() == f"{shop.name}/web is what it was before"
    else:
        assert said == f"project {shop.name}/web: it is as before"
    assert shop.text == text
    assert shop.label("config-hash") == hash_before
    assert set(shop.containers()) == {"web-1", "db-1"}
    assert shop.containers()["db-1"] == others
    assert shop.container()["State"]["Health"]["Status"] == "healthy"
    assert shop.label("depends_on") == "db:service_started:false"
    assert shop.recover() == [], "once is enough"
    return said
