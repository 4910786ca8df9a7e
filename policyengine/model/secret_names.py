"""Whether what a text is called tells that it is a secret: DB_PASSWORD does, PASSWORD_FILE does not."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+").findall
"""The words of a name: of DB_PASSWORD, dbPassword, db.password and PGPassword alike."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SECRET = _listed(
    "password passwords passwd passphrase bindpw rootpw rootbindpw secret secrets token credential credentials creds "
    "apikey"
)

_IDENTIFYING = ("aws", "minio", "r2", "s3", "spaces")
"""Services of which the access key says who asks, and only the secret key proves it."""

_PUBLISHED = _listed("pusher reverb soketi")
"""Services whose application key is sent to every browser."""
_SECRET_ENDINGS = (
    *(
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "accesskey",
        "authkey",
        "secretkey",
        "privatekey",
    ),
)
"""Of words written together: PGPASSWORD, AUTHTOKEN."""

_PASS = re.compile(r"(?!(?:ask|by|com|encom|mini|over|sur|tres|under)pass$).*pass").fullmatch
"""The last word of REQUIREPASS and PASS, not of COMPASS."""

_WITHOUT = _listed("nopass nopasswd nopassword")
"""Words that say that there is none, as sudoers do: ``ALL=(ALL) NOPASSWD: ALL``."""

_PASSWORD = re.compile(r".*pass(?:w(?:or)?ds?|phrase)?|pwd|(?:root)?(?:bind)?pw").fullmatch
"""The words of secrets that people think up, and that may be as short and plain as 1234."""

_OTHER_KEYS = _listed("azure foreign partition primary public row vault")
_CONTENT = _listed("content contents pem base64 b64")
"""Words after ``key`` that make it the key itself."""

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
    required reset retries rotation scope scopes seconds size stdin storage store strategy suffix timeout ttl type uri
    url user username validation validity version
    """
)
"""Words after a secret's that make the name one of something about it: PASSWORD_FILE, TOKEN_URL, ACCESS_KEY_ID."""

_LONGEST = 1000
"""How much of a name is looked at, from its end: names are not longer."""

_SETTINGS = _listed(
    """
    allow count disable disabled enable enabled has hide is max min no num number prompt require requires show skip use
    """
)
"""Words before a secret's that make the name a setting's: MAX_TOKEN, ALLOW_EMPTY_PASSWORD."""


_NPM = re.compile(r"(?i)(?:.*npm_config_)?_auth|npm_?auth_?ident").fullmatch
"""npm's user and password in one."""
_SONAR = re.compile(r"(?i)-*d?sonar\.login").fullmatch
"""Where SonarQube takes a token."""


def names_secret(name: str) -> bool:
    """Whether a variable's name says that its value is a secret: DB_PASSWORD does, PASSWORD_FILE does not."""
    return _named(name) is not None


def names_password(name: str) -> bool:
    """Whether it says that its value is a password: a secret that people think up, as DB_PASSWORD is, not API_TOKEN."""
    word = _named(name)
    return word is not None and bool(_PASSWORD(word))


@lru_cache(maxsize=4096)
def _named(name: str) -> str | None:
    """The word of a name that makes it a secret's; None for any other name."""
    if _NPM(name) or _SONAR(name):
        return "credentials"
    words: list[str] = [word.lower() for word in _WORDS(name[-_LONGEST:])]
    while words and words[-1].isdecimal():  # the number of one of several: DB_PASS_2
        words.pop()
    last = max((index for index in range(len(words)) if _is_secret(words, index)), default=None)
    if last is None or _SETTINGS.intersection(words[:last]) or _ABOUT.intersection(words[last + 1 :]):
        return None
    return words[last]


def _is_secret(words: list[str], index: int) -> bool:
    word = words[index]
    last = index == len(words) - 1
    if word in _WITHOUT:
        return False
    if word in _SHORT:
        return last and index > 0
    if word == "key":
        return _is_key(words[:index], words[index + 1 : index + 2])
    if word == "accesskey" and _identifies(words[:index]):
        return False
    return word in _SECRET or word.endswith(_SECRET_ENDINGS) or (last and _PASS(word) is not None)


def _is_key(before: list[str], after: list[str]) -> bool:
    """Whether a key is a secret: ``API_KEY``, ``AZURE_STORAGE_KEY`` and ``TLS_KEY_PEM`` are."""
    if not before:
        return False
    if before[-1] in _SECRET_KEYS:
        return not _is_public_key(before)
    return before[-1] not in _OTHER_KEYS and ("azure" in before or _CONTENT.issuperset(after or ("",)))


def _is_public_key(before: list[str]) -> bool:
    """Whether a key is known to all by what stands before it: ``AWS_ACCESS_KEY`` is, ``AWS_SECRET_ACCESS_KEY`` not."""
    kind, around = before[-1], before[:-1]
    if kind == "access":
        return "secret" not in around and _identifies(around)
    return kind == "app" and bool(_PUBLISHED.intersection(around))


def _identifies(before: list[str]) -> bool:
    return any(service in "".join(before) for service in _IDENTIFYING)
