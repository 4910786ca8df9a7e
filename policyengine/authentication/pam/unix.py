"""pam_unix(8): checks and stores passwords in /etc/shadow. Its options by its arguments and /etc/login.defs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.pam.numbers import leading
from policyengine.authentication.pam.options import Options
from policyengine.authentication.pam.settings import Settings, sought

if TYPE_CHECKING:
    from policyengine.authentication.pam.entries import Entry

HASHES = ("md5", "bigcrypt", "sha256", "sha512", "blowfish", "des", "gost_yescrypt", "yescrypt")
"""How passwords are stored, in the order in which the module compares what is written with them."""

_FLAGS = ("use_first_pass", "try_first_pass", "use_authtok", "shadow", "nullok", "broken_shadow", "obscure", "nodelay")
_CHECKING = ("nullok", "nodelay", "use_first_pass", "try_first_pass")
_STORING = ("nullok", "shadow", "obscure", "use_first_pass", "try_first_pass", "use_authtok")
MOST_REMEMBERED = 400


def checking(entry: Entry) -> Options:
    """The options of an entry that checks passwords."""
    options = Options(dict.fromkeys(_CHECKING, False))
    for argument in entry.arguments:
        flag = _flag(argument)
        if flag in _CHECKING:
            options.set(flag, True, entry.where)
    return options


def used(entry: Entry, defs: Settings) -> Options:
    """The options of an entry that stores passwords. ``defs`` is /etc/login.defs as modules look keys up in it.

    A word counts by how it starts: ``sha5122`` is taken for ``sha512``, as the module takes it.
    """
    options = Options({"hash": "des", "remember": 0, **dict.fromkeys(_STORING, False)})
    _preset(options, defs)
    for argument in entry.arguments:
        _put(options, entry, argument)
    _settle(options)
    return options


def _flag(argument: str) -> str | None:
    return next((flag for flag in _FLAGS if argument.startswith(flag)), None)


def _preset(options: Options, defs: Settings) -> None:
    method = sought(defs, "ENCRYPT_METHOD")
    known = next((name for name in HASHES if method and method.value.lower().startswith(name)), None)
    if method is None or known is None:
        return
    options.set("hash", known, method.where, method.value)
    rounds = sought(defs, "SHA_CRYPT_MAX_ROUNDS") if known in ("sha256", "sha512") else None
    if rounds is not None:
        options.set("rounds", leading(rounds.value) or 0, rounds.where)


def _put(options: Options, entry: Entry, argument: str) -> None:
    if argument.startswith("remember="):
        number = leading(argument.removeprefix("remember=")) or 0
        options.set("remember", min(number, MOST_REMEMBERED), entry.where)
    elif argument.startswith("rounds="):
        options.set("rounds", leading(argument.removeprefix("rounds=")) or 0, entry.where)
    elif argument.startswith("minlen="):
        options.set("minlen", leading(argument.removeprefix("minlen=")) or 0, entry.where)
    elif flag := _flag(argument):
        if flag in _STORING:
            options.set(flag, True, entry.where)
    elif known := next((name for name in HASHES if argument.startswith(name)), None):
        options.set("hash", known, entry.where, argument)


def _settle(options: Options) -> None:
    """The cost, of which nonsense is taken for the hash's own: it has none where a hash has no cost."""
    written = options.values.pop("rounds", None)
    rounds = written if isinstance(written, int) else None
    cost = _cost(str(options.values["hash"]), rounds)
    if cost is not None:
        options.values["rounds"] = cost


def _cost(hash_: str, rounds: int | None) -> int | None:
    if hash_ in ("yescrypt", "gost_yescrypt"):
        return rounds if rounds is not None and 3 <= rounds <= 11 else 5
    if hash_ == "blowfish":
        return rounds if rounds is not None and 4 <= rounds <= 31 else 5
    if hash_ in ("sha256", "sha512"):
        return min(rounds, 9_999_999) if rounds is not None and rounds >= 1000 else 5000
    return None
