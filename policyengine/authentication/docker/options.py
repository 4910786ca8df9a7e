"""What dockerd can be told: the keys of daemon.json, and the flags that say the same.

https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Form = Literal["boolean", "integer", "string", "list", "map", "objects"]
"""``list``: a flag adds an item; ``map``: a flag adds ``NAME=VALUE``; ``objects``: nothing of it is read."""


class Option(Struct, frozen=True):
    """An option: its key in daemon.json, its flag without hyphens, and the flag's one letter if it has one."""

    key: str
    form: Form
    flag: str
    letter: str = ""


def _options() -> tuple[Option, ...]:
    same = [Option(key, form, key) for form, keys in _SAME.items() for key in keys.split()]
    return (*same, *_OTHERS)


_SAME: dict[Form, str] = {
    "boolean": """
        cri-containerd experimental icc init ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6 live-restore
        no-new-privileges raw-logs rootless selinux-enabled tls tlsverify userland-proxy allow-direct-routing
    """,
    "integer": """
        cpu-rt-period cpu-rt-runtime max-concurrent-downloads max-concurrent-uploads max-download-attempts mtu
        network-control-plane-mtu network-diagnostic-port oom-score-adjust shutdown-timeout swarm-raft-heartbeat-tick
        swarm-raft-election-tick
    """,
    "string": """
        api-cors-header bip bip6 cgroup-parent containerd containerd-namespace containerd-plugins-namespace data-root
        default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode default-runtime default-shm-size
        exec-root firewall-backend fixed-cidr fixed-cidr-v6 http-proxy https-proxy init-path ip log-driver log-format
        metrics-addr no-proxy seccomp-profile swarm-default-advertise-addr tlscacert tlscert tlskey
        userland-proxy-path userns-remap bridge-accept-fwmark cluster-advertise cluster-store graph
    """,
    "list": "allow-nondistributable-artifacts dns dns-search",
}
_OTHERS = (
    Option("bridge", "string", "bridge", "b"),
    Option("debug", "boolean", "debug", "D"),
    Option("group", "string", "group", "G"),
    Option("host-gateway-ip", "string", "host-gateway-ip"),
    Option("host-gateway-ips", "list", "host-gateway-ip"),
    Option("hosts", "list", "host", "H"),
    Option("log-level", "string", "log-level", "l"),
    Option("pidfile", "string", "pidfile", "p"),
    Option("storage-driver", "string", "storage-driver", "s"),
    Option("authorization-plugins", "list", "authorization-plugin"),
    Option("cdi-spec-dirs", "list", "cdi-spec-dir"),
    Option("dns-opts", "list", "dns-opt"),
    Option("exec-opts", "list", "exec-opt"),
    Option("insecure-registries", "list", "insecure-registry"),
    Option("labels", "list", "label"),
    Option("node-generic-resources", "list", "node-generic-resource"),
    Option("registry-mirrors", "list", "registry-mirror"),
    Option("storage-opts", "list", "storage-opt"),
    Option("log-opts", "map", "log-opt"),
    Option("cluster-store-opts", "map", "cluster-store-opt"),
    Option("default-ulimits", "objects", "default-ulimit"),
    Option("default-address-pools", "objects", "default-address-pool"),
    Option("default-network-opts", "objects", "default-network-opt"),
    Option("runtimes", "objects", "add-runtime"),
    Option("builder", "objects", ""),
    Option("features", "objects", "feature"),
)

OPTIONS = {option.key: option for option in _options()}
"""By key."""

BY_FLAG = {option.flag: option for option in OPTIONS.values() if option.key != "host-gateway-ips"}
BY_LETTER = {option.letter: option for option in OPTIONS.values() if option.letter}

FLAGS_ONLY: dict[str, Form] = {
    "config-file": "string",
    "validate": "boolean",
    "help": "boolean",
    "version": "boolean",
    "restart": "boolean",
}
"""Flags that daemon.json has no key for."""

WHOLE = frozenset(("cluster-store-opts", "default-network-opts", "log-opts", "runtimes", "default-ulimits", "features",
                   "builder"))  # fmt: skip
"""Keys whose mappings are values. Of any other mapping dockerd looks at the keys as if they stood around it."""

PROXIES = "proxies"
"""The mapping whose keys do count so, its name in whatever case: it is a field of dockerd's own, and Go reads that.

In one of any other name only switches do: dockerd sets their flags."""

IGNORED = frozenset(("deprecated-key-path", "features", "builder"))
"""Keys that dockerd leaves alone, though no flag is called so."""

MERGED = frozenset(("runtimes",))
"""Keys that may be given by a flag as well."""
