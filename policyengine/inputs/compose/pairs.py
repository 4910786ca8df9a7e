"""Environment, labels and their like: a mapping, or a list of ``NAME=VALUE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.variable_files import fill_from_files
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts
    from policyengine.model.paths import FieldPath

_LABELS = ("labels", "annotations", "sysctls", "storage_opt")


def fill(facts: Facts, node: Node) -> None:
    """Give a container its environment, with the names of variables in files, its labels, and other pairs."""
    for field in ("environment", *_LABELS):
        node.put(facts, field, paired(facts, node, (field,), node.get(field), (*node.at, field)))
    fill_from_files(facts, node)


def paired(facts: Facts, node: Node, path: FieldPath, written: object, at: DocPath) -> object:
    """Pairs as a mapping, each marked where it is written; what are no pairs as it is.

    A name that stands alone has an empty value, but a variable then has that of the shell: null. So has a variable
    whose value comes from outside the file, ``${DB_PASSWORD}``: it is not written here, and what ``.env`` holds never
    becomes a fact.
    """
    secret = path[-1] in ("environment", "args")
    missing = None if secret else ""
    places: dict[str, DocPath] = {}
    pairs = written
    if isinstance(written, dict):
        places = {name: (*at, name) for name in written}
        pairs = {name: missing if value is None else value for name, value in written.items()}
    elif isinstance(written, list):
        pairs, places = _listed(written, node, at, missing)
    for name, place in places.items():
        node.mark(facts, (*path, name), place)
        if secret and isinstance(pairs, dict) and node.outside(place):
            pairs[name] = None
    return pairs


def _listed(
    items: list[object], node: Node, at: DocPath, missing: str | None
) -> tuple[dict[str, object], dict[str, DocPath]]:
    pairs: dict[str, object] = {}
    places: dict[str, DocPath] = {}
    for index, item in enumerate(items):
        place = (*at, index)
        # What stands before "=" is the name though the value is unknown.
        text = scalar_text(node.written(place) if isinstance(item, Unknown) else item)
        if text is None:
            node.wrong(str(at[-1]), "NAME=VALUE", place)
            continue
        name, equals, value = text.partition("=")
        pairs[name] = item if isinstance(item, Unknown) else value if equals else missing
        places[name] = place
    return pairs, places
