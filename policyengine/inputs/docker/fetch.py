"""An engine's answers as one snapshot, fetched concurrently."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from policyengine.connections.docker import NoEngineError, NotThereError, StuckError, connected
from policyengine.errors import SourceError, did_you_mean
from policyengine.inputs.docker.execs import TOLD
from policyengine.inputs.docker.snapshot import INCOMPLETE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from policyengine.connections.docker import Answer, Engine, Limits
    from policyengine.connections.docker_context import Endpoint
    from policyengine.inputs.context import Context
    from policyengine.inputs.docker.url import DockerUrl

VERSION = 1
"""The version of the snapshot's format."""

_NAMES = {"container": "Names", "image": "RepoTags", "network": "Name", "volume": "Name"}
_STUCK = 2
"""How many answers that do not come in time make an engine one that hangs, not one with an object that does."""

_T = TypeVar("_T")


def fetch(endpoint: Endpoint, url: DockerUrl, context: Context, limits: Limits) -> Answer:
    """What the engine at ``endpoint`` says, whole, or only what the one object that ``url`` names needs.

    What vanishes between the list and the look at it was not there. What the engine fails to tell is a problem of
    ``context``, and the rest is read. Raises :class:`SourceError` when the engine tells nothing at all.
    """
    with connected(endpoint, limits) as engine:
        pool = ThreadPoolExecutor(limits.requests)
        try:
            fetched = _Fetch(engine, pool, context)
            parts = fetched.whole() if url.kind is None else fetched.one(url.kind, url.name)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    pool.shutdown()  # the connections are closed: whoever waited for an answer does so no more
    version = {"docker_snapshot": VERSION, "context": endpoint.name, **parts, "version": engine.version}
    return {**version, INCOMPLETE: sorted(fetched.incomplete)}


class _Fetch:
    def __init__(self, engine: Engine, pool: ThreadPoolExecutor, context: Context) -> None:
        self.incomplete: set[str] = set()
        self._engine = engine
        self._pool = pool
        self._context = context
        self._source = f"docker://{engine.endpoint.name}"
        self._ended: NoEngineError | None = None
        self._stuck = 0

    def whole(self) -> Answer:
        """All that the engine tells of. A part that it does not list is left out."""
        asked: dict[str, Future[object]] = {
            "containers": self._pool.submit(self._asked, self._engine.containers),
            "images": self._pool.submit(self._asked, self._engine.images),
            "networks": self._pool.submit(self._asked, self._engine.networks),
            "volumes": self._pool.submit(self._asked, self._engine.volumes),
            "info": self._pool.submit(self._asked, self._engine.info),
        }
        told = {name: self._part(name, future) for name, future in asked.items()}
        parts = {name: answer for name, answer in told.items() if answer is not None}
        if _is_manager(told["info"]):
            services = self._part("services", self._pool.submit(self._asked, self._engine.services))
            parts |= {} if services is None else {"services": [published(one) for one in services]}
        containers = self._in_full("containers", parts, self._container)
        if "images" in parts:
            parts["images"] = [*_list(parts["images"]), *({"Id": id_} for id_ in image_ids(containers))]
        self._in_full("images", parts, self._image)
        self._in_full("networks", parts, self._engine.network)
        return parts

    def one(self, kind: str, name: str) -> Answer:
        """Parts for one object: of its own kind only itself, and what it refers to. Raises :class:`SourceError`."""
        return {
            "container": self._one_container,
            "image": self._one_image,
            "network": self._one_network,
            "volume": self._one_volume,
        }[kind](name)

    def _one_container(self, name: str) -> Answer:
        container = self._named("container", name, self._container, self._engine.containers)
        self.incomplete.add("containers")
        return {
            "containers": [container, *self._each("containers", self._engine.container, _joined(container))],
            "images": self._each("images", self._engine.image, image_ids([container])),
            "networks": self._each("networks", self._engine.network, attached(container)),
            "volumes": self._each("volumes", self._engine.volume, mounted(container)),
            "info": self._part("info", self._pool.submit(self._asked, self._engine.info)),
        }

    def _one_image(self, name: str) -> Answer:
        image = self._named("image", name, self._image, self._engine.images)
        users = [item for item in self._engine.containers() if item.get("ImageID") == image.get("Id")]
        return {"images": [image], "containers": self._each("containers", self._engine.container, listed_ids(users))}

    def _one_network(self, name: str) -> Answer:
        network = self._named("network", name, self._engine.network, self._engine.networks)
        there = network.get("Containers")
        ids = list(there) if isinstance(there, dict) else []
        return {"networks": [network], "containers": self._each("containers", self._engine.container, ids)}

    def _one_volume(self, name: str) -> Answer:
        volume = self._named("volume", name, self._engine.volume, self._engine.volumes)
        users = [item for item in self._engine.containers() if volume.get("Name") in mounted(item)]
        return {"volumes": [volume], "containers": self._each("containers", self._engine.container, listed_ids(users))}

    def _container(self, name: str) -> Answer:
        return container_in_full(self._engine, name, execs=self._context.wants("container", "execs"))

    def _image(self, reference: str) -> Answer:
        """An image in full, and how it came about where a policy reads that."""
        image = self._engine.image(reference)
        if any(self._context.wants("image", field) for field in ("history", "calls", "packages")):
            image["History"] = self._engine.history(reference)
        return image

    def _named(
        self, kind: str, name: str, ask: Callable[[str], Answer], known: Callable[[], Iterable[Answer]]
    ) -> Answer:
        try:
            return ask(name)
        except NotThereError:
            hint = did_you_mean(name, _names(kind, known()))
            raise SourceError(
                f'the engine at {self._engine.endpoint.host} has no {kind} "{name}"',
                path=f"{self._source}/{kind}/{name}",
                hint=hint,
            ) from None

    def _part(self, name: str, answer: Future[_T]) -> _T | None:
        """A list or the facts of the engine; None where it does not tell."""
        try:
            return answer.result()
        except SourceError as error:
            self._failed(name, error, f"{self._source}")
            return None

    def _in_full(self, part: str, parts: dict[str, object], ask: Callable[[str], Answer]) -> list[Answer]:
        """Put the whole of each object in place of what the list says of it."""
        found: list[Answer] = []
        if part in parts:
            found = self._each(part, ask, dict.fromkeys(listed_ids(_list(parts[part]))))
            parts[part] = found
        return found

    def _each(self, part: str, ask: Callable[[str], Answer], ids: Iterable[str]) -> list[Answer]:
        """The objects in full; those that vanished meanwhile are left out."""
        answers = [(id_, self._pool.submit(self._asked, ask, id_)) for id_ in ids]
        found = []
        for id_, answer in answers:
            try:
                found.append(answer.result())
            except NotThereError:
                pass  # it was removed, or renamed, since the list was made
            except SourceError as error:
                self._failed(part, error, f"{self._source}/{part.removesuffix('s')}/{quote(id_[:19], safe='/:@')}")
        return found

    def _asked(self, ask: Callable[..., _T], *names: str) -> _T:
        """An answer, unless the engine is known to give none any more."""
        if self._ended:
            raise self._ended
        try:
            return ask(*names)
        except StuckError as error:
            self._stuck += 1
            if self._stuck >= _STUCK:
                self._ended = error
            raise
        except NoEngineError as error:
            self._ended = error
            raise

    def _failed(self, part: str, error: SourceError, path: str) -> None:
        """A problem; one that ends all is told once."""
        first = part not in self.incomplete
        self.incomplete.add(part)
        if isinstance(error, NoEngineError):
            known = any(problem.message.startswith(error.message) for problem in self._context.problems)
            if not known:
                self._context.failed(error)
            return
        self._context.failed(SourceError(error.message, path=path, hint=error.hint if first else None))


def _is_manager(info: object) -> bool:
    """Whether an engine may be asked for services: https://docs.docker.com/reference/api/engine/version/v1.41/"""
    swarm = info.get("Swarm") if isinstance(info, dict) else None
    return isinstance(swarm, dict) and swarm.get("ControlAvailable") is True


def published(service: Answer) -> Answer:
    """What of a service is read: its name and its ports. The rest of it is in its containers, secrets among it."""
    spec = service.get("Spec")
    name = spec.get("Name") if isinstance(spec, dict) else None
    return {"ID": service.get("ID"), "Spec": {"Name": name}, "Endpoint": service.get("Endpoint")}


def container_in_full(engine: Engine, name: str, *, execs: bool) -> Answer:
    """A container in full, and what was started in it where a policy reads that."""
    container = engine.container(name)
    ids = container.get("ExecIDs")
    if execs and isinstance(ids, list):
        container[TOLD] = [exec_ for id_ in ids if (exec_ := _exec(engine, str(id_)))]
    return container


def _exec(engine: Engine, id_: str) -> Answer | None:
    """A command that was started; None for one that has ended and been forgotten since."""
    try:
        return engine.exec(id_)
    except NotThereError:
        return None


def _list(value: object) -> list[Answer]:
    return value if isinstance(value, list) else []


def listed_ids(listed: Iterable[Answer]) -> list[str]:
    """The ids of the objects of a list."""
    return [str(item["Id"]) for item in listed if item.get("Id")]


def image_ids(containers: Iterable[Answer]) -> list[str]:
    """The ids of the images that containers were made from."""
    return [str(container["Image"]) for container in containers if container.get("Image")]


def attached(container: Answer) -> list[str]:
    """The names of the networks that a container is attached to."""
    settings = container.get("NetworkSettings")
    networks = settings.get("Networks") if isinstance(settings, dict) else None
    return list(networks) if isinstance(networks, dict) else []


def mounted(container: Answer) -> list[str]:
    """The names of the volumes that a container mounts."""
    mounts = container.get("Mounts")
    named = (mount.get("Name") for mount in (mounts if isinstance(mounts, list) else []) if isinstance(mount, dict))
    return list(dict.fromkeys(str(name) for name in named if name))


def _joined(container: Answer) -> list[str]:
    """The containers whose namespaces a container shares."""
    host = container.get("HostConfig")
    modes = [str(host.get(key)) for key in ("NetworkMode", "PidMode", "IpcMode")] if isinstance(host, dict) else []
    return list(dict.fromkeys(mode.removeprefix("container:") for mode in modes if mode.startswith("container:")))


def _names(kind: str, listed: Iterable[Answer]) -> list[str]:
    """What the objects of a list can be called."""
    names: list[str] = []
    for item in listed:
        own = item.get(_NAMES[kind])
        names += [str(name).lstrip("/") for name in (own if isinstance(own, list) else [own])]
    return names
