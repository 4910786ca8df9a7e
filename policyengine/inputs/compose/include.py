"""Applications that include others: https://github.com/compose-spec/compose-spec/blob/main/14-include.md."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.dotenv import of_files, of_project
from policyengine.inputs.compose.extends import is_remote
from policyengine.inputs.compose.layer import Tree, mapping
from policyengine.inputs.compose.loading import Frame
from policyengine.inputs.facts import mistyped
from policyengine.model.masking import concealed
from policyengine.model.report import Skipped
from policyengine.model.types import STRINGS
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.inputs.compose.layer import Layer
    from policyengine.inputs.compose.loading import Loader
    from policyengine.model.location import Location

FACT = "include"

MAX_INCLUDED = 100
"""How many applications one project may include, again and again ones too: each may include others twice."""


def included(loader: Loader, layer: Layer, frame: Frame, entries: dict[str, Tree]) -> None:
    """Add to a file's sections what it includes. What is there already stays, and is a problem if it differs."""
    written = layer.tree("include")
    if not isinstance(written.value, list):
        at = layer.document.locate(written.origin.path)
        loader.context.problem(mistyped("include", STRINGS, written.value), at)
        return
    for item in written.items():
        model = _model(loader, layer, frame, item)
        if model is not None:
            _add(loader, entries, model, layer.document.locate(item.origin.path))


def _model(loader: Loader, layer: Layer, frame: Frame, item: Tree) -> Tree | None:
    """What one item includes; None where it is not to be had."""
    paths = _texts(item.value.get("path") if isinstance(item.value, dict) else item.value)
    if isinstance(paths, Unknown) or any(is_remote(path) for path in paths):
        _leave_out(loader, layer, paths)
        return None
    at = layer.document.locate(item.origin.path)
    if not paths:
        loader.context.problem("include should name files", at)
        return None
    opened = tuple(layer.path(path) for path in paths)
    including = (*frame.including, layer.document.path)
    if opened[0] in map(os.path.normpath, including):
        loader.context.problem(f"include goes in a circle: {' -> '.join((*including, opened[0]))}", at)
        return None
    loader.included += 1
    if loader.included > MAX_INCLUDED:
        loader.context.problem(f"more than {MAX_INCLUDED} applications are included", at)
        return None
    documents = [loader.file(path, layer.document.path, at) for path in opened]
    found = [document for document in documents if not isinstance(document, Unknown)]
    if len(found) < len(documents):
        loader.unread = Unknown(FACT, "a file that include names cannot be read")
    return loader.model(found, _frame(loader, layer, frame, item, opened[0], including))


def _frame(loader: Loader, layer: Layer, frame: Frame, item: Tree, first: str, including: tuple[str, ...]) -> Frame:
    """The project's own variables count more than those of what is included."""
    written = item.value if isinstance(item.value, dict) else {}
    home = scalar_text(written.get("project_directory"))
    directory = os.path.dirname(first) if home is None else layer.path(home)  # noqa: PTH120
    files = _texts(written.get("env_file"))
    if isinstance(files, Unknown) or not files:
        found = of_project(os.path.join(directory, ".env"), first, loader.context, frame.variables)  # noqa: PTH118
    else:
        paths = [layer.path(file) for file in files]
        found = of_files(paths, layer.document.path, loader.context, frame.variables)
    return Frame(directory, {**found, **frame.variables}, including)


def _leave_out(loader: Loader, layer: Layer, paths: Sequence[str] | Unknown) -> None:
    """What cannot be fetched is told among what was left out: nothing is known of the services in it."""
    if isinstance(paths, Unknown):
        why = f"what it includes is not known: {paths.why}"
        loader.context.skipped.append(Skipped(layer.document.path, why))
        loader.unread = Unknown(FACT, why, paths.settle)
        return
    remote = next(path for path in paths if is_remote(path))
    why = f"remote, and included by {layer.document.path}: not fetched"
    loader.context.skipped.append(Skipped(concealed(remote), why))
    loader.unread = Unknown(FACT, "a remote file that include names is not fetched")


def _add(loader: Loader, entries: dict[str, Tree], model: Tree, at: Location) -> None:
    for section, tree in model.children():
        own = entries.get(section)
        found = dict(own.children()) if own else {}
        for name, entry in tree.children():
            if name not in found:
                found[name] = entry
            elif found[name].value != entry.value:
                where = entry.origin.layer.document.path
                loader.context.problem(f"{section}.{name} is here already, and another one in {where}", at)
        entries[section] = mapping(found, own.origin if own else tree.origin)


def _texts(value: object) -> Sequence[str] | Unknown:
    """One text or several."""
    items = value if isinstance(value, list) else [value]
    unknown = next((item for item in items if isinstance(item, Unknown)), None)
    return unknown or [text for text in map(scalar_text, items) if text]
