"""The configs and secrets that a Swarm mounts into the containers of its tasks.

Neither does the engine look into them, nor are they among a container's mounts: only its service tells their paths,
https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ServiceInspect, and only managers tell a service.
"""

from __future__ import annotations

import posixpath
from threading import Lock
from typing import TYPE_CHECKING

from policyengine.connections.docker_errors import NoEngineError
from policyengine.errors import SourceError
from policyengine.inputs.docker.files import normal
from policyengine.inputs.docker.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.connections.docker import Answer

_SERVICE = "com.docker.swarm.service.id"
_SECRETS = "/run/secrets"
_WHAT = {"Secrets": "a secret of the Swarm's", "Configs": "a config of the Swarm's"}
_UNTOLD = "its service may mount configs of the Swarm's, which only a manager tells"


class SwarmFiles:
    """What is mounted into containers, each service asked for once; ``ask`` gives a service by its id."""

    def __init__(self, ask: Callable[[str], Answer]) -> None:
        self._ask = ask
        self._known: dict[str, tuple[Mapping[str, str], str]] = {}
        self._lock = Lock()

    def of(self, container: Node) -> tuple[Mapping[str, str], str]:
        """The paths in a container, each with what is mounted there; and why there may be others, if there may.

        Raises :class:`NoEngineError`.
        """
        service = container["Config"]["Labels"][_SERVICE].text
        if not service:
            return {}, ""
        with self._lock:
            if service not in self._known:
                self._known[service] = self._asked(service)
        return self._known[service]

    def _asked(self, service: str) -> tuple[Mapping[str, str], str]:
        try:
            told = Node(self._ask(service), (0,))["Spec"]["TaskTemplate"]["ContainerSpec"]
        except NoEngineError:
            raise
        except SourceError:
            return {_SECRETS: "where secrets of the Swarm's are"}, _UNTOLD
        found = {
            normal(posixpath.join(_SECRETS if part == "Secrets" else "/", one["File"]["Name"].text)): what
            for part, what in _WHAT.items()
            for one in told[part].items()
            if one["File"]["Name"].text
        }
        return found, ""
