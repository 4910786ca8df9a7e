"""The one place where sensitive values are hidden."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from policyengine.model.secret_names import names_secret
from policyengine.model.secret_tokens import TOKEN, may_hold_token
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.model.paths import FieldPath
    from policyengine.model.types import Type

MASK = "****"

_USERINFO = re.compile(r"""(?<=://)(?:(?!://)[^\s"'`<>])*@""")
"""What stands before the last @ of a URL; each stretch ends where the next URL's begins, so that time stays linear."""
_AUTHORITY = re.compile(r"[^/?#]*").match
_PORT = re.compile(r"[^:]*:[0-9]{0,5}").fullmatch
_LONGEST_USER = 15

_PAIR = re.compile(r"""(?<![\w.-])([\w.-]++)(?:\\?["'])?+[ \t]*+(?:=|:)=?+(?!//)[ \t]*+""")
"""What stands before the value in ``NAME=value``, ``"name": "value"``, ``--name=value``."""
_OPTION = re.compile(r"""(?<![\w.-])(--?[A-Za-z][\w.-]*+)(?:(?:\\?["'])?+[ \t]*+,[ \t]*+|[ \t]++)(?!\\?["']?-)""")
"""What stands before the value in ``--name value``, and in the same as two items of a list."""
_ANCHOR = re.compile(r"(?:[&!][\w./-]*+[ \t]++)*+").match
_WORD = r"""(?: \$\{[^{}]*+\} | [^\s"'{}\],\\] | \\(?!["']) | ,(?=[^\s"'{}]) | [{}\]](?=\w) )++"""
_VALUE = re.compile(
    rf"""(?x)
      \\["'] [^"'\\]*+ (?:\\["'])?+
    | " (?:[^"\\]|\\.)*+ "?+
    | ' (?:[^']|'')*+ '?+
    | (?![{{}}\[\]]) (?: (?<=:[ ]) {_WORD} (?: [ ]++ (?!\#|-) {_WORD} )*+ | {_WORD} )  # in YAML words may follow
    """
).match
_SHOWN = re.compile(r"(?i)\*{4}|true|false|null|none|yes|no|on|off|~|[|>][+-]?|[0-9]|\$\{\w+\}|\$\(\w+\)").fullmatch
"""Values that are no secret whatever their name says: masked already, switches, references."""
_ALIAS = re.compile(r"\*(?!\*)\w").match
_IS_OPTION = re.compile(r"--?[A-Za-z][\w.-]*").fullmatch


def concealed(text: str) -> str:
    """Return ``text`` with the secrets masked that it shows by their form.

    These are what stands before the @ of a URL, the values of names that name secrets (``DB_PASSWORD=...``,
    ``"token": ...``, ``--password ...``), and well-known tokens. What is concealed once stays as it is.
    """
    return _remembered(text) if len(text) <= _SHORT else _concealed(text)


def _concealed(text: str) -> str:
    if "://" in text:
        text = _USERINFO.sub(lambda match: _user(match[0][:-1]) + "@", text)
    text = _values(_values(text, _PAIR), _OPTION)
    return TOKEN.sub(MASK, text) if may_hold_token(text) else text


_remembered = lru_cache(maxsize=16384)(_concealed)
"""Names, lines and messages come again and again."""
_SHORT = 256


def _values(text: str, before: re.Pattern[str]) -> str:
    """``text`` with the values masked that stand after a name that names a secret."""
    pieces: list[str] = []
    done = at = 0
    while found := before.search(text, at):
        at = found.end()
        if not names_secret(found[1]):
            continue
        anchor = _ANCHOR(text, at)
        at = anchor.end() if anchor else at
        value = _VALUE(text, at)
        if value is not None:
            pieces += (text[done:at], _value(value[0]))
            done = at = value.end()
    return "".join((*pieces, text[done:]))


def _value(written: str) -> str:
    """A secret's value masked, in the quotes that it has."""
    quote = next((quote for quote in ('\\"', "\\'", '"', "'") if written.startswith(quote)), "")
    inner = written[len(quote) :]
    closing = quote if quote and inner.endswith(quote) else ""
    inner = inner.removesuffix(closing) if closing else inner
    shown = not inner or _SHOWN(inner) or (not quote and _ALIAS(inner))
    return written if shown else f"{quote}{MASK}{closing}"


def _user(text: str) -> str:
    """What stands between the scheme of a URL and its last @, as it may be shown."""
    authority = _AUTHORITY(text)
    end = authority.end() if authority else 0
    if end < len(text):
        return _parted(text, end)
    name, colon, password = text.partition(":")
    if not colon:
        return MASK if _is_token(name) else name
    return f"{MASK if _is_token(name) else name}:{password if _SHOWN(password) else MASK}"


def _parted(text: str, end: int) -> str:
    """The same where a slash stands before the last @: in the path, or in a password that should be escaped."""
    user, at, host = text[:end].rpartition("@")
    if at:
        return f"{_user(user)}@{host}{text[end:]}"
    if ":" not in user + host or _PORT(text[:end]):
        return text
    return f"{host.partition(':')[0]}:{MASK}"


def _is_token(user: str) -> bool:
    return (len(user) > _LONGEST_USER and not _SHOWN(user)) or TOKEN.match(user) is not None


def masked(value: object, path: FieldPath, type_: Type, facts: object = None) -> object:
    """Return ``value``, found at ``path`` below ``type_``, as it may be shown.

    Every sensitive value in it is replaced by ``****``, in other texts what shows by its form to be a secret; unknown
    values become None. Containers are copied. ``facts``, those that ``path`` leads into, tell of an item in a list
    whether it is the value of the option before it.
    """
    sensitive, below = _at(path, type_)
    shown = _mask(value, below, sensitive)
    named = path and (_names_secret(path[-1], _at(path[:-1], type_)[1]) or _follows_option(path, facts))
    return _mask_named(shown) if named else shown


def _follows_option(path: FieldPath, facts: object) -> bool:
    """Whether a path leads to ``hunter2`` in ``[--password, hunter2]``."""
    last = path[-1]
    if not isinstance(last, int) or last < 1:
        return False
    at = facts
    for step in (*path[:-1], last - 1):
        if not isinstance(at, dict | list):
            return False
        at = at.get(step) if isinstance(at, dict) else at[step] if isinstance(step, int) and step < len(at) else None
    return _is_secret_option(at)


def _is_secret_option(item: object) -> bool:
    return isinstance(item, str) and _IS_OPTION(item) is not None and names_secret(item)


def _names_secret(key: str | int, of: Type | None) -> bool:
    """Whether an entry of a map is called as secrets are; the fields of the model are not meant."""
    return isinstance(key, str) and (of is None or of.name != "object") and names_secret(key)


def _at(path: FieldPath, type_: Type) -> tuple[bool, Type | None]:
    sensitive = False
    at: Type | None = type_
    for step in path:
        if at is None:
            break
        if at.name == "object":
            field = at.fields.get(str(step))
            sensitive = sensitive or (field is not None and field.sensitive)
            at = field.type if field else None
        else:
            at = at.items
    return sensitive, at


def _mask(value: object, type_: Type | None, sensitive: bool) -> object:
    if isinstance(value, Unknown):
        return None
    if isinstance(value, dict):
        return {key: _mask_item(key, item, type_, sensitive) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return _mask_items(value, type_.items if type_ else None, sensitive)
    if sensitive and value is not None:
        return MASK
    return concealed(value) if isinstance(value, str) else value


def _mask_items(values: Sequence[object], type_: Type | None, sensitive: bool) -> list[object]:
    """The items of a list, of which one may be an option whose value is the next: ``[--password, ...]``."""
    items = [_mask(item, type_, sensitive) for item in values]
    for index, item in enumerate(values[:-1]):
        if _is_secret_option(item):
            items[index + 1] = _mask_named(items[index + 1])
    return items


def _mask_item(key: str, value: object, type_: Type | None, sensitive: bool) -> object:
    if type_ is None or type_.name != "object":
        item = _mask(value, type_.items if type_ else None, sensitive)
        return _mask_named(item) if _names_secret(key, type_) else item
    field = type_.fields.get(key)
    return _mask(value, field.type if field else None, sensitive or bool(field and field.sensitive))


def _mask_named(value: object) -> object:
    """A value whose name names a secret: texts are masked."""
    return MASK if isinstance(value, str) and not value.startswith("-") and not _SHOWN(value) else value
