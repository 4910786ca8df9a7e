"""Controls: what becomes of a module's result. pam.conf(5), "control"."""

from __future__ import annotations

import re
from typing import Literal

RESULTS = (
    "success",
    "open_err",
    "symbol_err",
    "service_err",
    "system_err",
    "buf_err",
    "perm_denied",
    "auth_err",
    "cred_insufficient",
    "authinfo_unavail",
    "user_unknown",
    "maxtries",
    "new_authtok_reqd",
    "acct_expired",
    "session_err",
    "cred_unavail",
    "cred_expired",
    "cred_err",
    "no_module_data",
    "conv_err",
    "authtok_err",
    "authtok_recover_err",
    "authtok_lock_busy",
    "authtok_disable_aging",
    "try_again",
    "ignore",
    "abort",
    "authtok_expired",
    "module_unknown",
    "bad_item",
    "conv_again",
    "incomplete",
)
"""What a module can return, by its number."""

Act = Literal["ignore", "ok", "done", "bad", "die", "reset"]
ACTS: tuple[Act, ...] = ("ignore", "ok", "done", "bad", "die", "reset")

Action = Act | int
"""What is done with a result: an act, or how many entries of the stack are skipped."""

Actions = dict[str, Action]
"""What is done with each result."""

_WORDS: dict[str, tuple[Act, Act, Act]] = {
    "required": ("ok", "ignore", "bad"),
    "requisite": ("ok", "ignore", "die"),
    "optional": ("ok", "ignore", "ignore"),
    "sufficient": ("done", "ignore", "ignore"),
}
"""What is done with success and new_authtok_reqd, with ignore, and with all others."""

_SPACE = " \t\n\v\f\r"
_NUMBER = re.compile(r"[0-9]+")
_TOO_FAR = 10**9


def actions(word: str) -> Actions:
    """What a control says: one of the four words in any case, or pairs of a result and an action.

    What cannot be read of pairs makes all of them bad, as libpam has it; a result that is not named is bad.
    """
    known = _WORDS.get(word.lower())
    if known is None:
        return _pairs(word)
    good, ignored, other = known
    return {**dict.fromkeys(RESULTS, other), "success": good, "new_authtok_reqd": good, "ignore": ignored}


def broken() -> Actions:
    """Those of an entry without a control that can be read."""
    return dict.fromkeys(RESULTS, "bad")


def _pairs(text: str) -> Actions:
    found: Actions = {}
    rest = text.lstrip(_SPACE)
    while rest:
        pair = _pair(rest)
        if pair is None:
            return broken()
        result, action, rest = pair
        if result != "default":
            found[result] = action
        else:  # those that have been named already keep what was said of them, and later ones replace it
            found = dict.fromkeys(RESULTS, action) | found
        rest = rest.lstrip(_SPACE)
    return broken() | found


def _pair(text: str) -> tuple[str, Action, str] | None:
    """The first pair of a text, and what follows it; None where there is none.

    The first name that the text starts with counts, in the order of the numbers: the rest of the word must then be
    the equals sign, so that no name hides another that is longer.
    """
    result = next((name for name in (*RESULTS, "default") if text.startswith(name)), None)
    rest = text[len(result) :].lstrip(_SPACE) if result else ""
    if result is None or not rest.startswith("="):
        return None
    rest = rest[1:].lstrip(_SPACE)
    act = next((act for act in ACTS if rest.startswith(act)), None)
    if act is not None:
        return result, act, rest[len(act) :]
    number = _NUMBER.match(rest)
    if number is None or not (skipped := _count(number.group())):
        return None
    return result, skipped, rest[number.end() :]


def _count(digits: str) -> int:
    """A number of entries. One that no stack has is as good as any other: too far is too far."""
    bare = digits.lstrip("0")
    return int(bare or "0") if len(bare) < 10 else _TOO_FAR
