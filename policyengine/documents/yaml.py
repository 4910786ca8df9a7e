"""YAML and JSON: values, and where in the text each stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.document import Comment, DocPath, Document, Entry, Span
from policyengine.documents.yaml_building import Builder
from policyengine.documents.yaml_positions import Positions, line_starts
from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policyengine.documents.yaml_positions import Node
    from policyengine.documents.yaml_skimming import Skim

_SURROGATES = re.compile(r"(?<!\\)(\\++)u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})").sub

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))(#)").finditer


class YamlDocument(Document):
    """A YAML or JSON file. ``values`` holds one value for each document of the stream.

    Mapping keys are strings as written. For documents that ``skim`` has a value for, that value stands, and nothing of
    them is read. Raises :class:`DocumentError` at once when the text is malformed.

    ``partly`` has the other documents of the stream read where some are ``refused``, for which None stands. One that is
    no YAML hides all that follow: where it ends is not known. Where nothing is left, the error is raised all the same.
    """

    format = "yaml"

    def __init__(
        self,
        path: str,
        text: str,
        tags: Mapping[str, Callable[[object], object]] | None = None,
        skim: Skim | None = None,
        *,
        partly: bool = False,
    ) -> None:
        super().__init__(path, _json_as_yaml(text) if _is_json(path, text) else text)
        builder = Builder(path, self.text, tags or {})
        try:
            self._values = builder.build(skim)
        except DocumentError:
            if not partly or "\n---" not in self.text:
                raise
            builder = Builder(path, self.text, tags or {})
            self._values = builder.build_partly(skim)
            self.refused = builder.refused
            if len(self.refused) == len(self._values):
                raise
        self._positions = Positions(self.text, builder.marks)
        self._known: dict[DocPath, Node | None] = {}
        self._heads: dict[Node, Span] = {}

    @property
    def values(self) -> list[object]:
        """One value for each document of the stream."""
        return self._values

    def span(self, path: DocPath) -> Span:
        """The span of the value at ``path``; of the nearest key or item around it when there is none."""
        if not path or not isinstance(path[0], int) or path[0] >= len(self._nodes):
            return Span(1, 1, 1, 1)
        node = self._node(path)
        if node is not None:
            return node.shown
        while node is None:
            path = path[:-1]
            node = self._node(path)
        # Of much that is missing in one place each is looked for.
        found = self._heads.get(node)
        if found is None:
            found = self._heads[node] = node.head
        return found

    def _node(self, path: DocPath) -> Node | None:
        """The node at a path that begins with a document of the stream. Many that are asked for begin alike."""
        if path not in self._known:
            above = self._node(path[:-1]) if len(path) > 1 else None
            self._known[path] = (
                above.child(path[-1]) if above else self._nodes[int(path[0])] if len(path) == 1 else None
            )
        return self._known[path]

    def key_span(self, path: DocPath) -> Span:
        """The span of the key at ``path``; of the value where there is no key."""
        node = self._nodes[int(path[0])]
        for step in path[1:]:
            below = node.child(step)
            if below is None:
                return node.head
            node = below
        return node.head

    def scalar_spans(self, path: DocPath) -> Iterable[Span]:
        """The spans of every scalar at or below ``path``; of ``NAME=value`` items the value only."""
        if not path or not isinstance(path[0], int) or path[0] >= len(self._nodes):
            return
        node = self._node(path)
        if node is not None:
            yield from node.scalars(self.lines)

    def comments(self) -> Iterator[Comment]:
        """The comments (YAML 1.2, 6.6): # at the start of a line or after white space, outside of scalars."""
        starts = line_starts(self.text)
        for number, line in enumerate(self.lines if "#" in self.text else (), 1):
            for found in _COMMENT(line):
                if not self._positions.holds(starts[number - 1] + found.start(1)):
                    column = found.start(1) + 1
                    yield Comment(number, column, line[column:], alone=not line[: column - 1].strip())
                    break

    def entries(self) -> Iterator[Entry]:
        """The documents, the values of mappings and the items of sequences."""
        waiting: list[tuple[DocPath, Node]] = []
        waiting.extend(((number,), node) for number, node in reversed(list(enumerate(self._nodes))))
        while waiting:
            path, node = waiting.pop()
            yield Entry(path, node.whole)
            waiting.extend(((*path, step), below) for step, below in reversed(list(node.own)))

    @property
    def _nodes(self) -> list[Node]:
        return self._positions.roots


def _is_json(path: str, text: str) -> bool:
    """By its name or, since standard input has none, by how it starts."""
    return path.endswith(".json") or text.lstrip()[:1] in ("{", "[")


def _json_as_yaml(text: str) -> str:
    """JSON as libyaml reads it: without tabs between tokens, and without UTF-16 pairs in escapes (RFC 8259, 7)."""
    return _SURROGATES(_character, text.replace("\t", " "))


def _character(pair: re.Match[str]) -> str:
    if len(pair[1]) % 2 == 0:
        return pair[0]  # the backslash before the u is itself escaped
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
