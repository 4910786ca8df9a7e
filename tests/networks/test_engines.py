"""Networks of engines, of what a run keeps of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.errors import SourceError
from policyengine.firewall.docker.network import DockerNetwork
from policyengine.networks import engines
from policyengine.sources import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.resource import Resource


def resources(home: Path, version: str, *components: str) -> list[Resource]:
    told = [{"Name": name, "Version": version} for name in components]
    snapshot: dict[str, Any] = {"docker_snapshot": 1, "context": "node", "info": {"ServerVersion": version}}
    snapshot["version"] = {"Version": version, "Components": told}
    path = home / "snapshot.json"
    path.write_text(json.dumps(snapshot), encoding="utf-8")
    reader = Reader({}, (), (), None)
    return [one for item in reader.items([str(path)]) for one in reader.read(item).resources]


@pytest.mark.parametrize(
    ("version", "rules", "parts"),
    [
        ("20.10.24+dfsg1", "the rules of Docker 20.10", (20, 10, 24)),
        ("28.0.1", "the rules of Docker 28.0", (28, 0, 1)),
        ("29.0", "the rules of Docker 29.0", (29, 0)),
        ("dev", "the rules of the latest Docker", None),
    ],
)
def test_an_engine_goes_by_the_rules_of_its_version(
    version: str, rules: str, parts: tuple[int, ...] | None, tmp_path: Path
) -> None:
    found = engines.network(("docker", "node", ""), resources(tmp_path, version, "Engine"))
    assert isinstance(found, DockerNetwork)
    assert (found.rules, found.engine.version) == (rules, parts)


def test_podman_has_rules_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="what rules Podman makes is not known"):
        engines.network(("docker", "node", ""), resources(tmp_path, "4.3.1", "Podman Engine"))
