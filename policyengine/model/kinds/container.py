"""Containers, in the words of the Compose Specification."""

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
)

_VOLUME = object_of(
    type=Field(
        STRING, "bind, volume, tmpfs, image, npipe, or another Kubernetes volume source (secret, configMap, ...)"
    ),
    source=Field(STRING, "the host path of a bind; the name of a volume"),
    target=Field(STRING, "the path in the container"),
    read_only=Field(BOOLEAN, "mounted read-only"),
)

_HEALTHCHECK = object_of(
    test=Field(STRINGS, "the command, CMD or CMD-SHELL first"),
    disable=Field(BOOLEAN, "a check that the image sets is switched off"),
)

_STATE = one_of("created", "running", "paused", "restarting", "removing", "exited", "dead")
"""https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect"""

KIND = Kind(
    "container",
    "A container: a Compose service's, a Pod's (init and ephemeral ones too), or one on an engine",
    {
        "name": Field(STRING, "the container's name"),
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
        "networks": Field(STRINGS, "the networks it is attached to"),
        "pid": Field(STRING, "host, service:... or container:...; absent for a namespace of its own"),
        "ipc": Field(STRING, "host, shareable, service:... or container:...; absent for a namespace of its own"),
        "userns_mode": Field(STRING, "host: no user-namespace remapping"),
        "ports": Field(list_of(_PORT), "the ports published on the host"),
        "volumes": Field(list_of(_VOLUME), "what is mounted"),
        "devices": Field(STRINGS, "host devices, HOST:CONTAINER[:rwm]"),
        "environment": Field(
            map_of(Type("string", nullable=True)),
            "variables and their literal values; null for a value from elsewhere (a Secret, the shell)",
            sensitive=True,
        ),
        "labels": Field(LABELS, "labels of the container"),
        "mem_limit": Field(INTEGER, "memory limit in bytes; absent for none"),
        "cpus": Field(NUMBER, "CPU limit in cores; absent for none"),
        "pids_limit": Field(INTEGER, "limit of processes; absent for none"),
        "restart": Field(STRING, "no, always, on-failure[:n] or unless-stopped"),
        "healthcheck": Field(_HEALTHCHECK, "the check that the container itself sets"),
        "state": Field(_STATE, "what it is doing on an engine"),
    },
)
