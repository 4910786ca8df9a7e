"""Dumps of a firewall's rules: text of which every line, or every object, is a rule of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.document import Document, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.documents.document import DocPath


class RulesDocument(Document):
    """A dump. A path into it is ``(0, line, column, end line, end column)``, or ``(0, line)`` for the whole line.

    ``values`` holds nothing: what the text says is for the readers of each program's dumps.
    """

    format = "rules"

    @property
    def values(self) -> list[object]:
        """One document, which is not taken apart."""
        return [None]

    def span(self, path: DocPath) -> Span:
        """The span that the path is; of the first line for a path that is none."""
        numbers = [step for step in path[1:] if isinstance(step, int)]
        if len(numbers) == 4:
            return Span(*numbers)
        line = numbers[0] if numbers and 1 <= numbers[0] <= len(self.lines) else 1
        return Span(line, 1, line, len(self.lines[line - 1]) + 1)

    def scalar_spans(self, path: DocPath) -> Iterable[Span]:
        """The span itself: there are none below it."""
        return (self.span(path),)
