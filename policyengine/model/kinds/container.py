"""Containers, in the words of the Compose Specification."""

from policyengine.model.kinds import security_context
from policyengine.model.kinds.image_ref import FIELDS as IMAGE_FIELDS
from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    NUMBER,
    STRING,
    STRINGS,
    Field,
    Kind,
    Type,
    list_of,
    map_of,
    object_of,
    one_of,
)

_IMAGE = object_of(
    **IMAGE_FIELDS,
    built=Field(BOOLEAN, "the image is built from this project (Compose build), and its reference only names it"),
)

_PORT = object_of(
    target=Field(INTEGER, "the port in the container"),
    published=Field(STRING, "the port on the host, or a range; absent where the engine chooses one"),
    host_ip=Field(STRING, "the host address that listens; 0.0.0.0 and :: where none is written"),
    protocol=Field(one_of("tcp", "udp", "sctp"), "the transport protocol"),
    by_host_network=Field(
        BOOLEAN, "Kubernetes: no hostPort publishes it, it is the host's since the Pod has its network"
    ),
)

_VOLUME = object_of(
    type=Field(
        STRING, "bind, volume, tmpfs, image, npipe, or another Kubernetes volume source (secret, configMap, ...)"
    ),
    source=Field(STRING, "the host path of a bind; the name of a volume"),
    target=Field(STRING, "the path in the container"),
    read_only=Field(BOOLEAN, "mounted read-only"),
    propagation=Field(
        STRING, "of a bind: private, rprivate, shared, rshared, slave, rslave; absent where none is written"
    ),
    size=Field(INTEGER, "of a tmpfs: its size in bytes; absent for no limit"),
)

_SHARED = object_of(
    source=Field(STRING, "the host path, or the name of the volume"),
    containers=Field(STRINGS, "the other containers that mount it"),
)

_HEALTHCHECK = object_of(
    test=Field(STRINGS, "the command, CMD or CMD-SHELL first"),
    disable=Field(BOOLEAN, "a check that the image sets is switched off"),
    interval=Field(NUMBER, "seconds between checks; absent for the platform's default"),
    timeout=Field(NUMBER, "seconds after which a check has failed; absent for the platform's default"),
    retries=Field(INTEGER, "failures in a row that make it unhealthy; absent for the platform's default"),
    start_period=Field(NUMBER, "seconds in which failures do not count; absent for none"),
    start_interval=Field(NUMBER, "seconds between checks in the start period"),
)

_ULIMIT = object_of(
    soft=Field(INTEGER, "the soft limit; -1 for none"),
    hard=Field(INTEGER, "the hard limit; -1 for none"),
)

_LOGGING = object_of(
    driver=Field(STRING, "json-file, journald, none, ...; absent for the engine's own"),
    options=Field(LABELS, "the driver's options", sensitive=True),
)

_GPU = object_of(
    driver=Field(STRING, "the device driver; absent for any that has the capabilities"),
    count=Field(STRING, "how many, or all"),
    device_ids=Field(STRINGS, "which"),
    capabilities=Field(STRINGS, "what they must be able to do: gpu, compute, ..."),
)

_ATTACHMENT = object_of(
    aliases=Field(STRINGS, "further names of the container on the network"),
    ipv4_address=Field(STRING, "the address that is asked for"),
    ipv6_address=Field(STRING, "the IPv6 address that is asked for"),
    mac_address=Field(STRING, "the MAC address that is asked for"),
    gw_priority=Field(INTEGER, "of several networks the one of the highest is the way out: Docker 28 and later"),
)

_HOOK = object_of(
    event=Field(one_of("post_start", "pre_stop"), "when it runs: after the start, or before the stop"),
    handler=Field(
        one_of("exec", "httpGet", "tcpSocket", "sleep"), "Kubernetes: what it does; elsewhere it runs a command"
    ),
    command=Field(STRINGS, "the command"),
    host=Field(STRING, "the host that httpGet and tcpSocket ask; absent for the Pod itself"),
    user=Field(STRING, "who runs it; the container's user where none is written"),
    privileged=Field(BOOLEAN, "it runs with all capabilities, whatever the container has"),
    working_dir=Field(STRING, "its working directory; the container's where none is written"),
    environment=Field(
        map_of(Type("string", nullable=True)), "variables beside the container's, as in environment", sensitive=True
    ),
)

_GRANT = object_of(
    source=Field(STRING, "the name that the project knows it by"),
    target=Field(STRING, "the path of the file in the container"),
    origin=Field(
        one_of("file", "environment", "content", "external"),
        "where it comes from: a file of the host, a variable, the project itself, or the platform",
    ),
    uid=Field(STRING, "who owns the file; absent for the user of the container"),
    gid=Field(STRING, "the group of the file"),
    mode=Field(STRING, "the permissions of the file, octal; absent for 0444"),
)

_BUILD = object_of(
    context=Field(STRING, "the directory or URL that is built from"),
    dockerfile=Field(STRING, "the Dockerfile; absent for the one in the context"),
    target=Field(STRING, "the stage that is built; absent for the last one"),
    network=Field(STRING, "the network of RUN: host, none, ...; absent for the builder's default"),
    privileged=Field(BOOLEAN, "RUN has all capabilities"),
    entitlements=Field(STRINGS, "what RUN may ask for: security.insecure, network.host"),
    pull=Field(BOOLEAN, "base images are always fetched again"),
    no_cache=Field(BOOLEAN, "nothing is taken from the build cache"),
    args=Field(
        map_of(Type("string", nullable=True)), "build arguments; null for a value from elsewhere", sensitive=True
    ),
)

_ROLLOUT = object_of(
    parallelism=Field(INTEGER, "how many at a time; 0 for all at once"),
    delay=Field(NUMBER, "seconds between groups"),
    failure_action=Field(STRING, "continue, rollback or pause"),
    order=Field(STRING, "stop-first or start-first"),
)

_PLACEMENT = object_of(
    constraints=Field(STRINGS, "what nodes must be: node.role==manager"),
    max_replicas_per_node=Field(INTEGER, "how many may run on one node; absent for any number"),
)

_DEPLOY = object_of(
    mode=Field(STRING, "replicated, global, or a job of either; replicated where none is written"),
    replicas=Field(INTEGER, "how many containers run; absent for one, or for one on each node"),
    endpoint_mode=Field(STRING, "vip or dnsrr"),
    placement=Field(_PLACEMENT, "where they run"),
    update_config=Field(_ROLLOUT, "how an update proceeds"),
    rollback_config=Field(_ROLLOUT, "how a rollback proceeds"),
    labels=Field(LABELS, "labels of the service, not of its containers"),
)

_PROBE = object_of(
    handler=Field(one_of("exec", "httpGet", "tcpSocket", "grpc"), "how it asks"),
    command=Field(STRINGS, "the command of exec"),
    path=Field(STRING, "the path of httpGet"),
    port=Field(STRING, "number or name of the port that is asked"),
    host=Field(STRING, "the host that is asked, of httpGet and tcpSocket; absent for the Pod itself"),
    initial_delay_seconds=Field(INTEGER, "initialDelaySeconds, 0 where none is written"),
    period_seconds=Field(INTEGER, "periodSeconds, 10 where none is written"),
    timeout_seconds=Field(INTEGER, "timeoutSeconds, 1 where none is written"),
    failure_threshold=Field(INTEGER, "failureThreshold, 3 where none is written"),
    port_declared=Field(
        BOOLEAN, "the container lists the port that is asked; absent where no port of the Pod itself is asked"
    ),
)

_SECRET_VARIABLES = object_of(
    variable=Field(STRING, "the variable that takes a value of the Secret; absent where each of its keys becomes one"),
    secret=Field(STRING, "the Secret's name"),
)

_EXEC = object_of(
    command=Field(STRINGS, "the program and its arguments", sensitive=True),
    user=Field(STRING, "who runs it; absent where it is the container's user"),
    privileged=Field(BOOLEAN, "it has all capabilities, whatever the container has"),
    running=Field(BOOLEAN, "it has not ended"),
)

_STATE = one_of("created", "running", "paused", "restarting", "removing", "exited", "dead")
"""https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect"""

KIND = Kind(
    "container",
    "A container: a Compose service's, a Pod's (init and ephemeral ones too), or one on an engine",
    {
        "name": Field(STRING, "the container's name"),
        "controller": Field(
            STRING,
            "Kubernetes: the kind that makes its Pod: Deployment, Job, ...; Pod for a bare one; absent elsewhere",
        ),
        "role": Field(one_of("main", "init", "ephemeral"), "what it is in its Pod; main outside Kubernetes"),
        "image": Field(_IMAGE, "the image it runs"),
        "command": Field(STRINGS, "arguments that replace the image's CMD"),
        "entrypoint": Field(STRINGS, "what replaces the image's ENTRYPOINT"),
        "user": Field(STRING, "user or uid, with an optional :group; the image's where none is written"),
        "runs_as_root": Field(BOOLEAN, "the process starts as uid 0; unknown where that is the image's matter"),
        "privileged": Field(BOOLEAN, "all capabilities and all devices of the host"),
        "cap_add": Field(STRINGS, "capabilities added, upper case, without CAP_"),
        "cap_drop": Field(STRINGS, "capabilities dropped, upper case, without CAP_"),
        "security_opt": Field(STRINGS, "options of the engine: no-new-privileges:true, seccomp=..., label=..."),
        "read_only": Field(BOOLEAN, "the root filesystem is read-only"),
        "network_mode": Field(STRING, "host, none, bridge, service:..., container:...; absent for ordinary networks"),
        "default_bridge": Field(BOOLEAN, "it is attached to the engine's own bridge, which all such containers share"),
        "networks": Field(STRINGS, "the networks it is attached to"),
        "pid": Field(STRING, "host, service:... or container:...; absent for a namespace of its own"),
        "ipc": Field(STRING, "host, shareable, service:... or container:...; absent for a namespace of its own"),
        "userns_mode": Field(STRING, "host: no user-namespace remapping"),
        "ports": Field(list_of(_PORT), "the ports published on the host"),
        "publish_all": Field(BOOLEAN, "every port that its image exposes is published (docker run --publish-all)"),
        "volumes": Field(list_of(_VOLUME), "what is mounted"),
        "shared_volumes": Field(
            list_of(_SHARED), "what other containers of its project or engine mount too, and one of them may write"
        ),
        "devices": Field(STRINGS, "host devices, HOST:CONTAINER[:rwm]"),
        "environment": Field(
            map_of(Type("string", nullable=True)),
            "variables and their literal values; null for a value from elsewhere (a Secret, the shell)",
            sensitive=True,
        ),
        "environment_secrets": Field(
            list_of(_SECRET_VARIABLES), "Kubernetes: the Secrets that variables take their values from"
        ),
        "repeated_variables": Field(STRINGS, "Kubernetes: the names of variables that are listed more than once"),
        "labels": Field(LABELS, "labels of the container"),
        "mem_limit": Field(INTEGER, "memory limit in bytes; absent for none"),
        "cpus": Field(NUMBER, "CPU limit in cores; absent for none"),
        "pids_limit": Field(INTEGER, "limit of processes; absent for none"),
        "restart": Field(STRING, "no, always, on-failure[:n] or unless-stopped"),
        "restart_limit": Field(INTEGER, "how often its engine starts it again when it fails; absent for no limit"),
        "healthcheck": Field(_HEALTHCHECK, "the check that the container itself sets"),
        "annotations": Field(LABELS, "annotations that are handed to the OCI runtime"),
        "auto_remove": Field(BOOLEAN, "it is removed when it ends (docker run --rm)"),
        "cgroup": Field(one_of("host", "private"), "whose control-group namespace; absent for the engine's default"),
        "cgroup_parent": Field(STRING, "the control group that the container's is made in"),
        "cpu_shares": Field(INTEGER, "relative weight of CPU time; absent for the default"),
        "cpuset": Field(STRING, "the cores it may run on: 0-2,4"),
        "device_cgroup_rules": Field(STRINGS, "rules of the device control group: c 13:* rwm"),
        "dns": Field(STRINGS, "name servers of its own"),
        "dns_opt": Field(STRINGS, "options of the resolver"),
        "dns_search": Field(STRINGS, "search domains of its own"),
        "domainname": Field(STRING, "the domain name that is set in it"),
        "expose": Field(STRINGS, "ports that are exposed and not published by that, PORT/PROTOCOL"),
        "extra_hosts": Field(STRINGS, "lines for /etc/hosts, HOST=ADDRESS"),
        "gpus": Field(list_of(_GPU), "the GPUs and other devices that a device driver is asked for"),
        "group_add": Field(STRINGS, "further groups of the process, names or ids"),
        "hostname": Field(STRING, "the host name that is set in it; absent for the engine's choice"),
        "init": Field(BOOLEAN, "an init process reaps zombies and hands signals on; absent for the engine's default"),
        "isolation": Field(STRING, "the isolation of Windows containers: process, hyperv"),
        "links": Field(STRINGS, "links to other containers, NAME:ALIAS"),
        "logging": Field(_LOGGING, "where its output goes"),
        "mac_address": Field(STRING, "the MAC address that is asked for"),
        "mem_reservation": Field(INTEGER, "soft memory limit in bytes; absent for none"),
        "mem_swappiness": Field(INTEGER, "0 to 100; absent for the host's"),
        "memswap_limit": Field(INTEGER, "limit of memory and swap together in bytes; -1 for no limit of swap"),
        "network_attachments": Field(map_of(_ATTACHMENT), "what is asked of each network that it is attached to"),
        "oom_kill_disable": Field(BOOLEAN, "the kernel does not kill it when memory runs out"),
        "oom_score_adj": Field(INTEGER, "-1000 to 1000: how soon the kernel kills it; 0 where none is written"),
        "platform": Field(STRING, "the platform that is asked for: linux/arm64"),
        "runtime": Field(STRING, "the OCI runtime; absent for the engine's default"),
        "shm_size": Field(INTEGER, "the size of /dev/shm in bytes; absent for the engine's default"),
        "stdin_open": Field(BOOLEAN, "standard input stays open"),
        "stop_grace_period": Field(NUMBER, "seconds from the stop signal to the kill; absent for the engine's default"),
        "stop_signal": Field(STRING, "the signal that stops it; absent for SIGTERM"),
        "storage_opt": Field(LABELS, "options of the storage driver: size, ..."),
        "sysctls": Field(LABELS, "kernel parameters of its namespaces"),
        "tty": Field(BOOLEAN, "it has a terminal"),
        "ulimits": Field(map_of(_ULIMIT), "resource limits of its processes, by name"),
        "uts": Field(STRING, "host; absent for a namespace of its own"),
        "volumes_from": Field(STRINGS, "containers whose mounts it mounts too, NAME[:ro]"),
        "working_dir": Field(STRING, "the working directory; the image's where none is written"),
        "build": Field(_BUILD, "how its image is built from the project; absent where it is not"),
        "configs": Field(list_of(_GRANT), "the configs that it is granted as files"),
        "secrets": Field(list_of(_GRANT), "the secrets that it is granted as files"),
        "credential_spec": Field(STRING, "a managed service account on Windows: file://, registry:// or config://"),
        "deploy": Field(_DEPLOY, "how a cluster runs it; its limits are those of the container"),
        "hooks": Field(
            list_of(_HOOK), "commands that run in it, and what else is done, when it has started or is to stop"
        ),
        "execs": Field(
            list_of(_EXEC), "commands that were started in it (docker exec) and have not been forgotten yet"
        ),
        "profiles": Field(STRINGS, "it is started only with one of these profiles; absent for always"),
        "pull_policy": Field(STRING, "always, never, missing, build, daily, weekly, every_...; absent for missing"),
        "state": Field(_STATE, "what it is doing on an engine"),
        "liveness_probe": Field(_PROBE, "Kubernetes: livenessProbe, which restarts the container; absent for none"),
        "readiness_probe": Field(_PROBE, "Kubernetes: readinessProbe, which keeps traffic away; absent for none"),
        "startup_probe": Field(_PROBE, "Kubernetes: startupProbe, which the others wait for; absent for none"),
        "security_context": Field(
            security_context.OF_CONTAINER, "Kubernetes: the container's own securityContext, as it is written"
        ),
        "run_as_non_root": Field(
            BOOLEAN, "Kubernetes: runAsNonRoot, the container's own or else its Pod's; absent where neither is written"
        ),
        "root_refused": Field(
            BOOLEAN, "Kubernetes: the manifest keeps it from running as root, whatever its image says"
        ),
        "run_as_user": Field(INTEGER, "Kubernetes: runAsUser, the container's own or else its Pod's"),
        "run_as_group": Field(INTEGER, "Kubernetes: runAsGroup, the container's own or else its Pod's"),
        "hardening": Field(
            STRINGS,
            "Kubernetes: by what the manifest confines it: seccomp, apparmor, selinux, capabilities; absent for none",
        ),
        "seccomp_profile": Field(
            security_context.PROFILE,
            "Kubernetes: seccompProfile, the container's own or else its Pod's; absent where neither is written",
        ),
        "seccomp_annotation": Field(
            STRING, "Kubernetes up to 1.26: the annotation container.seccomp.security.alpha.kubernetes.io/NAME"
        ),
        "host_users": Field(BOOLEAN, "Kubernetes: hostUsers of its Pod, true where none is written"),
        "windows": Field(
            BOOLEAN,
            "it is for Windows, which knows no capabilities, seccomp, numbers of users, limit of processes and "
            "read-only root: by its platform, or its Pod's os.name or nodeSelector; false where nothing says so",
        ),
        "os": Field(STRING, "Kubernetes: os.name of its Pod, linux where none is written"),
        "probes_alike": Field(
            BOOLEAN,
            "its liveness probe asks what its readiness probe does, and fails as soon; absent where it lacks one",
        ),
        "memory_request": Field(INTEGER, "Kubernetes: requests.memory in bytes; the limit where only that is written"),
        "cpu_request": Field(NUMBER, "Kubernetes: requests.cpu in cores; the limit where only that is written"),
        "ephemeral_storage_limit": Field(INTEGER, "Kubernetes: limits.ephemeral-storage in bytes; absent for none"),
        "ephemeral_storage_request": Field(INTEGER, "Kubernetes: requests.ephemeral-storage in bytes; absent for none"),
        "image_pull_policy": Field(
            one_of("Always", "IfNotPresent", "Never"), "Kubernetes: imagePullPolicy, by the tag where none is written"
        ),
    },
)
