"""How an engine is asked for a container, which hangs on the version of its API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.errors import RemedyError
from policyengine.remediation.docker.answers import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.remediation.docker.body import Body, Endpoint

ALL_NETWORKS = (1, 44)
"""From this version of the API on a container may be made with more than one network."""

SINCE = {"Annotations": (1, 43)}
"""Keys of ``HostConfig`` and the versions that know them: an engine that does not ignores them."""

CHECK_SINCE = {"StartInterval": (1, 44)}
"""Keys of ``Healthcheck`` likewise."""

ENDPOINT_SINCE = {"MacAddress": (1, 44), "GwPriority": (1, 48)}
"""Keys of ``EndpointSettings`` likewise. All of these are recorded from https://docs.docker.com/reference/api/engine/version-history/,
not tested: the engine that tests run on speaks 1.41."""


class Asked(Struct, frozen=True):
    """``create`` is the body of ``POST /containers/create``; ``connect`` the networks to connect before the start."""

    create: dict[str, object]
    connect: Mapping[str, Endpoint]


def asked(body: Body, api: tuple[int, int]) -> Asked:
    """How a body is asked for over a version of the API. Raises what :func:`check` does."""
    check(body, api)
    names = list(body.endpoints)
    now = names if api >= ALL_NETWORKS else names[:1]
    if body.config.get("NetworkDisabled") is True:
        now = []  # an engine joins it to none when it is made, but to each that it is connected to later
    create = dict(body.config)
    if now:
        create["NetworkingConfig"] = {"EndpointsConfig": {name: body.endpoints[name] for name in now}}
    return Asked(create, {name: body.endpoints[name] for name in names if name not in now})


def check(body: Body, api: tuple[int, int]) -> None:
    """Raise :class:`RemedyError` where a body needs a newer API: an older one leaves out in silence what it lacks."""
    _known(mapping(body.config, "HostConfig"), SINCE, api)
    _known(mapping(body.config, "Healthcheck"), CHECK_SINCE, api)
    for endpoint in body.endpoints.values():
        _known(endpoint, ENDPOINT_SINCE, api)


def _known(asked_for: Mapping[str, object], since: Mapping[str, tuple[int, int]], api: tuple[int, int]) -> None:
    for key, version in since.items():
        if asked_for.get(key) and api < version:
            raise RemedyError(f"{key} needs API {version[0]}.{version[1]}, and the engine speaks {api[0]}.{api[1]}")
