"""What is carried over to a container of another image, and the traps of an engine: each as it really behaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.errors import RemedyError, SourceError
from policyengine.remediation.changes import RemoveField, SetField
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.dependants import dependants, repointed
from policyengine.remediation.docker.differences import unexpected
from policyengine.remediation.docker.fields import changed
from tests.live.configurations import Made, config, host
from tests.live.remaking import Maker
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from policyengine.connections.docker import Answer

pytestmark = [pytest.mark.live, ONCE]


@pytest.fixture(scope="module")
def maker(engine: DockerClient, base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    made = Maker(engine, base, tmp_path_factory.mktemp("files"))
    try:
        yield made
    finally:
        made.close()


def part(answer: Answer, *keys: str) -> Any:
    """A part of an engine's answer."""
    found: Any = answer
    for key in keys:
        found = found[key]
    return found


def renewed(maker: Maker, made: Made) -> Answer:
    """The container that is made in a container's place, of the newer image."""
    old = maker.make(made)
    target = maker.acting.engine.image(maker.newer)
    body = carried(old, maker.image_of(old), target)
    return maker.remake(replace(body, config={**body.config, "Image": maker.newer}))


def told(container: Answer) -> dict[str, Any]:
    """What a new image's configuration could have a part in."""
    config = part(container, "Config")
    env = [item for item in config["Env"] if not item.startswith("PATH=")]
    labels = {key: value for key, value in config["Labels"].items() if not key.startswith("policyengine.")}
    keys = ("User", "WorkingDir", "StopSignal", "Entrypoint", "Cmd", "ExposedPorts", "Volumes", "Healthcheck")
    return {**{key: config[key] for key in keys}, "Env": sorted(env), "Labels": labels}


OF_IMAGE: dict[str, Any] = {
    "User": "2000",
    "WorkingDir": "/opt",
    "StopSignal": "SIGINT",
    "Entrypoint": ["/bin/busybox", "env"],
    "Cmd": ["/bin/busybox", "sleep", "700"],
    "ExposedPorts": {"7070/tcp": {}},
    "Volumes": {"/more": {}},
    "Healthcheck": {
        "Test": ["CMD", "/bin/busybox", "false"],
        "Interval": 40 * 10**9,
        "Timeout": 6 * 10**9,
        "Retries": 4,
        "StartPeriod": 2 * 10**9,
    },
    "Env": ["ADDED=1", "MODE=test"],
    "Labels": {"team": "bakery", "added": "1"},
}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(Made(), {}, id="nothing asked for"),
        pytest.param(config(User="1000:1000"), {}, id="the old image's user asked for"),
        pytest.param(config(User="7"), {"User": "7"}, id="user"),
        pytest.param(
            config(WorkingDir="/w", StopSignal="SIGHUP"), {"WorkingDir": "/w", "StopSignal": "SIGHUP"}, id="more"
        ),
        pytest.param(config(Cmd=["x"]), {"Cmd": ["x"]}, id="command"),
        pytest.param(config(Entrypoint=["/x"]), {"Entrypoint": ["/x"], "Cmd": None}, id="entry point"),
        pytest.param(
            config(Entrypoint=["/bin/busybox"], Cmd=["x"]),
            {"Cmd": ["x"]},
            id="entry point as the image's and a command",
        ),
        pytest.param(config(Entrypoint=[]), {"Entrypoint": []}, id="no entry point"),
        pytest.param(
            config(Entrypoint=[""], Cmd=["/x"]), {"Entrypoint": None, "Cmd": ["/x"]}, id="no entry point, a command"
        ),
        pytest.param(
            config(Env=["MODE=own", "LEVEL=1", "A=b"]), {"Env": ["A=b", "ADDED=1", "MODE=own"]}, id="environment"
        ),
        pytest.param(config(Env=["LEVEL"]), {"Env": ["ADDED=1", "LEVEL", "MODE=test"]}, id="environment, unset"),
        pytest.param(
            config(Labels={"team": "own", "tier": "web"}), {"Labels": {"team": "own", "added": "1"}}, id="labels"
        ),
        pytest.param(
            config(ExposedPorts={"1/tcp": {}, "8080/tcp": {}}),
            {"ExposedPorts": {"1/tcp": {}, "7070/tcp": {}}},
            id="exposed ports",
        ),
        pytest.param(
            host(PortBindings={"8080/tcp": [{"HostIp": "", "HostPort": ""}]}),
            {"ExposedPorts": {"7070/tcp": {}, "8080/tcp": {}}},
            id="published ports that only the old image exposes",
        ),
        pytest.param(
            config(Healthcheck={"Interval": 5 * 10**9, "Timeout": 3 * 10**9}),
            {"Healthcheck": {**OF_IMAGE["Healthcheck"], "Interval": 5 * 10**9}},
            id="a part of the health check",
        ),
        pytest.param(
            config(Healthcheck={"Test": ["NONE"]}),
            {"Healthcheck": {**OF_IMAGE["Healthcheck"], "Test": ["NONE"]}},
            id="no health check",
        ),
        pytest.param(config(Volumes={"/own": {}}), {"Volumes": {"/own": {}, "/more": {}}}, id="volumes"),
    ],
)
def test_a_new_image_s_own_values_count(maker: Maker, made: Made, expected: dict[str, Any]) -> None:
    assert told(renewed(maker, made)) == {**OF_IMAGE, **expected}


def test_the_data_of_anonymous_volumes_stays(maker: Maker) -> None:
    """That of a volume of the old image that the new one does not have, and of one that was emptied."""
    bench = maker.bench
    old = maker.make(
        Made({"Volumes": {"/own": {}}}, {"Mounts": [{"Type": "volume", "Target": "/mounted"}]}, started=True)
    )
    running = bench.client.containers.get(str(old["Id"]))
    script = "for d in data own mounted; do echo kept >/$d/file; done"
    assert running.exec_run(["/bin/busybox", "sh", "-c", script], user="0").exit_code == 0
    body = carried(old, maker.image_of(old))
    assert len(body.volumes) == 3
    config = {**body.config, "Image": maker.newer, "Entrypoint": ["/bin/busybox"], "Cmd": ["sleep", "600"]}
    new = maker.remake(replace(body, config=config), start=True)
    maker.remove(old)  # with its anonymous volumes: they are in use
    after = bench.client.containers.get(str(new["Id"]))
    said = after.exec_run(["/bin/busybox", "cat", "/data/file", "/own/file", "/mounted/file"], user="0").output
    assert said == b"kept\nkept\nkept\n"
    maker.remove(new)  # they are named now: an engine keeps them, and whoever replaced the container removes them
    left = {volume.name for volume in bench.client.volumes.list()}
    assert set(body.volumes) <= left


def test_a_port_that_is_not_exposed_is_not_published(maker: Maker) -> None:
    """Why published ports stay exposed: an engine says nothing, and listens on none."""
    silent = maker.make(Made(host={"PortBindings": {"81/tcp": [{"HostIp": "127.0.0.1"}]}}, bare=True, started=True))
    assert part(silent, "NetworkSettings", "Ports") == {}
    body = changed(
        carried(silent, maker.image_of(silent)),
        [SetField(("ports",), [{"target": 81, "host_ip": "127.0.0.1", "protocol": "tcp"}])],
    )
    assert list(part(maker.remake(body, start=True), "NetworkSettings", "Ports")) == ["81/tcp"]


def test_privileged_no_more_is_confined_again(maker: Maker) -> None:
    """Setting ``Privileged: false`` alone leaves SELinux's labels off."""
    old = maker.make(host(Privileged=True))
    body = carried(old, maker.image_of(old))
    alone = {**part(body.config, "HostConfig"), "Privileged": False}
    naive = maker.remake(replace(body, config={**body.config, "HostConfig": alone}))
    assert part(naive, "HostConfig", "SecurityOpt") == ["label=disable"]
    new = maker.remake(changed(body, [SetField(("privileged",), False)]))
    plain = maker.make(Made())
    keys = ("Privileged", "SecurityOpt", "MaskedPaths", "ReadonlyPaths", "CapAdd", "CapDrop", "CgroupnsMode")
    assert {key: part(new, "HostConfig", key) for key in keys} == {key: part(plain, "HostConfig", key) for key in keys}


@pytest.mark.parametrize(
    ("made", "refused"),
    [
        (host(NetworkMode="container:{peer}"), "conflicting options: hostname and the network mode"),
        (host(UTSMode="host"), "conflicting options: hostname and the UTS mode"),
    ],
)
def test_a_host_name_that_is_not_its_own_is_refused_by_the_engine(maker: Maker, made: Made, refused: str) -> None:
    old = maker.make(made)
    body = carried(old, maker.image_of(old))
    naive = {**body.config, "Hostname": part(old, "Config", "Hostname") or "web"}
    with pytest.raises(SourceError, match=refused):
        maker.remake(replace(body, config=naive))
    assert unexpected(old, maker.remake(body)) == []


def test_the_ports_of_an_image_are_refused_with_another_s_network(maker: Maker) -> None:
    old = maker.make(host(NetworkMode="container:{peer}"))
    assert part(old, "Config", "ExposedPorts")  # the engine merges the image's after it has looked
    body = carried(old, maker.image_of(old))
    naive = {**body.config, "ExposedPorts": part(old, "Config", "ExposedPorts")}
    with pytest.raises(SourceError, match="port exposing and the container type network mode"):
        maker.remake(replace(body, config=naive))


def test_what_is_disconnected_from_a_network_stays_so(maker: Maker) -> None:
    two = {"{net}": {"Aliases": ["api"]}, "{net-2}": {"Aliases": ["web"]}}
    old = maker.make(Made(host={"NetworkMode": "{net}"}, networks=two, started=True))
    maker.acting.disconnect(maker.words["net"], str(old["Id"]))
    old = maker.acting.engine.container(str(old["Id"]))
    _, new = maker.again(old, start=True)
    assert list(part(new, "NetworkSettings", "Networks")) == [maker.words["net-2"]]
    assert unexpected(old, new) == []
    maker.acting.disconnect(maker.words["net-2"], str(old["Id"]))
    with pytest.raises(RemedyError, match="it is disconnected from all its networks"):
        maker.again(maker.acting.engine.container(str(old["Id"])))


def test_dependants_are_found_and_made_anew(maker: Maker) -> None:
    """An engine tells of the other container by its id: not even a restart finds the one in its place."""
    acting = maker.acting
    web = maker.make(Made(started=True, host={"IpcMode": "shareable"}))
    joined = f"container:{str(web['Name']).lstrip('/')}"
    others = [
        maker.make(host(NetworkMode=joined)),
        maker.make(host(PidMode=joined, IpcMode=joined)),
        maker.make(host(NetworkMode="bridge", Links=[f"{str(web['Name']).lstrip('/')}:backend"])),
        maker.make(host(VolumesFrom=[str(web["Id"])])),
    ]
    inspects = [acting.engine.container(str(one["Id"])) for one in acting.engine.containers() if _ours(one, maker)]
    found = dependants(web, inspects)
    assert [(one.ways, one.deed) for one in found] == [
        (("network",), "recreate"),
        (("pid", "ipc"), "recreate"),
        (("links",), "recreate"),
        (("volumes_from",), "repoint"),
    ]
    acting.rename(str(web["Id"]), f"{str(web['Name']).lstrip('/')}-old")
    new = maker.make(Made(started=True, host={"IpcMode": "shareable"}))
    maker.remove(web)
    with pytest.raises(SourceError, match="No such container"):
        acting.start(str(others[0]["Id"]))
    for other in others:
        again = maker.remake(repointed(carried(other, maker.image_of(other)), web, str(new["Id"])), start=True)
        assert [one.id for one in dependants(new, [again])] == [again["Id"]]
        assert not dependants(web, [again])


def _ours(listed: Answer, maker: Maker) -> bool:
    return any(str(name).startswith(f"/{maker.bench.prefix}") for name in part(listed, "Names"))


def test_a_container_without_its_image(maker: Maker) -> None:
    """By force an image goes that a container was made of: what comes from it can no longer be told."""
    reference = maker.bench.image("ENV GONE=1\nUSER 5", "gone")
    old = maker.make(Made(), reference)
    maker.bench.client.images.remove(reference, force=True)
    with pytest.raises(SourceError):
        maker.image_of(old)
    with pytest.raises(RemedyError, match="its image is gone"):
        carried(old, None)
    body = carried(old, None, maker.acting.engine.image(maker.newer), keep_all=True)
    new = maker.remake(replace(body, config={**body.config, "Image": maker.newer}))
    assert (part(new, "Config", "User"), "GONE=1" in part(new, "Config", "Env")) == ("5", True)


def test_a_variable_of_the_image_is_really_unset(maker: Maker) -> None:
    old = maker.make(Made({"Entrypoint": ["/bin/busybox"], "Cmd": ["env"]}))
    body = changed(carried(old, maker.image_of(old)), [RemoveField(("environment", "MODE"))])
    assert part(body.config, "Env") == ["MODE"]
    new = maker.bench.client.containers.get(str(maker.remake(body, start=True)["Id"]))
    assert new.wait()["StatusCode"] == 0
    said = new.logs().decode().splitlines()
    assert "LEVEL=1" in said
    assert not [line for line in said if line.startswith("MODE")]


def test_an_update_in_place_does_not_change_what_confines(maker: Maker) -> None:
    """Why a container is made anew: an engine answers that all is well, and changes nothing."""
    old = maker.make(Made())
    maker.acting.update(str(old["Id"]), {"Privileged": True, "CapDrop": ["ALL"], "ReadonlyRootfs": True})
    assert part(maker.acting.engine.container(str(old["Id"])), "HostConfig") == part(old, "HostConfig")
