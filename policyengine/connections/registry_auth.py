"""How a registry lets us in: what it asks for is given, a password or a token that is fetched for it.

https://distribution.github.io/distribution/spec/auth/token/ and .../auth/oauth/
"""

from __future__ import annotations

import json
import re
import time
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from msgspec import Struct

from policyengine.connections.registry_errors import NonsenseError, RefusedError, at
from policyengine.connections.web import Question, basic, is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.registry_credentials import Credentials, Login
    from policyengine.connections.web import Answer, Web

_CLIENT = "policyengine"
_PARAMETER = re.compile(r"""(?<![a-z_])([a-z_]++)[ ]*+=[ ]*+(?:"((?:[^"\\]|\\.)*+)"|([^\s",]++))""")
_CHALLENGE = re.compile(
    rf"""(?<![\w-])(?P<scheme>[A-Za-z][A-Za-z0-9-]*+)[ ]++(?P<parameters>(?:{_PARAMETER.pattern}[ ]*+,?[ ]*+)++)"""
)
_LONGEST = 4096
_SHORTEST = 60
"""Seconds for which a token is good that does not say: the specification's default."""
_OK, _UNAUTHORIZED, _FORBIDDEN = 200, 401, 403


class _Token(Struct, frozen=True):
    header: str
    until: float

    def __repr__(self) -> str:
        return "_Token()"


class Entrance:
    """Gives the ``Authorization`` of questions about repositories; may be asked from several threads at once."""

    def __init__(self, web: Web, credentials: Credentials) -> None:
        self._web = web
        self._credentials = credentials
        self._known: dict[tuple[str, str], _Token] = {}
        self._locks: dict[str, Lock] = {}

    def header(self, host: str, repository: str) -> str | None:
        """What was asked for before, as long as it is good."""
        token = self._known.get((host, repository))
        return token.header if token is not None and time.monotonic() < token.until else None

    def admitted(self, host: str, repository: str, challenge: str, refused: str | None) -> str | None:
        """What a registry asks for by ``WWW-Authenticate``; None where we have nothing beside what it ``refused``.

        Raises :class:`RefusedError` where the server of tokens does not know us.
        """
        with self._locks.setdefault(host, Lock()):
            known = self.header(host, repository)
            if known is not None and known != refused:
                return known
            token = self._answer(host, repository, parsed(challenge))
            if token is None or token.header == refused:
                return None
            self._known[host, repository] = token
            return token.header

    def refused(self, host: str, repository: str) -> RefusedError:
        """What a registry's last word is where it lets us not see a repository."""
        login = self._credentials.of(host)
        return RefusedError.of(host, repository, known=login is not None, helper=self._credentials.failure(host))

    def _answer(self, host: str, repository: str, challenges: Mapping[str, Mapping[str, str]]) -> _Token | None:
        login = self._credentials.of(host)
        if login is not None and login.registry_token:
            return _Token(f"Bearer {login.registry_token}", float("inf"))
        if "bearer" in challenges:
            return self._fetched(host, repository, challenges["bearer"], login)
        if "basic" in challenges and login is not None and login.password:
            return _Token(basic(login.user, login.password), float("inf"))
        return None

    def _fetched(self, host: str, repository: str, challenge: Mapping[str, str], login: Login | None) -> _Token:
        realm = challenge.get("realm", "")
        _check(host, realm)
        asked = {
            **({"service": challenge["service"]} if challenge.get("service") else {}),
            "scope": challenge.get("scope") or f"repository:{repository}:pull",
        }
        answer = self._web.ask(_question(realm, asked, login))
        if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
            raise self.refused(host, repository)
        return _token(host, answer)


def parsed(header: str) -> dict[str, dict[str, str]]:
    """The challenges of ``WWW-Authenticate`` by scheme in lower case: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1."""
    found: dict[str, dict[str, str]] = {}
    for challenge in _CHALLENGE.finditer(header[:_LONGEST]):
        parameters = _PARAMETER.findall(challenge["parameters"])
        values = {name: re.sub(r"\\(.)", r"\1", quoted) or bare for name, quoted, bare in parameters}
        found.setdefault(challenge["scheme"].lower(), values)
    return found


def _check(host: str, realm: str) -> None:
    """A password goes to the server that the registry names, as docker has it; never for all to read."""
    try:
        address = urlsplit(realm)
        name = address.hostname or ""
    except ValueError:
        name = ""
    if not name or not (address.scheme == "https" or (address.scheme == "http" and is_loopback(name))):
        raise NonsenseError(f"the registry {host} names no safe place to get a token from", path=at(host))


def _question(realm: str, asked: Mapping[str, str], login: Login | None) -> Question:
    if login is not None and login.identity_token:
        form = {**asked, "grant_type": "refresh_token", "client_id": _CLIENT, "refresh_token": login.identity_token}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return Question(realm, "POST", headers, urlencode(form).encode())
    address = urlsplit(realm)
    known = login is not None and bool(login.password)
    query = [*parse_qsl(address.query), *asked.items()]
    if login is not None and known:
        query += [("account", login.user)]
    headers = {"authorization": basic(login.user, login.password)} if login is not None and known else {}
    return Question(address._replace(query=urlencode(query)).geturl(), headers=headers)


def _token(host: str, answer: Answer) -> _Token:
    try:
        told = json.loads(answer.body) if answer.status == _OK else None
    except (ValueError, RecursionError):
        told = None
    told = told if isinstance(told, dict) else {}
    token = told.get("token") or told.get("access_token")
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        said = f"status {answer.status}" if answer.status != _OK else "no token"
        raise NonsenseError(f"where the registry {host} has tokens fetched, the answer is {said}", path=at(host))
    seconds = told.get("expires_in")
    good_for = max(float(seconds), _SHORTEST) if isinstance(seconds, int | float) else _SHORTEST
    return _Token(f"Bearer {token}", time.monotonic() + good_for * 0.9)
