"""Manifests that are only a part of an object: patches of Kustomize. What they do not say, another file does.

https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from policyengine.documents.load import decoded
from policyengine.errors import PolicyengineError
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node

PARTIAL = Unknown(
    "manifest",
    "the manifest is a patch, and another one says the rest",
    "kubectl kustomize DIR | policyengine check -",
)

_WHOLE = frozenset(
    {
        "name",
        "related",
        "controller",
        "role",
        "cluster",
        "mutating",
        "component",
        "built_in",
        "grants_everything",
        "windows",
    }
)
"""The fields that are whole in a part too.

A part that does not speak of Windows is taken for one of Linux: what it writes is to be judged.
"""

_REPLACED = (
    *("image", "command", "entrypoint", "cap_add", "cap_drop", "sysctls", "rules", "rights", "subjects", "role_ref"),
    *("tls", "hosts", "paths", "ingress", "egress", "limits"),
)
"""The fields that a patch writes whole or not at all: it replaces what stood there and merges nothing."""

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_DIRECTIVE = re.compile(r"\$(?:patch|retainKeys|setElementOrder/.*|deleteFromPrimitiveList/.*)").fullmatch
_PATCH_NAME = re.compile(r"(?i)(?:^|[^a-z])patch(?:es)?(?:[^a-z]|$)").search


def leave_out(facts: Facts, fields: Iterable[str], partial: Unknown | None) -> None:
    """Say of a resource's fields that what a part does not say stands elsewhere."""
    if partial:
        facts.leave_out(partial, (field for field in fields if field not in _WHOLE and not _is_whole(facts, field)))


def _is_whole(facts: Facts, field: str) -> bool:
    return field in _REPLACED and facts[field] is not None


def is_patch(document: Document, context: Context) -> bool:
    """Whether the kustomization in a document's directory, or if it has none in the one above, names it as a patch."""
    if document.path == "-":  # standard input has no directory
        return False
    directory, name = os.path.split(document.path)
    found = _names(document, context, directory, name)
    if found is not None:
        return found
    below = os.path.basename(os.path.abspath(directory))  # noqa: PTH100, PTH119 - no links are followed
    above = os.path.normpath(os.path.join(directory, os.pardir))  # noqa: PTH118 - paths are told as they are given
    return _names(document, context, above, f"{below}/{name}") or False


def namespace_given(document: Document, context: Context) -> str | None:
    """The namespace that the kustomization in a document's directory puts its objects in; None where it does not.

    https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/namespace/
    """
    if document.path == "-":
        return None
    directory, name = os.path.split(document.path)
    found = _kustomization(document, context, directory)
    return found.namespace if found is not None and name in found.resources else None


def _names(document: Document, context: Context, directory: str, name: str) -> bool | None:
    """Whether a directory's kustomization names a file, by its path from there, as a patch; None where it has none."""
    found = _kustomization(document, context, directory)
    return None if found is None else name in found.patches


class _Kustomization(NamedTuple):
    """What a kustomization says of other files, which it names by their paths from its directory."""

    patches: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    namespace: str | None = None


def _kustomization(document: Document, context: Context, directory: str) -> _Kustomization | None:
    """The kustomization of a directory, an empty one where it cannot be read; None where there is none."""
    for kustomization in KUSTOMIZATIONS:
        path = os.path.join(directory, kustomization)  # noqa: PTH118 - paths are told as they are given
        try:
            data = context.files.read(path, by=document.path)
            if data is not None:
                return _read(path, data)
        except PolicyengineError:  # it is no part of this document; what is wrong with it is told where it is read
            return _Kustomization()
    return None


@lru_cache(maxsize=32)
def _read(path: str, data: bytes) -> _Kustomization:
    from policyengine.documents.yaml import YamlDocument  # a run that finds everything in its cache reads no YAML

    values = [value for value in YamlDocument(path, decoded(path, data)).values if isinstance(value, dict)]
    namespaces = [value["namespace"] for value in values if isinstance(value.get("namespace"), str)]
    return _Kustomization(
        frozenset(os.path.normpath(name) for value in values for name in _named(value, *_PATCHES)),
        frozenset(os.path.normpath(name) for value in values for name in _named(value, "resources")),
        namespaces[0] if namespaces else None,
    )


_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")


def _named(kustomization: dict[str, object], *keys: str) -> Iterator[str]:
    for key in keys:
        listed = kustomization.get(key)
        for item in listed if isinstance(listed, list) else []:
            named = item.get("path") if isinstance(item, dict) else item
            if isinstance(named, str) and "\n" not in named:
                yield named


def is_deletion(value: object) -> bool:
    """Whether an object, or an item of a list, is there only to be taken away (``$patch: delete``)."""
    return isinstance(value, dict) and value.get("$patch") == "delete"


def is_json_patch(value: object) -> bool:
    """Whether a document is a list of operations on an object that stands elsewhere (RFC 6902)."""
    return (
        bool(value)
        and isinstance(value, list)
        and all(isinstance(item, dict) and {"op", "path"} <= item.keys() for item in value)
    )


def has_directives(value: object) -> bool:
    """Whether a value holds directives of strategic merge patches, at any depth."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if any(key.startswith("$") and _DIRECTIVE(key) for key in item):
                return True
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def is_part_of_pod(template: Node, selector: Node, kind: str) -> bool:
    """Whether a controller's Pod template lacks what no whole one does: containers, or their images.

    A selector is written in whole objects only: it cannot be changed. Where labels lack too, images may be there, in
    a file that is called a patch. Pods are not patched.
    """
    spec = template["spec"].value
    if kind in ("Pod", "PodTemplate") or (selector.written and kind not in ("Job", "CronJob", "ScheduledJob")):
        return False
    if not isinstance(spec, dict):
        return spec is None
    containers = spec.get("containers")
    if not containers or not isinstance(containers, list):
        return not containers
    if any(isinstance(item, dict) and not item.get("image") for item in containers):
        return True
    return not template["metadata"]["labels"].written and _PATCH_NAME(template.document.path) is not None
