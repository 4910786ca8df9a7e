"""Ignores that are data: the annotation ``policyengine/ignore`` and the label ``policyengine.ignore``.

Their value is ``[POLICY, ...] REASON``, an ignore a line. An annotation speaks for the object whose metadata it is in,
a label for the Compose service that it is written in, or for its running container.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from policyengine.exceptions.anchors import anchor
from policyengine.exceptions.grammar import listed
from policyengine.exceptions.marks import NONE, Mark, Marks
from policyengine.model.masking import concealed
from policyengine.model.report import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.documents.document import DocPath, Document
    from policyengine.exceptions.grammar import Ignore
    from policyengine.model.location import Location
    from policyengine.model.resource import Resource

    Kind = Literal["annotation", "label"]

ANNOTATION = "policyengine/ignore"
LABEL = "policyengine.ignore"

SNAPSHOT = "docker_snapshot"
"""The key of a file that holds what an engine said of its objects."""

_HINT = "write [POLICY, ...] REASON"


def declared_marks(document: Document, problems: list[Problem]) -> Iterator[Mark]:
    """The marks that a document's annotations and labels are. What makes no sense is added to ``problems``."""
    if document.format != "yaml" or (ANNOTATION not in document.text and LABEL not in document.text):
        return
    live = any(isinstance(value, dict) and SNAPSHOT in value for value in document.values)
    entries = {entry.path: entry for entry in document.entries()}
    for path in entries:
        kind, owner = _owner(path, live=live)
        text = _text(path, _value(document.values, path)) if kind else None
        if kind is None or text is None:
            continue
        place, around = document.locate(path), entries[owner]
        end = (around.span.end_line, around.span.end_column)
        for found in _listed(kind, text, place, problems):
            yield Mark(kind, found, place, anchor(around, document), (around.span.line, 1), end, live=live)


def live_marks(resource: Resource) -> Marks:
    """The marks that a running container has as a label."""
    labels = resource.facts.get("labels")
    text = labels.get(LABEL) if isinstance(labels, dict) else None
    if not isinstance(text, str):
        return NONE
    problems: list[Problem] = []
    place = resource.where(("labels", LABEL))
    found = tuple(Mark("label", one, place, "object", live=True) for one in _listed("label", text, place, problems))
    return Marks(found, tuple(problems))


def _owner(path: DocPath, *, live: bool) -> tuple[Kind | None, DocPath]:
    """What an annotation or a label is of, if a path is that of one; ``live`` in what an engine said."""
    if live:
        is_label = path[-2:] == ("Labels", LABEL) and len(path) > 3
        return ("label", path[:3]) if is_label else (None, ())
    if path[-3:] == ("metadata", "annotations", ANNOTATION):
        return "annotation", path[:-3]
    is_label = len(path) == 5 and path[1] == "services" and path[3] == "labels"
    return ("label", path[:3]) if is_label else (None, ())


def _text(path: DocPath, value: object) -> str | None:
    """What an annotation or a label says; of a list's items, ``NAME=VALUE``, only one of the right name."""
    if not isinstance(value, str):
        return None
    if isinstance(path[-1], str):
        return value if path[-1] in (ANNOTATION, LABEL) else None
    name, _, text = value.partition("=")
    return text if name == LABEL else None


def _value(values: object, path: Iterable[str | int]) -> object:
    for step in path:
        if isinstance(values, list) and isinstance(step, int) and step < len(values):
            values = values[step]
        else:
            values = values.get(step) if isinstance(values, dict) else None
    return values


def _listed(kind: Kind, text: str, place: Location, problems: list[Problem]) -> Iterator[Ignore]:
    """The ignores in a value, one a line."""
    for line in list(filter(None, map(str.strip, text.splitlines()))) or [""]:
        try:
            yield listed(line)
        except ValueError as error:
            message = concealed(f"this {kind} is not understood: {error} ({_HINT})")
            problems.append(Problem(message, place.path, place.line, place.column))
