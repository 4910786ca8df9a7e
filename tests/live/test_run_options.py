"""What ``docker run`` is asked for, by the real command on a real engine, and what the model says of it.

Each row is compared whole: no field but those of its right side differs from a container without options.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.inputs import docker
from policyengine.inputs.context import Context
from policyengine.model.provenance import Provenance
from tests.live.conftest import LABEL, Workbench, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from docker import DockerClient

    from policyengine.model.resource import Resource

pytestmark = pytest.mark.live

IMAGE = """\
ENV PATH=/bin MODE=production
EXPOSE 8080/tcp
HEALTHCHECK --interval=20s CMD ["/bin/busybox", "true"]
ENTRYPOINT ["/bin/busybox"]
CMD ["true"]
"""
ENVIRONMENT = {"PATH": "/bin", "MODE": "production"}
MEBI = 2**20
Facts = dict[str, object]


def port(target: int, published: str | None = None, host_ip: str = "0.0.0.0", protocol: str = "tcp") -> Facts:
    found: Facts = {"target": target, "host_ip": host_ip, "protocol": protocol}
    return {**found, "published": published} if published else found


def mount(type_: str, source: str | None, target: str, *, read_only: bool = False, **more: object) -> Facts:
    found: Facts = {"type": type_, "target": target, "read_only": read_only, **more}
    return {**found, "source": source} if source else found


OPTIONS: list[tuple[str, Facts]] = [
    ("", {}),
    ("--privileged", {"privileged": True}),
    ("--cap-add SYS_ADMIN", {"cap_add": ["SYS_ADMIN"]}),
    ("--cap-add sys_time --cap-add CAP_NET_RAW", {"cap_add": ["NET_RAW", "SYS_TIME"]}),
    ("--cap-add ALL", {"cap_add": ["ALL"]}),
    ("--cap-drop ALL", {"cap_drop": ["ALL"]}),
    ("--cap-drop all --cap-add net_bind_service", {"cap_drop": ["ALL"], "cap_add": ["NET_BIND_SERVICE"]}),
    ("--cap-drop cap_mknod", {"cap_drop": ["MKNOD"]}),
    ("--security-opt no-new-privileges", {"security_opt": ["no-new-privileges:true"]}),
    ("--security-opt no-new-privileges:true", {"security_opt": ["no-new-privileges:true"]}),
    ("--security-opt no-new-privileges=false", {"security_opt": ["no-new-privileges:false"]}),
    ("--security-opt seccomp=unconfined", {"security_opt": ["seccomp=unconfined"]}),
    ("--security-opt seccomp={files}/seccomp.json", {"security_opt": ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']}),
    ("--security-opt apparmor=unconfined", {"security_opt": ["apparmor=unconfined"]}),
    ("--security-opt apparmor:docker-default", {"security_opt": ["apparmor=docker-default"]}),
    ("--security-opt label=disable", {"security_opt": ["label=disable"]}),
    ("--security-opt label=type:svirt_t", {"security_opt": ["label=type:svirt_t"]}),
    ("--security-opt systempaths=unconfined", {"security_opt": ["systempaths=unconfined"]}),
    ("-u 1000", {"user": "1000", "runs_as_root": False}),
    ("--user 0", {"user": "0"}),
    ("--user root", {}),
    ("--user app:staff", {"user": "app:staff", "runs_as_root": False}),
    ("--user 0:1000", {"user": "0:1000"}),
    ("--user 1000:0", {"user": "1000:0", "runs_as_root": False}),
    ("--user 00", {"user": "00"}),
    ("--pid host", {"pid": "host"}),
    ("--pid container:{other}", {"pid": "container:{other}"}),
    ("--ipc host", {"ipc": "host"}),
    ("--ipc none", {}),
    ("--ipc private", {}),
    ("--ipc shareable", {"ipc": "shareable"}),
    ("--ipc container:{other}", {"ipc": "container:{other}"}),
    ("--uts host", {"uts": "host"}),
    ("--userns host", {"userns_mode": "host"}),
    ("--cgroupns private", {"cgroup": "private"}),
    ("--network host", {"network_mode": "host", "networks": ["host"]}),
    ("--network none", {"network_mode": "none", "networks": ["none"]}),
    ("--network bridge", {}),
    ("--network default", {}),
    ("--network container:{other}", {"network_mode": "container:{other}", "networks": None}),
    ("--network {net}", {"network_mode": None, "networks": ["{net}"]}),
    (
        "--network {net} --network-alias api --network-alias www",
        {"network_mode": None, "networks": ["{net}"], "network_attachments": {"{net}": {"aliases": ["api", "www"]}}},
    ),
    (
        "--network {net} --ip 10.127.78.9",
        {
            "network_mode": None,
            "networks": ["{net}"],
            "network_attachments": {"{net}": {"ipv4_address": "10.127.78.9"}},
        },
    ),
    (
        "--network {net} --ip6 fd00:578::9",
        {
            "network_mode": None,
            "networks": ["{net}"],
            "network_attachments": {"{net}": {"ipv6_address": "fd00:578::9"}},
        },
    ),
    (
        "--network name={net},alias=api,ip=10.127.78.10",
        {
            "network_mode": None,
            "networks": ["{net}"],
            "network_attachments": {"{net}": {"aliases": ["api"], "ipv4_address": "10.127.78.10"}},
        },
    ),
    ("-p 80", {"ports": [port(80)]}),
    ("-p 8080:80", {"ports": [port(80, "8080")]}),
    ("-p 127.0.0.1:8080:80", {"ports": [port(80, "8080", "127.0.0.1")]}),
    ("-p 127.0.0.1::80", {"ports": [port(80, host_ip="127.0.0.1")]}),
    ("-p 0.0.0.0:8080:80", {"ports": [port(80, "8080")]}),
    ("-p [::1]:8080:80", {"ports": [port(80, "8080", "::1")]}),
    ("-p [0:0::0]:8080:80", {"ports": [port(80, "8080", "::")]}),
    ("-p 5353:53/udp", {"ports": [port(53, "5353", protocol="udp")]}),
    ("-p 9999:9999/sctp", {"ports": [port(9999, "9999", protocol="sctp")]}),
    ("-p 8000-8002:8000-8002", {"ports": [port(8000, "8000"), port(8001, "8001"), port(8002, "8002")]}),
    ("-p 8000-8010:80", {"ports": [port(80, "8000-8010")]}),
    ("-p 80:80 -p 443:443", {"ports": [port(443, "443"), port(80, "80")]}),
    ("-p 80:80 -p 127.0.0.1:81:80", {"ports": [port(80, "80"), port(80, "81", "127.0.0.1")]}),
    ("-p 8080:8080", {"ports": [port(8080, "8080")], "expose": None}),
    ("-P", {"ports": [port(8080)], "publish_all": True}),
    ("--network host -p 80:80", {"network_mode": "host", "networks": ["host"]}),
    ("--expose 9000", {"expose": ["8080/tcp", "9000/tcp"]}),
    ("--expose 9000-9001/udp", {"expose": ["8080/tcp", "9000/udp", "9001/udp"]}),
    ("-v /etc:/host/etc", {"volumes": [mount("bind", "/etc", "/host/etc")]}),
    ("-v /etc:/host/etc:ro", {"volumes": [mount("bind", "/etc", "/host/etc", read_only=True)]}),
    (
        "-v /etc//../var/run:/host/run:rshared",
        {"volumes": [mount("bind", "/var/run", "/host/run", propagation="rshared")]},
    ),
    (
        "-v /var/run/docker.sock:/var/run/docker.sock:z",
        {"volumes": [mount("bind", "/var/run/docker.sock", "/var/run/docker.sock")]},
    ),
    ("-v {data}:/data", {"volumes": [mount("volume", "{data}", "/data")]}),
    ("-v {data}:/data:ro,nocopy", {"volumes": [mount("volume", "{data}", "/data", read_only=True)]}),
    ("-v {etc}:/conf", {"volumes": [mount("bind", "/etc", "/conf")]}),
    ("-v {nfs}:/mnt", {"volumes": [mount("volume", "{nfs}", "/mnt")]}),
    ("-v /data", {"volumes": [mount("volume", None, "/data")]}),
    ("--volume-driver local -v {data}:/x", {"volumes": [mount("volume", "{data}", "/x")]}),
    ("--mount type=bind,src=/etc,dst=/conf,readonly", {"volumes": [mount("bind", "/etc", "/conf", read_only=True)]}),
    (
        "--mount type=bind,src=/etc,dst=/conf,bind-propagation=shared",
        {"volumes": [mount("bind", "/etc", "/conf", propagation="shared")]},
    ),
    ("--mount type=bind,src=/etc,dst=/conf,bind-propagation=rprivate", {"volumes": [mount("bind", "/etc", "/conf")]}),
    ("--mount type=volume,src={data},dst=/data", {"volumes": [mount("volume", "{data}", "/data")]}),
    ("--mount type=volume,dst=/data", {"volumes": [mount("volume", None, "/data")]}),
    ("--mount type=volume,src={etc},dst=/data,readonly", {"volumes": [mount("bind", "/etc", "/data", read_only=True)]}),
    (
        "--mount type=volume,dst=/data,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/etc",
        {"volumes": [mount("bind", "/etc", "/data")]},
    ),
    ("--mount type=tmpfs,dst=/run,tmpfs-size=1m", {"volumes": [mount("tmpfs", None, "/run", size=1048576)]}),
    ("--mount type=tmpfs,dst=/run", {"volumes": [mount("tmpfs", None, "/run")]}),
    ("--tmpfs /run", {"volumes": [mount("tmpfs", None, "/run")]}),
    ("--tmpfs /run:ro,size=64m,mode=1777", {"volumes": [mount("tmpfs", None, "/run", read_only=True, size=67108864)]}),
    ("--volumes-from {other}", {"volumes": [mount("volume", "{data}", "/data")], "volumes_from": ["{other}"]}),
    (
        "--volumes-from {other}:ro",
        {"volumes": [mount("volume", "{data}", "/data", read_only=True)], "volumes_from": ["{other}:ro"]},
    ),
    ("--device /dev/null", {"devices": ["/dev/null:/dev/null:rwm"]}),
    ("--device /dev/null:/dev/nothing", {"devices": ["/dev/null:/dev/nothing:rwm"]}),
    ("--device /dev/null:/dev/nothing:r", {"devices": ["/dev/null:/dev/nothing:r"]}),
    ('--device-cgroup-rule "c 13:* rwm"', {"device_cgroup_rules": ["c 13:* rwm"]}),
    ("--gpus all", {"gpus": [{"count": "all", "capabilities": ["gpu"]}]}),
    ("--gpus 2", {"gpus": [{"count": "2", "capabilities": ["gpu"]}]}),
    ("--gpus '\"device=0,1\"'", {"gpus": [{"device_ids": ["0", "1"], "capabilities": ["gpu"]}]}),
    ("-e A=1", {"environment": {**ENVIRONMENT, "A": "1"}}),
    ("-e MODE=test", {"environment": {**ENVIRONMENT, "MODE": "test"}}),
    ("-e EMPTY=", {"environment": {**ENVIRONMENT, "EMPTY": ""}}),
    ("-e FROM_THE_SHELL", {"environment": {**ENVIRONMENT, "FROM_THE_SHELL": "told"}}),
    ("-e NOT_SET_ANYWHERE", {"environment": {**ENVIRONMENT, "NOT_SET_ANYWHERE": None}}),
    ("--env-file {files}/env", {"environment": {**ENVIRONMENT, "A": "1", "FROM_THE_SHELL": "told"}}),
    ("--label team=shop", {"labels": {"team": "shop"}}),
    ("-l bare", {"labels": {"bare": ""}}),
    ("--label-file {files}/labels", {"labels": {"team": "shop"}}),
    ("-m 64m", {"mem_limit": 64 * MEBI, "memswap_limit": 128 * MEBI}),
    ("--memory 1g --memory-swap 1g", {"mem_limit": 1024 * MEBI, "memswap_limit": 1024 * MEBI}),
    ("--memory 64m --memory-swap -1", {"mem_limit": 64 * MEBI, "memswap_limit": -1}),
    ("--memory 134217728b", {"mem_limit": 128 * MEBI, "memswap_limit": 256 * MEBI}),
    ("--memory-reservation 32m", {"mem_reservation": 32 * MEBI}),
    ("--memory-swappiness 0", {"mem_swappiness": 0}),
    ("--cpus 1.5", {"cpus": 1.5}),
    ("--cpus .25", {"cpus": 0.25}),
    ("--cpu-quota 50000", {"cpus": 0.5}),
    ("--cpu-quota 50000 --cpu-period 25000", {"cpus": 2.0}),
    ("--cpu-shares 512", {"cpu_shares": 512}),
    ("--cpuset-cpus 0", {"cpuset": "0"}),
    ("--pids-limit 100", {"pids_limit": 100}),
    ("--pids-limit 0", {}),
    ("--pids-limit -1", {}),
    ("--ulimit nofile=1024:2048", {"ulimits": {"nofile": {"soft": 1024, "hard": 2048}}}),
    ("--ulimit core=0", {"ulimits": {"core": {"soft": 0, "hard": 0}}}),
    (
        "--ulimit nproc=-1 --ulimit core=1",
        {"ulimits": {"nproc": {"soft": -1, "hard": -1}, "core": {"soft": 1, "hard": 1}}},
    ),
    ("--restart no", {}),
    ("--restart always", {"restart": "always", "restart_limit": None}),
    ("--restart unless-stopped", {"restart": "unless-stopped", "restart_limit": None}),
    ("--restart on-failure", {"restart": "on-failure", "restart_limit": None}),
    ("--restart on-failure:3", {"restart": "on-failure:3", "restart_limit": 3}),
    ("--rm", {"auto_remove": True}),
    ('--health-cmd "curl localhost"', {"healthcheck": {"test": ["CMD-SHELL", "curl localhost"], "interval": 20.0}}),
    (
        "--health-cmd true --health-interval 1m30s --health-retries 5 --health-timeout 3s --health-start-period 500ms",
        {
            "healthcheck": {
                "test": ["CMD-SHELL", "true"],
                "interval": 90.0,
                "retries": 5,
                "timeout": 3.0,
                "start_period": 0.5,
            }
        },
    ),
    ("--health-interval 5s", {"healthcheck": {"test": ["CMD", "/bin/busybox", "true"], "interval": 5.0}}),
    ("--no-healthcheck", {"healthcheck": {"test": ["NONE"], "disable": True}}),
    ("--read-only", {"read_only": True}),
    ("--init", {"init": True}),
    ("--hostname web", {"hostname": "web"}),
    ("--hostname web --domainname example.org", {"hostname": "web", "domainname": "example.org"}),
    (
        "--dns 192.0.2.53 --dns-search example.org --dns-option ndots:2",
        {"dns": ["192.0.2.53"], "dns_search": ["example.org"], "dns_opt": ["ndots:2"]},
    ),
    ("--add-host db:192.0.2.7", {"extra_hosts": ["db=192.0.2.7"]}),
    ("--add-host six:::1", {"extra_hosts": ["six=::1"]}),
    ("--add-host gw:host-gateway", {"extra_hosts": ["gw=host-gateway"]}),
    ("--sysctl net.ipv4.ip_forward=1", {"sysctls": {"net.ipv4.ip_forward": "1"}}),
    (
        "--sysctl kernel.msgmax=65536 --sysctl net.core.somaxconn=1024",
        {"sysctls": {"kernel.msgmax": "65536", "net.core.somaxconn": "1024"}},
    ),
    ("--group-add wheel --group-add 100", {"group_add": ["wheel", "100"]}),
    ("--entrypoint /bin/sh", {"entrypoint": ["/bin/sh"], "command": None}),
    (" -- sleep 5", {"command": ["sleep", "5"]}),
    ("--log-driver none", {"logging": {"driver": "none"}}),
    ("--log-driver json-file", {}),
    (
        "--log-driver json-file --log-opt max-size=10m",
        {"logging": {"driver": "json-file", "options": {"max-size": "10m"}}},
    ),
    (
        "--log-driver syslog --log-opt syslog-address=udp://192.0.2.1:514",
        {"logging": {"driver": "syslog", "options": {"syslog-address": "udp://192.0.2.1:514"}}},
    ),
    ("--runtime runc", {}),
    ("--runtime io.containerd.runc.v2", {"runtime": "io.containerd.runc.v2"}),
    ("--shm-size 1g", {"shm_size": 1024 * MEBI}),
    ("--oom-kill-disable -m 64m", {"oom_kill_disable": True, "mem_limit": 64 * MEBI, "memswap_limit": 128 * MEBI}),
    ("--oom-score-adj 500", {"oom_score_adj": 500}),
    ("--stop-signal SIGQUIT", {"stop_signal": "SIGQUIT"}),
    ("--stop-timeout 30", {"stop_grace_period": 30}),
    ("-w /srv", {"working_dir": "/srv"}),
    ("--cgroup-parent /shop", {"cgroup_parent": "/shop"}),
    ("--link {running}", {"links": ["{running}:{running}"]}),
    ("--link {running}:db", {"links": ["{running}:db"]}),
    ("-t", {"tty": True}),
    ("-i", {"stdin_open": True}),
    ("--platform linux/amd64", {}),
    ("--pull never", {}),
]


@pytest.fixture(scope="module")
def run(engine: DockerClient, base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A container for each row, read together."""
    if shutil.which("docker") is None:
        missing("there is no docker command")
    bench = Workbench(engine, base)
    try:
        yield Run(bench, tmp_path_factory.mktemp("files"))
    finally:
        bench.clear()


class Run:
    """The containers that ``docker create`` makes of the rows, as they are read."""

    def __init__(self, bench: Workbench, files: Path) -> None:
        self._bench = bench
        self.words = _surroundings(bench, files)
        image = bench.image(IMAGE)
        self.failed = {name: said for name, options in _named() if (said := self._create(image, name, options))}
        context = Context()
        self.found = {
            resource.name.removeprefix(f"{bench.prefix}-"): resource
            for resource in docker.read_live("docker://", context)
            if resource.kind == "container"
        }
        assert [problem for problem in context.problems if bench.prefix in str(problem.path)] == []

    def _create(self, image: str, name: str, options: str) -> str:
        flags, _, command = self.spelt(options).partition(" -- ")
        done = subprocess.run(
            [
                *("docker", "create", "--name", self._bench.name(name), "--label", f"{LABEL}={self._bench.prefix}"),
                *(*shlex.split(flags), image, *shlex.split(command)),
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "FROM_THE_SHELL": "told"},
        )
        return done.stderr if done.returncode else ""

    def spelt(self, value: Any) -> Any:
        """With the real names in place of ``{words}``."""
        if isinstance(value, str):
            for word, name in self.words.items():
                value = value.replace(f"{{{word}}}", name)
        if isinstance(value, list):
            return [self.spelt(item) for item in value]
        if isinstance(value, dict):
            return {self.spelt(key): self.spelt(item) for key, item in value.items()}
        return value


def _surroundings(bench: Workbench, files: Path) -> dict[str, str]:
    """What options refer to."""
    from docker.types import IPAMConfig, IPAMPool

    (files / "env").write_text("# comment\nA=1\nFROM_THE_SHELL\n")
    (files / "labels").write_text("team=shop\n")
    (files / "seccomp.json").write_text('{"defaultAction": "SCMP_ACT_ALLOW"}')
    pools = IPAMConfig(pool_configs=[IPAMPool(subnet="10.127.78.0/24"), IPAMPool(subnet="fd00:578::/64")])
    bench.network("net", ipam=pools, enable_ipv6=True)
    bind = {"type": "none", "o": "bind", "device": "/etc"}
    nfs = {"type": "nfs", "o": "addr=192.0.2.1,rw", "device": ":/export"}
    for name, options in (("data", {}), ("etc", bind), ("nfs", nfs)):
        bench.volume(name, driver="local", driver_opts=options)
    bench.create(bench.image(IMAGE), "other", volumes=[f"{bench.name('data')}:/data"], ipc_mode="shareable")
    bench.create(bench.image(IMAGE), "running", command=["sleep", "600"], start=True)
    return {
        "files": str(files),
        **{word: bench.name(word) for word in ("net", "data", "etc", "nfs", "other", "running")},
    }


def _named() -> Iterator[tuple[str, str]]:
    return ((f"row{index}", options) for index, (options, _) in enumerate(OPTIONS))


@pytest.mark.parametrize("row", range(len(OPTIONS)), ids=lambda row: OPTIONS[row][0] or "plain")
def test_option(row: int, run: Run) -> None:
    assert run.failed.get(f"row{row}", "") == ""
    found, plain = _facts(run.found[f"row{row}"]), _facts(run.found["row0"])
    differing = {field: found.get(field) for field in {*found, *plain} if found.get(field) != plain.get(field)}
    assert differing == run.spelt(OPTIONS[row][1])


_OF_OTHERS = ("name", "shared_volumes", "default_bridge")
"""What tells containers apart in any case (the rows mount the same), and what follows from other fields."""


def _facts(resource: Resource) -> Facts:
    """What is told, without what tells containers apart in any case."""
    labels = resource.facts["labels"]
    assert isinstance(labels, dict)
    own = {key: value for key, value in labels.items() if key != LABEL}
    return {**{key: value for key, value in resource.facts.items() if key not in _OF_OTHERS}, "labels": own}


def test_there_are_at_least_80_options() -> None:
    assert len({options for options, _ in OPTIONS}) == len(OPTIONS) > 130


def test_a_plain_container(run: Run) -> None:
    """What each row is compared with; nothing that was not asked for is declared but what the engine writes down."""
    found = run.found["row0"]
    assert _facts(found) == {
        "role": "main",
        "windows": False,
        "state": "created",
        "image": found.facts["image"],
        "command": ["true"],
        "entrypoint": ["/bin/busybox"],
        "user": "root",
        "runs_as_root": True,
        "environment": ENVIRONMENT,
        "labels": {},
        "healthcheck": {"test": ["CMD", "/bin/busybox", "true"], "interval": 20.0},
        "auto_remove": False,
        "oom_kill_disable": False,
        "cgroup": found.facts["cgroup"],
        "runtime": "runc",
        "shm_size": 64 * MEBI,
        "oom_score_adj": 0,
        "tty": False,
        "stdin_open": False,
        "expose": ["8080/tcp"],
        "logging": {"driver": found.facts["logging"]["driver"]},  # type: ignore[index]  # an object
        "privileged": False,
        "read_only": False,
        "network_mode": "bridge",
        "networks": ["bridge"],
        "publish_all": False,
        "restart": "no",
        "restart_limit": 0,
    }
    default = Provenance("default", "Docker Engine")
    fields = ("cgroup", "runtime", "shm_size", "oom_score_adj", "logging")
    assert {field: found.provenance((field,)) for field in fields} == dict.fromkeys(fields, default)
    assert found.provenance(("expose", 0)).how == "inherited"


def test_several_networks(bench: Workbench) -> None:
    """Engines before 25 take a second network only when the container is there."""
    first, second = bench.network("first"), bench.network("second")
    name = bench.create(bench.image(IMAGE), network=first)
    bench.client.networks.get(second).connect(name, aliases=["api"])
    told = docker.read_live(f"docker:///container/{name}", Context())
    found = next(one for one in told if one.kind == "container")
    assert found.facts["networks"] == [first, second]
    assert found.facts["network_attachments"] == {second: {"aliases": ["api"]}}
