"""A YAML stream as a tree that knows where everything is written, and in which style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from policyengine.errors import EditError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath

NodeKind = Literal["scalar", "mapping", "sequence", "alias"]


class Node(Struct, eq=False):
    """A value as it is written: from ``start`` to ``end``, in characters, its anchor and its tag included.

    ``style`` is that of a scalar: ``'``, ``"``, ``|``, ``>`` or None. ``keys`` are those of a mapping, ``values`` its
    values, or the items of a sequence. ``flow`` says that it is written in brackets.
    """

    kind: NodeKind
    start: int
    end: int
    text: str = ""
    style: str | None = None
    flow: bool = False
    anchor: str | None = None
    tag: str | None = None
    keys: list[Node] = field(default_factory=list)
    values: list[Node] = field(default_factory=list)
    used: bool = False
    """Whether an alias stands for it."""

    @property
    def is_block(self) -> bool:
        """Whether it is a mapping or a sequence that is written line by line."""
        return self.kind in ("mapping", "sequence") and not self.flow

    @property
    def last(self) -> int:
        """Where the last thing ends that is written of it: libyaml ends a block where the next one begins."""
        node = self
        while node.is_block and node.values:
            node = node.values[-1]
        return node.end

    @property
    def is_block_scalar(self) -> bool:
        """Whether it is a text after ``|`` or ``>``."""
        return self.kind == "scalar" and self.style in ("|", ">")

    def index(self, step: str | int) -> int | None:
        """The number of a key, or of an item, among ``values``; None where there is none."""
        if self.kind == "sequence":
            return step if isinstance(step, int) and 0 <= step < len(self.values) else None
        names = [key.text for key in self.keys if not (key.text == "<<" and not key.style)]
        if self.kind != "mapping" or step not in names:
            return None
        return next(i for i, key in enumerate(self.keys) if key.text == step)

    def child(self, step: str | int) -> Node | None:
        """The value one step down, as far as it is written here."""
        index = self.index(step)
        return None if index is None else self.values[index]


def nodes(text: str) -> list[Node]:
    """The root of each document of a text that is well-formed, without recursion."""
    from yaml._yaml import CParser

    parser = CParser(text)
    roots: list[Node] = []
    stack: list[Node] = []
    anchors: dict[str, Node] = {}
    while True:
        event: Any = parser.get_event()
        name = event.__class__.__name__
        if name == "StreamEndEvent":
            return roots
        if name == "DocumentStartEvent":
            anchors.clear()
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            stack.pop().end = event.end_mark.index
        elif name in _KINDS:
            node = _node(event, _KINDS[name], anchors)
            _put(node, stack, roots)
            if node.kind in ("mapping", "sequence"):
                stack.append(node)


_KINDS: dict[str, NodeKind] = {
    "ScalarEvent": "scalar",
    "AliasEvent": "alias",
    "MappingStartEvent": "mapping",
    "SequenceStartEvent": "sequence",
}


def _node(event: Any, kind: NodeKind, anchors: dict[str, Node]) -> Node:
    node = Node(kind, event.start_mark.index, event.end_mark.index)
    if kind == "alias":
        anchors[event.anchor].used = True
        return node
    node.tag = event.tag
    node.anchor = event.anchor
    if event.anchor is not None:
        anchors[event.anchor] = node
    if kind == "scalar":
        node.text, node.style = event.value, event.style or None
        node.tag = None if any(event.implicit) else event.tag
    else:
        node.flow = bool(event.flow_style)
    return node


def _put(node: Node, stack: list[Node], roots: list[Node]) -> None:
    if not stack:
        roots.append(node)
    elif stack[-1].kind == "mapping" and len(stack[-1].keys) == len(stack[-1].values):
        stack[-1].keys.append(node)
    else:
        stack[-1].values.append(node)


def walked(roots: list[Node], path: DocPath) -> list[Node]:
    """The nodes from a document's root down to a path, as far as they are written.

    Raises :class:`EditError` where what is written on the way stands for values elsewhere too.
    """
    number = path[0] if path else None
    if not isinstance(number, int) or not 0 <= number < len(roots):
        raise EditError("there is no such document in the file")
    way = [roots[number]]
    _own(way[0])
    for step in path[1:]:
        below = way[-1].child(step)
        if below is None:
            break
        _own(below)
        way.append(below)
    return way


def _own(node: Node) -> None:
    if node.kind == "alias":
        raise EditError("the value is an alias: it is written elsewhere, for several places")
    if node.used:
        raise EditError("the value has an anchor that is used elsewhere, where it would change too")


def every(roots: list[Node]) -> Iterator[Node]:
    """All mappings and sequences, the outer before the inner."""
    waiting = list(reversed(roots))
    while waiting:
        node = waiting.pop()
        if node.kind in ("mapping", "sequence"):
            yield node
            waiting.extend(reversed(node.values))
