"""As much of what an engine tells of a container as replacing it needs, with types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from policyengine.connections.docker import NotThereError
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from policyengine.connections.docker import Answer, Engine

_SHORT_ID = 12
_NO_NETWORKS = ("host", "none")
_SHARED = "container:"

ASKED = ("IPAMConfig", "Links", "DriverOpts", "GwPriority", "Aliases")
"""What of an endpoint's settings is asked for, and tells one from another; the rest is filled in by the engine."""

Settings = dict[str, object]
"""``EndpointSettings``: how a container is joined to one network."""


class Probe(Struct, rename="pascal"):
    """One run of a healthcheck."""

    exit_code: int = 0
    output: str = ""


class Health(Struct, rename="pascal"):
    """How a healthcheck stands: ``none``, ``starting``, ``healthy`` or ``unhealthy``."""

    status: str = "none"
    log: list[Probe] | None = None


class State(Struct, rename="pascal"):
    """Whether a container runs."""

    status: str = ""
    running: bool = False
    paused: bool = False
    restarting: bool = False
    oom_killed: bool = field(default=False, name="OOMKilled")
    exit_code: int = 0
    error: str = ""
    started_at: str = ""
    health: Health | None = None


class Config(Struct, rename="pascal"):
    """What is the container's own."""

    image: str = ""
    labels: dict[str, str] | None = None
    mac_address: str = ""
    stop_timeout: int | None = None
    healthcheck: Settings | None = None


class HostConfig(Struct, rename="pascal"):
    """What the host gives it."""

    network_mode: str = ""
    restart_policy: Settings | None = None
    auto_remove: bool = False
    port_bindings: dict[str, list[dict[str, str]] | None] | None = None
    devices: list[object] | None = None
    device_requests: list[object] | None = None
    links: list[str] | None = None


class NetworkSettings(Struct, rename="pascal"):
    """How it is joined to networks, by their names, and which of its ports are published."""

    networks: dict[str, Settings] | None = None
    ports: dict[str, list[dict[str, str]] | None] | None = None


class Mount(Struct, rename="pascal"):
    """Something that is mounted."""

    type: str = ""
    source: str = ""
    destination: str = ""
    rw: bool = field(default=True, name="RW")


class Container(Struct, rename="pascal"):
    """A container."""

    id: str
    name: str
    created: str = ""
    image: str = ""
    restart_count: int = 0
    state: State = field(default_factory=State)
    config: Config = field(default_factory=Config)
    host_config: HostConfig = field(default_factory=HostConfig)
    network_settings: NetworkSettings = field(default_factory=NetworkSettings)
    mounts: list[Mount] | None = None

    @property
    def called(self) -> str:
        """Its name, without the slash before it."""
        return self.name.removeprefix("/")

    @property
    def labels(self) -> dict[str, str]:
        """Its labels, with those of its image."""
        return self.config.labels or {}

    @property
    def restart(self) -> Settings:
        """Its restart policy."""
        return self.host_config.restart_policy or {"Name": "no", "MaximumRetryCount": 0}

    @property
    def has_networks(self) -> bool:
        """Whether it can be joined to networks: one in the host's namespace, in another's, or in none, cannot."""
        mode = self.host_config.network_mode
        return mode not in _NO_NETWORKS and not mode.startswith(_SHARED)

    @property
    def networks(self) -> dict[str, Settings]:
        """What was asked of the networks that it is joined to, by their names."""
        found = self.network_settings.networks or {} if self.has_networks else {}
        return {name: self._asked(settings) for name, settings in found.items()}

    def _asked(self, settings: Settings) -> Settings:
        """The part of an endpoint's settings that was asked for, without what the engine filled in."""
        asked = {key: settings.get(key) for key in ASKED[:-1] if settings.get(key)}
        aliases = settings.get("Aliases")
        # Engines before API 1.45 add the short id to the aliases.
        own = [alias for alias in aliases if alias != self.id[:_SHORT_ID]] if isinstance(aliases, list) else []
        if own:
            asked["Aliases"] = own
        if self.config.mac_address:
            asked["MacAddress"] = self.config.mac_address
        return asked


def read(answer: Answer) -> Container:
    """What an engine told of a container. Raises :class:`SourceError`."""
    try:
        return msgspec.convert(answer, Container)
    except msgspec.ValidationError as error:
        raise SourceError(f"what the engine tells of a container is not understood: {error}") from None


def looked_up(engine: Engine, name: str) -> Container:
    """A container by name or id. Raises :class:`NotThereError`."""
    return read(engine.container(name))


def sought(engine: Engine, name: str) -> Container | None:
    """A container by name or id; None where it is not there."""
    try:
        return looked_up(engine, name)
    except NotThereError:
        return None
