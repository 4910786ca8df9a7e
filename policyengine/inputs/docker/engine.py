"""The engine itself."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.model.kinds.engine import KIND

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.model.resource import Resource

_INFO = (
    ("name", "Name"),
    ("operating_system", "OperatingSystem"),
    ("kernel_version", "KernelVersion"),
    ("storage_driver", "Driver"),
    ("logging_driver", "LoggingDriver"),
    ("cgroup_version", "CgroupVersion"),
    ("live_restore", "LiveRestoreEnabled"),
    ("experimental", "ExperimentalBuild"),
)


def engine(snapshot: Snapshot) -> Resource:
    """The engine, from ``info`` and ``version``."""
    info, version = snapshot.info, snapshot.root["version"]
    at = info.at if isinstance(info.value, dict) else version.at
    facts = Facts(KIND, snapshot.document, at, snapshot.context)
    for field, key in _INFO:
        facts.put(field, info[key].value, info[key].at)
    own = info["ServerVersion"] if info["ServerVersion"].value else version["Version"]
    facts.put("version", own.value, own.at)
    facts.put("api_version", version["ApiVersion"].value, version["ApiVersion"].at)
    facts.put("security_options", security_options(info) or None, info["SecurityOptions"].at)
    facts.put("swarm", info["Swarm"]["LocalNodeState"].value, info["Swarm"]["LocalNodeState"].at)
    registries = info["RegistryConfig"]
    facts.put("insecure_registries", _insecure(registries) or None, registries.at)
    return snapshot.resource(facts, info["Name"].text or "engine", info)


def security_options(info: Node) -> list[str]:
    """The names of the engine's security options; seccomp only where the engine applies a profile by default."""
    names = []
    for option in info["SecurityOptions"].texts:
        parts = dict(part.partition("=")[::2] for part in option.split(","))
        # Engines before 1.12 wrote the bare name.
        name = parts.get("name", option)
        if parts.get("profile") != "unconfined":
            names.append(name)
    return names


def _insecure(registries: Node) -> list[str]:
    """Address ranges and hosts that the engine speaks to without TLS; loopback is so always and left out."""
    ranges = [text for text in registries["InsecureRegistryCIDRs"].texts if not _loopback(text)]
    hosts = [name for name, index in registries["IndexConfigs"].entries() if index["Secure"].value is False]
    return [*ranges, *sorted(hosts)]


def _loopback(text: str) -> bool:
    try:
        return ip_network(text, strict=False).is_loopback
    except ValueError:
        return False
