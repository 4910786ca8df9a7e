"""What tells that a text is a secret: the name that it is given, or the shape of well-known tokens."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+").findall
"""The words of a name: of DB_PASSWORD, dbPassword, db.password and PGPassword alike."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SECRET = _listed("password passwords passwd passphrase secret secrets token credential credentials creds apikey")
_SECRET_ENDINGS = (
    *("password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "secretkey", "privatekey"),
)
"""Of words written together: PGPASSWORD, AUTHTOKEN."""

_PASS = re.compile(r"(?!(?:by|com|encom|over|sur|tres|under)pass$).*pass").fullmatch
"""The last word of REQUIREPASS and PASS, not of COMPASS."""

_SHORT = frozenset(("pat", "pwd", "pw"))
"""Secrets only at the end of a longer name, as in GITHUB_PAT: PWD alone is the working directory."""

_SECRET_KEYS = _listed(
    "access account api app application auth encryption jwt license master private secret session shared sign signing"
)
"""What stands before ``key`` where the key is a secret: not ``public``, ``primary`` or ``partition``."""

_ABOUT = _listed(
    """
    access age alg algo algorithm arn attempts audience auth authentication backend cache claim class complexity cookie
    count days dir directory disabled duration enabled endpoint env exp expiration expire expires expiry field file
    files format hash hasher hashed header history host hours id ids index interval issuer len length lifetime limit
    manager max min minutes mode mount name namespace path period policy port prefix provider ref refresh region
    required reset retries rotation scope scopes seconds size store strategy suffix timeout ttl type uri url user
    username validation validity version
    """
)
"""Words after a secret's that make the name one of something about it: PASSWORD_FILE, TOKEN_URL, ACCESS_KEY_ID."""

_SETTINGS = _listed(
    "allow count disable enable has hide is max min no num number prompt require requires show skip use"
)
"""Words before a secret's that make the name a setting's: MAX_TOKEN, ALLOW_EMPTY_PASSWORD."""

TOKEN = re.compile(
    r"""(?x) (?<![A-Za-z0-9_-])
    (?: gh[opsur]_[A-Za-z0-9]{6,}+ | github_pat_\w{6,}+ | glpat-[\w-]{6,}+ | xox[abeprs]-[\w-]{6,}+
      | [rs]k_live_[A-Za-z0-9]{6,}+ | (?:AKIA|ASIA)[A-Z0-9]{16} (?![A-Za-z0-9]) )
    """
)
"""Tokens of GitHub, GitLab, Slack, Stripe and AWS, told by their prefix."""


_NO_SECRET_KEY = re.compile(
    r"""(?x)
      .*(?:aws|minio|s3) access    # names an account: its secret is SECRET_KEY
    | .*(?:pusher|reverb|soketi).* app     # browsers are given it: its secret is APP_SECRET
    """
).fullmatch
"""The words before ``key``, written together, where the key is no secret."""


@lru_cache(maxsize=4096)
def names_secret(name: str) -> bool:
    """Whether a variable's name says that its value is a secret: DB_PASSWORD does, PASSWORD_FILE does not."""
    words = [word.lower() for word in _WORDS(name)]
    last = max((index for index in range(len(words)) if _is_secret(words, index)), default=None)
    if last is None:
        return False
    return not (_SETTINGS.intersection(words[:last]) or _ABOUT.intersection(words[last + 1 :]))


def _is_secret(words: list[str], index: int) -> bool:
    word = words[index]
    last = index == len(words) - 1
    if word in _SHORT:
        return last and index > 0
    if word == "key":
        return index > 0 and words[index - 1] in _SECRET_KEYS and _NO_SECRET_KEY("".join(words[:index])) is None
    return word in _SECRET or word.endswith(_SECRET_ENDINGS) or (last and _PASS(word) is not None)
