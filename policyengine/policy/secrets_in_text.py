"""Secrets written out in longer texts: command lines, scripts, configuration files."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from policyengine.model import command_secrets
from policyengine.model.literal_secrets import is_literal, is_password, shows_token
from policyengine.model.secret_names import names_password, names_secret
from policyengine.model.secret_tokens import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.model.command_options import Kind

_HINTS = ("pass", "secret", "token", "key", "cred", "pwd", "_auth", "sonar.login")
"""What a name holds, at least one of, that names a secret."""

_LONGEST_NAME = 200
_NAME = re.compile(r"[\w.-]{0,200}+").match
_NAMING = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")
_AFTER = re.compile(
    r"""(?x) (?: \\?["'])?+ (?P<sign> [ \t]*+ (?: :=? | =(?!=) ) [ \t]*+ | (?<!["'])[ \t]++(?=[^-\s]) )
    (?: \\?"(?P<double>[^"\\\n]*+) | \\?'(?P<single>[^'\\\n]*+) | (?P<bare>[^\s"'`,;|&<>()\[\]{}]++) )
    """
).match
"""What stands after the name in ``NAME=value``, ``name: value``, ``"name": "value"``, ``--name value``."""

_END = re.compile(r"""[ \t]*+(?:[\n,}\])'"#;&|\\]|\Z)""").match
_USERINFO = re.compile(r"""://[^\s:/@?#"'`<>]*:(?P<password>[^\s/@?#"'`<>]++)@""").match
_COMMENT = re.compile(r"(?m)^[ \t]*+(?:[#;%!]|//).*+$").sub
_COMMENTED = ("#", ";", "!", "//")
_DRAWN = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9+/=_.~-]{12,}+").fullmatch
"""A value that looks drawn by lot: letters and digits, and not short."""
_WORDS = re.compile(r"[A-Za-z]{2,}[0-9]{0,2}(?:[-_./][A-Za-z]+[0-9]{0,2})*").fullmatch
"""A value of words, as names of Secrets, files and variables are."""
_CODE = re.compile(r"[\w.]+\.[a-z_]\w*|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*").fullmatch
"""A bare value that may well be a variable of a program: ``token = config.token``."""
_DOTTED = re.compile(r"(?:[A-Za-z_]\w*\.)+([A-Za-z_]\w*)").fullmatch
"""So may one of a module or an object: ``password = process.env.DB_PASSWORD``."""
_VARIABLE = re.compile(r"[a-z]+(?:_[a-z]+)+").fullmatch
_TYPES = frozenset(
    (
        *("string", "str", "text", "char", "varchar", "bytes", "bool", "boolean", "int", "password", "secret"),
        *("files", "compat", "systemd", "db", "ldap", "sss", "winbind"),
    )
)
"""Bare words that say what kind of value belongs there, or, in nsswitch.conf, where users come from."""
_SENTENCE = 2
"""A quoted value with so many spaces tells something, and is no password."""
_SHORTEST = 2
"""Of a command's argument: of ``echo y | sudo -S ...`` the answer is none."""
_KNOWN = frozenset(("public",))
"""What everybody knows: the community that devices let read over SNMP."""
_LETTERED = re.compile(r"[A-Za-z0-9]").search
_REMEMBERED = 256
"""Texts up to this length are remembered: they come again and again."""


def holds_secret(text: str) -> bool:
    """Whether a text holds a secret written out: a token of a well-known form, a private key, a URL with a password,

    or a value after a name that names a secret, as in ``--password hunter2`` and ``db.password=hunter2``.
    """
    return _remembered(text) if len(text) <= _REMEMBERED else _holds_secret(text)


def _holds_secret(text: str) -> bool:
    if _gate().search(text.encode(errors="replace")) is not None and _shows_secret(text):
        return True
    return any(_is_given(given, kind) for given, kind in _arguments(text))


def _shows_secret(text: str) -> bool:
    if shows_token(text):
        return True
    plain = _COMMENT("", text)
    if any(is_password(password) for password in _passwords_of_urls(plain)):
        return True
    return any(_counts(name, value, quoted=quoted) for name, value, quoted in _pairs(plain))


@cache
def _gate() -> Any:
    """What a text holds that holds a secret, looked for by RE2 at once: few texts get past it."""
    import re2

    name = rf"(?i:{'|'.join(map(re.escape, _HINTS))})[\w.-]*"
    tokens = "|".join(map(re.escape, MARKS))
    gate = rf"""{tokens}|://\S*@|{name}\\?["']?[ \t]*[:=]|-[\w.-]*{name}[ \t]"""
    options = re2.Options()
    options.never_capture = True
    return re2.compile(gate.encode(), options)


_remembered = lru_cache(maxsize=4096)(_holds_secret)


def words_hold_secret(words: Sequence[str | None], before: Sequence[str | None] = ()) -> bool:
    """Whether a command, given word by word, holds a secret; None for a word that comes from elsewhere.

    ``before`` are words that stand before them, an entry point.
    """
    for option, word in zip((None, *words), words, strict=False):
        if word is None:
            continue
        if holds_secret(word) or (option and _is_value_of(option, word)):
            return True
    given = command_secrets.among(words, before, by_name=False)
    return any(_is_given(str(words[number])[start:], kind) for number, kind, start in given)


def _arguments(text: str) -> Iterator[tuple[str, Kind]]:
    """What commands in a text are given that is a secret by where it stands; not what comments say."""
    for found in command_secrets.secrets(text, by_name=False):
        line = text[text.rfind("\n", 0, found.start) + 1 : found.start]
        if not line.lstrip().startswith(_COMMENTED):
            yield text[found.start : found.end], found.kind


def _is_given(written: str, kind: Kind) -> bool:
    """Whether what a command takes as a secret is written out: it is no file (``@file``), no blank, no reference."""
    value = command_secrets.unquoted(command_secrets.parted(written, kind)[1])[1]
    if "$" in value or value[:1] in ("%", "@") or not _LETTERED(value) or len(value) < _SHORTEST:
        return False
    if value in _KNOWN or (value.isupper() and names_secret(value)):
        return False
    if kind == "drawn":
        return shows_token(value) or (is_literal(value) and _is_drawn(value))
    return is_literal(value) if kind == "whole" else is_password(value)


def _is_value_of(option: str, word: str) -> bool:
    """Whether a word is the secret that the option before it takes."""
    if not option.startswith("-") or "=" in option or word.startswith("-"):
        return False
    return names_secret(option) and _counts(option, word, quoted=True)


def _lower(text: str) -> str:
    """The text in lower case, letter for letter."""
    return text.lower() if text.isascii() else "".join([letter.lower()[:1] for letter in text])


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _passwords_of_urls(text: str) -> Iterator[str]:
    found = (_USERINFO(text, at) for at in _places(text, "://"))
    return (match["password"] for match in found if match)


def _pairs(text: str) -> Iterator[tuple[str, str, bool]]:
    """Names that name secrets, the values after them, and whether these stand in quotes."""
    lower = _lower(text)
    for start in {_start(lower, at) for hint in _HINTS for at in _places(lower, hint)}:
        name = _NAME(text, start)
        if name is None or not names_secret(name[0]) or (start and text[start - 1] in "$/{"):
            continue
        after = _AFTER(text, name.end())
        if after and _assigns(name[0], after, text):
            yield name[0], after["bare"] or after["double"] or after["single"] or "", after["bare"] is None


def _assigns(name: str, after: re.Match[str], text: str) -> bool:
    """Whether it is a value that stands after a name: only an option takes one after a mere space.

    Several words after a colon are a sentence; a call, and variables that a program assigns to each other, are code.
    """
    sign, bare = after["sign"], after["bare"]
    if sign.isspace():
        return name.startswith("-")
    if bare is None:
        return True
    if sign in ("=", ":"):
        return text[after.end() : after.end() + 1] not in ("(", "[")
    return _END(text, after.end()) is not None and _VARIABLE(bare) is None and not name.startswith(("self.", "this."))


def _start(lower: str, at: int) -> int:
    """Where the name begins that holds a hint."""
    first = max(0, at - _LONGEST_NAME)
    while at > first and lower[at - 1] in _NAMING:
        at -= 1
    return at


def _counts(name: str, value: str, *, quoted: bool) -> bool:
    """Whether a value after a secret's name counts: a token or a key does only where it looks drawn by lot."""
    password = names_password(name)
    if "$" in value or value[:1] == "%" or not _LETTERED(value) or not is_literal(value, password=password):
        return False
    if not password:
        return _is_drawn(value)
    if quoted:
        return value.count(" ") < _SENTENCE
    return not _is_code(value) and value.lower() not in _TYPES


def _is_drawn(value: str) -> bool:
    return _DRAWN(value) is not None and _WORDS(value) is None


def _is_code(value: str) -> bool:
    """Whether a bare value may well be what a program calls a variable."""
    dotted = _DOTTED(value)
    return _CODE(value) is not None or (dotted is not None and names_secret(dotted[1]))
