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
    from policyengine.inputs.compose.layer import Layer
    from policyengine.inputs.compose.node import Node

_BIND_OPTIONS = frozenset({"bind", "rbind"})
DIRECTORIES = {"secrets": "/run/secrets/", "configs": "/"}
"""Where what a service is granted is mounted under its name."""


def bound(volume: object, definitions: Definitions) -> object:
    """A mount of a named volume as the bind that it is, where the project defines it as one; else the mount itself.

    The driver ``local`` hands its options to mount(2):
    https://docs.docker.com/reference/cli/docker/volume/create/#driver-specific-options.
    """
    if not isinstance(volume, dict) or volume.get("type") != "volume" or not isinstance(volume.get("source"), str):
        return volume
    missing = definitions.missing("volumes", volume["source"])
    if missing is not None:
        return {**volume, "type": missing, "source": missing}
    definition = definitions.get("volumes", volume["source"])
    options, driver = definition.get("driver_opts"), definition.get("driver")
    if not isinstance(options, dict) or options.get("device") is None or driver not in (None, "local"):
        return volume
    how, device = options.get("o"), options["device"]
    if isinstance(how, Unknown):
        return {**volume, "type": how, "source": how}
    if _BIND_OPTIONS.isdisjoint((scalar_text(how) or "").split(",")):
        return volume
    layer, _ = definitions.tree("volumes", volume["source"]).origin.at(("driver_opts", "device"))
    return {**volume, "type": "bind", "source": _text(device, layer)}


def granted(node: Node) -> Iterator[tuple[object, DocPath]]:
    """The files of the host that a service is granted as secrets and configs, and where each grant is written."""
    for section in DIRECTORIES:
        written = node.get(section)
        for index, item in enumerate(written if isinstance(written, list) else ()):
            grant = item if isinstance(item, dict) else {"source": item}
            name = grant.get("source")
            if isinstance(name, str):
                source = _file(node.definitions, section, name)
                if source is not None:
                    mount = {"type": "bind", "source": source, "target": target(section, grant), "read_only": True}
                    yield mount, (*node.at, section, index)


def target(section: str, grant: dict[str, object]) -> object:
    """Where a grant is mounted: under its source's name if it names no target."""
    written = grant.get("target")
    if written is None:
        written = grant.get("source")
    if isinstance(written, Unknown):
        return written
    text = scalar_text(written) or ""
    return text if text.startswith("/") else DIRECTORIES[section] + text


def _file(definitions: Definitions, section: str, name: str) -> str | Unknown | None:
    """The file of a secret or config; None where it is none."""
    missing = definitions.missing(section, name)
    if missing is not None:
        return missing
    layer, _ = definitions.tree(section, name).origin.at(("file",))
    return _text(definitions.get(section, name).get("file"), layer)


def _text(path: object, layer: Layer) -> str | Unknown | None:
    if isinstance(path, Unknown):
        return path
    text = scalar_text(path)
    return None if text is None else layer.rebased(host_path(text))
