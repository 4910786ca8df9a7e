"""Docker engines as their files configure them. The words are those of daemon.json, or of the kind engine."""

from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    STRING,
    STRINGS,
    Field,
    Kind,
    list_of,
    map_of,
    object_of,
    one_of,
)

KIND = Kind(
    "docker_daemon",
    "A Docker engine as its daemon.json and the flags of the unit that starts it configure it",
    {
        "name": Field(STRING, "the main file, or the root that it lies in"),
        "authorization_plugins": Field(STRINGS, "the plugins that authorize requests"),
        "bridge": Field(STRING, "the bridge of containers that are given no network; none: there is none"),
        "cgroup_parent": Field(STRING, "the control group of all containers; absent: the engine's own choice"),
        "data_root": Field(STRING, "where it keeps its data"),
        "debug": Field(BOOLEAN, "it runs in debug mode"),
        "default_cgroupns_mode": Field(STRING, "the cgroup namespace of containers that ask for none: host, private"),
        "default_ipc_mode": Field(STRING, "the IPC namespace of containers that ask for none: private, shareable"),
        "default_runtime": Field(STRING, "the OCI runtime of containers that name none"),
        "default_ulimits": Field(
            map_of(
                object_of(soft=Field(INTEGER, "the limit that counts"), hard=Field(INTEGER, "how far it may be raised"))
            ),
            "the limits of containers that set none, by name: nofile; -1 is unlimited",
        ),
        "exec_opts": Field(STRINGS, "NAME=VALUE: native.cgroupdriver=systemd"),
        "experimental": Field(BOOLEAN, "experimental features are on"),
        "features": Field(map_of(BOOLEAN), "features that are switched: containerd-snapshotter, buildkit"),
        "group": Field(STRING, "the group of its UNIX socket"),
        "hosts": Field(
            STRINGS,
            "what its API listens at: unix:///run/docker.sock, tcp://0.0.0.0:2376; fd:// with what docker.socket has",
        ),
        "http_proxy": Field(STRING, "the proxy it fetches through", sensitive=True),
        "https_proxy": Field(STRING, "the proxy it fetches through with TLS", sensitive=True),
        "icc": Field(BOOLEAN, "containers of the default bridge reach each other"),
        "init": Field(BOOLEAN, "an init process runs in containers that do not ask for one"),
        "insecure_registries": Field(STRINGS, "registries spoken to without TLS, loopback left out"),
        "ip": Field(STRING, "the address that ports are published at which name none"),
        "ip6tables": Field(BOOLEAN, "it makes rules of ip6tables"),
        "ip_forward": Field(BOOLEAN, "it has the host forward"),
        "ip_masq": Field(BOOLEAN, "the default bridge is masqueraded"),
        "iptables": Field(BOOLEAN, "it makes rules of iptables"),
        "ipv6": Field(BOOLEAN, "the default bridge has IPv6"),
        "labels": Field(STRINGS, "its labels: KEY=VALUE"),
        "live_restore": Field(BOOLEAN, "containers outlive the daemon"),
        "log_level": Field(STRING, "how much it logs of itself: debug, info, warn, error, fatal"),
        "logging_driver": Field(STRING, "where containers' output goes: json-file, journald, ..."),
        "logging_options": Field(LABELS, "options of the logging driver", sensitive=True),
        "metrics_address": Field(STRING, "where it tells its metrics; absent: nowhere"),
        "no_new_privileges": Field(BOOLEAN, "containers gain no privileges that do not ask for it"),
        "os_type": Field(one_of("linux"), "linux: only its files are read"),
        "product": Field(one_of("docker"), "docker: Podman has other files"),
        "registry_mirrors": Field(STRINGS, "the mirrors of Docker Hub", sensitive=True),
        "rootless": Field(BOOLEAN, "it is told that it runs without root's privileges"),
        "seccomp_profile": Field(STRING, "the profile that containers get: builtin, unconfined or a path"),
        "selinux_enabled": Field(BOOLEAN, "containers are confined by SELinux"),
        "storage_driver": Field(STRING, "overlay2, ...; absent: the engine chooses"),
        "storage_options": Field(STRINGS, "NAME=VALUE: dm.basesize=10G"),
        "swarm": Field(STRING, "active where it is a node of a Swarm, else inactive"),
        "tls": Field(BOOLEAN, "TCP listeners speak TLS"),
        "tls_ca": Field(STRING, "the authorities whose clients it obeys"),
        "tls_certificate": Field(STRING, "its certificate"),
        "tls_key": Field(STRING, "its key"),
        "tls_ca_mode": Field(STRING, "the permission bits of the authorities' file, octal; only where it speaks TLS"),
        "tls_certificate_mode": Field(STRING, "those of its certificate"),
        "tls_key_mode": Field(STRING, "those of its key"),
        "tls_files": Field(
            list_of(
                object_of(
                    path=Field(STRING, "the path"),
                    uid=Field(INTEGER, "the number of its owner"),
                    gid=Field(INTEGER, "the number of its group"),
                )
            ),
            "these files; none where it does not speak TLS",
        ),
        "tls_verify": Field(BOOLEAN, "clients at TCP listeners need a certificate"),
        "userland_proxy": Field(BOOLEAN, "a process forwards to published ports what comes from the host itself"),
        "userns_remap": Field(BOOLEAN, "root in its containers is not root on the host"),
        "userns_user": Field(STRING, "whose subordinate ids containers get: default, USER, UID:GID; absent: nobody's"),
        "settings": Field(
            list_of(
                object_of(
                    option=Field(STRING, "its key in daemon.json: live-restore"),
                    source=Field(one_of("file", "flag"), "where it is set"),
                )
            ),
            "every option that is set, whether or not to its default",
        ),
    },
)
