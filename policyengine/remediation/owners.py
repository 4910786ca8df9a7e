"""Who owns a container: what must be changed for the container to change, and to stay changed.

A container that an orchestrator made is never replaced behind its back: the orchestrator would make it again as it
was, or stop knowing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Answer
    from policyengine.remediation.plan import Kind


class Owner(NamedTuple):
    """What a container is a part of: the target of that kind and name. ``refused`` says why nothing is done to it."""

    kind: Kind
    name: str
    refused: str = ""


_OTHERS = (
    ("io.kubernetes.pod.name", "Kubernetes", "change its manifest: policyengine check --fix"),
    ("com.hashicorp.nomad.alloc_id", "Nomad", "change its job"),
    ("com.amazonaws.ecs.task-arn", "Amazon ECS", "change its task definition"),
    ("MESOS_TASK_ID", "Mesos", "change its app"),
    ("io.rancher.container.uuid", "Rancher", "change its stack"),
    ("io.hass.type", "the Home Assistant supervisor", "change its add-on"),
    ("io.balena.supervised", "the balena supervisor", "change its release"),
    ("com.dokku.app-name", "Dokku", "deploy its app"),
    ("com.gitlab.gitlab-runner.job.id", "a GitLab runner", "change the job"),
    ("PODMAN_SYSTEMD_UNIT", "systemd", "change its unit or Quadlet file"),
)
"""By the label that they give their containers: orchestrators that are not acted through, and what to do instead."""


def owner(container: Answer) -> Owner:
    """The owner of a container, as ``/containers/ID/json`` tells it."""
    name = str(container.get("Name") or container.get("Id") or "").lstrip("/")
    labels = labels_of(container)
    for label, who, instead in _OTHERS:
        if label in labels:
            return Owner("container", name, f"{who} owns it: {instead}")
    if container.get("Pod"):
        return Owner("container", name, "it is in a pod of Podman: make the pod anew")
    if "com.docker.swarm.service.id" in labels:
        return Owner("service", labels.get("com.docker.swarm.service.name") or labels["com.docker.swarm.service.id"])
    if "com.docker.compose.project" in labels:
        return _of_project(labels)
    return Owner("container", name)


def _of_project(labels: Mapping[str, str]) -> Owner:
    found = f"{labels['com.docker.compose.project']}/{labels.get('com.docker.compose.service', '')}"
    once = labels.get("com.docker.compose.oneoff", "").lower() == "true"
    return Owner("project", found, "docker compose run made it for one use" if once else "")


def labels_of(container: Answer) -> dict[str, str]:
    """The labels of a container."""
    config = container.get("Config")
    labels = config.get("Labels") if isinstance(config, dict) else None
    return {str(name): str(value) for name, value in labels.items()} if isinstance(labels, dict) else {}
