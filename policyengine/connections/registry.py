"""Registries: what they serve under a name, asked without pulling it.

The API is Docker Registry's version 2, which the OCI made a standard:
https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct

from policyengine.connections.registry_auth import Entrance
from policyengine.connections.registry_credentials import Credentials
from policyengine.connections.registry_errors import (
    BusyError,
    NonsenseError,
    NoRegistryError,
    NotThereError,
    RefusedError,
    at,
    refusal,
    told,
)
from policyengine.connections.registry_manifest import (
    INDEXES,
    MANIFESTS,
    Manifest,
    Platform,
    as_object,
    has_digest,
    is_digest,
    platform,
    read,
)
from policyengine.connections.registry_servers import Options, Servers
from policyengine.connections.web import Limits, Question, Web
from policyengine.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from policyengine.connections.registry_servers import Server
    from policyengine.connections.web import Answer

__all__ = [
    "BusyError",
    "Image",
    "Name",
    "NoRegistryError",
    "NonsenseError",
    "NotThereError",
    "Options",
    "Platform",
    "RefusedError",
    "Registries",
    "wanted",
]

DEFAULTS = Limits()
AMD64 = Platform()
_ACCEPT = ", ".join((*INDEXES, *MANIFESTS))
_OK, _UNAUTHORIZED, _FORBIDDEN = 200, 401, 403
_PAGES = 100
_NEXT = re.compile(r"""<([^>]*)>[^,]*;\s*rel="?next"?""").search
_T = TypeVar("_T")


class Name(Struct, frozen=True):
    """An image by name: its registry (``docker.io``, ``HOST[:PORT]``), its repository, and its digest or its tag."""

    host: str
    repository: str
    version: str

    def __str__(self) -> str:
        mark = "@" if is_digest(self.version) else ":"
        return f"{self.host}/{self.repository}{mark}{self.version}"


class Image(Struct, frozen=True):
    """An image as a registry serves it.

    ``digest`` is what its name stands for, the index's where there is one: that is what to pin. ``manifest`` is the
    digest of the image for the platform, ``config`` its configuration:
    https://github.com/opencontainers/image-spec/blob/main/config.md.
    """

    digest: str
    manifest: str
    is_index: bool
    config: Mapping[str, object]


def registries(insecure: Iterable[str] = (), mirrors: Iterable[str] = ()) -> Registries:
    """The registries as settings have them: those that may be asked over plain HTTP, and mirrors of Docker Hub.

    A mirror is a URL, or a ``daemon.json`` that names some.
    """
    from pathlib import Path

    from policyengine.connections.registry_servers import daemon_mirrors

    named: list[str] = []
    for mirror in mirrors:
        named += daemon_mirrors(Path(mirror)) if mirror.endswith(".json") else [mirror]
    return Registries(Options(frozenset(insecure), tuple(named)))


class Registries:
    """Asks registries; may be used from several threads at once. What has a digest is checked by it.

    Raises :class:`NotThereError` for what a registry does not have, :class:`RefusedError` for what it does not let us
    see, :class:`NoRegistryError` where it does not answer, :class:`BusyError` where it will not now,
    :class:`NonsenseError` for an answer that is none, or not that which the digest stands for; all are
    :class:`SourceError`, as is what keeps ``config.json`` or a certificate from being read.
    """

    def __init__(self, options: Options | None = None, limits: Limits = DEFAULTS) -> None:
        options = options or Options()
        self._limits = limits
        self._servers = Servers(options)
        self._web = Web(self._servers.trust, limits)
        self._entrance = Entrance(self._web, Credentials(options.config))

    def __enter__(self) -> Registries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all connections."""
        self._web.close()

    def digest(self, name: Name) -> str:
        """The digest that a name stands for at present, the index's where there is one. Only its head is asked for."""
        return self._first(name.host, lambda server: self._digest(server, name))

    def manifest(self, name: Name) -> Manifest:
        """The manifest or the index that a name stands for."""
        return self._first(name.host, lambda server: self._manifest(server, name))

    def image(self, name: Name, platform: Platform = AMD64) -> Image:
        """The image that a name stands for on a platform."""
        served = self.manifest(name)
        manifest = served
        if served.is_index:
            chosen = served.chosen(platform)
            if chosen is None:
                raise _no_platform(name, served, platform)
            manifest = self.manifest(Name(name.host, name.repository, chosen))
        if manifest.config is None:
            raise NotThereError(f"{name} is no image", path=at(name.host))
        digest = manifest.config
        config = self._first(name.host, lambda server: self._config(server, name, digest))
        return Image(served.digest, manifest.digest, served.is_index, config)

    def tags(self, host: str, repository: str) -> list[str]:
        """The tags of a repository, as the registry orders them."""
        return self._first(host, lambda server: self._tags(server, repository))

    def _first(self, host: str, ask: Callable[[Server], _T]) -> _T:
        """What the first server gives that has it: mirrors come first, and may fail."""
        *mirrors, last = self._servers.of(host)
        for mirror in mirrors:
            try:
                return ask(mirror)
            except SourceError:
                continue
        return ask(last)

    def _digest(self, server: Server, name: Name) -> str:
        answer = self._asked(server, name.repository, f"manifests/{quote(name.version, safe=':')}", "HEAD")
        told_ = answer.headers.get("docker-content-digest", "")
        if is_digest(name.version):
            return name.version
        return told_ if is_digest(told_) else self._manifest(server, name).digest

    def _manifest(self, server: Server, name: Name) -> Manifest:
        answer = self._asked(server, name.repository, f"manifests/{quote(name.version, safe=':')}")
        by_tag = answer.headers.get("docker-content-digest", "")
        digest = name.version if is_digest(name.version) else by_tag
        if is_digest(digest) and not has_digest(answer.body, digest):
            raise _forged(server, name, digest)
        manifest = read(answer.body, answer.headers.get("content-type", ""))
        if manifest is None:
            message = f"the registry {server.name} serves no manifest that is understood for {name}"
            raise NonsenseError(message, path=at(server.name), hint="images of before 2017 must be pushed anew")
        return Manifest(digest, manifest.media_type, manifest.content) if is_digest(digest) else manifest

    def _config(self, server: Server, name: Name, digest: str) -> Mapping[str, object]:
        answer = self._asked(server, name.repository, f"blobs/{quote(digest, safe=':')}")
        if not has_digest(answer.body, digest):
            raise _forged(server, name, digest)
        config = as_object(answer.body)
        if config is None:
            raise NonsenseError(f"the configuration of {name} is no JSON object", path=at(server.name))
        return config

    def _tags(self, server: Server, repository: str) -> list[str]:
        found: list[str] = []
        path: str | None = "tags/list?n=1000"
        for _ in range(_PAGES):
            if path is None:
                break
            answer = self._asked(server, repository, path)
            listed = (as_object(answer.body) or {}).get("tags")
            found += [tag for tag in listed if isinstance(tag, str)] if isinstance(listed, list) else []
            path = _next(answer, server, repository)
        return found

    def _asked(self, server: Server, repository: str, path: str, method: str = "GET") -> Answer:
        """The answer to a question about a repository, let in as the registry wants it."""
        with told(server.name, self._limits):
            base = self._servers.base(server, self._web)
            url = f"{base}/v2/{quote(repository)}/{path}"
            known = self._entrance.header(server.login, repository)
            answer = self._web.ask(_question(url, method, known))
            if answer.status == _UNAUTHORIZED:
                challenge = answer.headers.get("www-authenticate", "")
                header = self._entrance.admitted(server.login, repository, challenge, known)
                if header is not None:
                    answer = self._web.ask(_question(url, method, header))
        if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
            raise self._entrance.refused(server.login, repository)
        if answer.status != _OK:
            raise refusal(server.name, answer)
        return answer


def wanted(text: str) -> Platform:
    """The platform that somebody asks for, linux/amd64 where nobody does. Raises :class:`NotThereError`."""
    found = platform(text) if text else AMD64
    if found is None:
        raise NotThereError(f'"{text}" is no platform')
    return found


def _question(url: str, method: str, authorization: str | None) -> Question:
    headers = {"accept": _ACCEPT if "/manifests/" in url else "*/*"}
    if authorization is not None:
        headers["authorization"] = authorization
    return Question(url, method, headers)


def _next(answer: Answer, server: Server, repository: str) -> str | None:
    """The next page of tags, if it is of the same list: ``Link: </v2/NAME/tags/list?n=1000&last=x>; rel="next"``."""
    match = _NEXT(answer.headers.get("link", ""))
    if match is None:
        return None
    query = urlsplit(urljoin(f"https://{server.address}/v2/{repository}/tags/list", match[1])).query
    return f"tags/list?{query}" if query else None


def _no_platform(name: Name, served: Manifest, platform: Platform) -> NotThereError:
    there = sorted({str(found) for found, _ in served.platforms()})
    return NotThereError(
        f"{name} has no image for {platform}, only for {', '.join(there) or 'none'}", path=at(name.host)
    )


def _forged(server: Server, name: Name, digest: str) -> NonsenseError:
    message = f"what the registry {server.name} serves for {name} is not what {digest[:19]}... stands for"
    return NonsenseError(message, path=at(server.name), hint="tell who runs it: it is broken, or somebody tampers")
