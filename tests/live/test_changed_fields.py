"""Each field that can be changed by making a container anew: what the engine then makes is read as what was asked for.

A row is a container, changes, and the fields that are read otherwise than before: no other one is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.remediation.changes import AddItems, FieldChange, RemoveField, SetField
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.fields import FIELDS, changed
from tests.live.configurations import Made, bare, config, host
from tests.live.remaking import Maker
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

    from policyengine.model.paths import FieldPath

pytestmark = [pytest.mark.live, ONCE]

MEBI = 2**20
ENVIRONMENT = {
    "MODE": "production",
    "LEVEL": "1",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
CHECK = {"test": ["CMD", "/bin/busybox", "true"], "interval": 20.0, "timeout": 3.0, "retries": 2, "start_period": 1.0}
Facts = dict[str, Any]


class Row(NamedTuple):
    made: Made
    changes: tuple[FieldChange, ...]
    expected: Facts


def path(field: str | tuple[str | int, ...]) -> FieldPath:
    return (field,) if isinstance(field, str) else field


def setting(field: str | tuple[str | int, ...], value: object, expected: Facts, made: Made | None = None) -> Row:
    return Row(made or Made(), (SetField(path(field), value),), expected)


def adding(field: str | tuple[str | int, ...], *items: str, to: Made | None = None, **expected: Any) -> Row:
    return Row(to or Made(), (AddItems(path(field), items),), expected)


def removing(field: str | tuple[str | int, ...], expected: Facts, made: Made) -> Row:
    return Row(made, (RemoveField(path(field)),), expected)


def port(target: int, published: str | None = None, host_ip: str = "0.0.0.0", protocol: str = "tcp") -> Facts:
    found: Facts = {"target": target, "host_ip": host_ip, "protocol": protocol}
    return {**found, "published": published} if published else found


def mount(type_: str, source: str | None, target: str, *, read_only: bool = False, **more: object) -> Facts:
    found: Facts = {"type": type_, "target": target, "read_only": read_only, **more}
    return {**found, "source": source} if source else found


DATA = mount("volume", None, "/data")
PRIVILEGED = host(Privileged=True)
IN_NET = Made(host={"NetworkMode": "{net}"}, networks={"{net}": {"Aliases": ["api"]}})
PORTS = host(PortBindings={"8080/tcp": [{"HostIp": "", "HostPort": "18080"}, {"HostIp": "127.0.0.1", "HostPort": ""}]})
MOUNTS = host(
    Binds=["{files}:/b", "{volume}:/v:nocopy"],
    Mounts=[{"Type": "bind", "Source": "{files}", "Target": "/m"}, {"Type": "tmpfs", "Target": "/t"}],
    Tmpfs={"/run": "size=64k,mode=1777"},
)
MOUNTED = [
    mount("bind", "{files}", "/b"),
    DATA,
    mount("bind", "{files}", "/m"),
    mount("tmpfs", None, "/t"),
    mount("volume", "{volume}", "/v"),
    mount("tmpfs", None, "/run", size=65536),
]


def mounted(position: int, **parts: Any) -> Facts:
    """The mounts with one of them changed."""
    return {"volumes": [{**one, **parts} if at == position else one for at, one in enumerate(MOUNTED)]}


ROWS: list[Row] = [
    setting("privileged", True, {"privileged": True}),
    setting("privileged", False, {"privileged": False}, PRIVILEGED),
    removing("privileged", {"privileged": False}, PRIVILEGED),
    setting("privileged", False, {"privileged": False}, host(Privileged=True, PidMode="host")),
    adding("cap_add", "NET_ADMIN", "cap_sys_time", cap_add=["NET_ADMIN", "SYS_TIME"]),
    adding("cap_add", "NET_ADMIN", "CHOWN", to=host(CapAdd=["net_admin"]), cap_add=["NET_ADMIN", "CHOWN"]),
    setting("cap_add", ["CHOWN"], {"cap_add": ["CHOWN"]}, host(CapAdd=["ALL"])),
    removing("cap_add", {"cap_add": None}, host(CapAdd=["ALL"])),
    removing(("cap_add", 1), {"cap_add": ["CHOWN", "KILL"]}, host(CapAdd=["chown", "SYS_ADMIN", "CAP_KILL"])),
    Row(
        host(CapAdd=["chown", "SYS_ADMIN", "CAP_KILL"]),
        (RemoveField(("cap_add", 0)), RemoveField(("cap_add", 2))),
        {"cap_add": ["SYS_ADMIN"]},
    ),
    adding("cap_drop", "ALL", cap_drop=["ALL"]),
    adding("cap_drop", "ALL", to=host(CapDrop=["MKNOD"]), cap_drop=["MKNOD", "ALL"]),
    removing("cap_drop", {"cap_drop": None}, host(CapDrop=["ALL"])),
    setting("read_only", True, {"read_only": True}),
    removing("read_only", {"read_only": False}, host(ReadonlyRootfs=True)),
    adding("security_opt", "no-new-privileges:true", security_opt=["no-new-privileges:true"]),
    adding(
        "security_opt",
        "no-new-privileges:true",
        to=host(SecurityOpt=["no-new-privileges:false", "label=type:svirt_t"]),
        security_opt=["label=type:svirt_t", "no-new-privileges:true"],
    ),
    adding(
        "security_opt",
        "no-new-privileges:true",
        to=host(Privileged=True),
        security_opt=["no-new-privileges:true"],
    ),
    removing(("security_opt", 0), {"security_opt": None}, host(SecurityOpt=["seccomp=unconfined"])),
    removing(("security_opt", 0), {"security_opt": None}, host(MaskedPaths=[], ReadonlyPaths=[])),
    removing(
        ("security_opt", 0),
        {"security_opt": ["apparmor=unconfined"]},
        host(SecurityOpt=["seccomp:unconfined", "apparmor:unconfined"]),
    ),
    adding("security_opt", "systempaths=unconfined", security_opt=["systempaths=unconfined"]),
    setting("user", "5:6", {"user": "5:6"}),
    setting("user", "0", {"user": "0", "runs_as_root": True}),
    removing("user", {"user": "1000:1000", "runs_as_root": False}, config(User="0")),
    setting("pid", "host", {"pid": "host"}),
    setting("pid", "container:{peer}", {"pid": "container:{peer}"}),
    removing("pid", {"pid": None}, host(PidMode="host")),
    removing("pid", {"pid": None}, host(PidMode="container:{peer}")),
    removing("pid", {"pid": None}, host(PidMode="host", IpcMode="host")),
    setting("ipc", "shareable", {"ipc": "shareable"}),
    removing("ipc", {"ipc": None}, host(IpcMode="host")),
    setting("uts", "host", {"uts": "host", "hostname": None}, config(Hostname="web")),
    removing("uts", {"uts": None}, host(UTSMode="host")),
    setting("userns_mode", "host", {"userns_mode": "host"}),
    removing("userns_mode", {"userns_mode": None}, host(UsernsMode="host")),
    setting("cgroup", "private", {"cgroup": "private"}),
    removing("cgroup", {"cgroup": "host"}, host(CgroupnsMode="private")),
    # networks
    removing(
        "network_mode",
        {"network_mode": "bridge", "networks": ["bridge"], "default_bridge": True},
        host(NetworkMode="host"),
    ),
    removing(
        "network_mode",
        {"network_mode": "bridge", "networks": ["bridge"], "default_bridge": True},
        host(NetworkMode="container:{peer}"),
    ),
    setting(
        "network_mode",
        "none",
        {"network_mode": "none", "networks": ["none"], "network_attachments": None},
        IN_NET,
    ),
    setting("network_mode", "host", {"network_mode": "host", "networks": ["host"], "default_bridge": False}),
    setting(
        "network_mode",
        "bridge",
        {"network_mode": "bridge", "networks": ["bridge"], "default_bridge": True, "network_attachments": None},
        IN_NET,
    ),
    setting("networks", ["{net}"], {"network_mode": None, "networks": ["{net}"], "default_bridge": False}),
    setting("networks", ["{net}", "{net-2}"], {"networks": ["{net}", "{net-2}"]}, IN_NET),
    adding("networks", "{net-2}", to=IN_NET, networks=["{net}", "{net-2}"]),
    removing(
        ("networks", 0),
        {"networks": ["{net-2}"], "network_attachments": None},
        Made(host={"NetworkMode": "{net}"}, networks={"{net}": {"Aliases": ["api"]}, "{net-2}": {}}),
    ),
    removing(
        "networks",
        {"network_mode": "none", "networks": ["none"], "network_attachments": None},
        IN_NET,
    ),
    setting(
        ("network_attachments", "{net}", "ipv4_address"),
        "{v4}.77",
        {"network_attachments": {"{net}": {"aliases": ["api"], "ipv4_address": "{v4}.77"}}},
        IN_NET,
    ),
    adding(
        ("network_attachments", "{net}", "aliases"),
        "www",
        to=IN_NET,
        network_attachments={"{net}": {"aliases": ["api", "www"]}},
    ),
    removing(("network_attachments", "{net}", "aliases"), {"network_attachments": None}, IN_NET),
    Row(
        Made(),
        (
            SetField(("network_attachments", "{net}", "aliases"), ["web"]),
            SetField(("networks",), ["{net}"]),
        ),
        {
            "network_mode": None,
            "networks": ["{net}"],
            "default_bridge": False,
            "network_attachments": {"{net}": {"aliases": ["web"]}},
        },
    ),
    setting("mac_address", "02:42:0a:d5:4f:77", {"mac_address": "02:42:0a:d5:4f:77"}),
    removing("mac_address", {"mac_address": None}, config(MacAddress="02:42:0a:d5:4f:77")),
    setting("hostname", "web", {"hostname": "web"}),
    removing("hostname", {"hostname": None}, config(Hostname="web")),
    setting("domainname", "example.org", {"domainname": "example.org"}),
    removing("domainname", {"domainname": None}, config(Domainname="example.org")),
    setting("links", ["{linked}:db"], {"links": ["{linked}:db"]}),
    removing("links", {"links": None}, host(NetworkMode="bridge", Links=["{linked}:db"])),
    setting("dns", ["192.0.2.53"], {"dns": ["192.0.2.53"]}),
    removing("dns", {"dns": None}, host(Dns=["192.0.2.53"])),
    setting("dns_opt", ["ndots:2"], {"dns_opt": ["ndots:2"]}),
    setting("dns_search", ["example.org"], {"dns_search": ["example.org"]}),
    adding("extra_hosts", "six=::1", to=host(ExtraHosts=["db:192.0.2.7"]), extra_hosts=["db=192.0.2.7", "six=::1"]),
    removing(("extra_hosts", 0), {"extra_hosts": None}, host(ExtraHosts=["db:192.0.2.7"])),
    # ports
    setting(
        ("ports", 0, "host_ip"),
        "127.0.0.1",
        {"ports": [port(8080, "18080", "127.0.0.1"), port(8080, None, "127.0.0.1")]},
        PORTS,
    ),
    setting(
        ("ports", 1, "published"), "18081", {"ports": [port(8080, "18080"), port(8080, "18081", "127.0.0.1")]}, PORTS
    ),
    removing(("ports", 0, "published"), {"ports": [port(8080), port(8080, None, "127.0.0.1")]}, PORTS),
    removing(("ports", 0), {"ports": [port(8080, None, "127.0.0.1")]}, PORTS),
    removing("ports", {"ports": None, "expose": ["8080/tcp", "9090/udp"]}, PORTS),
    removing("ports", {"ports": None, "publish_all": False}, host(PublishAllPorts=True)),
    setting(
        "ports",
        [{"target": 81, "published": "1881", "host_ip": "::1", "protocol": "udp"}],
        {"ports": [port(81, "1881", "::1", "udp")]},
    ),
    setting(
        ("ports", 1, "target"),
        7070,
        {"ports": [port(7070, None, "127.0.0.1"), port(8080, "18080")]},
        PORTS,
    ),
    setting(
        ("ports", 0, "host_ip"),
        "127.0.0.1",
        {"ports": [port(8080, None, "127.0.0.1"), port(9090, protocol="udp")], "expose": ["9090/udp"]},
        host(PublishAllPorts=True),
    ),
    setting("publish_all", True, {"publish_all": True, "ports": [port(8080), port(9090, protocol="udp")]}),
    removing("publish_all", {"publish_all": False, "ports": None}, host(PublishAllPorts=True)),
    adding("expose", "7070/tcp", "81", expose=["7070/tcp", "8080/tcp", "81/tcp", "9090/udp"]),
    removing(("expose", 0), {"expose": ["8080/tcp", "9090/udp"]}, config(ExposedPorts={"7070/tcp": {}})),
    # life
    setting("restart", "on-failure:3", {"restart": "on-failure:3", "restart_limit": 3}),
    setting("restart", "unless-stopped", {"restart": "unless-stopped", "restart_limit": None}),
    setting("restart", "no", {"restart": "no", "restart_limit": 0}, host(RestartPolicy={"Name": "always"})),
    removing("restart", {"restart": "no", "restart_limit": 0}, host(RestartPolicy={"Name": "always"})),
    setting("init", True, {"init": True}),
    removing("init", {"init": None}, host(Init=True)),
    setting("runtime", "io.containerd.runc.v2", {"runtime": "io.containerd.runc.v2"}),
    removing("runtime", {"runtime": "runc"}, host(Runtime="io.containerd.runc.v2")),
    setting("stop_signal", "SIGTERM", {"stop_signal": "SIGTERM"}),
    removing("stop_signal", {"stop_signal": "SIGQUIT"}, config(StopSignal="SIGTERM")),
    setting("stop_grace_period", 30.0, {"stop_grace_period": 30}),
    removing("stop_grace_period", {"stop_grace_period": None}, config(StopTimeout=30)),
    setting("tty", True, {"tty": True}),
    removing("tty", {"tty": False}, config(Tty=True)),
    setting("stdin_open", True, {"stdin_open": True}),
    removing("stdin_open", {"stdin_open": False}, config(OpenStdin=True)),
    # resources
    setting("mem_limit", 64 * MEBI, {"mem_limit": 64 * MEBI, "memswap_limit": 128 * MEBI}),
    setting("mem_limit", 32 * MEBI, {"mem_limit": 32 * MEBI, "memswap_limit": 64 * MEBI}, host(Memory=64 * MEBI)),
    setting("mem_limit", 32 * MEBI, {"mem_limit": 32 * MEBI}, host(Memory=64 * MEBI, MemorySwap=-1)),
    removing("mem_limit", {"mem_limit": None, "memswap_limit": None}, host(Memory=64 * MEBI)),
    setting("memswap_limit", 64 * MEBI, {"memswap_limit": 64 * MEBI}, host(Memory=64 * MEBI)),
    setting("mem_reservation", 32 * MEBI, {"mem_reservation": 32 * MEBI}),
    removing("mem_reservation", {"mem_reservation": None}, host(MemoryReservation=32 * MEBI)),
    setting("mem_swappiness", 0, {"mem_swappiness": 0}),
    removing("mem_swappiness", {"mem_swappiness": None}, host(MemorySwappiness=10)),
    setting("oom_kill_disable", True, {"oom_kill_disable": True}, host(Memory=64 * MEBI)),
    removing("oom_kill_disable", {"oom_kill_disable": False}, host(Memory=64 * MEBI, OomKillDisable=True)),
    setting("oom_score_adj", 500, {"oom_score_adj": 500}),
    removing("oom_score_adj", {"oom_score_adj": 0}, host(OomScoreAdj=500)),
    setting("cpus", 1.5, {"cpus": 1.5}),
    setting("cpus", 1.5, {"cpus": 1.5}, host(CpuPeriod=50000, CpuQuota=25000)),
    removing("cpus", {"cpus": None}, host(CpuPeriod=50000, CpuQuota=25000)),
    removing("cpus", {"cpus": None}, host(NanoCpus=500000000)),
    setting("cpu_shares", 512, {"cpu_shares": 512}),
    removing("cpu_shares", {"cpu_shares": None}, host(CpuShares=512)),
    setting("cpuset", "0", {"cpuset": "0"}),
    removing("cpuset", {"cpuset": None}, host(CpusetCpus="0")),
    setting("pids_limit", 100, {"pids_limit": 100}),
    removing("pids_limit", {"pids_limit": None}, host(PidsLimit=100)),
    setting("shm_size", 32 * MEBI, {"shm_size": 32 * MEBI}),
    removing("shm_size", {"shm_size": 64 * MEBI}, host(ShmSize=32 * MEBI)),
    setting(("ulimits", "nofile"), {"soft": 10, "hard": 20}, {"ulimits": {"nofile": {"soft": 10, "hard": 20}}}),
    setting(
        ("ulimits", "core", "soft"),
        0,
        {"ulimits": {"core": {"soft": 0, "hard": 7}}},
        host(Ulimits=[{"Name": "core", "Soft": 7, "Hard": 7}]),
    ),
    removing("ulimits", {"ulimits": None}, host(Ulimits=[{"Name": "core", "Soft": 7, "Hard": 7}])),
    setting("cgroup_parent", "/policyengine-test", {"cgroup_parent": "/policyengine-test"}),
    removing("cgroup_parent", {"cgroup_parent": None}, host(CgroupParent="/policyengine-test")),
    adding(
        "devices", "/dev/null:/dev/none:r", "/dev/zero", devices=["/dev/null:/dev/none:r", "/dev/zero:/dev/zero:rwm"]
    ),
    removing(
        ("devices", 0),
        {"devices": None},
        host(Devices=[{"PathOnHost": "/dev/null", "PathInContainer": "/dev/x", "CgroupPermissions": "rwm"}]),
    ),
    adding("device_cgroup_rules", "c 13:* rwm", device_cgroup_rules=["c 13:* rwm"]),
    setting("gpus", [{"count": "all"}], {"gpus": [{"count": "all", "capabilities": ["gpu"]}]}),
    removing(
        "gpus",
        {"gpus": None},
        host(DeviceRequests=[{"Driver": "", "Count": -1, "Capabilities": [["gpu"]]}]),
    ),
    adding("group_add", "audio", group_add=["audio"]),
    setting(("sysctls", "net.core.somaxconn"), "1024", {"sysctls": {"net.core.somaxconn": "1024"}}),
    removing(("sysctls", "net.core.somaxconn"), {"sysctls": None}, host(Sysctls={"net.core.somaxconn": "1024"})),
    setting(("logging", "driver"), "local", {"logging": {"driver": "local"}}),
    setting(
        ("logging", "options", "max-size"), "1m", {"logging": {"driver": "json-file", "options": {"max-size": "1m"}}}
    ),
    removing("logging", {"logging": {"driver": "json-file"}}, host(LogConfig={"Type": "none", "Config": {}})),
    # what runs
    setting("command", ["true"], {"command": ["true"]}),
    removing("command", {"command": ["sleep", "600"]}, config(Cmd=["true"])),
    setting("entrypoint", ["/bin/busybox", "env"], {"entrypoint": ["/bin/busybox", "env"]}),
    removing("entrypoint", {"entrypoint": ["/bin/busybox"]}, config(Entrypoint=["/bin/sh"], Cmd=["true"])),
    removing("entrypoint", {"entrypoint": ["/bin/busybox"]}, config(Entrypoint=[""], Cmd=["true"])),
    setting("entrypoint", [], {"entrypoint": None}, config(Cmd=["/bin/busybox", "true"])),
    setting("working_dir", "/tmp", {"working_dir": "/tmp"}),
    removing("working_dir", {"working_dir": "/srv"}, config(WorkingDir="/tmp")),
    setting(("environment", "A"), "1", {"environment": {**ENVIRONMENT, "A": "1"}}),
    setting(("environment", "MODE"), "test", {"environment": {**ENVIRONMENT, "MODE": "test"}}),
    removing(("environment", "A"), {"environment": ENVIRONMENT}, config(Env=["A=1", "A=2"])),
    removing(("environment", "MODE"), {"environment": {**ENVIRONMENT, "MODE": None}}, Made()),
    removing(("environment", "MODE"), {"environment": {**ENVIRONMENT, "MODE": None}}, config(Env=["MODE=x"])),
    setting(("labels", "team"), "bakery", {"labels": {"team": "bakery", "tier": "web"}}),
    setting(("labels", "a.b"), "1", {"labels": {"team": "shop", "tier": "web", "a.b": "1"}}),
    removing(("labels", "a"), {"labels": {"team": "shop", "tier": "web"}}, config(Labels={"a": "b"})),
    setting(("healthcheck", "interval"), 5.0, {"healthcheck": {**CHECK, "interval": 5.0}}),
    setting(("healthcheck", "disable"), True, {"healthcheck": {"test": ["NONE"], "disable": True}}),
    removing(("healthcheck", "disable"), {"healthcheck": CHECK}, config(Healthcheck={"Test": ["NONE"]})),
    removing("healthcheck", {"healthcheck": CHECK}, config(Healthcheck={"Test": ["NONE"]})),
    removing("healthcheck", {"healthcheck": None}, bare(Healthcheck={"Test": ["CMD", "true"]})),
    setting(
        "healthcheck",
        {"test": ["CMD", "false"], "retries": 1},
        {"healthcheck": {"test": ["CMD", "false"], "retries": 1}},
        bare(),
    ),
    setting(
        ("healthcheck", "test"),
        ["CMD-SHELL", "true"],
        {"healthcheck": {**CHECK, "test": ["CMD-SHELL", "true"]}},
        config(Healthcheck={"Test": ["NONE"]}),
    ),
    # mounts
    *(setting(("volumes", at, "read_only"), True, mounted(at, read_only=True), MOUNTS) for at in range(len(MOUNTED))),
    setting(("volumes", 0, "propagation"), "rslave", mounted(0, propagation="rslave"), MOUNTS),
    setting(("volumes", 2, "propagation"), "rslave", mounted(2, propagation="rslave"), MOUNTS),
    setting(("volumes", 3, "size"), 4096, mounted(3, size=4096), MOUNTS),
    setting(("volumes", 5, "size"), 4096, mounted(5, size=4096), MOUNTS),
    *(removing(("volumes", at), {"volumes": [*MOUNTED[:at], *MOUNTED[at + 1 :]]}, MOUNTS) for at in (0, 2, 3, 4, 5)),
    Row(MOUNTS, (RemoveField(("volumes", 0)), RemoveField(("volumes", 2))), {"volumes": [DATA, *MOUNTED[3:]]}),
    setting(
        ("volumes", 1),
        {"type": "tmpfs", "target": "/scratch", "size": 4096},
        {"volumes": [DATA, mount("tmpfs", None, "/scratch", size=4096)]},
    ),
    setting(
        ("volumes", 1),
        {"type": "bind", "source": "{files}", "target": "/z", "read_only": True, "propagation": "rslave"},
        {"volumes": [DATA, mount("bind", "{files}", "/z", read_only=True, propagation="rslave")]},
    ),
    removing(("volumes", 0), {"volumes": [DATA]}, Made({"Volumes": {"/anonymous": {}}}, {})),
    adding(
        "volumes_from",
        "{peer}:ro",
        volumes_from=["{peer}:ro"],
        volumes=[DATA, mount("volume", "{others}", "/others", read_only=True)],
    ),
    removing("volumes_from", {"volumes_from": None, "volumes": [DATA]}, host(VolumesFrom=["{peer}"])),
]

NOT_HERE = {
    "annotations": "API 1.43: recorded, not tested",
    "storage_opt": "the storage driver of the engine at hand takes none",
}


class Pair(NamedTuple):
    before: Facts
    after: Facts
    spelt: Facts


@pytest.fixture(scope="module")
def pairs(engine: DockerClient, base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Pair | str]]:
    """A container for each row, and the one that is made in its place, read together."""
    maker = Maker(engine, base, tmp_path_factory.mktemp("files"))
    try:
        maker.words["others"] = maker.bench.name("others")
        made = [_made(maker, row) for row in ROWS]
        context = Context()
        read = {one.handle.get("id"): one for one in docker.read_live("docker://", context) if one.kind == "container"}
        yield [
            one if isinstance(one, str) else Pair(dict(read[one[0]].facts), dict(read[one[1]].facts), one[2])
            for one in made
        ]
    finally:
        maker.close()


def _made(maker: Maker, row: Row) -> tuple[str, str, Facts] | str:
    old = maker.make(row.made)
    body = carried(old, maker.image_of(old), machine=maker.machine)
    changes = [_spelt(maker, change) for change in row.changes]
    try:
        body = changed(body, changes)
        new = maker.remake(body)
    except Exception as error:  # noqa: BLE001  # told by the row's test
        return f"{type(error).__name__}: {error}"
    return str(old["Id"]), str(new["Id"]), maker.spelt(row.expected)


def _spelt(maker: Maker, change: FieldChange) -> FieldChange:
    at = tuple(maker.spelt(step) for step in change.path)
    if isinstance(change, SetField):
        return SetField(at, maker.spelt(change.value))
    return AddItems(at, tuple(map(maker.spelt, change.items))) if isinstance(change, AddItems) else RemoveField(at)


IDS = [f"{number}-{type(row.changes[0]).__name__}-{row.changes[0].path}" for number, row in enumerate(ROWS)]


@pytest.mark.parametrize("number", range(len(ROWS)), ids=IDS)
def test_field(number: int, pairs: list[Pair | str]) -> None:
    pair = pairs[number]
    assert isinstance(pair, Pair), pair
    before, after = (_comparable(facts) for facts in (pair.before, pair.after))
    differing = {field: after.get(field) for field in {*before, *after} if before.get(field) != after.get(field)}
    assert differing == pair.spelt


_OF_OTHERS = ("name", "shared_volumes")


def _comparable(facts: Facts) -> Facts:
    """Without what tells containers apart in any case."""
    labels = {key: value for key, value in facts["labels"].items() if not key.startswith("policyengine.")}
    return {**{key: value for key, value in facts.items() if key not in _OF_OTHERS}, "labels": labels}


def test_every_field_is_changed_here() -> None:
    assert {str(change.path[0]) for row in ROWS for change in row.changes} | set(NOT_HERE) == set(FIELDS)
