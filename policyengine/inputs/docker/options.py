"""What ``docker run`` can be asked for beyond what confines a container: the rest of ``Config`` and ``HostConfig``.

An engine fills in its defaults when it makes a container, and does not tell them from what was asked for: a value
that is its documented default has that provenance.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from policyengine.inputs import normal
from policyengine.inputs.docker.config import ENGINE, OWN_NAMESPACE

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.inputs.facts import Facts
    from policyengine.model.provenance import Provenance

_PLAIN = (
    ("annotations", "Annotations"),
    ("cgroup_parent", "CgroupParent"),
    ("cpu_shares", "CpuShares"),
    ("cpuset", "CpusetCpus"),
    ("device_cgroup_rules", "DeviceCgroupRules"),
    ("dns", "Dns"),
    ("dns_opt", "DnsOptions"),
    ("dns_search", "DnsSearch"),
    ("group_add", "GroupAdd"),
    ("mem_reservation", "MemoryReservation"),
    ("storage_opt", "StorageOpt"),
    ("sysctls", "Sysctls"),
)
"""Fields of the host configuration that are none where they are empty or 0."""

_FLAGS = (
    ("auto_remove", "AutoRemove"),
    ("init", "Init"),
    ("oom_kill_disable", "OomKillDisable"),
    ("publish_all", "PublishAllPorts"),
)
_SHM_SIZE = 64 * 2**20
_NO_ISOLATION = ("", "default")


def put_options(facts: Facts, container: Node, snapshot: Snapshot, of_image: Node, inherited: Provenance) -> None:
    """All options that have no module of their own."""
    host, config = container["HostConfig"], container["Config"]
    for field, key in _PLAIN:
        node = host[key]
        facts.put(field, node.value or None, node.at)
    for field, key in _FLAGS:
        node = host[key]
        facts.put(field, node.value, node.at)
    _put_defaulted(facts, host, snapshot)
    uts = host["UTSMode"]
    facts.put("uts", None if uts.text in OWN_NAMESPACE else uts.value, uts.at)
    _put_memory(facts, host, unset=0 if snapshot.is_podman else -1)
    _put_process(facts, config, of_image, inherited)
    _put_names(facts, container, snapshot)
    _put_expose(facts, container, of_image, inherited)
    _put_lists(facts, host, snapshot)
    _put_logging(facts, host["LogConfig"], snapshot)
    _put_gpus(facts, host["DeviceRequests"])
    _put_attachments(facts, container)


def _put_defaulted(facts: Facts, host: Node, snapshot: Snapshot) -> None:
    """What an engine always fills in."""
    version = snapshot.info["CgroupVersion"].text
    usual = {"1": "host", "2": "private"}.get(version)  # dockerd --default-cgroupns-mode
    for field, key, default in (
        ("cgroup", "CgroupnsMode", usual),
        ("runtime", "Runtime", snapshot.info["DefaultRuntime"].value),
        ("shm_size", "ShmSize", _SHM_SIZE),
        ("oom_score_adj", "OomScoreAdj", 0),
    ):
        node = host[key]
        how = ENGINE if node.value == default else None
        facts.put(field, None if node.value == "" else node.value, node.at, how)
    isolation = host["Isolation"]
    facts.put("isolation", None if isolation.text in _NO_ISOLATION else isolation.value, isolation.at)


def _put_memory(facts: Facts, host: Node, unset: int) -> None:
    """Where only a limit of memory is asked for, the engine allows as much swap again."""
    swap, swappiness = host["MemorySwap"], host["MemorySwappiness"]
    how = ENGINE if swap.number > 0 and swap.number == 2 * host["Memory"].number else None
    facts.put("memswap_limit", swap.value or None, swap.at, how)
    facts.put("mem_swappiness", None if swappiness.value in (-1, unset) else swappiness.value, swappiness.at)


def _put_process(facts: Facts, config: Node, of_image: Node, inherited: Provenance) -> None:
    for field, key, spelt in (("stop_signal", "StopSignal", _signal), ("working_dir", "WorkingDir", _as_it_is)):
        node = config[key]
        value = spelt(node.value)
        facts.put(field, value or None, node.at, inherited if value == spelt(of_image[key].value) else None)
    for field, key in (("tty", "Tty"), ("stdin_open", "OpenStdin"), ("stop_grace_period", "StopTimeout")):
        node = config[key]
        facts.put(field, node.value, node.at)


def _signal(value: object) -> object:
    """A signal by its name; Podman numbers them."""
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 3):
        return value
    return next((known.name for known in signal.Signals if known == int(value)), value)


def _as_it_is(value: object) -> object:
    return value


def _put_names(facts: Facts, container: Node, snapshot: Snapshot) -> None:
    """A host name that the engine chose is none: the beginning of the id, or with the host's network the host's."""
    config, host = container["Config"], container["HostConfig"]
    name = config["Hostname"]
    chosen = ["", container["Id"].text[:12]]
    if "host" in (host["NetworkMode"].text, host["UTSMode"].text):
        chosen.append(snapshot.info["Name"].text)
    facts.put("hostname", None if joins(host["NetworkMode"]) or name.value in chosen else name.value, name.at)
    for field, key in (("domainname", "Domainname"), ("mac_address", "MacAddress")):
        node = config[key]
        facts.put(field, node.value or None, node.at)


def _put_expose(facts: Facts, container: Node, of_image: Node, inherited: Provenance) -> None:
    """Publishing a port exposes it as well, which is told in ``ports``."""
    exposed, published = container["Config"]["ExposedPorts"], container["HostConfig"]["PortBindings"]
    ports = sorted({key for key, _ in exposed.entries()} - {key for key, asked in published.entries() if asked.value})
    mistyped = exposed.value is not None and not isinstance(exposed.value, dict)
    facts.put("expose", exposed.value if mistyped else ports or None, exposed.at)
    of_the_image = {key for key, _ in of_image["ExposedPorts"].entries()}
    for index, port in enumerate(ports):
        facts.place(("expose", index), (*exposed.at, port))
        if port in of_the_image:
            facts.how(("expose", index), inherited)


def _put_lists(facts: Facts, host: Node, snapshot: Snapshot) -> None:
    for field, key, spelt in (
        ("extra_hosts", "ExtraHosts", _extra_host),
        ("links", "Links", _link),
        ("volumes_from", "VolumesFrom", snapshot.volumes_from),
    ):
        node = host[key]
        facts.put(field, [spelt(text) for text in node.texts] or node.value or None, node.at)
    ulimits = host["Ulimits"]
    found = {}
    for item in ulimits.items():
        name = item["Name"].text.lower().removeprefix("rlimit_")  # as Podman has it
        found[name] = {"soft": item["Soft"].value, "hard": item["Hard"].value}
        facts.place(("ulimits", name), item.at)
        for field, key in (("soft", "Soft"), ("hard", "Hard")):
            facts.place(("ulimits", name, field), item[key].at)
    facts.put("ulimits", found or ulimits.value or None, ulimits.at)


def _extra_host(text: str) -> str:
    """``HOST:ADDRESS`` as Compose spells it; an address may hold colons, a host may not."""
    name, _, address = text.partition(":")
    return f"{name}={normal.address(address)}"


def _link(text: str) -> str:
    """``/db:/web/alias`` as it was asked for."""
    source, _, alias = text.partition(":")
    return f"{source.lstrip('/')}:{alias.rpartition('/')[2]}"


def _put_logging(facts: Facts, logging: Node, snapshot: Snapshot) -> None:
    """The driver is the engine's own where none was asked for; its options are the container's alone."""
    driver, options = logging["Type"], logging["Config"]
    found = {"driver": driver.value or None, "options": options.value or None}
    usual = not options.value and driver.value == snapshot.info["LoggingDriver"].value
    facts.put("logging", found if any(found.values()) else None, logging.at, ENGINE if usual else None)
    facts.place(("logging", "driver"), driver.at)
    facts.place(("logging", "options"), options.at)


def _put_gpus(facts: Facts, requests: Node) -> None:
    found = []
    for index, request in enumerate(requests.items()):
        count = request["Count"].number
        capabilities = request["Capabilities"].items()  # a list of alternatives; the docker command writes one
        gpu: dict[str, object] = {
            "driver": request["Driver"].value or None,
            "count": "all" if count < 0 else str(count) if count else None,
            "device_ids": request["DeviceIDs"].value or None,
            "capabilities": capabilities[0].value if capabilities else None,
        }
        found.append({key: value for key, value in gpu.items() if value is not None})
        facts.place(("gpus", index), request.at)
    facts.put("gpus", found or requests.value or None, requests.at)


def joins(mode: Node) -> bool:
    """Whether a container has the network of another one."""
    return mode.text.startswith("container:")


def _put_attachments(facts: Facts, container: Node) -> None:
    """What was asked of each network; what the network gave is told elsewhere, and is not the container's wish."""
    networks = container["NetworkSettings"]["Networks"]
    own = () if joins(container["HostConfig"]["NetworkMode"]) else networks.entries()
    found = {name: asked for name, network in own if (asked := _asked(network, container))}
    facts.put("network_attachments", found or None, networks.at)


def _asked(network: Node, container: Node) -> dict[str, object]:
    wanted = network["IPAMConfig"]
    # Engines before 25 list the beginning of the id as an alias, Podman always does.
    aliases = [alias for alias in network["Aliases"].texts if alias != container["Id"].text[:12]]
    asked = {
        "aliases": aliases or None,
        "ipv4_address": wanted["IPv4Address"].value or None,
        "ipv6_address": wanted["IPv6Address"].value or None,
        "gw_priority": network["GwPriority"].value or None,
    }
    return {key: value for key, value in asked.items() if value is not None}
