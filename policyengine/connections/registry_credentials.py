"""Who we are to a registry: what ``docker login`` stored, in ``config.json`` itself or with a credential helper.

https://docs.docker.com/reference/cli/docker/login/#credential-stores
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from base64 import b64decode
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from policyengine.documents import go_json
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.documents.go_json import Pairs

HUB = "docker.io"
_HUB_KEY = "https://index.docker.io/v1/"
"""What ``docker login`` calls Docker Hub."""
SERVERS = {HUB: _HUB_KEY}
"""The names that logins know registries by, where they are others."""
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*").fullmatch
_HELPER_SECONDS = 30
_IS_TOKEN = "<token>"  # noqa: S105 - what a helper gives for a user name where the secret is an identity token


class Login(Struct, frozen=True):
    """What proves who we are: a password, an identity token to get others with, or a token for the registry itself.

    Its text shows none of them.
    """

    user: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    def __repr__(self) -> str:
        return "Login()"


class Credentials:
    """The logins of ``config.json``, in the directory that ``DOCKER_CONFIG`` names or ``~/.docker``.

    It is read when it is first asked; a helper is asked once for each registry. Raises :class:`SourceError` for a
    file that cannot be read.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._config: Pairs | None = None
        self._known: dict[str, Login | None] = {}
        self._failed: dict[str, str] = {}
        self._lock = Lock()

    def of(self, host: str) -> Login | None:
        """The login of a registry, ``docker.io`` or ``HOST[:PORT]``; None for one that we are nobody to."""
        with self._lock:
            if host not in self._known:
                self._known[host] = self._look_up(host)
            return self._known[host]

    def failure(self, host: str) -> str | None:
        """Why the helper of a registry gave no login, None where it was not asked or did its work."""
        return self._failed.get(host)

    def _look_up(self, host: str) -> Login | None:
        if self._config is None:
            self._config = _read(self._directory)
        key = SERVERS.get(host, host)
        helper = _found(_entries(self._config, "credHelpers"), key) or _text(self._config, "credsStore")
        if isinstance(helper, str) and helper:
            try:
                return _helped(helper, key)
            except SourceError as error:
                # As docker has it, who needs no login is not bothered; whoever is refused is told.
                self._failed[host] = error.message
                return None
        return _stored(_mapping(_found(_entries(self._config, "auths"), key)))


def _read(directory: Path | None) -> Pairs:
    path = (directory or _home()) / "config.json"
    try:
        return go_json.decoded(path.read_bytes())[1]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        problem = error.strerror if isinstance(error, OSError) else "malformed JSON"
        raise SourceError(f"cannot be read: {problem}", path=str(path)) from None


def _home() -> Path:
    named = os.environ.get("DOCKER_CONFIG")
    return Path(named) if named else Path(os.path.expanduser("~"), ".docker")  # noqa: PTH111 - Path.home() may raise


def _entries(config: Pairs, name: str) -> Mapping[str, object]:
    return {key: entry for key, (_, entry) in go_json.entries(config, name).items()}


def _text(pairs: Pairs, name: str) -> str:
    found = go_json.string(pairs, name)
    return found[1] if found else ""


def _found(entries: Mapping[str, object], key: str) -> object:
    """The entry of a registry; old ones are called by a URL."""
    if key in entries:
        return entries[key]
    return next((value for name, value in entries.items() if _host(name) == _host(key)), None)


def _host(name: str) -> str:
    host = name.partition("://")[2] or name
    host = host.partition("/")[0].lower()
    return "index.docker.io" if host in (HUB, "registry-1.docker.io") else host


def _stored(entry: Mapping[str, object]) -> Login | None:
    """The login that an entry of ``auths`` holds, None where it is empty: a helper holds it, or it was logged out."""
    text = partial(_text, entry.items())
    user, password = _pair(text("auth")) or (text("username"), text("password"))
    login = Login(user, password, text("identitytoken"), text("registrytoken"))
    return login if login != Login() else None


def _pair(auth: str) -> tuple[str, str] | None:
    """User and password of ``auth``, base64 of ``user:password``."""
    try:
        user, colon, password = b64decode(auth, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password.rstrip("\0")) if colon else None


def _helped(name: str, key: str) -> Login | None:
    """What a credential helper holds: https://github.com/docker/docker-credential-helpers."""
    program = f"docker-credential-{name}"
    if not _HELPER(name):
        raise SourceError("the name of the credential helper in config.json is none")
    try:
        ended = subprocess.run(  # noqa: S603 - as docker does
            [program, "get"], input=key.encode(), capture_output=True, timeout=_HELPER_SECONDS, check=False
        )
    except FileNotFoundError:
        raise SourceError(f"there is no {program}, which config.json names") from None
    except (OSError, subprocess.TimeoutExpired):
        raise SourceError(f"{program}, which config.json names, does not work") from None
    if ended.returncode:
        if b"credentials not found" in ended.stdout:
            return None
        raise SourceError(f"{program}, which config.json names, fails")
    return _told(program, ended.stdout)


def _told(program: str, answer: bytes) -> Login | None:
    try:
        told = _mapping(json.loads(answer))
    except (ValueError, RecursionError):
        raise SourceError(f"{program}, which config.json names, gives no JSON") from None
    user, secret = told.get("Username"), told.get("Secret")
    if not isinstance(user, str) or not isinstance(secret, str) or not secret:
        return None
    return Login(identity_token=secret) if user == _IS_TOKEN else Login(user, secret)


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
