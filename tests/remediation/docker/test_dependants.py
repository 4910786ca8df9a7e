"""Who hangs on a container."""

from __future__ import annotations

from typing import Any

import pytest

from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.dependants import dependants, repointed
from tests.remediation.docker.inspects import ID, container, image

WEB = container("web")


def other(name: str, **host: Any) -> dict[str, Any]:
    return container(name, name.encode().hex().ljust(64, "0"), HostConfig=host)


@pytest.mark.parametrize(
    ("host", "what"),
    [
        (
            {"NetworkMode": f"container:{ID}"},
            "proxy shares its network: it is made anew, of the same image, once the new container runs",
        ),
        (
            {"PidMode": "container:web", "IpcMode": f"container:{ID}"},
            "proxy shares its processes, shares its IPC: "
            "it is made anew, of the same image, once the new container runs",
        ),
        (
            {"Links": ["/web:/proxy/backend"]},
            "proxy is linked to it: it is made anew, of the same image, once the new container runs",
        ),
        (
            {"VolumesFrom": ["web:ro"]},
            "proxy mounts its volumes: it keeps them, and refers to the new container when it is made anew",
        ),
        (
            {"VolumesFrom": [ID[:12]]},
            "proxy mounts its volumes: it keeps them, and refers to the new container when it is made anew",
        ),
    ],
)
def test_dependants(host: dict[str, Any], what: str) -> None:
    assert [one.what for one in dependants(WEB, [WEB, other("proxy", **host)])] == [what]


@pytest.mark.parametrize(
    "host",
    [
        {"NetworkMode": "web"},
        {"NetworkMode": "container:webserver", "VolumesFrom": ["webserver"], "Links": ["/db:/web/web"]},
        {"VolumesFrom": ["0123"]},
        {"PidMode": "host", "IpcMode": "private"},
    ],
)
def test_no_dependants(host: dict[str, Any]) -> None:
    assert dependants(WEB, [WEB, other("proxy", **host)]) == ()


def test_several_by_name() -> None:
    found = dependants(WEB, [other("z", PidMode="container:web"), WEB, other("a", VolumesFrom=["web"])])
    assert [(one.name, one.ways, one.deed) for one in found] == [
        ("a", ("volumes_from",), "repoint"),
        ("z", ("pid",), "recreate"),
    ]


def test_repointed() -> None:
    host = {
        "NetworkMode": "bridge",
        "PidMode": f"container:{ID}",
        "IpcMode": "container:web",
        "VolumesFrom": ["web:ro", "db"],
        "Links": ["/web:/proxy/backend", "/db:/proxy/db"],
    }
    body = repointed(carried(other("proxy", **host), image()), WEB, "new")
    asked = body.config["HostConfig"]
    assert isinstance(asked, dict)
    assert {key: asked[key] for key in host} == {
        "NetworkMode": "bridge",
        "PidMode": "container:new",
        "IpcMode": "container:new",
        "VolumesFrom": ["new:ro", "db"],
        "Links": ["new:backend", "db:db"],
    }
