"""The objects of a stream of manifests, those in Lists included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.groups import GROUPS_OF_KIND, group_of, is_read
from policyengine.inputs.kubernetes.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a kind that is read. ``version`` is its apiVersion."""

    kind: str
    version: str
    node: Node


def is_manifest(value: object) -> bool:
    """Whether a value of a stream is an object of one of Kubernetes' own groups."""
    return isinstance(value, dict) and group_of(value.get("apiVersion"), value.get("kind")) is not None


def objects(document: Document, context: Context) -> Iterator[Object]:
    """The objects that make resources, in their order. Custom resources and other kinds are passed over."""
    for index, value in enumerate(document.values):
        yield from _within(Node(document, context, (index,), value), None, None)


def _within(node: Node, version: str | None, kind: str | None) -> Iterator[Object]:
    """The object at a node, or those in it; ``version`` and ``kind`` are what an untyped item of a list is."""
    if not isinstance(node.value, dict):
        return
    version = node.value.get("apiVersion", version)
    kind = node.value.get("kind", kind)
    group = group_of(version, kind)
    if group is None or version is None or kind is None:
        return
    if kind.endswith("List"):
        of = kind.removesuffix("List")
        for item in node["items"].items():
            yield from _within(item, version if of else None, of or None)
    elif is_read(group, kind):
        yield Object(kind, version, node)
    elif kind in GROUPS_OF_KIND:
        node["apiVersion"].problem(f"there is no {kind} in {version}")
