"""Dumps of a firewall's rules: text of which every line, or every object, is a rule of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.document import Comment, Document, Entry, Span, seeming

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.documents.document import DocPath


_COUNTERS = re.compile(r"^\s*\[\d+:\d+\]|\[\d+:\d+\]\s*$")
"""How many packets and bytes have met a rule or a chain's policy, which changes all the time."""


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

    def comments(self) -> Iterable[Comment]:
        """The lines that are comments; what follows a rule on its line is none. JSON has none."""
        for number, line in enumerate(self.lines, 1):
            text = line.lstrip()
            if text.startswith("#"):
                yield Comment(number, len(line) - len(text) + 1, text[1:], alone=True)

    def seeming_comments(self) -> Iterable[Comment]:
        """What stands after a ``#`` on a rule's line, which iptables-restore and ipset take for a part of the rule."""
        return seeming(self._filled())

    def entries(self) -> Iterable[Entry]:
        """Every table, to its end, and every line that is neither blank nor a comment."""
        table = ""
        for number, line in self._filled():
            text = _COUNTERS.sub("", line).strip()
            if text.startswith("*"):
                table = text
                yield Entry((0, table), self._table(number))
            else:
                yield Entry((0, table, text), self.span((0, number)))

    def _filled(self) -> Iterator[tuple[int, str]]:
        """The lines that are neither blank nor comments, numbered."""
        for number, line in enumerate(self.lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield number, line

    def _table(self, first: int) -> Span:
        """From the line that a table begins with to its COMMIT, or to the end of the text."""
        ends = (at for at in range(first, len(self.lines)) if self.lines[at].strip() == "COMMIT")
        last = next(ends, len(self.lines) - 1)
        return Span(first, 1, last + 1, len(self.lines[last]) + 1)
