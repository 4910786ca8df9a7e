"""Compliant and violating containers on a real engine, and the model of each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.connections.docker import Engine
from policyengine.errors import SourceError
from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.model.kinds import kind
from policyengine.model.masking import masked
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown
from tests.judging import shown_line
from tests.live.conftest import LABEL
from tests.live.registry import serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.resource import Resource
    from tests.live.conftest import Workbench

pytestmark = pytest.mark.live

IMAGE = """\
ENV PATH=/bin MODE=production
USER 1000:1000
EXPOSE 8080/tcp
HEALTHCHECK CMD ["/bin/busybox", "true"]
LABEL vendor=example
WORKDIR /srv
ENTRYPOINT ["/bin/busybox"]
CMD ["sleep", "600"]
"""
MARKER = "correct-horse-battery"


def read(url: str = "docker://") -> tuple[list[Resource], Context]:
    context = Context()
    return list(docker.read_live(url, context)), context


def one(bench_name: str, kind_: str = "container") -> Resource:
    found, context = read(f"docker:///{kind_}/{bench_name}")
    assert context.problems == []
    assert found[0].kind == kind_
    return found[0]


def compared(resource: Resource, expected: Mapping[str, object]) -> dict[str, object]:
    """The fields of a resource that an expectation speaks of."""
    return {field: resource.facts.get(field) for field in expected}


def test_a_compliant_container(bench: Workbench) -> None:
    image, network = bench.image(IMAGE), bench.network("net", internal=False)
    name = bench.create(
        image,
        start=True,
        read_only=True,
        cap_drop=["ALL"],
        cap_add=["NET_BIND_SERVICE"],
        security_opt=["no-new-privileges"],
        mem_limit="64m",
        nano_cpus=500_000_000,
        pids_limit=50,
        network=network,
        ports={"8080/tcp": ("127.0.0.1", None)},
        tmpfs={"/run": "ro,size=1m"},
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 3},
    )
    found = one(name)
    expected: dict[str, object] = {
        "name": name,
        "role": "main",
        "state": "running",
        "privileged": False,
        "read_only": True,
        "cap_drop": ["ALL"],
        "cap_add": ["NET_BIND_SERVICE"],
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": 64 * 2**20,
        "cpus": 0.5,
        "pids_limit": 50,
        "user": "1000:1000",
        "runs_as_root": False,
        "entrypoint": ["/bin/busybox"],
        "command": ["sleep", "600"],
        "networks": [network],
        "network_mode": None,
        "pid": None,
        "ipc": None,
        "userns_mode": None,
        "devices": None,
        "volumes": [{"type": "tmpfs", "target": "/run", "read_only": True, "size": 2**20}],
        "environment": {"PATH": "/bin", "MODE": "production"},
        "healthcheck": {"test": ["CMD", "/bin/busybox", "true"]},
        "working_dir": "/srv",
        "restart": "on-failure:3",
    }
    assert compared(found, expected) == expected
    inherited = Provenance("inherited", f"image {image}")
    paths: list[tuple[str, ...]] = [
        ("user",),
        ("runs_as_root",),
        ("command",),
        ("entrypoint",),
        ("healthcheck",),
        ("environment", "MODE"),
        ("labels", "vendor"),
    ]
    assert [found.provenance(path) for path in paths] == [inherited] * len(paths)
    assert found.provenance(("read_only",)).how == "declared"
    assert found.provenance(("pid",)).how == "absent"
    (port,) = _objects(found, "ports")
    assert (port["host_ip"], port["target"], port["protocol"]) == ("127.0.0.1", 8080, "tcp")
    assert int(port["published"]) > 0
    assert found.provenance(("ports", 0, "published")) == Provenance("default", "Docker Engine")
    assert found.where(("ports", 0, "host_ip")) == found.where()
    assert str(found.where()) == f"docker://local/container/{name}"


def test_a_violating_container(bench: Workbench) -> None:
    image = bench.image(IMAGE)
    # Not started: where tests run in a container themselves, a privileged one cannot be.
    name = bench.create(
        image,
        privileged=True,
        user="0",
        network_mode="host",
        pid_mode="host",
        ipc_mode="host",
        userns_mode="host",
        cap_add=["SYS_ADMIN"],
        volumes={"/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "rw"}},
        environment={"DB_PASSWORD": MARKER, "MODE": "test"},
        healthcheck={"test": ["NONE"]},
        devices=["/dev/null:/dev/nothing:rwm"],
    )
    found = one(name)
    expected: dict[str, object] = {
        "privileged": True,
        "read_only": False,
        "user": "0",
        "runs_as_root": True,
        "network_mode": "host",
        "networks": ["host"],
        "pid": "host",
        "ipc": "host",
        "userns_mode": "host",
        "cap_add": ["SYS_ADMIN"],
        "cap_drop": None,
        "mem_limit": None,
        "cpus": None,
        "pids_limit": None,
        "ports": None,
        "restart": "no",
        "state": "created",
        "healthcheck": {"test": ["NONE"], "disable": True},
        "devices": ["/dev/null:/dev/nothing:rwm"],
        "environment": {"DB_PASSWORD": MARKER, "MODE": "test", "PATH": "/bin"},
        "volumes": [
            {
                "type": "bind",
                "source": "/var/run/docker.sock",
                "target": "/var/run/docker.sock",
                "read_only": False,
            }
        ],
    }
    assert compared(found, expected) == expected
    assert found.provenance(("user",)).how == "declared"
    assert [found.provenance(("environment", key)).how for key in ("DB_PASSWORD", "MODE", "PATH")] == [
        "declared",
        "declared",
        "inherited",
    ]
    shown = masked(found.facts, (), kind("container").type)
    assert MARKER not in json.dumps(shown, default=str)


def test_published_ports(bench: Workbench) -> None:
    image = bench.image(IMAGE)
    name = bench.create(
        image, start=True, ports={"8080/tcp": [("127.0.0.1", None), ("0.0.0.0", None)], "53/udp": None, "90/tcp": 0}
    )
    ports = _objects(one(name), "ports")
    assert [(port["target"], port["protocol"], port["host_ip"]) for port in ports] == [
        (53, "udp", "0.0.0.0"),
        (8080, "tcp", "127.0.0.1"),
        (8080, "tcp", "0.0.0.0"),
        (90, "tcp", "0.0.0.0"),
    ]
    actual = bench.client.containers.get(name).ports
    for port in ports:
        listening = actual[f"{port['target']}/{port['protocol']}"] or []
        assert port["host_ip"] in [entry["HostIp"] for entry in listening if entry["HostPort"] == port["published"]]
    assert len({port["published"] for port in ports if port["protocol"] == "tcp"}) == 3


def test_ports_of_the_hosts_network_are_not_published(bench: Workbench) -> None:
    """``docker run --network host -p 80:80`` warns that they are discarded, and keeps them in the configuration."""
    config = bench.client.api.create_host_config(port_bindings={"8080/tcp": 80})
    created = bench.client.api.create_container(
        bench.image(IMAGE), labels={LABEL: bench.prefix}, host_config={**config, "NetworkMode": "host"}
    )
    assert "ports" not in one(created["Id"]).facts


def test_all_exposed_ports_published(bench: Workbench) -> None:
    image = bench.image(IMAGE)
    name = bench.create(image, publish_all_ports=True)
    found = one(name)
    assert found.facts["ports"] == [{"target": 8080, "protocol": "tcp", "host_ip": "0.0.0.0"}]
    assert found.facts["network_mode"] == "bridge"
    assert found.provenance(("ports", 0, "host_ip")) == Provenance("default", "Docker Engine")


def test_namespaces_and_volumes_of_another_container(bench: Workbench) -> None:
    image = bench.image(IMAGE)
    first = bench.create(image, "first", start=True, ipc_mode="shareable", volumes=[f"{bench.name('data')}:/data:ro"])
    joined = f"container:{bench.client.containers.get(first).id}"
    second = bench.create(
        image, "second", network_mode=joined, pid_mode=joined, ipc_mode=joined, volumes_from=[f"{first}:rw"]
    )
    for found in (one(second), next(resource for resource in read()[0] if resource.name == second)):
        assert [found.facts[field] for field in ("network_mode", "pid", "ipc")] == [f"container:{first}"] * 3
    (volume,) = _objects(one(first), "volumes")
    assert volume == {"type": "volume", "source": bench.name("data"), "target": "/data", "read_only": True}


def test_user_and_health_check_of_the_container_itself(bench: Workbench) -> None:
    image = bench.image('ENTRYPOINT ["/bin/busybox"]')
    rootful = one(bench.create(image, "rootful", command=["true"]))
    assert (rootful.facts["user"], rootful.facts["runs_as_root"]) == ("root", True)
    assert rootful.provenance(("user",)) == Provenance("default", "OCI image specification")
    assert "healthcheck" not in rootful.facts
    own = one(bench.create(image, "own", command=["true"], user="app:7", healthcheck={"test": ["CMD", "true"]}))
    assert (own.facts["user"], own.facts["runs_as_root"]) == ("app:7", False)
    assert own.facts["healthcheck"] == {"test": ["CMD", "true"]}
    assert own.provenance(("healthcheck",)).how == "declared"


def test_unmasked_system_paths(bench: Workbench) -> None:
    image = bench.image(IMAGE)
    created = bench.client.api.create_container(
        image,
        name=bench.name("web"),
        labels={LABEL: bench.prefix},
        host_config={**bench.client.api.create_host_config(), "MaskedPaths": [], "ReadonlyPaths": []},
    )
    assert one(created["Id"]).facts["security_opt"] == ["systempaths=unconfined"]
    assert "security_opt" not in one(bench.create(image, "plain")).facts


def of_mine(facts: Mapping[str, Any], bench: Workbench) -> dict[str, Any]:
    """The facts of an image, without the names that other tests give to its layers meanwhile."""
    history = [
        {**step, "tags": [tag for tag in step.get("tags", ()) if tag.startswith(bench.prefix)]}
        for step in facts["history"]
    ]
    return {**facts, "history": history}


def test_images_and_the_references_to_them(bench: Workbench) -> None:
    image, unused = bench.image(IMAGE), bench.image("USER app", "unused")
    name = bench.create(image)
    by_id = bench.create(bench.client.images.get(image).id or "", "by-id")
    found, context = read()
    assert context.problems == []
    images = {resource.name: resource for resource in found if resource.kind == "image"}
    expected: dict[str, object] = {
        "user": "1000:1000",
        "environment": {"PATH": "/bin", "MODE": "production"},
        "expose": ["8080/tcp"],
        "healthcheck": {"test": ["CMD", "/bin/busybox", "true"]},
        "labels": {LABEL: bench.prefix, "vendor": "example"},
        "entrypoint": ["/bin/busybox"],
        "command": ["sleep", "600"],
        "workdir": "/srv",
        "tags": [image],
        "digests": None,
        "os": "linux",
        "in_use": True,
    }
    assert compared(images[image], expected) == expected
    assert images[unused].facts["in_use"] is False
    assert str(images[image].where(("user",))) == f"docker://local/image/{image}"
    references = {resource.name: resource.facts for resource in found if resource.kind == "image_ref"}
    for container in (name, by_id):
        facts = references[container]
        assert (facts["reference"], facts["tag"], facts["registry"]) == (image, "1", "docker.io")
    assert of_mine(one(image, "image").facts, bench) == of_mine(images[image].facts, bench)


def test_a_digest_in_a_reference_is_what_was_written(bench: Workbench) -> None:
    with serving("acme/app", "1", {"User": "1000", "Cmd": ["/app"]}) as (host, digest):
        bench.client.images.pull(f"{host}/acme/app", tag="1")
    tagged, pinned = f"{host}/acme/app:1", f"{host}/acme/app:1@{digest}"
    bench.pulled(tagged)
    by_tag = one(bench.create(tagged, "by-tag")).facts["image"]
    by_digest = one(bench.create(pinned, "by-digest")).facts["image"]
    common = {"registry": host, "repository": "acme/app", "name": f"{host}/acme/app", "tag": "1"}
    assert by_tag == {"reference": tagged, **common, "pinning": "tag"}
    assert by_digest == {"reference": pinned, **common, "digest": digest, "pinning": "digest"}
    assert one(pinned, "image").facts["digests"] == [f"{host}/acme/app@{digest}"]


def test_an_image_that_lost_its_tag(bench: Workbench) -> None:
    image = bench.image(IMAGE)
    name = bench.create(image)
    id_ = bench.client.containers.get(name).attrs["Image"]
    bench.image("USER 7")  # takes the tag
    by_tag = one(name)
    assert by_tag.facts["user"] == "1000:1000"
    assert by_tag.provenance(("user",)) == Provenance("inherited", f"image {image}")
    by_id = one(bench.create(id_, "by-id"))
    reference: Any = by_id.facts["image"]
    assert reference["reference"] == id_[:19]
    assert isinstance(reference["registry"], Unknown)
    assert one(id_.removeprefix("sha256:")[:12], "image").facts["in_use"] is True


def test_an_image_that_was_removed_from_under_its_container(bench: Workbench) -> None:
    image = bench.image(IMAGE)
    name = bench.create(image)
    bench.client.images.remove(image, force=True)
    found, context = read(f"docker:///container/{name}")
    assert (found[0].facts["user"], found[1].facts["reference"]) == ("1000:1000", image)
    assert (context.problems, context.skipped) == ([], [])


def test_networks(bench: Workbench) -> None:
    from docker.types import IPAMConfig, IPAMPool

    network = bench.network(
        "net",
        internal=True,
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet="10.127.77.0/24")]),
        options={"com.docker.network.bridge.enable_icc": "false"},
    )
    name = bench.create(bench.image(IMAGE), network=network)
    found = next(resource for resource in read()[0] if (resource.kind, resource.name) == ("network", network))
    assert isinstance(found.facts["created"], str)
    assert found.facts == {
        "name": network,
        "scope": "local",
        "ingress": False,
        "ipam_driver": "default",
        "created": found.facts["created"],
        "driver": "bridge",
        "internal": True,
        "attachable": False,
        "enable_ipv6": False,
        "subnets": ["10.127.77.0/24"],
        "options": {"com.docker.network.bridge.enable_icc": "false"},
        "labels": {LABEL: bench.prefix},
        "containers": [name],
        "bridge": f"br-{str(bench.client.networks.get(network).id)[:12]}",
    }
    assert str(found.where()) == f"docker://local/network/{network}"


def test_volumes(bench: Workbench) -> None:
    bind = {"type": "none", "o": "bind", "device": "/etc"}
    data, etc = bench.volume("data"), bench.volume("etc", driver_opts=bind)
    name = bench.create(bench.image(IMAGE), volumes=[f"{data}:/data", f"{etc}:/etc/host:ro"])
    whole = {resource.name: resource for resource in read()[0] if resource.kind == "volume"}
    assert dict(whole[data].facts) == {
        "name": data,
        "driver": "local",
        "scope": "local",
        "mountpoint": whole[data].facts["mountpoint"],
        "created": whole[data].facts["created"],
        "labels": {LABEL: bench.prefix},
        "anonymous": False,
        "containers": [name],
        "in_use": True,
    }
    assert compared(whole[etc], {"bind": "", "device": "", "options": ""}) == {
        "bind": "/etc",
        "device": "/etc",
        "options": bind,
    }
    assert dict(one(etc, "volume").facts) == dict(whole[etc].facts)
    assert str(one(etc, "volume").where()) == f"docker://local/volume/{etc}"
    assert _objects(one(name), "volumes") == [
        {"type": "volume", "source": data, "target": "/data", "read_only": False},
        {"type": "bind", "source": "/etc", "target": "/etc/host", "read_only": True},
    ]


def test_how_an_image_came_about(bench: Workbench) -> None:
    image = bench.image('ENV A=1\nRUN ["/bin/busybox", "true"]')
    history = _objects(one(image, "image"), "history")
    assert [step["created_by"].partition("#(nop)")[2].split()[:1] for step in history] == [
        ["LABEL"],
        [],
        ["ENV"],
        ["CMD"],
        ["COPY"],
    ]
    assert history[0]["tags"] == [image]
    assert all(step["created"].endswith("Z") for step in history)
    assert history[-1]["size"] > 100_000
    nobody_asks = Context(wanted=frozenset({("image", "user")}))
    (found,) = docker.read_live(f"docker:///image/{image}", nobody_asks)
    assert "history" not in found.facts


def test_the_engine_and_its_scope(bench: Workbench) -> None:
    found, _ = read()
    (engine,) = (resource for resource in found if resource.kind == "engine")
    info = bench.client.info()
    assert engine.facts["version"] == info["ServerVersion"]
    assert engine.facts["api_version"] == bench.client.version()["ApiVersion"]
    assert engine.facts["storage_driver"] == info["Driver"]
    assert engine.facts["live_restore"] is info["LiveRestoreEnabled"]
    assert engine.facts.keys() <= docker.supplies()["engine"]
    told = {
        "product": "docker",
        "os_type": info["OSType"],
        "cgroup_driver": info["CgroupDriver"],
        "default_runtime": info["DefaultRuntime"],
        "runtimes": sorted(info["Runtimes"]),
        "root_dir": info["DockerRootDir"],
        "cpus": info["NCPU"],
        "memory": info["MemTotal"],
        "rootless": any("name=rootless" in option for option in info["SecurityOptions"]),
        "swarm": info["Swarm"]["LocalNodeState"],
    }
    assert compared(engine, told) == told
    assert (str(engine.scope), engine.scope.closed) == ("docker:local", frozenset(docker.supplies()))
    assert len({resource.scope.key for resource in found}) == 1
    assert str(engine.where()) == "docker://local"


@pytest.mark.parametrize("kind_", ["container", "image", "network", "volume"])
def test_what_vanishes_in_the_middle_was_not_there(
    kind_: str, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = bench.image(IMAGE)
    bench.create(image, "stays")
    unused = bench.image("USER 7", "unused")
    network, volume, container = bench.network("net"), bench.volume("data"), bench.create(image, "goes")
    goes = {"container": container, "image": unused, "network": network, "volume": volume}[kind_]
    listing = getattr(Engine, f"{kind_}s")

    def listed_then_removed(engine: Engine) -> list[dict[str, object]]:
        if kind_ == "volume":  # a list of volumes tells all of each
            bench.client.volumes.get(goes).remove()
        listed: list[dict[str, object]] = listing(engine)
        if kind_ == "image":
            bench.client.images.remove(goes)
        elif kind_ != "volume":
            getattr(bench.client, f"{kind_}s").get(goes).remove()
        return listed

    monkeypatch.setattr(Engine, f"{kind_}s", listed_then_removed)
    found, context = read()
    names = {resource.name for resource in found if resource.kind == kind_}
    assert goes not in names
    assert bench.name("stays") in {resource.name for resource in found if resource.kind == "container"}
    assert (context.problems, context.skipped) == ([], [])
    engine = next(resource for resource in found if resource.kind == "engine")
    assert kind_ in engine.scope.closed


@pytest.mark.parametrize("kind_", ["container", "image", "network", "volume"])
def test_what_is_not_there_is_said_with_the_nearest_name(kind_: str, bench: Workbench) -> None:
    image, network = bench.image(IMAGE), bench.network("net")
    known = {"container": bench.create(image), "image": image, "network": network, "volume": bench.volume("data")}[
        kind_
    ]
    with pytest.raises(SourceError) as caught:
        read(f"docker:///{kind_}/{known}x")
    assert f'has no {kind_} "{known}x"' in str(caught.value)
    assert f'(did you mean "{known}"?)' in str(caught.value)


def test_a_recorded_snapshot_says_the_same(bench: Workbench) -> None:
    """What ``docker inspect`` prints can be judged later as it could be live."""
    from policyengine.documents.load import document

    name = bench.create(bench.image(IMAGE), start=True, environment={"PASSWORD": MARKER}, ports={"8080/tcp": None})
    container = bench.client.containers.get(name)
    snapshot = {
        "docker_snapshot": 1,
        "context": "local",
        "containers": [container.attrs],
        "images": [bench.client.api.inspect_image(container.attrs["Image"])],  # type: ignore[no-untyped-call]  # docker's stubs
    }
    recorded = document("snapshot.json", json.dumps(snapshot).encode())
    found = next(docker.read(recorded, Context()))
    assert found.facts == one(name).facts
    assert found.where(("user",)).line == 1
    assert MARKER not in (shown_line(found, found.where()) or "")


@pytest.mark.skipif(shutil.which("ss") is None, reason="needs ss")
def test_nothing_is_left_open_and_nothing_warned_about(bench: Workbench) -> None:
    """In a process of its own: a socket that is left to the garbage collector warns there."""
    bench.create(bench.image(IMAGE))
    script = (
        "import gc\n"
        "from policyengine.inputs.context import Context\n"
        "from policyengine.inputs.docker import read_live\n"
        "assert list(read_live('docker://', Context()))\n"
        "gc.collect()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _objects(resource: Resource, field: str) -> list[dict[str, Any]]:
    found: Any = resource.facts[field]
    assert isinstance(found, list)
    return found


def test_the_version_of_the_api_of_the_environment(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    name = bench.create(bench.image(IMAGE))
    monkeypatch.setenv("DOCKER_API_VERSION", "1.40")
    assert one(name).facts["state"] == "created"
    monkeypatch.setenv("DOCKER_API_VERSION", "1.999")
    with pytest.raises(SourceError) as caught:
        read(f"docker:///container/{name}")
    assert "client version 1.999 is too new" in str(caught.value)
    assert str(caught.value).endswith("(unset DOCKER_API_VERSION)")
