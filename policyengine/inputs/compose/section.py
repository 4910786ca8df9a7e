"""What a project makes beside containers: the definitions of a section that are not there already, outside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.node import Node, flag
from policyengine.inputs.facts import mistyped
from policyengine.model.types import STRING, map_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.compose.definitions import Definitions
    from policyengine.inputs.compose.whole import Whole
    from policyengine.inputs.context import Context
    from policyengine.inputs.facts import Facts
    from policyengine.model.scope import Scope


def nodes(section: str, whole: Whole, context: Context, definitions: Definitions) -> Iterator[Node]:
    """The definitions of a section that are no ``external`` ones. What is no mapping is a problem."""
    for name, tree in whole.tree.child(section).children():
        if not isinstance(tree.value, dict | None):
            at = whole.locate((0, section, name))
            context.problem(mistyped(f'{section.removesuffix("s")} "{name}"', map_of(STRING), tree.value), at)
            continue
        node = Node(name, tree, whole, context, definitions, section)
        if flag(node.get("external")) in (None, False):
            yield node


def fill_name(facts: Facts, node: Node, scope: Scope) -> None:
    """Give what a project makes its name: the written one, else its own after the project's."""
    written = node.text("name")
    made = f"{scope.name}_{node.name}" if scope.name else node.name
    node.put(facts, "name", written or made, *(("name",) if written else ()))
    if not written:
        facts.place(("name",), node.head)
