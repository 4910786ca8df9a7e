"""Who owns a container: its labels tell."""

from __future__ import annotations

import pytest

from policyengine.remediation.owners import Owner, owner

SWARM = {"com.docker.swarm.service.id": "x1", "com.docker.swarm.service.name": "shop_web"}
COMPOSE = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ({}, Owner("container", "web")),
        ({"maintainer": "me"}, Owner("container", "web")),
        (SWARM, Owner("service", "shop_web")),
        ({"com.docker.swarm.service.id": "x1"}, Owner("service", "x1")),
        (COMPOSE, Owner("project", "shop/web")),
        ({**COMPOSE, "com.docker.compose.oneoff": "False"}, Owner("project", "shop/web")),
        (
            {**COMPOSE, "com.docker.compose.oneoff": "True"},
            Owner("project", "shop/web", "docker compose run made it for one use"),
        ),
        (
            {"io.kubernetes.pod.name": "web-1", **COMPOSE},
            Owner("container", "web", "Kubernetes owns it: change its manifest: policyengine check --fix"),
        ),
        ({"com.hashicorp.nomad.alloc_id": "1"}, Owner("container", "web", "Nomad owns it: change its job")),
        (
            {"PODMAN_SYSTEMD_UNIT": "web.service"},
            Owner("container", "web", "systemd owns it: change its unit or Quadlet file"),
        ),
    ],
)
def test_owners(labels: dict[str, str], found: Owner) -> None:
    assert owner({"Name": "/web", "Config": {"Labels": labels}}) == found


def test_a_pod_of_podman_is_refused() -> None:
    assert owner({"Name": "web", "Pod": "12ab"}).refused == "it is in a pod of Podman: make the pod anew"


def test_a_container_without_labels_or_name_is_itself() -> None:
    assert owner({"Id": "ab12", "Config": {"Labels": None}}) == Owner("container", "ab12")
