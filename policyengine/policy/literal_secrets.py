"""Whether a variable holds a secret written out: by its name and its value, or by what the value alone shows."""

from __future__ import annotations

import re

from policyengine.model.secret_names import TOKEN, names_secret

_NO_SECRET = re.compile(
    r"""(?ix)
      <.*> | \[.*\] | \{\{.*\}\} | %\w+% | __\w+__ | x{3,} | \*{3,} | \.{3} | (.)\1{7,}  # blanks to fill in
    | (?:change|replace|fill|set|update)[-_ ]?(?:me|this|it|in|here)(?![a-z]).* | (?:your|insert)[-_ ].*
    | todo.* | fixme.* | placeholder | redacted
    | none | null | nil | undefined | true | false | enabled? | disabled? | yes | no | on | off | \d        # switches
    """
).fullmatch

_REFERENCE = re.compile(
    r"""(?x)
      \$\{[A-Za-z_]\w*(?::?\?.*|:?-)?\} | .*\$\([A-Za-z_][\w.-]*\).* | \$[A-Z]+(?:_[A-Z]+)*  # another variable
    | (?:[a-z]+\+)?(?:vault|secret|secrets|op|ssm|awssm|gcpsm|azurekeyvault|file|env|ref\+[a-z]+)://.*
    | vault:.* | arn:aws[a-z-]*: .* | projects/[^/]+/secrets/.* | @Microsoft\.KeyVault\(.* | ENC\[.*
    """,
    re.DOTALL,
).fullmatch

_PATH = re.compile(
    r"""(?x)
      /(?:run|var|etc|secrets?|mnt|vault|opt|usr|home|root|srv|tmp|data|app|config|certs?|keys?)[\w-]*/[\w./-]*
    | /(?:[\w.-]+/)*[\w.-]*\.(?:pem|key|crt|cer|json|txt|ya?ml|toml|p12|pfx|jks|env|conf)
    | (?:/[a-z]+(?:[._-][a-z]+)*){3,}/?                                                    # of plain words
    """
).fullmatch
"""A file: a password may begin with a slash too."""

_URL_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s:/@?#]*:(?P<password>[^\s/@?#]+)@").match
_BLANKS = frozenset(("password", "passwd", "pass", "pwd", "secret", "token"))
"""Passwords of examples: ``postgres://user:password@host``."""


def is_literal(value: str) -> bool:
    """Whether a value is written out: not empty, not a blank to fill in, not a switch, not a reference."""
    stripped = value.strip()
    if not stripped or _NO_SECRET(stripped):
        return False
    return _REFERENCE(stripped) is None and _PATH(stripped) is None


def is_secret(name: str, value: str) -> bool:
    """Whether a variable holds a secret written out.

    It does when its name names a secret and its value is a literal; and, whatever its name, when its value is a
    token of a well-known form, or a URL with a password.
    """
    if names_secret(name) and is_literal(value):
        return True
    return TOKEN.match(value.strip()) is not None or _shows_password(value.strip())


def _shows_password(value: str) -> bool:
    found = _URL_PASSWORD(value)
    if found is None or found["password"].lower() in _BLANKS:
        return False
    # Part of the password may be given by a variable: what is around it is not the secret.
    return "$" not in found["password"] and is_literal(found["password"])
