"""Services on a real engine to be replaced, and what must be true of each whatever happened meanwhile."""

from __future__ import annotations

import http.client
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from policyengine.errors import SourceError
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.inspected import looked_up, read
from policyengine.remediation.docker.memory import LABELS, NEW, OLD, UNDONE
from policyengine.remediation.docker.order import Gate, Order
from policyengine.remediation.docker.ordering import together
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.connections.docker import Answer, Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.order import Way

Settings = dict[str, Any]
PORT = 8080
_TRIES = 10
_SERVES = 60.0
"""Seconds in which somebody serves: a service that was started a moment ago does not yet, on a busy machine."""
GATE = Gate(seconds=60, stable=0.2)
"""For what becomes healthy, and what ends by itself: most takes a second, and machines stand still for several."""
_SERVE = "/bin/busybox mkdir -p /www; [ -f /www/index.html ] || echo served >/www/index.html; "
CHECK = {"Test": ["CMD", "/bin/busybox", "true"], "Interval": 100_000_000, "Retries": 2}
"""A healthcheck that says that all is well after a tenth of a second."""


@dataclass
class Service:
    """A container that serves over HTTP, with what it was made of, its networks, and those that hang on it."""

    name: str
    way: Way
    port: int = 0
    networks: list[str] = field(default_factory=list)
    followers: list[str] = field(default_factory=list)
    view: Settings = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Its own name and those of its followers."""
        return [self.name, *self.followers]


class Maker:
    """Makes services of unique names, and removes them with all that replaced them."""

    def __init__(self, acting: Acting, image: str) -> None:
        self.acting = acting
        self.image = image
        self.prefix = f"policyengine-test-{uuid4().hex[:10]}"

    def warm(self) -> Service:
        """A fixed port of the host and a fixed address, two networks, a healthcheck."""
        first, second = self.network("first"), self.network("second")
        address = self._subnet(first).replace(".0/24", ".77")
        service = Service(f"{self.prefix}-warm", "warm", free_port(), [first, second])
        endpoints: Settings = {
            first: {"Aliases": ["web"], "IPAMConfig": {"IPv4Address": address}},
            second: {"Aliases": ["web2"]},
        }
        config = self.config(service, endpoints, Healthcheck=CHECK)
        return self.made(service, config, endpoints)

    def fixed(self) -> Service:
        """A fixed port of the host, a healthcheck."""
        network = self.network("fixed")
        service = Service(f"{self.prefix}-fixed", "warm", free_port(), [network])
        endpoints: Settings = {network: {"Aliases": ["fixed"]}}
        return self.made(service, self.config(service, endpoints, Healthcheck=CHECK), endpoints)

    def side_by_side(self, aliases: Sequence[str] = ("api",)) -> Service:
        """Nothing that only one can have: an alias, a port of the host that the engine chooses."""
        network = self.network("side")
        service = Service(f"{self.prefix}-side", "side-by-side", 0, [network])
        endpoints: Settings = {network: {"Aliases": list(aliases)}}
        return self.made(service, self.config(service, endpoints), endpoints)

    def stop_first(self) -> Service:
        """A named and an anonymous volume that it writes to, a fixed port."""
        network = self.network("stop")
        service = Service(f"{self.prefix}-stop", "stop-first", free_port(), [network])
        endpoints: Settings = {network: {"Aliases": ["db"]}}
        config = self.config(service, endpoints, Volumes={"/anonymous": {}})
        config["HostConfig"]["Binds"] = [f"{self.prefix}-data:/www"]
        return self.made(service, config, endpoints)

    def host(self) -> Service:
        """In the network of the host."""
        service = Service(f"{self.prefix}-host", "stop-first", free_port())
        config = self.config(service, {}, Cmd=["/bin/busybox", "sh", "-c", serving(service.port)])
        config["HostConfig"] |= {"NetworkMode": "host", "PortBindings": {}}
        return self.made(service, config, {})

    def group(self, *, warm: bool) -> Service:
        """One with two others in its network namespace, the second in the first's processes, too."""
        network = self.network("group")
        name = f"{self.prefix}-group-{'warm' if warm else 'stop'}"
        service = Service(name, "warm" if warm else "stop-first", free_port(), [network])
        endpoints: Settings = {network: {"Aliases": ["lead"]}}
        config = self.config(service, endpoints)
        if not warm:
            config["HostConfig"]["Binds"] = [f"{self.prefix}-group:/www"]
        self.made(service, config, endpoints)
        for follower, host in (("one", {}), ("two", {"PidMode": f"container:{name}-one"})):
            follows = {**self._plain(), "Cmd": ["/bin/busybox", "sleep", "1000"]}
            follows["HostConfig"] |= {"NetworkMode": f"container:{service.name}", **host}
            self.acting.start(self.acting.create(follows, f"{name}-{follower}"))
            service.followers.append(f"{name}-{follower}")
        service.view = view(self.acting.engine, service)
        return service

    def resting(self) -> Service:
        """One that does not run."""
        network = self.network("rest")
        service = Service(f"{self.prefix}-rest", "stop-first", 0, [network])
        endpoints: Settings = {network: {"Aliases": ["rest"]}}
        return self.made(service, self.config(service, endpoints), endpoints, start=False)

    def config(self, service: Service, endpoints: Settings, **more: object) -> Settings:
        """What a service is made of."""
        published = {f"{PORT}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(service.port or "")}]}
        config = {**self._plain(), "Cmd": ["/bin/busybox", "sh", "-c", serving(PORT)], **more}
        config["ExposedPorts"] = {f"{PORT}/tcp": {}}
        config["HostConfig"] |= {"PortBindings": published, "NetworkMode": next(iter(endpoints), "none")}
        return config

    def made(self, service: Service, config: Settings, endpoints: Settings, *, start: bool = True) -> Service:
        """Make it, and look how it is."""
        first = dict(list(endpoints.items())[:1])
        made = self.acting.create({**config, "NetworkingConfig": {"EndpointsConfig": first}}, service.name)
        for network in list(endpoints)[1:]:
            self.acting.connect(network, made, endpoints[network])
        if start:
            self.acting.start(made)
        service.view = view(self.acting.engine, service)
        return service

    def network(self, short: str) -> str:
        """A network with a subnet that was chosen for it, as fixed addresses need one."""
        name = f"{self.prefix}-net-{short}"
        for _ in range(_TRIES):
            subnet = f"10.{random.randrange(128, 256)}.{random.randrange(256)}.0/24"
            with suppress(SourceError):  # somebody else has it
                self.acting.create_network(name, IPAM={"Config": [{"Subnet": subnet}]})
                break
        return name

    def clear(self) -> None:
        """Remove everything."""
        for container in self.acting.engine.containers():
            if self.prefix in str(container.get("Names")):
                self.acting.remove(str(container["Id"]), force=True, volumes=True)
        for network in self.acting.engine.networks():
            if self.prefix in str(network.get("Name")):
                self.acting.remove_network(str(network["Name"]))
        for volume in self.acting.engine.volumes():
            if self.prefix in str(volume.get("Name")):
                self.acting.delete(f"/volumes/{volume['Name']}")

    def _plain(self) -> Settings:
        return {
            "Image": self.image,
            "Env": ["SETTING=kept"],
            "Labels": {"some.label": "kept"},
            "StopSignal": "SIGKILL",
            "HostConfig": {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}},
        }

    def _subnet(self, network: str) -> str:
        found: Any = self.acting.engine.network(network)
        return str(found["IPAM"]["Config"][0]["Subnet"])


def serving(port: int) -> str:
    """The command line of a service."""
    return f"{_SERVE} exec /bin/busybox httpd -f -p {port} -h /www"


def order(engine: Engine, service: Service, *, soak: float = 600, gate: Gate = GATE, image: str = "") -> Order:
    """The order to make a service anew, with all that hangs on it."""
    container: Any = engine.container(service.name)
    body = carried(container, engine.image(container["Image"]))
    image = image or container["Config"]["Image"]
    asked = Order(container, body, image, uuid4().hex, "stop-first", gate, soak, what="again")
    return together(engine, asked)[0]


def view(engine: Engine, service: Service) -> Settings:
    """What must stay of a service and its followers, whatever becomes of the containers."""
    return {name: _view(engine.container(name)) for name in service.names}


def _view(answer: Answer) -> Settings:
    told: Any = answer
    container = read(answer)
    labels = {name: value for name, value in container.labels.items() if not name.startswith(LABELS)}
    host = {key: value for key, value in told["HostConfig"].items() if key not in ("Binds", "NetworkMode", "PidMode")}
    mode = container.host_config.network_mode
    return {
        "env": told["Config"]["Env"],
        "labels": labels,
        "command": told["Config"]["Cmd"],
        **{f"host {key}": value or None for key, value in host.items()},  # a restart makes [] of null
        "mode": mode.partition(":")[0],
        "networks": container.networks,
        "mounts": sorted((mount["Type"], mount["Name"], mount["Destination"], mount["RW"]) for mount in told["Mounts"]),
        "running": container.state.running,
        "fixed": _fixed(container.network_settings.ports or {}, told["HostConfig"]["PortBindings"] or {}),
    }


def _fixed(published: Settings, asked: Settings) -> Settings:
    """The ports that are published as they were asked for; of others only that they are."""
    return {
        port: published.get(port) if bindings[0]["HostPort"] else bool(published.get(port))
        for port, bindings in asked.items()
    }


def check(engine: Engine, service: Service) -> list[str]:
    """What is amiss with a service: nothing, where one container serves, and everything is as it was."""
    wrong = []
    for name in service.names:
        wrong += [f"{name}: {key}" for key in _differences(service.view[name], _view(engine.container(name)))]
        wrong += _kept(engine, name)
    if service.view[service.name]["running"]:
        wrong += _unanswered(engine, service, 0 if wrong else _SERVES)
        wrong += _astray(engine, service)
    networks = {str(network["Name"]) for network in engine.networks()}
    wrong += [f"the network {name} is left" for name in networks if name.startswith(f"{service.name}.pe")]
    return wrong


def _differences(before: Settings, after: Settings) -> list[str]:
    return [f"{key} was {before[key]}, is {after[key]}" for key in before if before[key] != after[key]]


def _kept(engine: Engine, name: str) -> list[str]:
    """What is wrong with what was replaced: it must not run, nor start with the engine."""
    names = {str(one).lstrip("/") for short in engine.containers() for one in _names(short)}
    wrong = [f"{name}{NEW} is left"] if name + NEW in names else []
    for suffix in (OLD, UNDONE):
        if name + suffix in names:
            container = looked_up(engine, name + suffix)
            if container.state.running or container.restart.get("Name") != "no":
                wrong.append(f"{name}{suffix} is {container.state.status}, restart {container.restart}")
    strange = [one for one in names if one.startswith(name + ".") and one not in _known(name)]
    return wrong + [f"{one} is left" for one in strange]


def _known(name: str) -> set[str]:
    return {name + suffix for suffix in (NEW, OLD, UNDONE)}


def _names(short: Answer) -> list[str]:
    names = short.get("Names")
    return names if isinstance(names, list) else []


def _unanswered(engine: Engine, service: Service, seconds: float) -> list[str]:
    """The addresses at which nobody serves what the service does, within so many seconds."""
    container: Any = engine.container(service.name)
    addresses = [("127.0.0.1", service.port)] if service.port else []
    addresses += [
        (one["IPAddress"], PORT) for one in container["NetworkSettings"]["Networks"].values() if one["IPAddress"]
    ]
    deadline = time.monotonic() + seconds
    while wrong := [f"{host}:{port} does not serve" for host, port in addresses if got(host, port) != b"served\n"]:
        if time.monotonic() > deadline:
            return wrong
        time.sleep(0.05)
    return []


def _astray(engine: Engine, service: Service) -> list[str]:
    """Followers that do not share the namespaces of the one that serves."""
    leader = looked_up(engine, service.name)
    return [
        f"{name} shares those of another"
        for name in service.followers
        if looked_up(engine, name).host_config.network_mode != f"container:{leader.id}"
    ]


def got(host: str, port: int, seconds: float = 1) -> bytes | None:
    """What is served at an address, None where nothing is."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", "/")
        return connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
