"""Files of accounts as documents: passwd, shadow, group, gshadow and login.defs, by their names and their form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.documents.document import Entry
from policyengine.documents.rules import RulesDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_NIS = r"[+-][^:\n]*(?::.*)?"

FORMS: Mapping[str, Callable[[str], object]] = {
    "passwd": re.compile(rf"[^:\s]+:[^:]*:[0-9]+:[0-9]+:[^:]*:[^:]*(?::.*)?|{_NIS}").fullmatch,
    "shadow": re.compile(rf"[^:\s]+:[^:]*(?::-?[0-9]*){{3,7}}|{_NIS}").fullmatch,
    "group": re.compile(rf"[^:\s]+:[^:]*:[0-9]+(?::[^:]*)?|{_NIS}").fullmatch,
    "gshadow": re.compile(rf"[^:\s]+:[^:]*:[^:]*:[^:]*|{_NIS}").fullmatch,
    "login.defs": re.compile(r"[ \t]*[A-Z][A-Z0-9_]+[ \t]+\S.*").fullmatch,
}
"""The form of a line, by the name of the file. Other files have such names too: completions of shells, manuals."""


def has_form(name: str, text: str) -> bool:
    """Whether the first line of a text that counts is one of the file of that name."""
    lines = (line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, None)
    return first is not None and FORMS[name](first.rstrip("\r")) is not None


class AccountsDocument(RulesDocument):
    """A file of accounts. Paths into it are those of :class:`RulesDocument`."""

    format = "accounts"

    def entries(self) -> Iterable[Entry]:
        """Every line that is neither blank nor a comment."""
        for number, line in enumerate(self.lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield Entry((0, number), self.span((0, number)))
