"""Environment and labels: a mapping, or a list of ``NAME=VALUE``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts


_ENV_FILE = Unknown("env_file", "more variables come from files that env_file names, which are not read")


def fill(facts: Facts, node: Node) -> None:
    """Give a container its environment and its labels. Files that ``env_file`` names are not read."""
    _fill(facts, node, "environment", None)
    if node.get("env_file") is not None:
        facts.leave_open("environment", _ENV_FILE, null=True)
    _fill(facts, node, "labels", "")


def _fill(facts: Facts, node: Node, field: str, missing: str | None) -> None:
    """``missing`` is the value of a name that stands alone: the shell's for a variable, empty for a label.

    A variable whose value comes from outside the file, ``${DB_PASSWORD}``, is like one that stands alone: it is not
    written here, and what ``.env`` holds never becomes a fact.
    """
    written = node.get(field)
    if isinstance(written, dict):
        places = {name: (*node.at, field, name) for name in written}
        written = {name: missing if value is None else value for name, value in written.items()}
        if field == "environment":
            written |= {name: None for name, at in places.items() if node.outside(at)}
    elif isinstance(written, list):
        written, places = _listed(written, node, field, missing)
    else:
        places = {}
    for name, at in places.items():
        node.mark(facts, (field, name), at)
    node.put(facts, field, written)


def _listed(
    items: list[object], node: Node, field: str, missing: str | None
) -> tuple[dict[str, object], dict[str, DocPath]]:
    pairs: dict[str, object] = {}
    places: dict[str, DocPath] = {}
    for index, item in enumerate(items):
        at = (*node.at, field, index)
        text = _raw(node, field, index) if isinstance(item, Unknown) else scalar_text(item)
        if text is None:
            node.wrong(field, "NAME=VALUE", at)
            continue
        name, equals, value = text.partition("=")
        outside = field == "environment" and node.outside(at)
        pairs[name] = None if outside else item if isinstance(item, Unknown) else value if equals else missing
        places[name] = at
    return pairs, places


def _raw(node: Node, field: str, index: int) -> str:
    """An item before its interpolation: what stands before ``=`` is its name though its value is unknown."""
    items = node.raw[field]
    return str(items[index]) if isinstance(items, list) else ""
