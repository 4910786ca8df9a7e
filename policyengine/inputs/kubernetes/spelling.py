"""Parts of manifests that the model keeps in Kubernetes' own words: ``runAsUser`` as ``run_as_user``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from policyengine.inputs.context import Context
from policyengine.inputs.kubernetes.node import Found, Node
from policyengine.inputs.kubernetes.parts import Parts, listed

if TYPE_CHECKING:
    from policyengine.inputs.kubernetes.parts import Part
    from policyengine.model.types import Type


def as_written(node: Node, type_: Type) -> Part:
    """A part of a manifest as a type of the model has it; nothing is filled in.

    What is mistyped is unknown, and told where the same part is read for its meaning: no problem is reported here.
    """
    return _part(Node(node.document, Context(), node.at, node.value), type_)


def _part(node: Node, type_: Type) -> Part:
    if type_.name == "object":
        here = node.mapping()
        if not isinstance(here.value, dict):
            return Found(here.value, node.at)
        return Parts(node.at, {name: _part(here[_camel(name)], field.type) for name, field in type_.fields.items()})
    if type_.name == "list":
        items = type_.items
        return listed(node, lambda item: _part(item, items)) if items and items.name == "object" else node.texts()
    return node.boolean() if type_.name == "boolean" else node.integer() if type_.name == "integer" else node.text()


@cache
def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
