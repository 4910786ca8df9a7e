"""The docker client's files: config.json with its credentials, and the contexts.

https://docs.docker.com/reference/cli/docker/#docker-cli-configuration-file-configjson-properties
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.docker.json_file import JsonFile
from policyengine.authentication.resolving import Text, entry, glob, resolved, text
from policyengine.documents import go_json
from policyengine.errors import DocumentError
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.files import Root
    from policyengine.documents.yaml import YamlDocument
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
    texts: dict[str, str | YamlDocument]


def client(root: Root, home: str) -> Client | Unknown | None:
    """What config.json of a home directory says; None where there is none.

    Raises :class:`DocumentError` where docker cannot read it.
    """
    read = text(root, f"{home}/{DIRECTORY}/{CONFIG}")
    return _client(JsonFile(read)) if isinstance(read, Text) else read


def _client(file: JsonFile) -> Client:
    auths = _mapping(file, "auths")
    plain = tuple(registry for registry, (_, found) in auths.items() if _holds_secret(found))
    for name in ("auths", "HttpHeaders", "proxies"):
        for key, _ in go_json.fields(file.pairs, name):
            file.hide(key)
    proxied = {
        f"{registry}.{name}": (value, (key, registry, name))
        for registry, (key, found) in _mapping(file, "proxies").items()
        if isinstance(found, dict)
        for name, value in found.items()
        if isinstance(value, str)
    }
    places: dict[tuple[str, str | int], Location] = {
        ("plain", at): file.locate(auths[registry][0], registry) for at, registry in enumerate(plain)
    }
    places |= {("proxies", name): file.locate(*path) for name, (_, path) in proxied.items()}
    return Client(
        path=file.path,
        credentials_store=_string(file, "credsStore"),
        credential_helpers={name: str(value) for name, (_, value) in _mapping(file, "credHelpers").items()},
        plain=plain,
        headers=tuple(_mapping(file, "HttpHeaders")),
        proxies={name: value for name, (value, _) in proxied.items()},
        current_context=_string(file, "currentContext"),
        places=places,
        texts={file.path: file.shown()},
    )


def _mapping(file: JsonFile, name: str) -> dict[str, tuple[str, object]]:
    for key, value in go_json.fields(file.pairs, name):
        if value is not None and not isinstance(value, dict):
            where = file.locate(key)
            raise DocumentError(f"{key} should be an object", path=where.path, line=where.line, column=where.column)
    return go_json.entries(file.pairs, name)


def _string(file: JsonFile, name: str) -> str | None:
    found = go_json.string(file.pairs, name)
    return (found[1] or None) if found else None


def _holds_secret(found: object) -> bool:
    held = (go_json.string(found.items(), name) for name in _SECRETS) if isinstance(found, dict) else ()
    return any(one is not None and one[1] for one in held)


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
    key, found = go_json.entries(file.pairs, "Endpoints").get("docker", ("", None))
    host = go_json.string(found.items(), "Host") if isinstance(found, dict) else None
    if isinstance(found, dict) and host is not None:
        tls = entry(root, f"{path.removesuffix('/meta.json').replace('/contexts/meta/', '/contexts/tls/')}/docker")
        yield Context(
            name=_string(file, "Name") or "",
            host=host[1],
            skip_tls_verify=[value for _, value in go_json.fields(found.items(), "SkipTLSVerify")][-1:] == [True],
            tls=tls if isinstance(tls, Unknown) else tls is not None,
            where=file.locate(key, "docker", host[0]),
        )


def mode(root: Root, home: str) -> int | Unknown | None:
    """The permission bits of config.json, its symlinks followed."""
    at = resolved(root, f"{home}/{DIRECTORY}/{CONFIG}")
    found = root.entry(at) if isinstance(at, str) else at
    return found if found is None or isinstance(found, Unknown) else found.mode
