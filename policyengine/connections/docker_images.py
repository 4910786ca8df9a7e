"""Images that an engine is to pull, build, push and remove. Whatever takes long is told in a stream, errors too.

https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from policyengine.connections.docker import as_objects, as_path
from policyengine.connections.docker_errors import ConflictError, NotThereError, url
from policyengine.connections.registry_credentials import SERVERS, Login
from policyengine.connections.registry_manifest import Platform, is_digest
from policyengine.errors import SourceError
from policyengine.model.masking import concealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Answer, Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.connections.registry_credentials import Credentials

__all__ = ["Images", "platform_of", "platform_told"]

LONG = 1800
"""Seconds that an image may take to be pulled, built or pushed."""


class Images:
    """What an engine can be asked to do with images. Registries are told who we are as ``credentials`` have it."""

    def __init__(self, acting: Acting, credentials: Credentials) -> None:
        self.acting = acting
        self._credentials = credentials

    def found(self, reference: str) -> Answer | None:
        """An image that the engine has, by reference or id; None where it has none."""
        try:
            return self.acting.engine.image(reference)
        except NotThereError:
            return None

    def pull(self, host: str, name: str, digest: str, platform: Platform) -> Answer:
        """Have an image pulled by its digest; ``name`` is that of its repository, which ``host`` has."""
        query = {"fromImage": name, "tag": digest, "platform": str(platform)}
        self._told("/images/create", None, query, self._identity(host))
        return self.acting.engine.image(f"{name}@{digest}")

    def build(self, context: bytes, mark: tuple[str, str], *, network: bool) -> str:
        """Build an image of a context, a tar file with its ``Dockerfile``; gives its id.

        The image it starts from must be there. ``mark`` is a label, which it sets first of all: where the build fails,
        by this what it has left is found and removed.
        """
        query = {"rm": "1", "forcerm": "1", "nocache": "1", **({} if network else {"networkmode": "none"})}
        try:
            said = self._told("/build", context, query, {"Content-Type": "application/x-tar"})
        except BaseException:
            self.discard(mark)
            raise
        built = next((str(aux["ID"]) for aux in _auxiliary(said) if "ID" in aux), None)
        if built is None:
            self.discard(mark)
            raise SourceError("the engine does not tell what it has built", path=url(self.acting.engine.endpoint))
        return built

    def tag(self, image: str, name: str, tag: str) -> None:
        """Give an image a name, whoever had it before."""
        self.acting.post(f"/images/{as_path(image)}/tag", query={"repo": name, "tag": tag})

    def push(self, host: str, name: str, tag: str) -> str:
        """Have an image pushed to the registry ``host``; gives the digest that it has there."""
        said = self._told(f"/images/{as_path(name)}/push", None, {"tag": tag}, self._identity(host))
        digests = [str(aux["Digest"]) for aux in _auxiliary(said) if "Digest" in aux]
        if not digests or not is_digest(digests[-1]):
            raise SourceError("the engine does not tell what it has pushed", path=url(self.acting.engine.endpoint))
        return digests[-1]

    def remove(self, image: str) -> bool:
        """Remove a name of an image, and with the last the image; whether it is gone. What is in use stays."""
        try:
            self.acting.delete(f"/images/{as_path(image)}")
        except ConflictError:
            return False
        except NotThereError:
            pass
        return True

    def discard(self, mark: tuple[str, str]) -> None:
        """Remove all images without a name that have a label."""
        wanted = json.dumps({"dangling": ["true"], "label": ["=".join(mark) if mark[1] else mark[0]]})
        with suppress(SourceError):  # why nothing could be built is what is told
            found = self.acting.get("/images/json", {"filters": wanted})
            for image in as_objects(self.acting.engine.endpoint, found or []):
                self.remove(str(image.get("Id")))

    def _told(self, path: str, body: bytes | None, query: dict[str, str], headers: Mapping[str, str]) -> list[Answer]:
        """What is told of something that takes long. Raises :class:`SourceError` for an error in it."""
        said = self.acting.messages(path, body, query=query, headers=headers, seconds=LONG)
        for message in said:
            detail = message.get("errorDetail")
            if isinstance(detail, dict):
                # ``error``, which says the same, is deprecated.
                raise SourceError(concealed(str(detail.get("message"))), path=url(self.acting.engine.endpoint))
        return said

    def _identity(self, host: str) -> dict[str, str]:
        return {"X-Registry-Auth": identity(host, self._credentials.of(host))}


def identity(host: str, login: Login | None) -> str:
    """Who we are to a registry, as engines are told it: base64 for URLs of JSON.

    https://docs.docker.com/reference/api/engine/version/v1.41/#section/Authentication
    """
    told = {} if login is None else {"serveraddress": SERVERS.get(host, host), **_secrets(login)}
    return urlsafe_b64encode(json.dumps(told).encode()).decode()


def _secrets(login: Login) -> dict[str, str]:
    if login.identity_token:
        return {"identitytoken": login.identity_token}
    if login.registry_token:
        return {"registrytoken": login.registry_token}
    return {"username": login.user, "password": login.password}


def platform_of(engine: Engine) -> Platform:
    """The platform of an engine's host. It does not tell the variant."""
    os, architecture = (engine.version.get(key) for key in ("Os", "Arch"))
    known = isinstance(os, str) and isinstance(architecture, str)
    return Platform(cast("str", os), cast("str", architecture)).normal if known else Platform()


def platform_told(image: Answer) -> Platform:
    """The platform of an image that an engine has."""
    return Platform(*(str(image.get(key) or "") for key in ("Os", "Architecture", "Variant")))


def _auxiliary(said: list[Answer]) -> list[Answer]:
    """What a stream tells beside its progress: the id of what was built, the digest of what was pushed."""
    return [aux for message in said if isinstance(aux := message.get("aux"), dict)]
