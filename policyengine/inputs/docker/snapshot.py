"""An engine's answers, indexed so that its objects can be joined."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.documents.document import Document, Span
from policyengine.inputs.docker.node import Node
from policyengine.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policyengine.documents.document import DocPath
    from policyengine.inputs.context import Context
    from policyengine.inputs.facts import Facts
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

ORIGIN = "docker"

INCOMPLETE = "incomplete"
"""The key with the parts of which the engine failed to tell something."""

PODMAN = "Podman Engine"
"""What Podman calls the part of its version that is itself."""

_LISTS = ("containers", "images", "networks", "volumes", "services")

# What may hold a secret.
_SECRET = (
    ("Config", "Env"),
    ("ContainerConfig", "Env"),
    ("HostConfig", "LogConfig", "Config"),
    ("HostConfig", "Mounts"),
    ("HttpProxy",),
    ("HttpsProxy",),
    ("RegistryConfig", "Mirrors"),
    ("RegistryConfig", "IndexConfigs"),
    ("History",),
    ("Execs",),
    ("Config", "OnBuild"),
    ("Options",),
    ("Spec", "TaskTemplate", "ContainerSpec", "Env"),
    ("PreviousSpec", "TaskTemplate", "ContainerSpec", "Env"),
)


class Snapshot:
    """The answers of one engine at one time: ``root`` holds them as the API gave them, every part optional."""

    def __init__(self, document: Document, scope: Scope, context: Context) -> None:
        self.document = document
        self.scope = scope
        self.context = context
        self.root = Node(document.values[0], (0,))

    @cached_property
    def containers(self) -> list[Node]:
        """The containers in full."""
        return self._objects("containers")

    @cached_property
    def images(self) -> list[Node]:
        """The images in full."""
        return self._objects("images")

    @cached_property
    def networks(self) -> list[Node]:
        """The networks in full."""
        return self._objects("networks")

    @cached_property
    def volumes(self) -> list[Node]:
        """The volumes in full."""
        return self._objects("volumes")

    @property
    def info(self) -> Node:
        """The engine as it describes itself."""
        return self.root["info"]

    @cached_property
    def used_images(self) -> frozenset[str]:
        """The ids of the images that containers run."""
        return frozenset(container["Image"].text for container in self.containers)

    def image_of(self, container: Node) -> Node:
        """The image that a container runs; a node without a value where it is not in the snapshot."""
        return self._images_by_id.get(container["Image"].text, Node(None, self.root.at))

    def container_name(self, id_: str) -> str:
        """The name of the container with that id; the id where it is not in the snapshot."""
        return self._names.get(id_, id_)

    def network(self, name: str) -> Node:
        """The network of that name; a node without a value where it is not in the snapshot."""
        return self._networks_by_name.get(name, Node(None, self.root.at))

    def volume(self, name: str) -> Node:
        """The volume of that name; a node without a value where it is not in the snapshot."""
        return self._volumes_by_name.get(name, Node(None, self.root.at))

    def volumes_from(self, text: str) -> str:
        """``CONTAINER[:MODE]`` with the container's name for its id."""
        container, colon, mode = text.partition(":")
        return f"{self.container_name(container)}{colon}{mode}"

    def mounting(self, mount: Node) -> frozenset[str]:
        """The names of the containers that mount what a mount does; none where none of them may write there."""
        return self._mounting.get(_mounted(mount), frozenset())

    def complete(self, part: str) -> bool:
        """Whether all objects of a part are known: what is not among them is not there."""
        return self.root[part].value is not None and part not in self.root[INCOMPLETE].texts

    @cached_property
    def is_podman(self) -> bool:
        """Whether it is Podman that answers."""
        return any(part["Name"].text == PODMAN for part in self.root["version"]["Components"].items())

    def resource(self, facts: Facts, name: str, node: Node, parent: str | None = None) -> Resource:
        """A finished resource of the engine; its handle is the id of the object that ``node`` is."""
        resource = facts.resource(name, self.scope, ORIGIN, parent)
        id_ = node["Id"].text or node["ID"].text
        return replace(resource, handle={"context": self.root["context"].text, "id": id_})

    def check(self) -> None:
        """Report parts that are not what the API answers; nothing of them is read."""
        for part in (*_LISTS, "info", "version"):
            node = self.root[part]
            if node.value is not None and not isinstance(node.value, list if part in _LISTS else dict):
                wanted = "a sequence" if part in _LISTS else "a mapping"
                self.context.problem(f"{part} should be {wanted}", self.document.locate(node.at))
            for item in node.items():
                if not isinstance(item.value, dict):
                    self.context.problem(f"{part} should hold mappings", self.document.locate(item.at))

    def hide(self) -> None:
        """Hide in excerpts what may be secret, wherever in the document: all of it may stand on one line."""
        for part in ("containers", "images", "volumes", "services", "info"):
            node = self.root[part]
            for item in node.items() if isinstance(node.value, list) else [node]:
                for steps in _SECRET:
                    self.document.hide(_hidden(item, steps))

    def _objects(self, part: str) -> list[Node]:
        return [node for node in self.root[part].items() if isinstance(node.value, dict)]

    @cached_property
    def _images_by_id(self) -> Mapping[str, Node]:
        return {image["Id"].text: image for image in self.images}

    @cached_property
    def _mounting(self) -> Mapping[str, frozenset[str]]:
        mounts = [(mount, container) for container in self.containers for mount in container["Mounts"].items()]
        written = {_mounted(mount) for mount, _ in mounts if mount["RW"].true} - {""}
        users: dict[str, frozenset[str]] = {}
        for mount, container in mounts:
            if (source := _mounted(mount)) in written:
                users[source] = users.get(source, frozenset()) | {name_of(container)}
        return users

    @cached_property
    def _networks_by_name(self) -> Mapping[str, Node]:
        return {network["Name"].text: network for network in self.networks}

    @cached_property
    def _volumes_by_name(self) -> Mapping[str, Node]:
        return {volume["Name"].text: volume for volume in self.volumes}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {container["Id"].text: name_of(container) for container in self.containers}


def _mounted(mount: Node) -> str:
    """The host path of a bind or of a volume, whose data is there; empty for what nobody else can mount."""
    return mount["Source"].text if mount["Type"].text in ("bind", "volume") else ""


def _hidden(node: Node, steps: Sequence[str]) -> DocPath:
    """The place of what may be secret; where something else stands on the way to it, all of that."""
    for step in steps:
        if node.value is not None and not isinstance(node.value, dict):
            break
        node = node[step]
    return node.at


class LiveAnswers(Document):
    """The answers of a running engine as a document: its places are URIs of the engine's objects."""

    def __init__(self, answers: Mapping[str, object]) -> None:
        super().__init__(f"docker://{answers['context']}", "")
        self._values: list[object] = [answers]

    @property
    def values(self) -> list[object]:
        """The answers, as the one document that they are."""
        return self._values

    def span(self, path: DocPath) -> Span:  # noqa: ARG002
        """No text, hence one span for all."""
        return Span(1, 1, 1, 1)

    def scalar_spans(self, path: DocPath) -> Iterable[Span]:  # noqa: ARG002
        """No text, hence no spans."""
        return ()

    def locate(self, path: DocPath) -> Location:
        """The URI of the object that the path leads into."""
        root = Node(self._values[0], (0,))
        if len(path) < 3 or path[1] not in _LISTS or not isinstance(path[2], int):
            return Location(self.path)
        items = root[str(path[1])].items()
        name = _NAMING[str(path[1])](items[path[2]])
        return Location(f"{self.path}/{str(path[1]).removesuffix('s')}/{name}")

    def excerpt(self, line: int) -> str | None:  # noqa: ARG002
        """No text, hence no lines."""
        return None


def name_of(container: Node) -> str:
    """A container's name, without the slash that the engine writes before it."""
    return container["Name"].text.lstrip("/") or container["Id"].text[:12] or "?"


def image_name(image: Node) -> str:
    """What an image is called: its first tag, else its first digest, else the beginning of its id."""
    names = [name for name in (*image["RepoTags"].texts, *image["RepoDigests"].texts) if "<none>" not in name]
    return names[0] if names else image["Id"].text[:19] or "?"


def network_name(network: Node) -> str:
    """A network's name."""
    return network["Name"].text or network["Id"].text[:12] or "?"


def volume_name(volume: Node) -> str:
    """A volume's name."""
    return volume["Name"].text or "?"


_NAMING = {"containers": name_of, "images": image_name, "networks": network_name, "volumes": volume_name}
