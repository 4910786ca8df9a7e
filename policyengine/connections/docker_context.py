"""Which engine is meant: the environment's, or that of a context that ``docker context create`` stored.

Read here and not by docker-py, which finds no context where ``config.json`` is missing (``docker context create``
writes none) and then looks for them in the working directory, which may be anybody's.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from policyengine.errors import SourceError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT_HOST = "unix:///var/run/docker.sock"
LOCAL = "local"
"""What the default context is called in sources and locations; ``default``, as the docker command has it, does too."""

_API_VERSION = re.compile(r"[0-9]{1,4}\.[0-9]{1,4}").fullmatch


class Endpoint(Struct, frozen=True):
    """Where an engine listens.

    ``name`` is what sources and locations call it; ``certificates`` the directory with ``ca.pem``, ``cert.pem`` and
    ``key.pem``, None without TLS; ``verify`` whether the engine's own certificate is checked. ``api_version`` is the
    version of the API that is to be spoken, None for the newest that both sides know.
    """

    name: str
    host: str = DEFAULT_HOST
    certificates: Path | None = None
    verify: bool = True
    api_version: str | None = None


def endpoint(name: str = "", environ: Mapping[str, str] = os.environ) -> Endpoint:
    """The engine of a context; of the environment where ``name`` is empty.

    The environment's is found as the docker command does: ``DOCKER_HOST``, else the context that ``DOCKER_CONTEXT``
    names, else the current context of ``config.json``, else the default socket. Raises :class:`SourceError` for a
    context that is not there, or a malformed ``DOCKER_API_VERSION``.
    """
    return replace(_named(name, environ), api_version=_api_version(environ))


def _named(name: str, environ: Mapping[str, str]) -> Endpoint:
    directory = _directory(environ)
    if not name and not environ.get("DOCKER_HOST"):
        name = environ.get("DOCKER_CONTEXT") or _current(directory)
    stored = _meta(directory, name) if name and name != "default" else None
    if stored is not None:
        return _stored(directory, name, stored)
    own = _own(environ, directory)
    if name in ("", "default", LOCAL, own.name):
        return own
    known = [*_names(directory), LOCAL]
    hint = did_you_mean(name, known) or f"contexts are {', '.join(sorted(known))}"
    raise SourceError(f'there is no Docker context "{name}"', path=f"docker://{name}", hint=hint)


def _api_version(environ: Mapping[str, str]) -> str | None:
    wanted = environ.get("DOCKER_API_VERSION", "").removeprefix("v")
    if not wanted:
        return None
    if not _API_VERSION(wanted):
        raise SourceError("DOCKER_API_VERSION is no version of the API", path="docker://", hint="such as 1.41")
    return wanted


def _directory(environ: Mapping[str, str]) -> Path:
    configured = environ.get("DOCKER_CONFIG")
    return Path(configured) if configured else Path.home() / ".docker"


def _own(environ: Mapping[str, str], directory: Path) -> Endpoint:
    """What the docker command calls the default context."""
    host = environ.get("DOCKER_HOST") or DEFAULT_HOST
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    certificates = environ.get("DOCKER_CERT_PATH")
    tls = Path(certificates) if certificates else directory if verify or environ.get("DOCKER_TLS") else None
    return Endpoint(_shown(host), host, tls, verify)


def _shown(host: str) -> str:
    """A remote engine is called by its address, without what stands before its last @."""
    scheme, _, rest = host.rpartition("://")
    try:
        address = urlsplit(f"{scheme or 'tcp'}://{rest.rpartition('@')[2]}")
    except ValueError:
        raise SourceError("DOCKER_HOST is no address", path="docker://", hint="such as tcp://[::1]:2376") from None
    return LOCAL if address.scheme == "unix" else address.netloc or LOCAL


def _current(directory: Path) -> str:
    path = directory / "config.json"
    current = _json(path).get("currentContext") if path.is_file() else None
    return current if isinstance(current, str) else ""


def _meta(directory: Path, name: str) -> Mapping[str, object] | None:
    path = directory / "contexts" / "meta" / _id(name) / "meta.json"
    return _json(path) if path.is_file() else None


def _stored(directory: Path, name: str, meta: Mapping[str, object]) -> Endpoint:
    endpoints = meta.get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(docker, dict):
        raise SourceError("the context names no Docker engine", path=f"docker://{name}")
    certificates = directory / "contexts" / "tls" / _id(name) / "docker"
    tls = certificates if certificates.is_dir() else None
    host = docker.get("Host")
    return Endpoint(
        name, host if isinstance(host, str) and host else DEFAULT_HOST, tls, not docker.get("SkipTLSVerify")
    )


def _names(directory: Path) -> Iterator[str]:
    for path in sorted((directory / "contexts" / "meta").glob("*/meta.json")):
        name = _json(path).get("Name")
        if isinstance(name, str):
            yield name


def _id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _json(path: Path) -> dict[str, object]:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        problem = error.strerror if isinstance(error, OSError) else "malformed JSON"
        raise SourceError(f"cannot be read: {problem}", path=str(path)) from None
    if not isinstance(values, dict):
        raise SourceError("is no JSON object", path=str(path))
    return cast("dict[str, object]", values)
