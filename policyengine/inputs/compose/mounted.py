"""What of the host a service mounts by a name: a volume that binds a directory, a secret or config that is a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.normal import host_path
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.definitions import Definitions
    from policyengine.inputs.compose.node import Node

_BIND_OPTIONS = frozenset({"bind", "rbind"})
_DIRECTORIES = {"secrets": "/run/secrets/", "configs": "/"}
"""Where what a service is granted is mounted under its name."""


def bound(volume: object, definitions: Definitions) -> object:
    """A mount of a named volume as the bind that it is, where the file defines it as one; else the mount itself.

    The driver ``local`` hands its options to mount(2):
    https://docs.docker.com/reference/cli/docker/volume/create/#driver-specific-options.
    """
    if not isinstance(volume, dict) or volume.get("type") != "volume" or not isinstance(volume.get("source"), str):
        return volume
    definition = definitions.get("volumes", volume["source"])
    options, driver = definition.get("driver_opts"), definition.get("driver")
    if not isinstance(options, dict) or options.get("device") is None or driver not in (None, "local"):
        return volume
    how, device = options.get("o"), _text(options["device"])
    if isinstance(how, Unknown):
        return {**volume, "type": how, "source": how}
    if _BIND_OPTIONS.isdisjoint((scalar_text(how) or "").split(",")):
        return volume
    return {**volume, "type": "bind", "source": device}


def granted(node: Node) -> Iterator[tuple[object, DocPath]]:
    """The files of the host that a service is granted as secrets and configs, and where each grant is written.

    Relative files are the project's own and are left out.
    """
    for section, directory in _DIRECTORIES.items():
        written = node.get(section)
        for index, item in enumerate(written if isinstance(written, list) else ()):
            grant = item if isinstance(item, dict) else {"source": item}
            name = grant.get("source")
            file = _text(node.definitions.get(section, name).get("file")) if isinstance(name, str) else None
            if isinstance(file, Unknown) or (file and file.startswith("/")):
                target = scalar_text(grant.get("target") or name) or ""
                mount = {"type": "bind", "source": file, "target": target if "/" in target[:1] else directory + target}
                yield {**mount, "read_only": True}, (*node.at, section, index)


def _text(path: object) -> str | Unknown | None:
    if isinstance(path, Unknown):
        return path
    text = scalar_text(path)
    return None if text is None else host_path(text)
