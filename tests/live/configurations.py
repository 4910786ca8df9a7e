"""Containers of every kind, as the API is asked for them: what must come out the same when they are made anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

IMAGE = """\
ENV MODE=production LEVEL=1
LABEL team=shop tier=web
EXPOSE 8080/tcp 9090/udp
VOLUME /data
USER 1000:1000
WORKDIR /srv
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=20s --timeout=3s --retries=2 --start-period=1s CMD ["/bin/busybox", "true"]
ENTRYPOINT ["/bin/busybox"]
CMD ["sleep", "600"]
"""
"""An image that sets all that an image can set for its containers."""

NEWER = """\
ENV MODE=test ADDED=1
LABEL team=bakery added=1
EXPOSE 7070/tcp
VOLUME /more
USER 2000
WORKDIR /opt
STOPSIGNAL SIGINT
HEALTHCHECK --interval=40s --timeout=6s --retries=4 --start-period=2s CMD ["/bin/busybox", "false"]
ENTRYPOINT ["/bin/busybox", "env"]
CMD ["/bin/busybox", "sleep", "700"]
"""
"""What its successor sets in place of that."""

Config = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A container: ``config`` with ``HostConfig`` apart, ``networks`` with what is asked of them.

    ``{word}`` stands for the name of a thing of the surroundings. ``bare`` is of an image that sets nothing;
    ``started`` is looked at while it runs.
    """

    config: Config = field(default_factory=dict)
    host: Config = field(default_factory=dict)
    networks: Config = field(default_factory=dict)
    bare: bool = False
    started: bool = False


def host(**settings: Any) -> Made:
    return Made(host=settings)


def config(**settings: Any) -> Made:
    return Made(settings)


def bare(**settings: Any) -> Made:
    return Made(settings, bare=True)


def device(path: str, rate: int) -> Config:
    return {"Path": path, "Rate": rate}


def mounted(type_: str, target: str, **more: Any) -> Made:
    return host(Mounts=[{"Type": type_, "Target": target, **more}])


_CHECK = {"Test": ["CMD", "/bin/busybox", "false"], "Interval": 5_000_000_000, "Timeout": 10**9, "Retries": 7}

MATRIX: dict[str, Made] = {
    "plain": Made(),
    "plain, running": Made(started=True),
    "of an image that sets nothing": bare(),
    # Config: commands
    "entrypoint": config(Entrypoint=["/bin/busybox", "env"]),
    "entrypoint, as the image's": config(Entrypoint=["/bin/busybox"]),
    "entrypoint, as the image's, and a command": config(Entrypoint=["/bin/busybox"], Cmd=["true"]),
    "entrypoint and the image's command": config(Entrypoint=["/bin/busybox", "env"], Cmd=["sleep", "600"]),
    "entrypoint []": config(Entrypoint=[]),
    'entrypoint [""]': config(Entrypoint=[""], Cmd=["/bin/busybox", "true"]),
    'entrypoint [""] and the image\'s command': config(Entrypoint=[""], Cmd=["sleep", "600"]),
    "entrypoint [] and a command": config(Entrypoint=[], Cmd=["/bin/busybox", "true"]),
    "entrypoint and command []": config(Entrypoint=["/bin/busybox", "true"], Cmd=[]),
    "entrypoint, as the image's, and command []": config(Entrypoint=["/bin/busybox"], Cmd=[]),
    "command": config(Cmd=["sleep", "700"]),
    "command, as the image's": config(Cmd=["sleep", "600"]),
    "command []": config(Cmd=[]),
    "command, of an image that sets nothing": bare(Cmd=["/bin/busybox", "true"]),
    "entrypoint, of an image without one": bare(Entrypoint=["/bin/busybox"]),
    "entrypoint [], of an image without one": bare(Entrypoint=[], Cmd=["/bin/busybox", "true"]),
    # Config: environment
    "environment": config(Env=["A=1", "EMPTY=", "SPACED=a b", "QUOTED='x'", "EQUALS=a=b"]),
    "environment, as the image's": config(Env=["MODE=production"]),
    "environment, other than the image's": config(Env=["MODE=test", "A=1"]),
    "environment, one of the image's unset": config(Env=["MODE"]),
    "environment, a name alone": config(Env=["NAMELESS"]),
    "environment, given twice": config(Env=["MODE=test", "MODE=production", "A=1", "A=2"]),
    "environment []": config(Env=[]),
    # Config: the rest
    "labels": config(Labels={"team": "bakery", "other": "", "with.dots": "1"}),
    "label, as the image's": config(Labels={"team": "shop"}),
    "label, of the image's emptied": config(Labels={"team": ""}),
    "exposed ports": config(ExposedPorts={"7070/tcp": {}, "8080/tcp": {}}),
    "volumes": config(Volumes={"/anonymous": {}, "/data": {}}),
    "user": config(User="0"),
    "user, as the image's": config(User="1000:1000"),
    "user, of an image that sets nothing": bare(User="5"),
    "working directory": config(WorkingDir="/tmp"),
    "stop signal and timeout": config(StopSignal="SIGINT", StopTimeout=7),
    "health check": config(Healthcheck=_CHECK),
    "health check, as the image's": config(Healthcheck={"Test": ["CMD", "/bin/busybox", "true"]}),
    "health check, a part": config(Healthcheck={"Interval": 5_000_000_000}),
    "health check, a part, of an image without one": bare(Healthcheck={"Interval": 5_000_000_000}),
    "health check {}": config(Healthcheck={}),
    "health check {}, of an image without one": bare(Healthcheck={}),
    "health check []": config(Healthcheck={"Test": []}),
    "health check NONE": config(Healthcheck={"Test": ["NONE"]}),
    "health check NONE, of an image without one": bare(Healthcheck={"Test": ["NONE"]}),
    "health check by a shell of its own": config(
        Shell=["/bin/busybox", "sh", "-c"], Healthcheck={"Test": ["CMD-SHELL", "true"]}
    ),
    "terminal": config(Tty=True, OpenStdin=True, StdinOnce=True, AttachStdin=True, AttachStdout=True),
    "names": config(Hostname="web", Domainname="example.org"),
    "MAC address": config(MacAddress="02:42:0a:d5:4f:99"),
    # HostConfig: confinement
    "privileged": host(Privileged=True),
    "capabilities": host(CapAdd=["NET_ADMIN", "cap_sys_time"], CapDrop=["ALL"]),
    "read-only": host(ReadonlyRootfs=True, Tmpfs={"/run": "rw,size=64k", "/tmp": ""}),
    "security options": host(SecurityOpt=["no-new-privileges:true", "apparmor=unconfined", "label=disable"]),
    "seccomp profile": host(SecurityOpt=['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']),
    "unmasked": host(MaskedPaths=[], ReadonlyPaths=[]),
    "masked paths of its own": host(MaskedPaths=["/proc/kcore"], ReadonlyPaths=["/proc/sys"]),
    "user namespace of the host": host(UsernsMode="host"),
    "groups": host(GroupAdd=["100", "audio"]),
    # HostConfig: namespaces
    "the host's processes": host(PidMode="host"),
    "another's processes": host(PidMode="container:{peer}"),
    "the host's IPC": host(IpcMode="host"),
    "shareable IPC": host(IpcMode="shareable"),
    "no IPC": host(IpcMode="none"),
    "another's IPC": host(IpcMode="container:{peer}"),
    "the host's name": host(UTSMode="host"),
    "cgroup namespace of its own": host(CgroupnsMode="private"),
    "cgroup namespace of the host": host(CgroupnsMode="host"),
    # HostConfig: resources
    "memory": host(Memory=67108864, MemoryReservation=33554432, MemorySwappiness=10, OomKillDisable=True),
    "memory and swap": host(Memory=67108864, MemorySwap=-1, OomScoreAdj=100),
    "kernel memory": host(KernelMemory=67108864),
    "cores": host(NanoCpus=500000000, CpuShares=512, CpusetCpus="0", CpusetMems="0"),
    "quota": host(CpuPeriod=50000, CpuQuota=25000),
    "processes": host(PidsLimit=50),
    "processes without limit": host(PidsLimit=-1),
    "limits": host(Ulimits=[{"Name": "nofile", "Soft": 1000, "Hard": 2000}, {"Name": "core", "Soft": 0, "Hard": 0}]),
    "block devices": host(
        BlkioWeight=300, BlkioDeviceReadBps=[device("/dev/null", 10**6)], BlkioDeviceWriteIOps=[device("/dev/null", 50)]
    ),
    "shared memory": host(ShmSize=33554432),
    # HostConfig: devices and kernel
    "devices": host(
        Devices=[{"PathOnHost": "/dev/null", "PathInContainer": "/dev/xnull", "CgroupPermissions": "rw"}],
        DeviceCgroupRules=["c 1:3 mr"],
    ),
    "GPUs": host(
        DeviceRequests=[
            {"Driver": "nvidia", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu"]], "Options": {"a": "b"}}
        ]
    ),
    "kernel parameters": host(Sysctls={"net.core.somaxconn": "1024", "kernel.msgmax": "65536"}),
    "cgroup parent": host(CgroupParent="/policyengine-test"),
    "runtime": host(Runtime="io.containerd.runc.v2"),
    "storage options": host(StorageOpt={}),
    "init": host(Init=True),
    "no init": host(Init=False),
    # HostConfig: life
    "restart always": host(RestartPolicy={"Name": "always", "MaximumRetryCount": 0}),
    "restart on failure": host(RestartPolicy={"Name": "on-failure", "MaximumRetryCount": 3}),
    "restart unless stopped": host(RestartPolicy={"Name": "unless-stopped", "MaximumRetryCount": 0}),
    "restart no": host(RestartPolicy={"Name": "no", "MaximumRetryCount": 0}),
    "log of its own": host(LogConfig={"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}}),
    "no log": host(LogConfig={"Type": "none", "Config": {}}),
    "file of the id": host(ContainerIDFile="/tmp/policyengine-test.cid"),
    "console": host(ConsoleSize=[24, 80]),
    # mounts
    "bind": host(Binds=["{files}:/b:ro,rslave", "{files}:/c"]),
    "named volume": host(Binds=["{volume}:/v", "{volume}:/w:ro,nocopy"]),
    "named volume on the image's": host(Binds=["{volume}:/data"]),
    "volume driver": Made({"Volumes": {"/anonymous": {}}}, {"VolumeDriver": "local"}),
    "tmpfs": mounted("tmpfs", "/run", TmpfsOptions={"SizeBytes": 1048576, "Mode": 504}),
    "mount of a bind": mounted("bind", "/b", Source="{files}", ReadOnly=True, BindOptions={"Propagation": "rprivate"}),
    "mount of a volume": mounted(
        "volume", "/v", Source="{volume}", VolumeOptions={"NoCopy": True, "Labels": {"a": "b"}}
    ),
    "mount of an anonymous volume": mounted("volume", "/anonymous"),
    "mounts and binds": Made(
        {"Volumes": {"/one": {}}},
        {
            "Binds": ["{volume}:/two"],
            "Mounts": [{"Type": "volume", "Target": "/three"}, {"Type": "tmpfs", "Target": "/four"}],
        },
    ),
    "another's volumes": host(VolumesFrom=["{peer}:ro"]),
    "another's volumes and its own": Made({"Volumes": {"/own": {}}}, {"VolumesFrom": ["{peer}"]}),
    # networks
    "default bridge": host(NetworkMode="bridge"),
    "default bridge, running": Made(host={"NetworkMode": "bridge"}, started=True),
    "the host's network": host(NetworkMode="host"),
    "the host's network, running": Made(host={"NetworkMode": "host"}, started=True),
    "the host's network and a name": Made({"Hostname": "web"}, {"NetworkMode": "host"}),
    "no network": host(NetworkMode="none"),
    "network disabled": config(NetworkDisabled=True),
    "network disabled, and connected later": Made(
        {"NetworkDisabled": True}, {"NetworkMode": "{net}"}, {"{net}": {}, "{net-2}": {"Aliases": ["api"]}}
    ),
    "another's network": host(NetworkMode="container:{peer}"),
    "another's network, running": Made(host={"NetworkMode": "container:{peer}"}, started=True),
    "another's everything, running": Made(
        host=dict.fromkeys(("NetworkMode", "PidMode", "IpcMode"), "container:{peer}"), started=True
    ),
    "a network": Made(host={"NetworkMode": "{net}"}, networks={"{net}": {}}),
    "a network, running": Made(host={"NetworkMode": "{net}"}, networks={"{net}": {}}, started=True),
    "a network by its id": Made(host={"NetworkMode": "{net_id}"}),
    "aliases, running": Made(
        host={"NetworkMode": "{net}"}, networks={"{net}": {"Aliases": ["api", "www"]}}, started=True
    ),
    "addresses, running": Made(
        host={"NetworkMode": "{net}"},
        networks={"{net}": {"IPAMConfig": {"IPv4Address": "{v4}.9", "IPv6Address": "{v6}::9"}}},
        started=True,
    ),
    "link-local addresses": Made(
        host={"NetworkMode": "{net}"}, networks={"{net}": {"IPAMConfig": {"LinkLocalIPs": ["169.254.34.68"]}}}
    ),
    "links in a network": Made(host={"NetworkMode": "{net}"}, networks={"{net}": {"Links": ["{linked}:db"]}}),
    "driver options of a network": Made(
        host={"NetworkMode": "{net}"}, networks={"{net}": {"DriverOpts": {"com.example.a": "b"}}}
    ),
    "MAC address in a network, running": Made(
        {"MacAddress": "02:42:0a:d5:4f:98"}, {"NetworkMode": "{net}"}, {"{net}": {}}, started=True
    ),
    "several networks, running": Made(
        host={"NetworkMode": "{net}"},
        networks={
            "{net}": {"Aliases": ["api"]},
            "{net-2}": {"Aliases": ["web"], "IPAMConfig": {"IPv4Address": "{v4-2}.9"}},
            "{net-3}": {},
        },
        started=True,
    ),
    "several networks": Made(
        host={"NetworkMode": "{net}"}, networks={"{net}": {}, "{net-2}": {"IPAMConfig": {"IPv4Address": "{v4-2}.8"}}}
    ),
    "moved from the bridge to a network, running": Made(
        host={"NetworkMode": "default"}, networks={"bridge": {}, "{net}": {"Aliases": ["api"]}}, started=True
    ),
    "links": host(NetworkMode="bridge", Links=["{linked}:db"]),
    "name servers": host(
        Dns=["192.0.2.53"], DnsOptions=["ndots:2"], DnsSearch=["example.org"], ExtraHosts=["db:192.0.2.7", "six:::1"]
    ),
    "ports, running": Made(
        {"ExposedPorts": {"7070/tcp": {}}},
        {
            "PortBindings": {
                "7070/tcp": [{"HostIp": "127.0.0.1", "HostPort": "{port}"}, {"HostIp": "127.0.0.1", "HostPort": ""}]
            }
        },
        started=True,
    ),
    "ports that the image exposes": host(PortBindings={"8080/tcp": [{"HostIp": "", "HostPort": "18080"}]}),
    "ports that nobody exposes": host(PortBindings={"81/udp": [{"HostIp": "::1", "HostPort": "1881"}]}),
    "all ports": host(PublishAllPorts=True),
}


def combined(names: Iterable[str]) -> Made:
    """Several of them in one, not running: of what two say differently the last counts."""
    found = Made()
    for made in (MATRIX[name] for name in names):
        found = Made(
            {**found.config, **made.config},
            {**found.host, **made.host},
            made.networks or found.networks,
            bare=found.bare or made.bare,
        )
    return found
