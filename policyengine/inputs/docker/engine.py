"""The engine itself."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from policyengine.inputs.docker.config import put_list, sorted_keys
from policyengine.inputs.docker.swarm import put_ingress, put_swarm
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.engine import KIND
from policyengine.model.unknown import Unknown

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
    ("os_type", "OSType"),
    ("architecture", "Architecture"),
    ("cpus", "NCPU"),
    ("memory", "MemTotal"),
    ("root_dir", "DockerRootDir"),
    ("cgroup_driver", "CgroupDriver"),
    ("default_runtime", "DefaultRuntime"),
    ("debug", "Debug"),
    ("http_proxy", "HttpProxy"),
    ("https_proxy", "HttpsProxy"),
    ("no_proxy", "NoProxy"),
    ("memory_limits", "MemoryLimit"),
    ("swap_limits", "SwapLimit"),
    ("pids_limits", "PidsLimit"),
    ("ipv4_forwarding", "IPv4Forwarding"),
    ("bridge_nf_iptables", "BridgeNfIptables"),
    ("labels", "Labels"),
    ("containers_running", "ContainersRunning"),
    ("containers_stopped", "ContainersStopped"),
)
_NOTHING: tuple[object, ...] = ("", [])
_OF_VERSION = frozenset({"version", "api_version", "min_api_version", "components", "product"})
_NO_INFO = Unknown("engine", "the engine did not describe itself")
_NO_OPTIONS = Unknown("engine.security_options", "the engine does not tell its security options")
_UNTOLD = Unknown("engine.warnings", "the engine is too old to tell its warnings")


def engine(snapshot: Snapshot) -> Resource:
    """The engine, from ``info`` and ``version``."""
    info, version = snapshot.info, snapshot.root["version"]
    at = info.at if isinstance(info.value, dict) else version.at
    facts = Facts(KIND, snapshot.document, at, snapshot.context)
    for field, key in _INFO:
        facts.put(field, None if info[key].value in _NOTHING else info[key].value, info[key].at)
    own = info["ServerVersion"] if info["ServerVersion"].value else version["Version"]
    facts.put("version", own.value, own.at)
    facts.put("api_version", version["ApiVersion"].value, version["ApiVersion"].at)
    backend = info["FirewallBackend"]["Driver"]
    facts.put("firewall_backend", backend.value, backend.at)
    facts.put("security_options", security_options(info) or None, info["SecurityOptions"].at)
    registries = info["RegistryConfig"]
    facts.put("insecure_registries", _insecure(registries) or None, registries.at)
    put_list(facts, "registry_mirrors", registries["Mirrors"])
    _put_version(facts, version, snapshot)
    _put_warnings(facts, info)
    _put_images(facts, snapshot)
    put_swarm(facts, info["Swarm"])
    put_ingress(facts, snapshot)
    _put_parts(facts, info)
    _put_confinement(facts, info)
    if not isinstance(info.value, dict):
        facts.leave_out(_NO_INFO, KIND.fields.keys() - _OF_VERSION)
    return snapshot.resource(facts, info["Name"].text or "engine", info)


def _put_version(facts: Facts, version: Node, snapshot: Snapshot) -> None:
    facts.put("min_api_version", version["MinAPIVersion"].value, version["MinAPIVersion"].at)
    parts = {part["Name"].text: part["Version"].value for part in version["Components"].items() if part["Name"].text}
    facts.put("components", parts or None, version["Components"].at)
    told = isinstance(version.value, dict)
    facts.put("product", ("podman" if snapshot.is_podman else "docker") if told else None, version["Components"].at)


def _put_warnings(facts: Facts, info: Node) -> None:
    """Engines before 18.09 warn on the terminal of the client alone; those that warn of nothing say so."""
    warnings, untold = info["Warnings"], isinstance(info.value, dict) and "Warnings" not in info.value
    facts.put("warnings", _UNTOLD if untold else warnings.value or None, warnings.at)


def _put_images(facts: Facts, snapshot: Snapshot) -> None:
    """The images and those without container, where the engine told of all images and of all containers."""
    at = snapshot.root["images"].at
    unused: int | Unknown = sum(image["Id"].text not in snapshot.used_images for image in snapshot.images)
    if not snapshot.complete("images") or not snapshot.complete("containers"):
        unused = Unknown("engine.images_unused", "not all images and containers are known")
    facts.put("images", len(snapshot.images) if snapshot.complete("images") else snapshot.info["Images"].value, at)
    facts.put("images_unused", unused, at)


def _put_parts(facts: Facts, info: Node) -> None:
    """What is plugged into the engine."""
    plugins, runtimes = info["Plugins"], info["Runtimes"]
    put_list(facts, "authorization_plugins", plugins["Authorization"])
    put_list(facts, "log_drivers", plugins["Log"])
    facts.put("runtimes", sorted_keys(runtimes), runtimes.at)
    status = info["DriverStatus"]
    pairs = dict(pair.texts for pair in status.items() if len(pair.texts) == 2)
    facts.put("backing_filesystem", pairs.get("Backing Filesystem"), status.at)


def _put_confinement(facts: Facts, info: Node) -> None:
    """What the security options say, by name. An engine that tells none is not known to have none."""
    options = info["SecurityOptions"]
    if not isinstance(options.value, list):
        facts.leave_out(_NO_OPTIONS, ("seccomp_profile", "rootless", "userns_remap"))
        return
    told = [_parsed(option) for option in options.texts]
    names = {option["name"] for option in told}
    profiles = (option.get("profile") for option in told if option["name"] == "seccomp")
    facts.put("seccomp_profile", next(profiles, None), options.at)
    facts.put("rootless", "rootless" in names, options.at)
    facts.put("userns_remap", "userns" in names, options.at)


def _parsed(option: str) -> dict[str, str]:
    """``name=seccomp,profile=default``; engines before 1.12 wrote the bare name."""
    parts = dict(part.partition("=")[::2] for part in option.split(","))
    return parts if "name" in parts else {"name": option}


def security_options(info: Node) -> list[str]:
    """The names of the engine's security options; seccomp only where the engine applies a profile by default."""
    told = [_parsed(option) for option in info["SecurityOptions"].texts]
    return [option["name"] for option in told if option.get("profile") != "unconfined"]


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
