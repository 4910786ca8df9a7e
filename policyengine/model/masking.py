"""The one place where sensitive values are hidden."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from policyengine.model import command_secrets
from policyengine.model.header_secrets import AUTHORIZATION, HEADER
from policyengine.model.secret_names import names_secret
from policyengine.model.secret_tokens import TOKEN, may_hold_token
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.model.command_options import Kind
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
_OPTION = re.compile(
    r"""(?<![\w.-])(--?[A-Za-z][\w.-]*+)(?:(?:\\?["'])?+[ \t]*+,[ \t]*+|[ \t]++)(?!\\?["']?-|<[<\s]|[|;&])"""
)
"""What stands before the value in ``--name value``, and in the same as two items of a list."""
_NEXT = r"""(?:(?:\\?["'])?+(?:[ \t]*+,[ \t]*+|[ \t]++))"""
_FLAGS = rf"""(?:{_NEXT}(?:\\?["'])?+--?[\w-]++){{0,3}}+{_NEXT}(?:\\?["'])?+"""
_SETTING = re.compile(
    rf"""(?<![\w.-])(?:config(?:ure)?|p?npm){_FLAGS}set{_FLAGS}"""
    rf"""(?:[^\s"',:/]*+[:/])*+([\w.-]++){_NEXT}(?!\\?["']?-)"""
)
"""What stands before the value in ``npm config set //host/:NAME value`` and ``aws configure set NAME value``."""
_SPACED = re.compile(
    r"""(?x) (?<![\w.-])
    (?: (?: (?i:setx|setenv|proxy_set_header|fastcgi_param) | ENV | set[ \t]++-[gU]?x ) [ \t]++
        ([\w.-]++) (?![ \t]*+=)
      | (?:requirepass|masterauth|rootpw|bindpw|rootbindpw) ) [ \t]++ (?!\\?["']?-)
    """
)
"""What stands before the value in ``setx NAME value`` and in lines of configuration files: ``requirepass value``."""
_STATED = re.compile(
    r"""(?xi) (?<![\w.-])
    (?: identified[ \t\n]++ (?:with[ \t]++[^\s;]++[ \t]++)?+ (?:by|as)[ \t]++ (?:password[ \t]++)?+ (?=\\*+["'])
      | (?:user|role)[ \t]++[\w$."]++[ \t]++identified[ \t]++by[ \t]++ (?:values[ \t]++)?+
      | password (?:[ \t]*+\([ \t]*+ | [ \t]++) (?=\\*+') | pwd[ \t]*+:[ \t]*+ (?=\\*+["'])
      | [\w.+-]++ [ \t]++ [\w.+-]++/[\w./-]++ [ \t]++ password [ \t]++
      | net(?:\.exe)?[ \t]++user[ \t]++[\w.-]++[ \t]++(?!/) )
    """
)
"""What stands before it in statements, ``IDENTIFIED BY '...'``, in answers for debconf, ``a a/b password ...``,

and in ``net user NAME ...`` of Windows, whose options begin with slashes."""
_STATING = ("identified", "pass", "pw", "net", "setx", "setenv", "env ", "set -", "header", "_param", "masterauth")
"""What a text holds, at least one of, that has such."""
_HASH = re.compile(
    r"""(?x) (?<![\w$]) (?P<sign>\${1,2}) (?:
        (?:apr1|1|5|6|7|sm3) (?P=sign) (?:rounds=[0-9]{1,9}(?P=sign))? [\w./=,]{1,86} (?P=sign) [\w./]{16,}+
      | 2[abxy]? (?P=sign) [0-9]{2} (?P=sign) [\w./]{22,}+
      | g?y (?P=sign) [\w./]{1,16} (?P=sign) [\w./]{1,86} (?P=sign) [\w./]{16,}+ )
    """
)
"""The hash of a password as crypt(5) has it, its dollar signs doubled where Compose would read them."""
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
_SHOWN = re.compile(
    r"(?i)\*{4}|true|false|null|none|yes|no|on|off|~|[|>][+-]?|[0-9]|\$\{\w+\}|\$\(\w+\)|(?-i:\$[A-Z]+(?:_[A-Z0-9]+)*)"
).fullmatch
"""Values that are no secret whatever their name says: masked already, switches, references."""
_ALIAS = re.compile(r"\*(?!\*)\w").match


def concealed(text: str) -> str:
    """Return ``text`` with the secrets masked that it shows by their form.

    These are what stands before the @ of a URL, the values of names that name secrets (``DB_PASSWORD=...``,
    ``"token": ...``, ``--password ...``), and well-known tokens. What is concealed once stays as it is.
    """
    return _remembered(text) if len(text) <= _SHORT else _concealed(text)


def _concealed(text: str) -> str:
    if "://" in text:
        text = _USERINFO.sub(lambda match: _user(match[0][:-1]) + "@", text)
    if "set" in text:
        text = _values(text, _SETTING)
    text = _values(_values(_without_statements(text), _PAIR), _OPTION)
    text = _without_arguments(text)
    if "$" in text:
        text = _HASH.sub(MASK, text)
    return TOKEN.sub(MASK, text) if may_hold_token(text) else text


_remembered = lru_cache(maxsize=16384)(_concealed)
"""Names, lines and messages come again and again."""
_SHORT = 256


def _without_statements(text: str) -> str:
    """``text`` with the secrets masked that headers hold, statements in SQL and lines of configuration files."""
    lowered = text.lower()
    if "authorization" in lowered or "cookie" in lowered:
        text = AUTHORIZATION.sub(_header_shown, HEADER.sub(_header_shown, text))
    if any(word in lowered for word in _STATING):
        text = _values(_values(text, _SPACED), _STATED)
    return text


def _values(text: str, before: re.Pattern[str]) -> str:
    """``text`` with the values masked that stand after a name that names a secret, or that need no name."""
    pieces: list[str] = []
    done = at = 0
    while found := before.search(text, at):
        at = found.end()
        if before.groups and found[1] is not None and not names_secret(found[1]):
            continue
        anchor = _ANCHOR(text, at)
        at = anchor.end() if anchor else at
        value = _VALUE(text, at)
        if value is not None:
            pieces += (text[done:at], _value(value[0]))
            done = at = value.end()
    return "".join((*pieces, text[done:]))


def _without_arguments(text: str) -> str:
    """``text`` with the secrets masked that well-known commands are given."""
    pieces: list[str] = []
    done = 0
    for found in command_secrets.secrets(text):
        if found.start >= done:
            pieces += (text[done : found.start], _argument(text[found.start : found.end], found.kind))
            done = found.end
    return "".join((*pieces, text[done:]))


def _argument(written: str, kind: Kind) -> str:
    """A command's argument as it may be shown: of a name and a password the name."""
    before, secret, after = command_secrets.parted(written, kind)
    return f"{before}{_value(secret)}{after}"


def _header_shown(found: re.Match[str]) -> str:
    return found["name"] + _value(found["value"])


def _value(written: str) -> str:
    """A secret's value masked, in the quotes that it has."""
    quote, inner, closing = command_secrets.unquoted(written)
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


def arguments(text: str) -> Iterator[tuple[int, int]]:
    """Where the secrets begin and end that well-known commands are given in a text of several lines."""
    for found in command_secrets.secrets(text):
        written = text[found.start : found.end]
        shown = _argument(written, found.kind)
        at = shown.find(MASK)
        if shown != written and at >= 0:
            yield found.start + at, found.end - (len(shown) - at - len(MASK))


def masked(value: object, path: FieldPath, type_: Type, facts: object = None) -> object:
    """Return ``value``, found at ``path`` below ``type_``, as it may be shown.

    Every sensitive value in it is replaced by ``****``, in other texts what shows by its form to be a secret; unknown
    values become None. Containers are copied. ``facts``, those that ``path`` leads into, tell of an item in a list
    whether it is the value of the option before it.
    """
    sensitive, below = _at(path, type_)
    shown = _mask(value, below, sensitive)
    if not path:
        return shown
    if isinstance(value, list) and (before := command_secrets.before(_below(facts, path[:-1]), path[-1])):
        _replace(shown, value, _hidden(value, before))
        return shown
    if _names_secret(path[-1], _at(path[:-1], type_)[1]):
        return _mask_named(shown)
    return _among(value, path, facts) or shown


def _among(value: object, path: FieldPath, facts: object) -> str | None:
    """How an argument of a command is shown that holds a secret: ``hunter2`` in ``[--password, hunter2]``."""
    last = path[-1]
    if not isinstance(last, int) or not isinstance(value, str):
        return None
    words = _below(facts, path[:-1])
    if not isinstance(words, list):
        return None
    before = command_secrets.before(_below(facts, path[:-2]), path[-2]) if len(path) > 1 else ()
    return dict(_shown_arguments(words, before)).get(last)


def _below(facts: object, path: FieldPath) -> object:
    """What lies at a path, None where nothing does."""
    at = facts
    for step in path:
        if isinstance(at, dict):
            at = at.get(step)
        elif isinstance(at, list) and isinstance(step, int) and step < len(at):
            at = at[step]
        else:
            return None
    return at


def _shown_arguments(words: Sequence[object], before: Sequence[object]) -> Iterator[tuple[int, str]]:
    """The words of a command that hold a secret, as they may be shown."""
    for number, kind, start in command_secrets.among(words, before):
        word = str(words[number])
        yield number, f"{word[:start]}{_argument(word[start:], kind)}"


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
        return _mask_entries(value, type_, sensitive)
    if isinstance(value, list | tuple):
        return _mask_items(value, type_.items if type_ else None, sensitive)
    if sensitive and value is not None:
        return MASK
    return concealed(value) if isinstance(value, str) else value


def _mask_entries(values: dict[str, object], type_: Type | None, sensitive: bool) -> dict[str, object]:
    """The entries of a map or an object; of one that is a command its arguments."""
    shown = {key: _mask_item(key, item, type_, sensitive) for key, item in values.items()}
    for key in _ARGUMENTS.intersection(values):
        words, before = values[key], command_secrets.before(values, key)
        if not before or not isinstance(words, list | tuple):
            continue
        hidden = _hidden(words, before)
        for name in (key, "operands") if hidden else ():
            _replace(shown.get(name), values.get(name), hidden)
    return shown


def _hidden(words: Sequence[object], before: Sequence[object]) -> dict[object, str]:
    """How the words of a command are shown that hold a secret."""
    return {words[number]: text for number, text in _shown_arguments(words, before)}


_ARGUMENTS = frozenset(("args", "command"))


def _replace(shown: object, values: object, hidden: dict[object, str]) -> None:
    """Replace what is hidden among the values of a list that is shown, as far as they are no more hidden there."""
    if isinstance(shown, list) and isinstance(values, list | tuple):
        for number, value in enumerate(values):
            if isinstance(value, str) and value in hidden and shown[number] != MASK:
                shown[number] = concealed(hidden[value])


def _mask_items(
    values: Sequence[object], type_: Type | None, sensitive: bool, before: Sequence[object] = ()
) -> list[object]:
    """The items of a list, which may be a command's arguments: ``[--password, ...]``."""
    items = [_mask(item, type_, sensitive) for item in values]
    if not sensitive:
        for number, shown in _shown_arguments(values, before):
            items[number] = concealed(shown)
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
