"""Engines by the live rules of this host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.connections.docker_context import endpoint
from policyengine.connections.docker_here import is_here
from policyengine.errors import PolicyengineError
from policyengine.firewall.docker.network import DockerNetwork
from policyengine.firewall.docker.proxy import with_proxy_as_in
from policyengine.inputs.firewall.live import live

if TYPE_CHECKING:
    from policyengine.firewall.docker.facts import Engine
    from policyengine.model.scope import Scope

_ENGINES = "docker://"


def by_live_rules(engine: Engine, scope: Scope) -> DockerNetwork | None:
    """The network of an engine that works on this host, by the rules of the host: whatever else is among them counts.

    None of an engine elsewhere, and of a snapshot. Where the rules are not to be read they are predicted, and it is
    said why: to take them for unknown would leave users who are not root without an answer.
    """
    here = is_here(endpoint(scope.name)) if scope.source.startswith(_ENGINES) else False
    if here is False:
        return None
    try:
        found, _ = live()
    except PolicyengineError as error:
        return DockerNetwork(engine, note=f"the live rules cannot be read: {error}")
    names = {one.name for one in found.host.interfaces or ()}
    if not all(one.bridge in names for one in engine.networks if one.driver == "bridge" and one.known):
        return None
    return DockerNetwork(with_proxy_as_in(found.ruleset, engine), found.ruleset, found.host)
