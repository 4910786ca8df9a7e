"""An engine whose host is another one, and which has rules of IPv6: it goes by what its version makes.

From within its host the live rules are read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.firewall.docker.network import LIVE, DockerNetwork
from policyengine.firewall.docker.predicted import whose
from policyengine.firewall.docker.surroundings import surroundings
from policyengine.networks import engines
from tests.live.conftest import Workbench, build
from tests.live.firewall.apart import engine_apart
from tests.live.firewall.lan import Lan, lan
from tests.live.firewall.talking import Reached, each_time
from tests.live.firewall.test_docker_network import Town, rules, told, told_by_engine, tried
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.live, ONCE]

BASE = "policyengine-test-apart:1"
DOCKERFILE = 'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "sleep", "600"]\n'


@pytest.fixture
def apart(busybox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Town, Lan]]:
    """The town on that engine, and the neighbour of its host."""
    with engine_apart("--experimental", "--ip6tables") as (client, host, address), lan(host) as neighbourhood:
        monkeypatch.setenv("DOCKER_HOST", address)
        build(client, BASE, DOCKERFILE, busybox)
        bench = Workbench(client, BASE)
        try:
            yield Town(bench, BASE, host), neighbourhood
        finally:
            bench.clear()


def test_an_engine_of_another_host(apart: tuple[Town, Lan]) -> None:
    town, neighbourhood = apart
    engine = replace(town.engine(), ip6tables=True)
    network = DockerNetwork(engine, host=neighbourhood.around(surroundings(engine)))
    made, there = rules(town, engine, 4)
    assert made == there
    made, there = rules(town, engine, 6)
    assert set(made) <= set(there)
    # It keeps bridges apart that have no addresses of IPv6, too: nothing comes from there.
    assert [one for one in there if one not in made and "DOCKER-ISOLATION" not in one] == []

    def wrong() -> set[Reached]:
        truth = tried(network, town, neighbourhood.neighbour)
        lacking = {("lan", "dual", "tcp", 80), ("lan", "dual", "udp", 81), ("twin", "dual", "tcp", 81)} - truth
        # None of these, as there are rules of IPv6.
        stray = {("lan", "twin", "tcp", 80), ("peer", "twin", "tcp", 80)} & truth
        return lacking | stray | (told(network, town.own(network)) ^ truth)

    assert sorted(each_time(wrong)) == []
    assert engines.network(("", "", ""), told_by_engine()).rules == whose(engine)
    assert from_within(town) == LIVE


def from_within(town: Town) -> str:
    """What a run on the engine's own host goes by."""
    command = [*town.host.entering, sys.executable, "-m", "policyengine", "firewall", "matrix", "docker://"]
    asked = ["--from", town.bench.name("web"), "--to", town.bench.name("db"), "--format", "json"]
    done = subprocess.run([*command, *asked], env=dict(os.environ), capture_output=True, text=True, check=True)
    (network,) = json.loads(done.stdout)["networks"]
    return str(network["rules"])
