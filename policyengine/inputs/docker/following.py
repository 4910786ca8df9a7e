"""A running engine's answers, kept: read whole once, then container by container as somebody tells that one changed.

What is asked of a container alone (``docker://CONTEXT/container/NAME``) leaves open what hangs on others: who else
mounts what it mounts. Here the others are known, and reading one container again takes three or four requests.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field

from policyengine.connections.docker import NoEngineError, NotThereError, StuckError
from policyengine.errors import SourceError
from policyengine.inputs.docker.container import container
from policyengine.inputs.docker.engine import engine
from policyengine.inputs.docker.fetch import VERSION, attached, container_in_full, image_ids, listed_ids, mounted
from policyengine.inputs.docker.network import network
from policyengine.inputs.docker.reading import scope
from policyengine.inputs.docker.snapshot import INCOMPLETE, LiveAnswers, Snapshot, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policyengine.connections.docker import Answer, Engine
    from policyengine.inputs.context import Context
    from policyengine.inputs.docker.node import Node
    from policyengine.model.resource import Resource

_T = TypeVar("_T")


class Parts(Struct):
    """What was told, by id; volumes by name. ``failed`` are containers that the engine could not tell of, and why."""

    containers: dict[str, Answer] = field(default_factory=dict)
    images: dict[str, Answer] = field(default_factory=dict)
    networks: dict[str, Answer] = field(default_factory=dict)
    volumes: dict[str, Answer] = field(default_factory=dict)
    failed: dict[str, SourceError] = field(default_factory=dict)


class Following:
    """What an engine told, and what changed since.

    ``wants`` says of fields of containers whether any policy reads them. An engine that does not answer any more is a
    :class:`NoEngineError`; an object that it cannot tell of is left out, a container among ``parts.failed``.
    """

    def __init__(self, engine: Engine, wants: Callable[[str], bool]) -> None:
        self.parts = Parts()
        self._engine = engine
        self.wants = wants
        self._info: Answer | None = None
        self._known: tuple[Snapshot, Mapping[str, Node]] | None = None

    @property
    def source(self) -> str:
        """The URL of the engine."""
        return f"docker://{self._engine.endpoint.name}"

    def look(self) -> None:
        """Ask for everything anew: all containers, what they are made from, attached to and mount, and the engine."""
        engine, fresh = self._engine, Parts()
        self._info = engine.info()
        ids = listed_ids(engine.containers())
        fresh.containers = self._containers(ids, fresh.failed)
        fresh.images = _present(self._each(image_ids(fresh.containers.values()), engine.image))
        networks = listed_ids(engine.networks())
        fresh.networks = _present(self._each(networks, engine.network))
        fresh.volumes = {str(one.get("Name")): one for one in engine.volumes()}
        self.parts, self._known = fresh, None

    def refresh(self, ids: Iterable[str]) -> None:
        """Ask for containers anew, and for what they are made from, attached to and mount. Who is gone is forgotten."""
        parts, ids = self.parts, list(ids)
        for id_ in ids:
            self.forget(id_)
        found = self._containers(ids, parts.failed)
        parts.containers.update(found)
        used = found.values()
        parts.images.update(_present(self._each(image_ids(used), self._engine.image)))
        networks = _present(self._each((name for one in used for name in attached(one)), self._engine.network))
        parts.networks.update({str(one.get("Id")): one for one in networks.values()})
        volumes = (name for one in used for name in mounted(one))
        parts.volumes.update(_present(self._each(volumes, self._engine.volume)))
        self._known = None

    def forget(self, id_: str) -> None:
        """Forget a container that was removed, or is to be asked for again."""
        self.parts.failed.pop(id_, None)
        if self.parts.containers.pop(id_, None) is not None:
            self._known = None

    def url(self, id_: str) -> str:
        """The URL of a container that is known."""
        return f"{self.source}/container/{self.name(id_)}"

    def name(self, id_: str) -> str:
        """The name of a container that is known."""
        return name_of(self._snapshot()[1][id_])

    def resources(self, id_: str, context: Context) -> Iterator[Resource]:
        """A container that is known and the reference to its image, as ``docker://CONTEXT`` reads them."""
        snapshot, nodes = self._snapshot()
        snapshot.context = context
        yield from container(nodes[id_], snapshot)

    def everything(self, context: Context) -> Iterator[Resource]:
        """All containers, their networks, and the engine, as ``docker://CONTEXT`` reads them."""
        snapshot, nodes = self._snapshot()
        snapshot.context = context
        for node in nodes.values():
            yield from container(node, snapshot)
        for network_node in snapshot.networks:
            yield network(network_node, snapshot)
        yield engine(snapshot)

    def trim(self) -> None:
        """Forget images that no container is made from any more."""
        used = set(image_ids(self.parts.containers.values()))
        self.parts.images = {id_: one for id_, one in self.parts.images.items() if id_ in used}

    def _snapshot(self) -> tuple[Snapshot, Mapping[str, Node]]:
        from policyengine.inputs.context import Context

        if self._known is None:
            answers = self._answers()
            snapshot = Snapshot(LiveAnswers(answers), scope(answers, self.source, whole=True), Context())
            self._known = snapshot, {node["Id"].text: node for node in snapshot.containers}
        return self._known

    def _answers(self) -> Answer:
        parts = self.parts
        lists = {
            "containers": list(parts.containers.values()),
            "images": list(parts.images.values()),
            "networks": list(parts.networks.values()),
            "volumes": list(parts.volumes.values()),
        }
        told = {"info": self._info, "version": self._engine.version}
        partly = ["containers", "images"] if parts.failed else ["images"]  # of images only those that are used
        name = self._engine.endpoint.name
        return {"docker_snapshot": VERSION, "context": name, **lists, **told, INCOMPLETE: partly}

    def _containers(self, ids: Iterable[str], failed: dict[str, SourceError]) -> dict[str, Answer]:
        execs = self.wants("execs")
        found = self._each(ids, lambda id_: container_in_full(self._engine, id_, execs=execs))
        failed.update({id_: answer for id_, answer in found.items() if isinstance(answer, SourceError)})
        return _present(found)

    def _each(self, names: Iterable[str], ask: Callable[[str], Answer]) -> dict[str, Answer | SourceError]:
        """What is said of each, those that are not there left out; an error in place of what cannot be told."""
        names = list(dict.fromkeys(names))
        if len(names) == 1:  # what most events are about: a thread more would only cost time
            return {name: answer for name in names if (answer := _asked(ask, name)) is not None}
        pool = ThreadPoolExecutor(self._engine.limits.requests)
        try:
            waiting = [(name, pool.submit(_asked, ask, name)) for name in names]
            return {name: answer for name, future in waiting if (answer := future.result()) is not None}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _asked(ask: Callable[[str], Answer], name: str) -> Answer | SourceError | None:
    """What is said of an object; None where it is not there, the error where the engine cannot tell of it alone."""
    try:
        return ask(name)
    except NotThereError:
        return None
    except StuckError as error:  # one container may hang where others do not
        return error
    except NoEngineError:
        raise
    except SourceError as error:
        return error


def _present(found: Mapping[str, Answer | SourceError]) -> dict[str, Answer]:
    return {name: answer for name, answer in found.items() if not isinstance(answer, SourceError)}
