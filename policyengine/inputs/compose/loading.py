"""Loading projects: files are merged, services extend each other, and applications include others."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.documents.load import document as parsed
from policyengine.errors import DocumentError, SourceError
from policyengine.inputs.compose.hiding import hide_secrets
from policyengine.inputs.compose.interpolation import Budget, Interpolation
from policyengine.inputs.compose.layer import Layer, Origin, Tree, mapping
from policyengine.inputs.compose.merge import PROJECT, Merger
from policyengine.inputs.compose.tags import untagged
from policyengine.inputs.facts import mistyped
from policyengine.model.types import STRING, map_of
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.location import Location

    Extend = Callable[["Loader", Layer, str], Tree]
    Include = Callable[["Loader", Layer, "Frame", dict[str, Tree]], None]

SECTIONS = ("networks", "volumes", "configs", "secrets")
"""What a file defines beside services."""


class Frame(Struct, frozen=True, eq=False):
    """What the files of one application share.

    ``directory`` is where relative paths in them start, ``variables`` are for interpolation, and ``including`` holds
    the files through which the application was included.
    """

    directory: str
    variables: Mapping[str, str | Unknown]
    including: tuple[str, ...] = ()


class Loader:
    """Loads one project: what is read is remembered, and what is wrong is told once.

    ``home`` is the project's directory. ``unread`` says that something that was included is not known, ``included``
    how many applications were.
    """

    def __init__(self, context: Context, home: str, extend: Extend, include: Include) -> None:
        self.context = context
        self.home = home
        self.documents: dict[str, Document] = {}
        self.unread: Unknown | None = None
        self.included = 0
        self._budget = Budget()
        self._extend = extend
        self._include = include
        self._failed: dict[str, Unknown] = {}
        self._services: dict[tuple[Layer, str], Tree] = {}
        self._layers: dict[tuple[str, int, str], tuple[Layer, ...]] = {}
        self._underway: list[tuple[Layer, str]] = []
        self._written: list[tuple[Origin, Layer]] = []

    def model(self, documents: Iterable[Document], frame: Frame) -> Tree | None:
        """What files say together: a mapping of sections. None where they say nothing."""
        whole: Tree | None = None
        for document in documents:
            for layer in self.layers(document, frame.variables, frame.directory):
                tree = self._sections(layer, frame)
                whole = tree if whole is None else Merger(self.conflict).merged(whole, tree, PROJECT)
        return whole

    def layers(self, document: Document, variables: Mapping[str, str | Unknown], directory: str) -> tuple[Layer, ...]:
        """The mappings in a file."""
        key = (document.path, id(variables), directory)
        found = self._layers.get(key)
        if found is None:
            hide_secrets(document)
            self.documents[document.path] = document
            values, marks = untagged(document)
            reading = Interpolation(document, variables, self.context, self._budget)
            relative = os.path.relpath(directory or ".", self.home or ".")
            found = self._layers[key] = tuple(
                Layer(document, index, value, reading, directory, relative, marks)
                for index, value in enumerate(values)
                if isinstance(value, dict)
            )
        return found

    def _sections(self, layer: Layer, frame: Frame) -> Tree:
        entries = {key: layer.tree(key) for key in SECTIONS if layer.raw.get(key) is not None}
        services = layer.raw.get("services")
        if isinstance(services, dict):
            found = {name: self.service(layer, name) for name in services}
            self._written += ((tree.origin, layer) for tree in found.values())
            entries["services"] = mapping(found, Origin(layer, (layer.index, "services")))
        elif services is not None:
            at = layer.document.locate((layer.index, "services"))
            self.context.problem(mistyped("services", map_of(STRING), services), at)
        if layer.raw.get("include") is not None:
            self._include(self, layer, frame, entries)
        return mapping(entries, Origin(layer, (layer.index,)))

    def service(self, layer: Layer, name: str) -> Tree:
        """A service with what it extends."""
        key = (layer, name)
        found = self._services.get(key)
        if found is None:
            self._underway.append(key)
            found = self._services[key] = self._extend(self, layer, name)
            self._underway.pop()
        return found

    def circle(self, layer: Layer, name: str) -> tuple[str, ...]:
        """The services that extend each other up to this one again; none where they do not."""
        key = (layer, name)
        if key not in self._underway:
            return ()
        return (*(service for _, service in self._underway[self._underway.index(key) :]), name)

    def file(self, path: str, by: str, at: Location) -> Document | Unknown:
        """The document that the file ``by`` names ``at`` a place; unknown, and a problem there, where it is none."""
        if path in self.documents:
            return self.documents[path]
        if path in self._failed:
            return self._failed[path]
        try:
            data = self.context.files.read(path, by=by)
            found = None if data is None else parsed(path, data)
            if found is not None and _may_be_compose(found):
                self.documents[path] = found
                return found
            why = f"{path} is {'not there' if found is None else 'no Compose file'}"
        except DocumentError as error:
            self.context.failed(error)
            self._failed[path] = failed = Unknown("service", f"{path} cannot be read")
            return failed
        except SourceError as error:
            why = f"{path} cannot be used: it {_because(error)}"
        self.context.problem(why, at)
        self._failed[path] = Unknown("service", why)
        return self._failed[path]

    def conflict(self, over: Tree) -> None:
        """Report what cannot be merged with what it should add to."""
        layer, path = over.origin.layer, over.origin.path
        self.context.problem(f"{path[-1]} is of another type than what it is merged with", layer.document.locate(path))

    def source(self, service: Tree) -> Document | None:
        """The file that a service was read from, with all it extends, and not changed by another since."""
        return next((layer.document for origin, layer in self._written if origin is service.origin), None)


def _may_be_compose(document: Document) -> bool:
    """Whether a file that was named as one of a project can be: it is no Dockerfile and no manifest."""
    return document.format != "dockerfile" and not any(
        isinstance(value, dict) and "apiVersion" in value for value in document.values
    )


def _because(error: SourceError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message
