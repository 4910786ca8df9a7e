"""How an engine is asked, by the version of its API."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.errors import RemedyError
from policyengine.remediation.docker.asking import asked
from policyengine.remediation.docker.body import Body

TWO: dict[str, dict[str, object]] = {"a": {"Aliases": ["x"]}, "b": {}}


def test_one_network_at_create_and_the_others_before_the_start() -> None:
    request = asked(Body({"Image": "app"}, TWO), (1, 41))
    assert request.create == {"Image": "app", "NetworkingConfig": {"EndpointsConfig": {"a": {"Aliases": ["x"]}}}}
    assert request.connect == {"b": {}}


def test_all_networks_at_create_from_1_44_on() -> None:
    """Recorded, not tested on an engine."""
    request = asked(Body({"Image": "app"}, TWO), (1, 44))
    assert request.create == {"Image": "app", "NetworkingConfig": {"EndpointsConfig": TWO}}
    assert request.connect == {}


def test_no_network() -> None:
    request = asked(Body({"Image": "app"}), (1, 41))
    assert (request.create, request.connect) == ({"Image": "app"}, {})


@pytest.mark.parametrize(
    ("config", "endpoints", "said", "enough"),
    [
        ({"HostConfig": {"Annotations": {"a": "b"}}}, {}, "Annotations needs API 1.43", (1, 43)),
        ({"Healthcheck": {"StartInterval": 1}}, {}, "StartInterval needs API 1.44", (1, 44)),
        ({}, {"a": {"MacAddress": "02:42:00:00:00:01"}}, "MacAddress needs API 1.44", (1, 44)),
        ({}, {"a": {"GwPriority": 1}}, "GwPriority needs API 1.48", (1, 48)),
    ],
)
def test_what_an_engine_would_leave_out_in_silence(
    config: dict[str, Any], endpoints: dict[str, Any], said: str, enough: tuple[int, int]
) -> None:
    with pytest.raises(RemedyError, match=f"^{said}, and the engine speaks 1.41$"):
        asked(Body(config, endpoints), (1, 41))
    assert asked(Body(config, endpoints), enough)


def test_what_has_no_network_when_it_is_made_is_connected_to_all_later() -> None:
    request = asked(Body({"NetworkDisabled": True}, TWO), (1, 44))
    assert (request.create, request.connect) == ({"NetworkDisabled": True}, TWO)
