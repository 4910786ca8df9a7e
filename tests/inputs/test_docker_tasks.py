"""Containers of a Swarm's tasks: they come and go, and what is found of their service stays the same."""

from __future__ import annotations

import json

from policyengine.documents.load import document
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.inputs.docker.task import OVER
from policyengine.model.report import Skipped

TASK = "com.docker.swarm.task"
SERVICE = {"com.docker.swarm.service.id": "s1", "com.docker.swarm.service.name": "web"}


def of_task(task: str, id_: str, state: str) -> dict[str, object]:
    labels = {**SERVICE, f"{TASK}.id": id_, f"{TASK}.name": f"{task}.{id_}"}
    config = {"Image": "app:1", "Labels": labels}
    return {"Id": id_, "Name": f"/{task}.{id_}", "State": {"Status": state}, "Config": config}


SNAPSHOT = {
    "docker_snapshot": 1,
    "context": "prod",
    "containers": [
        of_task("web.1", "t1", "running"),
        of_task("web.1", "t0", "exited"),
        of_task("web.2", "t2", "created"),
        of_task("web.n1", "t3", "dead"),
        {"Id": "c1", "Name": "/alone", "State": {"Status": "exited"}, "Config": {"Image": "app:1"}},
    ],
}


def test_what_is_left_of_a_task_that_is_over_is_skipped() -> None:
    context = Context()
    found = list(docker.read(document("s.json", json.dumps(SNAPSHOT).encode()), context))
    told = [(one.name, one.parent, one.identity) for one in found if one.kind == "container"]
    assert told == [
        ("web.1.t1", "service/web", ("service/web", "web.1")),
        ("web.2.t2", "service/web", ("service/web", "web.2")),
        ("alone", None, None),
    ]
    assert [one.identity for one in found if one.kind == "image_ref"] == [one[2] for one in told]
    assert context.skipped == [Skipped("s.json", OVER)] * 2
