from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.model.unknown import OpenMap, Unknown

from .test_docker import read

if TYPE_CHECKING:
    from policyengine.model.resource import Resource


def image(*steps: str) -> Resource:
    """An image with a history, the oldest step first."""
    history = [{"CreatedBy": step} for step in reversed(steps)]
    (resource,) = read({"docker_snapshot": 1, "images": [{"Id": "sha256:1", "History": history}]})[0]
    return resource


RAN = [
    "/bin/sh -c sudo make",
    "|1 VERSION=1 /bin/sh -c sudo make",
    "RUN /bin/sh -c sudo make # buildkit",
    "RUN |2 A=/bin B=x y /bin/bash -o pipefail -euc sudo make # buildkit",
    "RUN /bin/sh -c set -e; \tsudo make # buildkit",
]


@pytest.mark.parametrize("step", RAN)
def test_what_a_step_ran(step: str) -> None:
    calls = image(step).facts["calls"]
    assert isinstance(calls, dict)
    assert "sudo" in calls
    assert "make" in calls


NOTHING = [
    '/bin/sh -c #(nop)  CMD ["sudo"]',
    'CMD ["sudo", "make"]',
    "ENV A=/bin/sh -c sudo",
    "COPY sudo /bin/ # buildkit",
    "powershell -Command sudo",
    "",
]


@pytest.mark.parametrize("step", NOTHING)
def test_other_steps_ran_nothing(step: str) -> None:
    assert image(step).facts.keys().isdisjoint({"calls", "packages"})


def test_the_index_of_an_earlier_step() -> None:
    found = image("/bin/sh -c apt-get update", "RUN /bin/sh -c apt-get install -y curl # buildkit")
    packages = found.facts["packages"]
    assert isinstance(packages, dict)
    assert [command.get("stale_index") for command in packages["apt"]] == [None, True]
    assert all("keeps_cache" not in command for command in packages["apt"])


def test_what_is_not_known() -> None:
    (bare,) = read({"docker_snapshot": 1, "images": [{"Id": "sha256:1"}]})[0]
    assert bare.facts["calls"] == bare.facts["packages"] == Unknown("image.history", "the engine was not asked for it")
    for step, calls, packages in (("$A b", True, False), ("(", True, True), ("a " * 20_000, True, True)):
        facts = image(f"/bin/sh -c apk add a && {step}").facts
        assert (isinstance(facts["calls"], OpenMap), isinstance(facts["packages"], OpenMap)) == (calls, packages)
