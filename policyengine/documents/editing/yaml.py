"""Edits of YAML and JSON by the path of a value.

What is not edited stays as it is, byte for byte. Every edit is proved: the edited text is read again, and has exactly
the values meant, or :class:`~policyengine.errors.EditError` says why there is none.
"""

from __future__ import annotations

import re
from functools import reduce
from typing import TYPE_CHECKING

from policyengine.documents.editing import block, flow
from policyengine.documents.editing.changes import Change, changed, indent
from policyengine.documents.editing.meaning import Append, Edit, Remove, Set, meant, same
from policyengine.documents.editing.nodes import Node, nodes, walked
from policyengine.documents.editing.rendering import Manner, entry, manner, scalar
from policyengine.documents.editing.rendering import block as block_lines
from policyengine.documents.editing.rendering import flow as in_line
from policyengine.documents.templates import unrendered
from policyengine.documents.yaml import YamlDocument
from policyengine.errors import DocumentError, EditError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.documents.document import DocPath

_PROPERTIES = re.compile(r"(?:&\S+\s+)?").match
_COLON = re.compile(r"[ \t]*:").match
_TEMPLATED = re.compile(r"\{\{|\{%")


def edited(path: str, text: str, edits: Iterable[Edit]) -> str:
    """The text after edits, one after the other; ``path`` tells JSON and templates.

    Raises :class:`EditError` where one of them cannot be made, or not without changing something else;
    :class:`~policyengine.errors.DocumentError` where the text is malformed.
    """
    try:
        _look_for_templates(path, text)
        return reduce(lambda now, edit: _edited(path, now, edit), edits, text)
    except EditError as error:
        raise EditError(error.message, path=path, hint=error.hint) from None


def _look_for_templates(path: str, text: str) -> None:
    malformed = False
    if "{{" in text or "{%" in text:
        try:
            YamlDocument(path, text)
        except DocumentError:
            malformed = True
    if unrendered(path, text, malformed=malformed):
        raise EditError("the file is a template: what it is rendered to is not known")


def _edited(path: str, text: str, edit: Edit) -> str:
    before = YamlDocument(path, text)
    if len(before.text) != len(text):
        raise EditError("the file has characters in UTF-16 escapes")
    intended = meant(before.values, edit)
    if all(map(same, intended, before.values)):
        return text
    after = changed(text, _Editor(text, before.text, is_json=_is_json(path, text)).changes(edit))
    try:
        found = YamlDocument(path, after).values
    except DocumentError as error:
        raise EditError("the edited text would be malformed", hint=error.message) from None
    if not same(found, intended):
        raise EditError("the edited text would not say what is meant, or something else with it")
    return after


def _is_json(path: str, text: str) -> bool:
    return path.endswith(".json") or text.lstrip()[:1] in ("{", "[")


class _Editor:
    """Finds the changes of one text that make an edit. ``parsed`` is the text as it is parsed, of the same length."""

    def __init__(self, text: str, parsed: str, *, is_json: bool) -> None:
        self._text = text
        self._roots = nodes(parsed)
        self._is_json = is_json

    def changes(self, edit: Edit) -> list[Change]:
        """The changes that make an edit."""
        way = walked(self._roots, edit.path)
        if isinstance(edit, Remove):
            return self._removed(way, edit.path)
        if isinstance(edit, Set):
            return self._set(way, edit.path, edit.value)
        return self._appended(way, edit)

    def _set(self, way: list[Node], path: DocPath, value: object) -> list[Change]:
        rest = path[len(way) :]
        if not rest:
            return self._replaced(way, value)
        for step in reversed(rest[1:]):
            value = {step: value}
        if way[-1].kind != "mapping":
            return self._replaced(way, {rest[0]: value})
        return self._inserted(way, str(rest[0]), value)

    def _appended(self, way: list[Node], edit: Append) -> list[Change]:
        node, look = way[-1], self._manner(way)
        if len(way) < len(edit.path) or node.kind != "sequence":
            return self._set(way, edit.path, [edit.value])
        rendered = in_line(edit.value, look)
        opening = self._opening(node)
        if node.flow:
            return flow.inserted(self._text, node, opening, rendered)
        start = block.dash(self._text, node, 0, opening)
        return [block.lines_after(self._text, node.last, [f"{indent(self._text, start)}- {rendered}"])]

    def _inserted(self, way: list[Node], key: str, value: object) -> list[Change]:
        node, look = way[-1], self._manner(way)
        if node.flow:
            return flow.inserted(self._text, node, self._opening(node), entry(key, value, look))
        lines = block_lines(key, value, look, indent(self._text, node.keys[0].start))
        return [block.lines_after(self._text, node.last, lines)]

    def _removed(self, way: list[Node], path: DocPath) -> list[Change]:
        if len(way) < len(path):
            raise EditError("it comes from a merge key (<<): it is written elsewhere, for several places")
        parent = way[-2]
        index = parent.index(path[-1])
        assert index is not None  # noqa: S101 - it was walked down
        if parent.flow:
            return flow.removed(self._text, parent, index)
        if len(parent.values) == 1:
            return self._replaced(way[:-1], {} if parent.kind == "mapping" else [])
        return block.removed(self._text, parent, index, self._opening(parent))

    def _replaced(self, way: list[Node], value: object) -> list[Change]:
        node, text = way[-1], self._text
        if node.tag is not None:
            raise EditError("the value has a tag")
        if node.is_block_scalar or (node.kind == "scalar" and _TEMPLATED.search(node.text)):
            raise EditError("the value is a text of several lines, or a template's")
        if node.is_block:
            return self._block_replaced(way, value)
        if node.start == node.end:
            return self._filled(way, value)
        if node.flow:
            block.without_comments(text, node.start, node.end)
        look = self._manner(way)
        plain = node.kind == "scalar" and not node.style
        rendered = scalar(value, look, node.style, plain=plain) if isinstance(value, str) else in_line(value, look)
        return [Change(self._opening(node), node.end, rendered)]

    def _filled(self, way: list[Node], value: object) -> list[Change]:
        """Changes that give a value to what has none, not even null."""
        at = way[-1].start
        if self._text[at - 1 : at] not in (":", "-"):
            raise EditError("there is no value, and no clear place for one")
        if isinstance(value, dict) and value and self._is_line_by_line(way):
            start = way[-2].keys[way[-2].values.index(way[-1])].start
            look = self._manner(way)
            inside = indent(self._text, start) + " " * look.width
            lines = [line for key, item in value.items() for line in block_lines(key, item, look, inside)]
            return [block.lines_after(self._text, at, lines)]
        return [Change(at, at, f" {in_line(value, self._manner(way))}")]

    @staticmethod
    def _is_line_by_line(way: list[Node]) -> bool:
        return len(way) > 1 and way[-2].is_block and way[-2].kind == "mapping"

    def _block_replaced(self, way: list[Node], value: object) -> list[Change]:
        node, text = way[-1], self._text
        if text[node.last - 1] in "\r\n" or node.anchor:
            raise EditError("the value is laid out in a way that is not followed")
        start = node.start
        if self._is_line_by_line(way):
            colon = _COLON(text, way[-2].keys[way[-2].values.index(node)].end)
            if colon is None:
                raise EditError("the key is written in a way that is not followed")
            start = colon.end()
        block.without_comments(text, start, node.last)
        space = " " if start != node.start else ""
        return [Change(start, node.last, space + in_line(value, self._manner(way)))]

    def _opening(self, node: Node) -> int:
        """Where a value begins after its anchor."""
        if node.tag is not None:
            raise EditError("the value has a tag")
        found = _PROPERTIES(self._text, node.start)
        return found.end() if found else node.start

    def _manner(self, way: list[Node]) -> Manner:
        return manner(self._text, self._roots, way, is_json=self._is_json)
