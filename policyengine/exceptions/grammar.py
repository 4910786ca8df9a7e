"""``ignore[privileged] until 2027-01-31: reason``: what comments, annotations and labels say."""

from __future__ import annotations

import re

from msgspec import Struct

from policyengine.exceptions.dates import day
from policyengine.model.masking import concealed

HINT = "write ignore[POLICY] REASON, or ignore[POLICY, ...] until YYYY-MM-DD: REASON"

_NAMES = re.compile(r"[ \t]*\[([^\[\]]*)\][ \t]*").match
_UNTIL = re.compile(r"until[ \t]+([^\s:]*)[ \t]*:?[ \t]*").match
_WORDS = ("ignore-file", "ignore")


class Ignore(Struct, frozen=True):
    """What is ignored: policies by any of their names, why (secrets masked), and the last day on which it counts.

    ``whole`` says that it speaks for the whole file wherever it stands.
    """

    policies: tuple[str, ...]
    reason: str
    until: str | None = None
    whole: bool = False


def ignore(text: str) -> Ignore:
    """Read ``ignore[...] ...``, or ``ignore-file[...] ...``. Raises ValueError, saying what is wrong with it."""
    text = text.strip()
    word = next((word for word in _WORDS if text.startswith(word)), None)
    if word is None:
        said = re.split(r"[^\w-]", text, maxsplit=1)[0][:40]
        raise ValueError(f'"{said}" is nothing that can be asked for' if said else "nothing is asked for")
    return _listed(text.removeprefix(word), whole=word == "ignore-file")


def listed(text: str) -> Ignore:
    """Read ``[privileged] reason``, as annotations and labels have it. Raises ValueError as :func:`ignore` does."""
    return _listed(text.strip(), whole=False)


def _listed(text: str, *, whole: bool) -> Ignore:
    found = _NAMES(text)
    if found is None:
        raise ValueError("it names no policy in brackets")
    names = tuple(name.strip() for name in found[1].split(","))
    if not all(names):
        raise ValueError("it names no policy in brackets" if len(names) == 1 else "the name of a policy is empty")
    rest, until = text[found.end() :], None
    if ends := _UNTIL(rest):
        until, rest = ends[1], rest[ends.end() :]
        day(until)
    reason = rest.strip(" \t:-")
    if not any(map(str.isalnum, reason)):
        raise ValueError("it has no reason")
    return Ignore(names, concealed(reason), until, whole)
