"""An engine's answers as one snapshot, fetched concurrently."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from policyengine.connections.docker import REQUESTS, NotThereError, connected
from policyengine.errors import SourceError, did_you_mean
from policyengine.model.report import Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policyengine.connections.docker import Answer, Engine
    from policyengine.connections.docker_context import Endpoint
    from policyengine.inputs.context import Context
    from policyengine.inputs.docker.url import DockerUrl

VERSION = 1
"""The version of the snapshot's format."""

_NAMES = {"container": "Names", "image": "RepoTags", "network": "Name"}


def fetch(endpoint: Endpoint, url: DockerUrl, context: Context) -> Answer:
    """What the engine at ``endpoint`` says, whole, or only what the one object that ``url`` names needs.

    What vanishes between the list and the look at it is added to ``context.skipped``.
    """
    with connected(endpoint) as engine, ThreadPoolExecutor(REQUESTS) as pool:
        fetched = _Fetch(engine, pool, context)
        try:
            parts = fetched.whole() if url.kind is None else fetched.one(url.kind, url.name)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {"docker_snapshot": VERSION, "context": endpoint.name, **parts, "version": engine.version}


class _Fetch:
    def __init__(self, engine: Engine, pool: ThreadPoolExecutor, context: Context) -> None:
        self._engine = engine
        self._pool = pool
        self._context = context

    def whole(self) -> Answer:
        info = self._pool.submit(self._engine.info)
        images = self._pool.submit(self._engine.images)
        networks = self._pool.submit(self._engine.networks)
        containers = self._containers(_ids(self._engine.containers()))
        return {
            "containers": containers,
            "images": self._images(_unique([*_ids(images.result()), *_image_ids(containers)])),
            "networks": self._networks(_ids(networks.result())),
            "info": info.result(),
        }

    def one(self, kind: str, name: str) -> Answer:
        """Parts for one object: of its own kind only itself, and what it refers to."""
        if kind == "image":
            return self._image(name)
        if kind == "network":
            network = self._named(kind, name, self._engine.network, self._engine.networks)
            return {"networks": [network]}
        container = self._named(kind, name, self._engine.container, self._engine.containers)
        attached = self._networks(_attached(container))
        return {
            "containers": [container, *self._containers(_joined(container))],
            "images": self._images(_image_ids([container])),
            "networks": attached,
            "info": self._engine.info(),
        }

    def _image(self, name: str) -> Answer:
        image = self._named("image", name, self._engine.image, self._engine.images)
        users = [item for item in self._engine.containers() if item.get("ImageID") == image.get("Id")]
        return {"images": [image], "containers": self._containers(_ids(users))}

    def _named(
        self, kind: str, name: str, ask: Callable[[str], Answer], known: Callable[[], Iterable[Answer]]
    ) -> Answer:
        try:
            return ask(name)
        except NotThereError:
            hint = did_you_mean(name, _names(kind, known()))
            raise SourceError(
                f'the engine at {self._engine.endpoint.host} has no {kind} "{name}"',
                path=f"docker://{self._engine.endpoint.name}/{kind}/{name}",
                hint=hint,
            ) from None

    def _containers(self, ids: Iterable[str]) -> list[Answer]:
        return self._each("container", self._engine.container, ids)

    def _images(self, ids: Iterable[str]) -> list[Answer]:
        return self._each("image", self._engine.image, ids)

    def _networks(self, ids: Iterable[str]) -> list[Answer]:
        return self._each("network", self._engine.network, ids)

    def _each(self, kind: str, ask: Callable[[str], Answer], ids: Iterable[str]) -> list[Answer]:
        answers = [(id_, self._pool.submit(ask, id_)) for id_ in ids]
        found = []
        for id_, answer in answers:
            try:
                found.append(answer.result())
            except NotThereError:
                path = f"docker://{self._engine.endpoint.name}/{kind}/{id_}"
                self._context.skipped.append(Skipped(path, f"the engine has this {kind} no more"))
        return found


def _ids(listed: Iterable[Answer]) -> list[str]:
    return [str(item["Id"]) for item in listed]


def _image_ids(containers: Iterable[Answer]) -> list[str]:
    return [str(container["Image"]) for container in containers if container.get("Image")]


def _unique(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(ids))


def _attached(container: Answer) -> list[str]:
    settings = container.get("NetworkSettings")
    networks = settings.get("Networks") if isinstance(settings, dict) else None
    return list(networks) if isinstance(networks, dict) else []


def _joined(container: Answer) -> list[str]:
    """The containers whose namespaces a container shares."""
    host = container.get("HostConfig")
    modes = [str(host.get(key)) for key in ("NetworkMode", "PidMode", "IpcMode")] if isinstance(host, dict) else []
    return _unique(mode.removeprefix("container:") for mode in modes if mode.startswith("container:"))


def _names(kind: str, listed: Iterable[Answer]) -> list[str]:
    """What the objects of a list can be called."""
    names: list[str] = []
    for item in listed:
        own = item.get(_NAMES[kind])
        names += [str(name).lstrip("/") for name in (own if isinstance(own, list) else [own])]
    return names
