"""Makes containers on a real engine, and makes them anew as they are carried over."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from random import randrange
from typing import TYPE_CHECKING, Any

from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool

from policyengine.connections.docker_acting import acting
from policyengine.connections.docker_context import endpoint
from policyengine.remediation.docker.asking import asked
from policyengine.remediation.docker.carrying import carried
from policyengine.remediation.docker.differences import unexpected
from tests.live.configurations import IMAGE, NEWER, Made
from tests.live.conftest import LABEL, Workbench
from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from docker import DockerClient

    from policyengine.connections.docker import Answer
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.body import Body


class Maker:
    """Makes containers as they are described, within surroundings that they refer to."""

    def __init__(self, client: DockerClient, base: str, files: Path) -> None:
        self.bench = Workbench(client, base)
        self._entered = acting(endpoint())
        self.acting: Acting = self._entered.__enter__()
        self.machine = str(self.acting.engine.info()["Name"])
        self._pinned: set[str] = set()
        self.image = self.bench.image(IMAGE)
        self.newer = self.bench.image(NEWER, tag="2")
        self.bare = self.bench.image("", "bare")
        self.words = self._surroundings(files)
        self._numbers = count(1)

    def _surroundings(self, files: Path) -> dict[str, str]:
        bench = self.bench
        subnets: dict[str, str] = {}
        for number in ("", "-2", "-3"):
            subnets |= self._network(number)
        bench.volume("volume")
        mount = [f"{bench.volume('others')}:/others"]
        bench.create(self.bare, "peer", volumes=mount, ipc_mode="shareable", network=bench.name("net"), start=True)
        bench.create(self.bare, "linked", start=True)
        words = {word: bench.name(word) for word in ("net", "net-2", "net-3", "volume", "peer", "linked")}
        net = bench.client.networks.get(words["net"]).id
        assert net
        return {**words, **subnets, "net_id": net, "files": str(files), "port": str(free_port())}

    def _network(self, number: str) -> dict[str, str]:
        """Make a network of a subnet that nobody has; gives the words for its addresses.

        Tests with subnets of their own take them from below these.
        """
        for _ in range(20):
            v4, v6 = f"10.{randrange(200, 250)}.{randrange(256)}", f"fd00:{randrange(4096, 65536):x}"
            pools = [IPAMPool(subnet=f"{v4}.0/24"), IPAMPool(subnet=f"{v6}::/64")]
            with suppress(APIError):
                self.bench.network(f"net{number}", ipam=IPAMConfig(pool_configs=pools), enable_ipv6=True)
                return {f"v4{number}": v4, f"v6{number}": v6}
        raise AssertionError("the engine has no subnet left")

    def make(self, made: Made, image: str | None = None) -> Answer:
        """Make a container; what the engine tells of it."""
        config = self.spelt({**made.config, "HostConfig": made.host})
        config["Labels"] = {**config.get("Labels", {}), LABEL: self.bench.prefix}
        config["Image"] = image or (self.bare if made.bare else self.image)
        networks = self.spelt(made.networks)
        for name in list(networks)[:1]:
            config["NetworkingConfig"] = {"EndpointsConfig": {name: networks[name]}}
        return self._created(config, dict(list(networks.items())[1:]), start=made.started)

    def remake(self, body: Body, *, start: bool = False) -> Answer:
        """Make what a body asks for; what the engine tells of it."""
        request = asked(body, self.api)
        self._pinned.update(body.volumes)
        return self._created(request.create, dict(request.connect), start=start)

    def again(self, old: Answer, *, start: bool = False) -> tuple[Body, Answer]:
        """Make a container anew, of the same image."""
        body = carried(old, self.image_of(old), machine=self.machine)
        return body, self.remake(body, start=start)

    def round_trip(self, made: Made) -> list[str]:
        """Make a container, make it anew, and remove both; the paths at which they differ where they may not."""
        old = self.make(made)
        found = [old]
        try:
            if made.started:  # its addresses and ports are free again for the other
                self.acting.stop(str(old["Id"]), 0)
            body, new = self.again(old, start=made.started)
            found.append(new)
            second = carried(new, self.image_of(new), machine=self.machine)
        finally:
            self.remove(*found)
        # once more, and nothing comes to what was carried over
        grown = [] if (second.config, second.endpoints) == (body.config, body.endpoints) else ["what is carried over"]
        return unexpected(old, new) + grown

    def image_of(self, container: Answer) -> Answer:
        """What the engine tells of a container's image."""
        return self.acting.engine.image(str(container["Image"]))

    @property
    def api(self) -> tuple[int, int]:
        """The version of the API that is spoken."""
        major, minor = self.acting.engine.prefix.removeprefix("/v").split(".")
        return int(major), int(minor)

    def _created(self, config: dict[str, Any], connect: dict[str, Any], *, start: bool) -> Answer:
        id_ = self.acting.create(config, self.bench.name(f"c{next(self._numbers)}"))
        for name, endpoint_ in connect.items():
            self.acting.connect(name, id_, endpoint_)
        if start:
            self.acting.start(id_)
        return self.acting.engine.container(id_)

    def remove(self, *containers: Answer) -> None:
        """Remove containers and their anonymous volumes."""
        for container in containers:
            self.acting.remove(str(container["Id"]), volumes=True, force=True)

    def spelt(self, value: Any) -> Any:
        """With the real names in place of ``{words}``."""
        if isinstance(value, str):
            for word, name in self.words.items():
                value = value.replace(f"{{{word}}}", name)
        if isinstance(value, list):
            return [self.spelt(item) for item in value]
        if isinstance(value, dict):
            return {self.spelt(key): self.spelt(item) for key, item in value.items()}
        return value

    def close(self) -> None:
        """Remove all that was made."""
        self._entered.__exit__(None, None, None)
        self.bench.clear()
        left = {volume.name for volume in self.bench.client.volumes.list()}
        for name in self._pinned & left:
            self.bench.client.volumes.get(name).remove()
