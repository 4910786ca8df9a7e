"""One container's answer read by itself."""

from __future__ import annotations

from policyengine.inputs.docker.alone import facts_of
from tests.remediation.docker.inspects import container, image


def test_what_is_told_of_one_container() -> None:
    answer = container(
        Config={"Env": ["A=1"], "User": "5"},
        HostConfig={"CapAdd": ["CAP_KILL"], "PidMode": "container:" + "d" * 64},
        Mounts=[{"Type": "volume", "Name": "data", "Destination": "/data", "RW": True}],
    )
    found = facts_of(answer, image(Env=["A=1"]))
    expected = {
        "name": "web",
        "user": "5",
        "environment": {"A": "1"},
        "cap_add": ["KILL"],
        "pid": "container:" + "d" * 64,
        "volumes": [{"type": "volume", "source": "data", "target": "/data", "read_only": False}],
        "network_mode": "bridge",
        "networks": ["bridge"],
    }
    assert {field: found[field] for field in expected} == expected


def test_it_is_the_same_without_its_image() -> None:
    assert facts_of(container(), None) == facts_of(container(), image())
