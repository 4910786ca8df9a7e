from __future__ import annotations

import pytest

from policyengine.model.unknown import Unknown

from .compose_reading import read

OPEN = Unknown("${N}", "N has no value in .env or --env", "--env N=VALUE")
EXTENDED = Unknown(
    "service.extends", "what the service extends is not known: N has no value in .env or --env", "--env N=VALUE"
)


@pytest.mark.parametrize(
    ("service", "networks", "mode", "place"),
    [
        ("networks: [h]", "{h: {name: host, external: true}}", "host", "1:43"),
        ("networks: [a, h]", "{h: {name: host, external: true}}", "host", "1:46"),
        ("networks: {a: , h: }", "{h: {name: host, external: true}}", "host", "1:48"),
        ("networks: [h]", "{h: {external: {name: host}}}", "host", "1:43"),
        ("networks: [h]", "{h: {name: host, external: 'true'}}", "host", "1:43"),
        ("networks: [host]", "{host: {external: true}}", "host", "1:43"),
        ("networks: [h]", "{h: {name: '${N:-host}', external: true}}", "host", "1:43"),
        ("x-a: b", "{default: {name: host, external: true}}", "host", "2:12"),
        ("networks: [h]", "{h: {name: $N, external: true}}", OPEN, "1:43"),
        ("networks: [h]", "{h: {name: host, external: $N}}", OPEN, "1:43"),
        ("networks: [g, h]", "{g: {name: $N, external: true}, h: {name: host, external: true}}", "host", "1:46"),
        ("networks: [h], network_mode: bridge", "{h: {name: host, external: true}}", "bridge", None),
        ("network_mode: bridge", "{default: {name: host, external: true}}", "bridge", None),
        ("networks: [a]", "{default: {name: host, external: true}}", None, None),
        ("networks: [h]", "{h: {name: host}}", None, None),
        ("networks: [h]", "{h: {name: host, external: false}}", None, None),
        ("networks: [h]", "{h: {name: host, external: no}}", None, None),
        ("networks: [h]", "{h: {name: host, external: []}}", None, None),
        ("networks: [h]", "{h: {name: host, external: yes}}", "host", "1:43"),
        ("networks: [h]", "{h: {external: true}}", None, None),
        ("networks: [host]", "{host: {external: true, name: other}}", None, None),
        ("networks: [host]", "{host: }", None, None),
        ("networks: [host]", "[]", None, None),
        ("networks: [$N]", "{h: {name: host, external: true}}", None, None),
        ("networks: [h], extends: $N", "{h: {name: host, external: true}}", "host", "1:43"),
        ("extends: $N", "{default: {name: host, external: true}}", EXTENDED, None),
    ],
)
def test_the_network_of_the_host(service: str, networks: str, mode: object, place: str | None) -> None:
    resources, problems = read(f"services: {{web: {{image: nginx, {service}}}}}\nnetworks: {networks}\n")
    assert problems == []
    assert resources[0].facts.get("network_mode") == mode
    if place is not None:
        assert str(resources[0].where(("network_mode",))) == f"compose.yaml:{place}"
