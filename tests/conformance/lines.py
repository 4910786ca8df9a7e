"""Where things stand in a file: whether a finding is where another tool has it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import yaml

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.errors import PolicyengineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@cache
def parents(path: Path, line: int, *, dockerfile: bool) -> frozenset[int]:
    """The lines on which begins what a line is inside of: keys and items of YAML, a Dockerfile's instruction."""
    spans = _instructions(path) if dockerfile else _nodes(path)
    return frozenset(start for start, end in spans if start <= line <= end)


@cache
def _instructions(path: Path) -> tuple[tuple[int, int], ...]:
    try:
        document = DockerfileDocument(str(path), path.read_text())
    except PolicyengineError:
        return ()
    spans = (document.span((index,)) for index in range(len(document.instructions)))
    return tuple((span.line, span.end_line) for span in spans)


@cache
def _nodes(path: Path) -> tuple[tuple[int, int], ...]:
    """The first and the last line of every key with its value, and of every item."""
    try:
        return tuple(
            span for node in yaml.compose_all(path.read_text(), yaml.CSafeLoader) if node for span in _inside(node)
        )
    except yaml.YAMLError:
        return ()


def _inside(node: yaml.Node) -> Iterator[tuple[int, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.start_mark.line + 1, _last(value)
            yield from _inside(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield item.start_mark.line + 1, _last(item)
            yield from _inside(item)


def _last(node: yaml.Node) -> int:
    """The last line of a node: the end mark of a block is where the next thing begins, that of its last value tells."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last(last[1] if isinstance(last, tuple) else last)
    start, end = node.start_mark, node.end_mark
    return end.line if end.column == 0 and end.line > start.line else end.line + 1


def keyword(path: Path, line: int) -> str:
    """The keyword of the Dockerfile instruction that a line is of."""
    document = DockerfileDocument(str(path), path.read_text())
    spans = [document.span((index,)) for index in range(len(document.instructions))]
    words = [one.keyword for one, span in zip(document.instructions, spans, strict=True) if span.line <= line]
    return words[-1] if words else ""
