"""Whether a variable holds a secret written out: by its name and its value, or by what the value alone shows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from policyengine.model.secret_names import names_password, names_secret
from policyengine.model.secret_tokens import TOKEN, may_hold_token

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_SECRET = re.compile(
    r"""(?ix)
      <[^<>]*> | \[.*\] | \{[^{}":]*\} | %\w+% | __\w+__ | @@?\w+@@? | \#\{?\w+\}?\# | \(\(.*\)\)    # blanks to fill in
    | x{3,} | x+(?:[-_]x+)+ | \*{3,} | (.)\1{7,} | [-.?\#_]+ | (?:your|insert|enter)[-_ ].*
    | (?:change|replace|fill|set|update|edit)[-_ ]?(?:me|this|it|in|here|with)(?![a-z]).*
    | todo.* | fixme.* | tbd | placeholder.* | redacted | example | dummy | masked | hidden | n/?a
    | none | null | nil | undefined | unset | empty | auto | random | generated?
    | true | false | enabled? | disabled? | yes | no | on | off | required | optional | \d               # switches
    """
).fullmatch

_REFERENCE = re.compile(
    r"""(?x)
      \$\{[A-Za-z_]\w*(?::?\?.*|:?-)?\} | .*\$\([A-Za-z_][\w.-]*\).* | \$[A-Z]+(?:_[A-Z0-9]+)*  # another variable
    | \$\(.*\) | `.*` | .*\{\{.*\}\}.* | \$__\w+\{.*\} | \$\{[\w.-]+:(?![-+?=]).*\} | %\(\w+\)s? | <%.*%> | \{cipher\}.*
    | (?:[a-z]+\+)?(?:vault|secret|secrets|op|ssm|awssm|awskms|gcpsm|gcpkms|azurekeyvault|azkv|doppler|keyring|bws|file
      |env|ref\+[a-z]+)://.*
    | (?:vault|sm|ssm|secret|secretsmanager|env|file|ref|sops|keyring):[A-Za-z0-9_./-].*
    | arn:aws[a-z-]*: .* | projects/[^/]+/secrets/.* | @Microsoft\.KeyVault\(.* | ENC\(.*\) | ENC\[.*
    | -----BEGIN\ (?:CERTIFICATE|(?:RSA\ )?PUBLIC\ KEY).* | (?:ssh-(?:rsa|ed25519)|ecdsa-sha2-\S+)\ .*   # known to all
    """,
    re.DOTALL,
).fullmatch

_PATH = re.compile(
    r"""(?x)
      /(?:run|var|etc|secrets?|mnt|vault|opt|usr|home|root|srv|tmp|data|app|config|certs?|keys?)[\w-]*/[\w./-]*
    | /(?:[\w.-]+/)*[\w.-]*\.(?:pem|key|crt|cer|json|txt|ya?ml|toml|p12|pfx|jks|env|conf)
    | (?:/[a-z]+(?:[._-][a-z]+)*){3,}/?                                                    # of plain words
    | (?:\.{1,2}/)?(?:[\w-]+[./])+(?:pem|key|crt|cer|json|ya?ml|toml|p12|pfx|jks|env|conf|token|properties)
    | (?:~|\.{1,2})/[\w./-]+ | [A-Za-z]:[\\/][\w\\/.\ -]*
    """
).fullmatch
"""A file: a password may begin with a slash too."""

_URL = re.compile(r"[a-z][a-z0-9+.-]{1,30}://[^\s]*").fullmatch
_NAME_OF_ANOTHER = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+").fullmatch
_SHORT_NUMBER = re.compile(r"[0-9]{1,5}[smhd]?|[0-9]{1,2}\.[0-9]{1,2}").fullmatch
_URL_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s:/@?#]*:(?P<password>[^\s/@?#]+)@").match
_PART = re.compile(r"(?i)(?:^|;)\s*(?:password|pwd|account ?key|shared ?access ?key)\s*=\s*(?P<password>[^;]+)").search
"""Of a connection string: ``Server=db;User Id=app;Password=...``, ``AccountName=...;AccountKey=...``."""

_BLANKS = frozenset(("password", "passwd", "pass", "pwd", "secret", "token", "pw", "pwd123", "user", "username"))
"""Passwords of examples: ``postgres://user:password@host``."""

_DUMMY = re.compile(r"(?i)x{6,}|\*{6,}|\.{6,}|0{12,}|(?<=[_-])your").search
"""Tokens of examples: ``ghp_xxxxxxxxxxxx``."""

_LONGEST = 256
"""Values up to this length are remembered: they come again and again."""


def is_literal(value: str, *, password: bool = True) -> bool:
    """Whether a value is written out: not empty, not a blank to fill in, not a switch, not a reference.

    A ``password`` may be a short number; a token or a key is none.
    """
    stripped = value.strip().strip("'\"")
    if not stripped or _NO_SECRET(stripped) or _REFERENCE(stripped) or _PATH(stripped):
        return False
    if _URL(stripped):
        return False
    if _NAME_OF_ANOTHER(stripped) and names_secret(stripped):
        return False
    return password or _SHORT_NUMBER(stripped) is None


def is_secret(name: str, value: str) -> bool:
    """Whether a variable holds a secret written out.

    It does when its name names a secret and its value is a literal; and, whatever its name, when its value is a
    token of a well-known form, a private key, or a URL or a connection string with a password.
    """
    return _remembered(name, value) if len(value) <= _LONGEST else _is_secret(name, value)


def _is_secret(name: str, value: str) -> bool:
    if names_secret(name) and is_literal(value, password=names_password(name)):
        return True
    return shows_secret(value) or _is_pair(name, value)


_remembered = lru_cache(maxsize=4096)(_is_secret)


def shows_secret(value: str) -> bool:
    """Whether a value is, or holds, a secret that shows by its form."""
    if shows_token(value):
        return True
    if "://" in value and _shows_password(_URL_PASSWORD(value.strip())):
        return True
    return ";" in value and "\n" not in value and _shows_password(_PART(value))


def shows_token(text: str) -> bool:
    """Whether a text is, or holds, a token of a well-known form or a private key."""
    return may_hold_token(text) and next(tokens(text), None) is not None


def tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of a well-known form and the private keys in a text, but for those of examples."""
    return (found for found in TOKEN.finditer(text) if _is_token(found[0]))


def _is_token(text: str) -> bool:
    """Whether what has a token's form is meant as one. Of a private key a blank is enough: the key is to go there."""
    return text.startswith("-") or _DUMMY(text) is None


def _shows_password(found: re.Match[str] | None) -> bool:
    return found is not None and is_password(found["password"])


def is_password(text: str) -> bool:
    """Whether what stands where a URL or a connection string has its password is one."""
    # Part of the password may be given by a variable: what is around it is not the secret.
    return text.lower() not in _BLANKS and "$" not in text and is_literal(text)


def _is_pair(name: str, value: str) -> bool:
    """Neo4j's user and password in one: ``NEO4J_AUTH=neo4j/...``; ``none`` switches the check off."""
    user, slash, password = value.partition("/")
    return name == "NEO4J_AUTH" and bool(user and slash) and is_literal(password)
