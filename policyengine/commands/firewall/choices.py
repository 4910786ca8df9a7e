"""Options that take one of a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence


def checked(option: str, word: str, choices: Sequence[str]) -> str:
    """The word, if it is one of the choices. Raises :class:`UsageError`."""
    if word in choices:
        return word
    *first, last = choices
    raise UsageError(f'{option} takes {", ".join(first)} or {last}, not "{word}"', hint=did_you_mean(word, choices))
