"""Container engines."""

from policyengine.model.types import BOOLEAN, STRING, STRINGS, Field, Kind, one_of

KIND = Kind(
    "engine",
    "A container engine as it describes itself",
    {
        "name": Field(STRING, "the host's name"),
        "version": Field(STRING, "the engine's version"),
        "api_version": Field(STRING, "the newest API it speaks"),
        "operating_system": Field(STRING, "the host's operating system"),
        "kernel_version": Field(STRING, "the host's kernel"),
        "storage_driver": Field(STRING, "overlay2, ..."),
        "logging_driver": Field(STRING, "json-file, journald, ..."),
        "cgroup_version": Field(one_of("1", "2"), "the version of the control groups"),
        "security_options": Field(STRINGS, "apparmor, seccomp, userns, rootless, selinux, ..."),
        "live_restore": Field(BOOLEAN, "containers outlive the daemon"),
        "experimental": Field(BOOLEAN, "experimental features are on"),
        "insecure_registries": Field(STRINGS, "registries spoken to without TLS, loopback left out"),
        "swarm": Field(STRING, "inactive, active, ..."),
    },
)
