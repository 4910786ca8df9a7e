"""Containers of a Swarm's tasks. A task has one container, whose name no other ever has, and which never runs again.

https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.model.resource import Resource

_ID = "com.docker.swarm.task.id"
_NAME = "com.docker.swarm.task.name"
_SERVICE = "com.docker.swarm.service.name"

_OVER = ("exited", "dead")

OVER = "its task is over: the Swarm removes it in time, and never starts it again"


def is_over(container: Node) -> bool:
    """Whether it is left over from a task that has ended: what replaced it is what its service is by now."""
    return bool(_label(container, _ID)) and container["State"]["Status"].text in _OVER


def of_service(resource: Resource, container: Node) -> Resource:
    """A resource as one of a service: its tasks come and go, and what is found of the service stays the same."""
    id_, service = _label(container, _ID), _label(container, _SERVICE)
    if not id_ or not service:
        return resource
    slot = _label(container, _NAME).removesuffix(f".{id_}")
    parent = f"service/{service}"
    return replace(resource, parent=parent, identity=(parent, slot))


def _label(container: Node, name: str) -> str:
    return container["Config"]["Labels"][name].text
