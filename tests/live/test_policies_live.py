"""The policies on engines and on how containers are run, on a real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.api import Settings, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable

    from docker import DockerClient

    from policyengine.model.report import Report
    from tests.live.conftest import Workbench

pytestmark = pytest.mark.live

OF_CONTAINERS = (
    *("cgroup-parent", "exec-privileged", "host-devices", "host-uts", "restart-policy", "ulimit-override"),
    *("unneeded-ports", "volume-shared-containers"),
)
OF_ENGINES: dict[str, Callable[[Any], bool]] = {
    "daemon-authz": lambda info: bool(info["Plugins"]["Authorization"]),
    "daemon-experimental": lambda info: not info["ExperimentalBuild"],
    "daemon-logging": lambda info: info["LoggingDriver"] not in ("json-file", "local", "none"),
    "daemon-rootless": lambda info: "name=rootless" in info["SecurityOptions"],
    "daemon-seccomp": lambda info: any(
        option.startswith("name=seccomp") and "unconfined" not in option for option in info["SecurityOptions"]
    ),
    "daemon-storage-aufs": lambda info: info["Driver"] != "aufs",
    "daemon-tls": lambda info: "API is accessible" not in json.dumps(info["Warnings"]),
}
"""Whether an engine satisfies a policy, by what it answers itself."""


def check(source: str, *policies: str) -> Report:
    return evaluate([source], Settings(select=policies, cache=False, all=True))


def statuses(report: Report, status: str) -> set[str]:
    return {finding.policy for finding in report.findings if finding.status == status}


def test_containers(bench: Workbench) -> None:
    image, shared = bench.image("EXPOSE 8080\nUSER 1000"), bench.volume("shared")
    bad = bench.create(
        image,
        "bad",
        start=True,
        uts_mode="host",
        devices=["/dev/kmsg:/dev/kmsg:r"],
        cgroup_parent="/policyengine-test",
        restart_policy={"Name": "always"},
        publish_all_ports=True,
        volumes={shared: {"bind": "/data"}},
    )
    good = bench.create(image, "good", start=True, restart_policy={"Name": "on-failure", "MaximumRetryCount": 3})
    # Not started: not every host may lift the limit.
    bench.create(
        image,
        "other",
        ulimits=[{"Name": "nproc", "Soft": -1, "Hard": -1}],
        volumes={shared: {"bind": "/data", "mode": "ro"}},
    )
    for name in (bad, good):
        # Not started: not every engine has all capabilities to give.
        bench.client.api.exec_create(name, ["/bin/busybox", "true"], privileged=name == bad)
    report = check("docker://", *OF_CONTAINERS)
    found = {
        name: {
            finding.policy for finding in report.findings if finding.resource.name == name and finding.status == kind
        }
        for name, kind in ((bad, "fail"), (good, "pass"))
    }
    assert found == {bad: set(OF_CONTAINERS) - {"ulimit-override"}, good: set(OF_CONTAINERS)}
    (finding,) = (
        finding for finding in report.findings if (finding.policy, finding.status) == ("ulimit-override", "fail")
    )
    assert finding.resource.name == bench.name("other")
    alone = check(f"docker:///container/{good}", *OF_CONTAINERS)
    assert statuses(alone, "unknown") <= {"volume-shared-containers"}
    assert statuses(alone, "fail") == set()


def test_a_command_as_root(bench: Workbench) -> None:
    name = bench.create(bench.image("USER 1000"), start=True)
    for user in ("", "0"):
        assert statuses(check(f"docker:///container/{name}", "exec-privileged"), "fail") == set()
        command = bench.client.api.exec_create(name, ["/bin/busybox", "sleep", "60"], user=user)
        bench.client.api.exec_start(command["Id"], detach=True)
    (finding,) = check(f"docker:///container/{name}", "exec-privileged").findings
    assert (finding.status, finding.actual) == ("fail", "0")
    assert finding.field in ("execs[0].user", "execs[1].user")


def test_the_engine_itself(engine: DockerClient) -> None:
    info, version = engine.info(), engine.version()
    if any(part["Name"] == "Podman Engine" for part in version["Components"]):
        pytest.skip("what Podman answers here is its own")
    report = check("docker://", *OF_ENGINES)
    assert statuses(report, "pass") == {policy for policy, satisfied in OF_ENGINES.items() if satisfied(info)}
    assert statuses(report, "fail") == {policy for policy, satisfied in OF_ENGINES.items() if not satisfied(info)}
    assert statuses(check("docker://", "icc-enabled"), "fail") == {"icc-enabled"}
