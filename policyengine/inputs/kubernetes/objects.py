"""The objects of a stream of manifests, those in Lists included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from policyengine.inputs.kubernetes.groups import CUSTOM, GROUPS_OF_KIND, group_of, is_read
from policyengine.inputs.kubernetes.node import Node
from policyengine.inputs.kubernetes.partial import PARTIAL, has_directives, is_deletion, is_patch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.unknown import Unknown


class Object(Struct, frozen=True):
    """One object of Kubernetes' own, or a custom resource that is a template of Pods.

    ``version`` is its apiVersion; ``read`` tells whether it is read.

    ``partial`` says why it may not be all that is written of it; None for a manifest that stands alone.
    """

    kind: str
    version: str
    node: Node
    read: bool
    partial: Unknown | None = None

    @property
    def custom(self) -> bool:
        """Whether it is a custom resource; Knative has a Service of its own."""
        return group_of(self.version, self.kind) in CUSTOM


def is_manifest(value: object) -> bool:
    """Whether a value of a stream is an object of one of Kubernetes' own groups."""
    return isinstance(value, dict) and group_of(value.get("apiVersion"), value.get("kind")) is not None


def is_cni(value: object) -> bool:
    """Whether a value is a list of CNI plugins, as files of ``/etc/cni/net.d`` are."""
    return (
        isinstance(value, dict)
        and "apiVersion" not in value
        and "cniVersion" in value
        and isinstance(value.get("plugins"), list)
    )


def is_kubeconfig(value: object) -> bool:
    """Whether a value is a kubeconfig: other programs have a ``Config`` too, but no such lists in it."""
    return (
        isinstance(value, dict)
        and (value.get("apiVersion"), value.get("kind")) == ("v1", "Config")
        and any(isinstance(value.get(part), list) for part in ("clusters", "contexts", "users"))
    )


def misplaced(value: object) -> str | None:
    """What to tell of one of Kubernetes' kinds in a version without a group that does not have it: v1 Deployment."""
    if not isinstance(value, dict) or is_manifest(value):
        return None
    version, kind = value.get("apiVersion"), value.get("kind")
    if not isinstance(version, str) or "/" in version or not isinstance(kind, str) or kind not in GROUPS_OF_KIND:
        return None
    return f"there is no {kind} in {version[:80]}"


def foreign(value: object) -> str | None:
    """``group/version Kind`` of a custom resource, or of another program's object; None for what is neither."""
    if not isinstance(value, dict) or is_manifest(value):
        return None
    version, kind = value.get("apiVersion"), value.get("kind")
    return f"{version[:80]} {kind[:80]}" if isinstance(version, str) and isinstance(kind, str) else None


def objects(document: Document, context: Context) -> Iterator[Object]:
    """The objects of Kubernetes' own groups, in their order. Custom resources are passed over."""
    patch = is_patch(document, context)
    directives = "$patch" in document.text or "$setElementOrder" in document.text or "$retainKeys" in document.text
    for index, value in enumerate(document.values):
        for found in _within(Node(document, context, (index,), value), None, None):
            if is_deletion(found.node.value):
                continue
            partial = patch or (directives and has_directives(found.node.value))
            yield replace(found, partial=PARTIAL) if partial else found


def _within(node: Node, version: str | None, kind: str | None) -> Iterator[Object]:
    """The object at a node, or those in it; ``version`` and ``kind`` are what an untyped item of a list is."""
    if not isinstance(node.value, dict):
        return
    version = node.value.get("apiVersion", version)
    kind = node.value.get("kind", kind)
    group = group_of(version, kind)
    if group is None or version is None or kind is None:
        told = misplaced({"apiVersion": version, "kind": kind})
        if told:
            node["apiVersion"].problem(told)
        return
    if kind.endswith("List"):
        of = kind.removesuffix("List")
        for item in node["items"].items():
            yield from _within(item, version if of else None, of or None)
        return
    read = is_read(group, kind)
    if not read and kind in GROUPS_OF_KIND:
        node["apiVersion"].problem(f"there is no {kind} in {version}")
    else:
        yield Object(kind, version, node, read)
