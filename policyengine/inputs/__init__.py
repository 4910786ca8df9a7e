"""The input kinds: one module each, found by walking this package.

A module of an input kind that is read from documents defines

``NAME``
    the origin that its resources carry: ``compose``;
``supplies()``
    for each kind of resource that it makes, the fields that it can fill. A rule that reads a field which the input
    has no notion of does not apply to the input's resources;
``claims(document) -> int``
    how specifically the document looks like this kind, 0 for not at all; the highest claim reads it;
``read(document, context) -> Iterator[Resource]``
    the resources in it;
``unread(document) -> str | None``
    if it likes, why it does not claim a document that is named as its own are;
``skim(text, context)``
    if documents of the kind can be told by a glance to make no resource: the function that does
    (:mod:`policyengine.documents.yaml_skimming`), None where all of a text are needed;
``BY_DOCUMENT``
    if true, each document of a stream says what it says without the others: they are read where some are refused;
``HELD``
    if it likes, the kinds of resource of which it counts that a source has none, each with the words one of which a
    document of it has;
``judged_with(path, context) -> str`` and ``read_files(paths, context) -> Iterator[Resource]``
    where several files may be one: the file in whose name another one is judged, and the resources of files that are
    merged in order.

A module of a live input kind defines ``NAME``, ``supplies()``, ``SCHEME`` (``docker`` for ``docker://``; one that has
several names them all in ``SCHEMES``) and ``read_live(url, context) -> Iterator[Resource]``. Where several input kinds
have one scheme, each tells what it knows of the system.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from policyengine.documents.document import Document
    from policyengine.inputs.context import Context
    from policyengine.model.resource import Resource


class Input(Protocol):
    """What every input kind says about itself."""

    NAME: str

    def supplies(self) -> Mapping[str, frozenset[str]]:
        """The fields that it can fill, by kind of resource."""


class DocumentInput(Input, Protocol):
    """An input kind that is read from documents."""

    def claims(self, document: Document) -> int:
        """How specifically the document looks like this kind; 0 for not at all."""

    def read(self, document: Document, context: Context) -> Iterator[Resource]:
        """The resources in the document."""


class Particular(Protocol):
    """An input kind that tells why it leaves a document."""

    def unread(self, document: Document) -> str | None:
        """Why it does not claim a document that is named as its own are; None for any other."""


class SkimmingInput(DocumentInput, Protocol):
    """An input kind that knows at a glance what need not be read."""

    def skim(self, text: str, context: Context) -> Callable[[str], object | None] | None:
        """Given a document's text, what stands for it where no more is needed; None where all are needed."""


class MergingInput(DocumentInput, Protocol):
    """An input kind of which several files may be one."""

    def judged_with(self, path: str, context: Context) -> str:
        """The file in whose name the one at a path is judged; the path itself where there is no other."""

    def read_files(self, paths: Sequence[str], context: Context) -> Iterator[Resource]:
        """The resources of files that are merged in order."""


class LiveInput(Input, Protocol):
    """An input kind that is read from a running system."""

    SCHEME: str

    def read_live(self, url: str, context: Context) -> Iterator[Resource]:
        """The resources that the system tells of. Raises SourceError when it does not answer."""


@cache
def _modules() -> tuple[object, ...]:
    found = (import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    return tuple(module for module in found if hasattr(module, "supplies"))


@cache
def inputs() -> Mapping[str, Input]:
    """Every input kind by name."""
    return {module.NAME: module for module in cast("tuple[Input, ...]", _modules())}


@cache
def document_inputs() -> Mapping[str, DocumentInput]:
    """The input kinds that are read from documents, by name."""
    found = (module for module in _modules() if hasattr(module, "claims"))
    return {module.NAME: module for module in cast("Iterator[DocumentInput]", found)}


@cache
def particular_inputs() -> tuple[Particular, ...]:
    """The input kinds that tell why they leave a document."""
    return tuple(cast("Iterator[Particular]", (module for module in _modules() if hasattr(module, "unread"))))


@cache
def skimming_inputs() -> tuple[SkimmingInput, ...]:
    """The input kinds that know at a glance what need not be read."""
    return tuple(cast("Iterator[SkimmingInput]", (module for module in _modules() if hasattr(module, "skim"))))


@cache
def merging_inputs() -> tuple[MergingInput, ...]:
    """The input kinds of which several files may be one."""
    return tuple(cast("Iterator[MergingInput]", (module for module in _modules() if hasattr(module, "read_files"))))


@cache
def live_inputs() -> Mapping[str, tuple[LiveInput, ...]]:
    """The live input kinds, by the scheme of their URLs: several may tell of one system."""
    found = [module for module in _modules() if hasattr(module, "SCHEME")]
    schemes: dict[str, tuple[LiveInput, ...]] = {}
    for module in cast("list[LiveInput]", found):
        for scheme in getattr(module, "SCHEMES", (module.SCHEME,)):
            schemes[scheme] = (*schemes.get(scheme, ()), module)
    return schemes


@cache
def supplied(origin: str, kind: str) -> frozenset[str]:
    """The fields of a kind that an input kind can fill."""
    known = inputs().get(origin)
    return known.supplies().get(kind, frozenset()) if known else frozenset()
