"""Which network is a container's way out: the engine's version, what the container is on, and the way by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.firewall.docker.assembling import engine_of
from policyengine.firewall.docker.facts import Attachment, Engine, EngineContainer, EngineNetwork
from policyengine.firewall.docker.gateways import ways_out
from policyengine.firewall.docker.resources import part_of
from policyengine.inputs.docker.alone import resource_of
from policyengine.sources import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.firewall.docker.facts import Version

NETWORKS = (
    EngineNetwork("a"),
    EngineNetwork("b"),
    EngineNetwork("c"),
    EngineNetwork("inside", internal=True),
    EngineNetwork("overlay", driver="overlay"),
    EngineNetwork("wire", driver="macvlan"),
    EngineNetwork("z"),
)

FOUR, SIX, BOTH = (1, None), (None, 1), (1, 1)
"""The addresses of a container on a network."""

OLD, FIRST, LATEST = (27, 5), (28, 0, 1), (29, 5)

CASES: list[tuple[str, dict[str, tuple[tuple[int | None, int | None], int]], dict[Version, str]]] = [
    ("the first by name", {"b": (FOUR, 0), "a": (FOUR, 0)}, {OLD: "a -", FIRST: "a -", LATEST: "a -"}),
    ("none that is internal", {"inside": (FOUR, 9), "b": (FOUR, 0)}, {OLD: "b -", FIRST: "b -", LATEST: "b -"}),
    ("no overlay", {"overlay": (FOUR, 0), "wire": (FOUR, 0)}, {OLD: "- -", FIRST: "- -", LATEST: "- -"}),
    ("an overlay has no gateway", {"overlay": (FOUR, 0), "b": (FOUR, 0)}, {OLD: "b -", LATEST: "b -"}),
    ("what no bridge leads out is not the host's", {"wire": (FOUR, 0), "z": (FOUR, 0)}, {OLD: "- -", LATEST: "- -"}),
    ("priority, since 28", {"a": (FOUR, 0), "b": (FOUR, 1)}, {OLD: "a -", FIRST: "b -", LATEST: "b -"}),
    ("both families come first", {"a": (FOUR, 0), "b": (BOTH, 0)}, {OLD: "b b", FIRST: "b b", LATEST: "b b"}),
    ("each family has its own, since 28", {"a": (FOUR, 0), "b": (SIX, 0)}, {OLD: "a -", FIRST: "a b", LATEST: "a b"}),
    ("priority against both", {"a": (FOUR, 1), "b": (BOTH, 0)}, {OLD: "b b", FIRST: "b b", LATEST: "a b"}),
    ("priority of both", {"a": (BOTH, 0), "b": (BOTH, 1)}, {OLD: "a a", FIRST: "b b", LATEST: "b b"}),
    ("nothing", {}, {OLD: "- -", FIRST: "- -", LATEST: "- -"}),
]


@pytest.mark.parametrize(("why", "on", "expected"), CASES, ids=[why for why, _, _ in CASES])
def test_the_way_out(
    why: str, on: dict[str, tuple[tuple[int | None, int | None], int]], expected: dict[Version, str]
) -> None:
    attached = tuple(Attachment(name, *addresses, priority) for name, (addresses, priority) in on.items())
    container = EngineContainer("web", attachments=attached)
    found = {}
    for version in expected:
        ways = ways_out(Engine("docker://local", version, NETWORKS, (container,)), container)
        found[version] = " ".join(way[0].name if way else "-" for way in (ways[4], ways[6]))
    assert found == expected, why


PROJECT = """\
name: shop
services:
  web:
    image: web
    ports: ["8080:80"]
    networks: {a: {}, b: {gw_priority: 5}}
networks: {a: {}, b: {}}
"""


def test_a_project_says_it_by_gw_priority(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(PROJECT, encoding="utf-8")
    reader = Reader({}, (), (), None)
    found = [one for item in reader.items([str(tmp_path / "compose.yaml")]) for one in reader.read(item).resources]
    engine = engine_of("shop", [part for one in found if (part := part_of(one)) is not None])
    (web,) = engine.containers
    assert {one.network: one.priority for one in web.attachments} == {"a": 0, "b": 5}


def test_an_engine_tells_it() -> None:
    networks: dict[str, object] = {"a": {"GwPriority": 0}, "b": {"GwPriority": 5}}
    container: dict[str, object] = {
        "Id": "1",
        "Name": "/web",
        "HostConfig": {},
        "NetworkSettings": {"Networks": networks},
    }
    found = resource_of(container)
    assert found.facts["network_attachments"] == {"b": {"gw_priority": 5}}
