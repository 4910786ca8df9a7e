"""The docker client's files: config.json with its credentials, and the contexts.

https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.docker.json_file import JsonFile
from policyengine.authentication.resolving import Text, entry, glob, resolved, text
from policyengine.errors import DocumentError
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root
    from policyengine.model.location import Location

DIRECTORY = ".docker"
CONFIG = "config.json"

_SECRETS = ("auth", "password", "identitytoken", "registrytoken")
"""What of an entry of ``auths`` is a secret: a registry's alone, for ``docker logout`` leaves an empty one."""


class Context(Struct, frozen=True):
    """A context's endpoint; ``tls``: it has certificates of its own."""

    name: str
    host: str
    skip_tls_verify: bool
    tls: bool | Unknown
    where: Location


class Client(Struct, frozen=True):
    """A user's configuration. ``texts`` are the files by name, with what is secret masked.

    ``plain`` are the registries whose credentials stand in the file, encoded but not encrypted; ``headers`` the names
    of headers that are sent to the engine; ``proxies`` what containers are given, by registry and variable. ``places``
    are where they stand, by the field and the key or number in it.
    """

    path: str
    credentials_store: str | None
    credential_helpers: dict[str, str]
    plain: tuple[str, ...]
    headers: tuple[str, ...]
    proxies: dict[str, str]
    current_context: str | None
    places: dict[tuple[str, str | int], Location]
    texts: dict[str, str]


def client(root: Root, home: str) -> Client | Unknown | None:
    """What config.json of a home directory says; None where there is none.

    Raises :class:`DocumentError` where docker cannot read it.
    """
    read = text(root, f"{home}/{DIRECTORY}/{CONFIG}")
    return _client(JsonFile(read)) if isinstance(read, Text) else read


def _client(file: JsonFile) -> Client:
    auths = _mapping(file, "auths")
    plain = tuple(registry for registry, found in auths.items() if _holds_secret(found))
    for path in ("auths", "HttpHeaders", "proxies"):
        file.hide(path)
    proxies = {
        f"{registry}.{name}": value
        for registry, found in _mapping(file, "proxies").items()
        if isinstance(found, dict)
        for name, value in found.items()
        if isinstance(value, str)
    }
    places: dict[tuple[str, str | int], Location] = {
        ("plain", at): file.locate("auths", registry) for at, registry in enumerate(plain)
    }
    places |= {("proxies", name): file.locate("proxies", *name.rsplit(".", 1)) for name in proxies}
    return Client(
        path=file.path,
        credentials_store=_string(file, "credsStore"),
        credential_helpers={key: str(value) for key, value in _mapping(file, "credHelpers").items()},
        plain=plain,
        headers=tuple(_mapping(file, "HttpHeaders")),
        proxies=proxies,
        current_context=_string(file, "currentContext"),
        places=places,
        texts={file.path: file.shown()},
    )


def _mapping(file: JsonFile, key: str) -> dict[str, object]:
    value = file.values.get(key)
    if value is not None and not isinstance(value, dict):
        where = file.locate(key)
        raise DocumentError(f"{key} should be an object", path=where.path, line=where.line, column=where.column)
    return value or {}


def _string(file: JsonFile, key: str) -> str | None:
    value = file.values.get(key)
    return value if isinstance(value, str) and value else None


def _holds_secret(found: object) -> bool:
    return isinstance(found, dict) and any(isinstance(found.get(key), str) and found[key] for key in _SECRETS)


def contexts(root: Root, home: str) -> list[Context] | Unknown:
    """The contexts of a home directory. One that docker cannot read is none."""
    paths = glob(root, f"{home}/{DIRECTORY}/contexts/meta/*/meta.json")
    if isinstance(paths, Unknown):
        return paths
    found: list[Context] = []
    for path in paths:
        read = text(root, path)
        if isinstance(read, Unknown):
            return read
        found += _contexts(root, path, read) if read is not None else ()
    return found


def _contexts(root: Root, path: str, read: Text) -> Iterator[Context]:
    try:
        file = JsonFile(read)
    except DocumentError:
        return  # docker leaves it out too
    endpoints = file.values.get("Endpoints")
    found = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if isinstance(found, dict) and isinstance(found.get("Host"), str):
        tls = entry(root, f"{path.removesuffix('/meta.json').replace('/contexts/meta/', '/contexts/tls/')}/docker")
        yield Context(
            name=str(file.values.get("Name", "")),
            host=found["Host"],
            skip_tls_verify=found.get("SkipTLSVerify") is True,
            tls=tls if isinstance(tls, Unknown) else tls is not None,
            where=file.locate("Endpoints", "docker", "Host"),
        )


def mode(root: Root, home: str) -> int | Unknown | None:
    """The permission bits of config.json, its symlinks followed."""
    at = resolved(root, f"{home}/{DIRECTORY}/{CONFIG}")
    found = root.entry(at) if isinstance(at, str) else at
    return found if found is None or isinstance(found, Unknown) else found.mode
