"""Services that extend others: https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.layer import Tree, mapping
from policyengine.inputs.compose.merge import SERVICE, Merger
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.compose.layer import Layer
    from policyengine.inputs.compose.loading import Loader
    from policyengine.model.location import Location

FACT = "service.extends"
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|git@|github\.com/").match


def is_remote(path: str) -> bool:
    """Whether a path names a file in a Git repository or a registry."""
    return _REMOTE(path) is not None


def extended(loader: Loader, layer: Layer, name: str) -> Tree:
    """A service with what it extends. Where that cannot be had, ``extends`` is left in it, and unknown."""
    service = layer.tree("services", name)
    if not isinstance(service.value, dict) or "extends" not in service.value:
        return service
    extends, own = service.child("extends"), service.without("extends")
    if extends.value is None:
        return own
    base = _base(loader, layer, extends)
    if isinstance(base, Unknown):
        return mapping({**dict(own.children()), "extends": Tree(base, extends.origin)}, own.origin)
    return Merger(loader.conflict, extending=True).merged(base, own, SERVICE)


def _base(loader: Loader, layer: Layer, extends: Tree) -> Tree | Unknown:
    """The service that is extended, with what it extends itself."""
    at = layer.document.locate(extends.origin.path)
    value = extends.value if isinstance(extends.value, dict) else {"service": extends.value}
    open_ = next((part for part in (value.get("service"), value.get("file")) if isinstance(part, Unknown)), None)
    if open_ is not None:
        return Unknown(FACT, f"what the service extends is not known: {open_.why}", open_.settle)
    name, file = scalar_text(value.get("service")), scalar_text(value.get("file"))
    if name is None:
        return _wrong(loader, "extends should name a service", at)
    source = layer if file is None else _layer(loader, layer, file, name, at)
    if isinstance(source, Unknown):
        return source
    if not _defines(source, name):
        where = f" in {source.document.path}" if file else ""
        return _wrong(loader, f'extends names a service "{name}", which is not there{where}', at)
    circle = loader.circle(source, name)
    if circle:
        return _wrong(loader, f"extends goes in a circle: {' -> '.join(circle)}", at)
    return loader.service(source, name)


def _layer(loader: Loader, layer: Layer, file: str, name: str, at: Location) -> Layer | Unknown:
    """The document of a file that defines a service; the first one where none does."""
    if is_remote(file):
        return Unknown(FACT, "the service extends one in a remote file, which is not fetched")
    path = layer.path(file)
    document = loader.file(path, layer.document.path, at)
    if isinstance(document, Unknown):
        return Unknown(FACT, f"the service extends one in another file: {document.why}")
    layers = loader.layers(document, layer.reading.variables, os.path.dirname(path))  # noqa: PTH120
    defining = (found for found in layers if _defines(found, name))
    first = next(defining, layers[0] if layers else None)
    return first or _wrong(loader, f"{path}, which extends names, is no mapping", at)


def _defines(layer: Layer, name: str) -> bool:
    services = layer.raw.get("services")
    return isinstance(services, dict) and name in services


def _wrong(loader: Loader, message: str, at: Location) -> Unknown:
    loader.context.problem(message, at)
    return Unknown(FACT, message)
