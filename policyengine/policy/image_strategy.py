"""What a policy says about the image that a violating container is to run instead.

::

    remediate:
      safety: safe
      image: {pin: running}                   # or served: what the registry serves now

      image:
        upgrade:
          within: minor                       # same-tag, patch or minor; never down
          registry: mapped                    # as the settings map registries, or {k8s.gcr.io: registry.k8s.io}

      image:
        rebuild:                              # an image on top of the one that runs
          user: "65532:65532"
          remove_setuid: true
          remove: [package-managers, /usr/bin/su]
          files: {/etc/ssh/sshd_config: "PermitRootLogin no\\n"}
          run: [apk --no-cache upgrade]

What ``pin`` says of ``running`` is in a file, where nothing runs, what is served.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct, field

from policyengine.policy.issues import DataPath, Issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.model.types import Kind

Pinned = Literal["served", "running"]
Within = Literal["same-tag", "patch", "minor"]

WITHIN: tuple[Within, ...] = ("same-tag", "patch", "minor")
"""How far an upgrade may go, the narrowest first."""
MAPPED = "mapped"
"""The registries as the settings map them."""
MANAGERS = "package-managers"
"""All package managers of the system."""
KINDS = ("container", "image", "image_ref")
"""The kinds of resource that have an image, or are one."""
USER = r"[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?"
REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9._:/-]*"
"""A registry, with or without the start of repositories' names."""

_PATH = re.compile(r"/(?!.*(?:^|/)\.{1,2}(?:/|$))[^\x00-\x1f\"'\\$\[\]*?]+").fullmatch
"""A path that means the same to a Dockerfile and to a shell in quotes."""


class Pin(Struct, frozen=True, tag="pin"):
    """The digest that the registry serves now, or that runs."""

    to: Pinned


class Upgrade(Struct, frozen=True, tag="upgrade"):
    """The newest image within a rule; ``registry`` is where from: empty for where it is, ``mapped``, or a mapping."""

    within: Within
    registry: str | Mapping[str, str] = ""


class Rebuild(Struct, frozen=True, tag="rebuild"):
    """A layer on top of an image: what is removed, written and run in it, and whom its containers start as."""

    user: str = ""
    remove_setuid: bool = False
    remove: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    run: tuple[str, ...] = ()


ImageStrategy = Pin | Upgrade | Rebuild


def strategy_from(data: Mapping[str, Any] | None) -> ImageStrategy | None:
    """The ``image`` of a policy's ``remediate``, which was checked."""
    if not data:
        return None
    if "pin" in data:
        return Pin(cast("Pinned", data["pin"]))
    if "upgrade" in data:
        registry = data["upgrade"].get("registry", "")
        return Upgrade(data["upgrade"]["within"], registry if isinstance(registry, str) else dict(registry))
    layer = data["rebuild"]
    return Rebuild(
        user=layer.get("user", ""),
        remove_setuid=layer.get("remove_setuid", False),
        remove=tuple(layer.get("remove") or ()),
        files=dict(layer.get("files") or {}),
        run=tuple(layer.get("run") or ()),
    )


def strategy_issues(data: Mapping[str, Any], at: DataPath, targets: Sequence[Kind]) -> Iterator[Issue]:
    """What is wrong with the ``image`` of a ``remediate`` whose shape is right."""
    if len(data) != 1:
        yield Issue(at, "an image is mended in one way", "give pin, upgrade or rebuild", at_key=True)
    if not any(kind.name in KINDS for kind in targets):
        yield Issue(at, "what is judged has no image", f"that have {', '.join(KINDS)}", at_key=True)
    layer = data.get("rebuild")
    if layer is None:
        return
    if not any(layer.values()):
        yield Issue((*at, "rebuild"), "the layer changes nothing", at_key=True)
    for index, path in enumerate(layer.get("remove") or ()):
        if path != MANAGERS and not _PATH(path):
            yield Issue((*at, "rebuild", "remove", index), f'"{path}" is no path', f"/path, or {MANAGERS}")
    for path in layer.get("files") or ():
        if not _PATH(path) or path.endswith("/"):
            yield Issue((*at, "rebuild", "files", path), f'"{path}" is no path of a file', "/path", at_key=True)
