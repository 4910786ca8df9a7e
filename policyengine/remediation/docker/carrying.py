"""From what an engine tells of a container to what it is asked for to make the same again, of this or a new image.

Everything is carried over: the whole ``HostConfig``, ``Config`` without what came from the image, what was asked of
each network, and the anonymous volumes, by name. What may differ afterwards is listed in
:data:`~policyengine.remediation.docker.differences.CHANGES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.inputs.docker.alone import facts_of
from policyengine.remediation.docker.answers import mapping, text, texts
from policyengine.remediation.docker.body import Body
from policyengine.remediation.docker.endpoints import SHORT, WITHOUT, endpoints, may_have_more
from policyengine.remediation.docker.mounts import pinned
from policyengine.remediation.docker.own import own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.connections.docker import Answer
    from policyengine.remediation.docker.own import Config

_ENDED = ("removing", "dead")


def carried(
    container: Answer,
    image: Answer | None,
    target: Answer | None = None,
    *,
    keep_all: bool = False,
    machine: str = "",
) -> Body:
    """What is asked for to make a container again.

    ``container`` is ``/containers/NAME/json``, ``image`` ``/images/ID/json`` of the image it runs, ``target`` that of
    the image it is to run, where that is another. Where its image is gone nothing can be told from what was asked
    for: that is refused, unless ``keep_all`` says to take all for asked for. ``machine`` is the name of the engine's
    host (``Name`` of ``/info``) where that is known: a container on the host's network that was given no name has it.

    Raises :class:`RemedyError` for what cannot be replaced by another that is the same.
    """
    _replaceable(container)
    if image is None and not keep_all:
        raise RemedyError(
            "its image is gone from the engine: what comes from that cannot be told from what was asked for",
            path=_name(container),
            hint="pull the image again, or have all that it has carried over",
        )
    attached = endpoints(container)
    if not attached and _should_be_attached(container):
        raise RemedyError(
            "it is disconnected from all its networks, and a new one would be attached again",
            path=_name(container),
            hint="connect it to a network, or remove it",
        )
    host, volumes = pinned(container)
    config = _config(container, mapping(image or {}, "Config"), machine)
    if texts(host, "Links"):
        host["Links"] = [_link(item) for item in texts(host, "Links")]
    config["HostConfig"] = host
    return Body(
        config,
        attached,
        volumes,
        tuple(_notes(container, image, volumes)),
        mapping(target or image or {}, "Config"),
        facts_of(container, image),
    )


def _replaceable(container: Answer) -> None:
    if mapping(container, "HostConfig").get("AutoRemove") is True:
        raise RemedyError(
            "it is removed as soon as it stops (--rm), so that nothing could be put back",
            path=_name(container),
            hint="run it without --rm",
        )
    state = text(mapping(container, "State"), "Status")
    if state in _ENDED:
        raise RemedyError(f"the engine is about to remove it: it is {state}", path=_name(container))
    if text(container, "Platform") not in ("", "linux"):
        raise RemedyError("only Linux containers are replaced", path=_name(container))


def _should_be_attached(container: Answer) -> bool:
    mode = text(mapping(container, "HostConfig"), "NetworkMode")
    disabled = mapping(container, "Config").get("NetworkDisabled") is True
    return not disabled and mode not in WITHOUT and not mode.startswith("container:")


def _name(container: Answer) -> str:
    return text(container, "Name").lstrip("/") or text(container, "Id")[:SHORT]


def _config(container: Answer, of_image: Answer, machine: str) -> Config:
    host, config = mapping(container, "HostConfig"), mapping(container, "Config")
    published = frozenset(port for port, bindings in mapping(host, "PortBindings").items() if bindings)
    found = own(config, of_image, published)
    joins = text(host, "NetworkMode").startswith("container:")
    if joins:  # it has the other's name and ports, and an engine refuses to be told them
        for key in ("Domainname", "ExposedPorts"):
            found.pop(key, None)
    if joins or text(host, "UTSMode") == "host" or text(config, "Hostname") in _chosen(container, machine):
        found.pop("Hostname", None)
    return found


def _chosen(container: Answer, machine: str) -> tuple[str, ...]:
    """The host names that an engine gives where none is asked for."""
    of_host = text(mapping(container, "HostConfig"), "NetworkMode") == "host"
    return (text(container, "Id")[:SHORT], *((machine,) if of_host and machine else ()))


def _link(item: str) -> str:
    """``/db:/web/alias``, as an engine tells it, as it was asked for."""
    linked, _, alias = item.partition(":")
    return f"{linked.lstrip('/')}:{alias.rpartition('/')[2]}"


def _notes(container: Answer, image: Answer | None, volumes: tuple[str, ...]) -> Iterator[str]:
    """What a person should know."""
    if volumes:
        count = "1 anonymous volume is" if len(volumes) == 1 else f"{len(volumes)} anonymous volumes are"
        yield f"{count} kept and mounted by name: no longer removed together with the container"
    if image is None:
        yield "its image is gone: all that it had from that is kept as if it had been asked for"
    host = mapping(container, "HostConfig")
    if may_have_more(container):
        yield "MAC addresses that were asked for of networks other than the first are not told, and not carried over"
    if texts(host, "VolumesFrom"):
        yield "what it mounts of other containers (--volumes-from) is as they have it then"
