"""Sources on engines: ``docker://[CONTEXT][/container/NAME | /image/REF | /network/NAME | /volume/NAME]``."""

from __future__ import annotations

from msgspec import Struct

from policyengine.errors import SourceError, did_you_mean

SCHEME = "docker"
KINDS = ("container", "image", "network", "volume")


class DockerUrl(Struct, frozen=True):
    """What a URL names: a whole engine, or one object of a kind on it."""

    context: str = ""
    kind: str | None = None
    name: str = ""


def parse(url: str) -> DockerUrl:
    """The parts of a URL; an empty context is the environment's. Raises :class:`SourceError` for a malformed one."""
    context, _, rest = url.removeprefix(f"{SCHEME}://").partition("/")
    kind, _, name = rest.partition("/")
    if "@" in context or (kind not in KINDS and "@" in rest):
        # not the URL: what stands before the @ may be a password
        raise SourceError("a source names a context, not a user at a host", path=f"{SCHEME}://", hint=_ENDPOINT)
    if not kind and not name:
        return DockerUrl(context)
    if kind not in KINDS:
        raise SourceError(
            f'"{kind}" is nothing that is read alone', path=url, hint=did_you_mean(kind, KINDS) or _GRAMMAR
        )
    if not name:
        raise SourceError(f"names no {kind}", path=url, hint=_GRAMMAR)
    if any(part in ("", ".", "..") for part in name.split("/")):
        raise SourceError(f'"{name}" is the name of no {kind}', path=url, hint=_GRAMMAR)
    return DockerUrl(context, kind, name)


_ENDPOINT = "set DOCKER_HOST, or make a context: docker context create NAME --docker host=ssh://USER@HOST"
_GRAMMAR = "docker://[CONTEXT][/container/NAME | /image/REF | /network/NAME | /volume/NAME]"
