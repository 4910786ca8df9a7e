"""Files of a Swarm's tasks: what the Swarm mounts over them is unknown, and not what lies below."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.model.kinds.sshd import KIND
from policyengine.model.unknown import Unknown
from tests.live.swarm import swarm
from tests.once import ONCE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.live, ONCE]

CONFIG = "/etc/ssh/sshd_config"


def test_a_config_of_the_swarm_is_unknown(busybox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with swarm(busybox) as there:
        image = there.image("1")
        with there.acting() as way:
            made = way.post("/configs/create", {"Name": "sshd", "Data": b64encode(b"PermitRootLogin yes").decode()})
        assert isinstance(made, dict)
        file = {"Name": CONFIG, "UID": "0", "GID": "0", "Mode": 0o444}
        container = {"Configs": [{"ConfigID": made["ID"], "ConfigName": "sshd", "File": file}]}
        there.service("web", image, Container=container, Mode={"Replicated": {"Replicas": 1}})
        monkeypatch.setenv("DOCKER_HOST", there.endpoint.host)
        context = Context(wanted=frozenset((KIND.name, field) for field in KIND.fields))
        (found,) = [one for one in docker.read_live("docker://", context) if one.kind == KIND.name]
    value = found.facts["permit_root_login"]
    assert isinstance(value, Unknown)
    assert value.why.endswith(f":{CONFIG} is on {CONFIG}, a config of the Swarm's, which the engine does not see")
    assert context.problems == []
