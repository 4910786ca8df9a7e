"""The API that an object is written for, and whether Kubernetes still has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.deprecations import deprecation
from policyengine.inputs.kubernetes.groups import CLUSTER_KINDS
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.partial import namespace_given
from policyengine.inputs.kubernetes.workload import partial_of
from policyengine.model.kinds.api_object import KIND
from policyengine.model.provenance import Provenance
from policyengine.model.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource


_GIVEN = Provenance("inherited", "the kustomization")


def api_object_resources(manifest: Object) -> Iterator[Resource]:
    """The resource that every object makes, whatever its kind; none in a run in which no policy asks for it."""
    node = manifest.node
    if not any(node.context.wants(KIND.name, field) for field in KIND.fields):
        return
    about, api = (*node.at, "metadata"), (*node.at, "apiVersion")
    name, namespace = (_named(node.value, key) for key in ("name", "namespace"))
    found = deprecation(manifest.version, manifest.kind)
    facts = Facts(KIND, node.document, api, node.context)
    facts.put("name", name, (*about, "name"))
    _put_namespace(facts, manifest, namespace)
    facts.put("labels", _labels(node.value), (*about, "labels"))
    facts.put("api_version", manifest.version, api)
    facts.put("object_kind", manifest.kind, (*node.at, "kind"))
    facts.put("namespaced", manifest.kind not in CLUSTER_KINDS, (*node.at, "kind"))
    facts.put("deprecated_in", found.deprecated_in, api)
    facts.put("removed_in", found.removed_in, api)
    facts.put("replacement", found.replacement, api)
    scope = Scope(ORIGIN, namespace or "", node.context.source)
    title = name or "(unnamed)"
    yield facts.resource(title, scope, ORIGIN, f"{manifest.kind.lower()}/{title}")


def _labels(value: object) -> dict[str, str] | None:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    if not isinstance(labels, dict):
        return None
    return {key: text for key, text in labels.items() if isinstance(key, str) and isinstance(text, str)}


def _put_namespace(facts: Facts, manifest: Object, written: str | None) -> None:
    """The namespace: as written, else as a kustomization beside it says."""
    node = manifest.node
    about = (*node.at, "metadata")
    if written:
        facts.put("namespace", written, (*about, "namespace"))
        return
    given = None if manifest.kind in CLUSTER_KINDS else namespace_given(node.document, node.context)
    facts.put("namespace", given or partial_of(manifest), (*about, "name"), _GIVEN if given else None)


def _named(value: object, key: str) -> str | None:
    """A text of the metadata. One of another type is a problem, which is told where the object's kind is read."""
    metadata = value.get("metadata") if isinstance(value, dict) else None
    found = metadata.get(key) if isinstance(metadata, dict) else None
    return str(found) if isinstance(found, str) else None
