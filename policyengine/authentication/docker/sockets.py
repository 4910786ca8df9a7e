"""What the systemd unit docker.socket listens at and hands to dockerd as ``fd://``: systemd.socket(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.authentication.system.sections import stacked
from policyengine.authentication.system.units import UNITS, is_masked
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.authentication.files import Root
    from policyengine.authentication.system.sections import Line, Stacked

UNIT = "docker.socket"
_PORT = re.compile(r"[0-9]+").fullmatch


def listeners(root: Root) -> tuple[dict[str, Line], dict[str, str]] | Unknown:
    """The addresses as dockerd's ``--host`` has them, with the lines that give them, and the texts of the files.

    A unit that is masked, or is not there, listens at nothing.
    """
    masked = is_masked(root, UNIT)
    if isinstance(masked, Unknown):
        return masked
    found = None if masked else stacked(root, UNIT, UNITS)
    if isinstance(found, Unknown):
        return found
    return ({}, {}) if found is None else (_addresses(found), {one.where: one.text for one in found.texts})


def _addresses(found: Stacked) -> dict[str, Line]:
    """An empty line takes back those before it."""
    given: dict[str, Line] = {}
    for line in found.values("Socket", "ListenStream"):
        given = {**given, _address(line.value): line} if line.value else {}
    return given


def _address(value: str) -> str:
    """A port alone is one at every address; what begins with a slash or an @ is a socket of Unix."""
    if value[0] in "/@%":
        return f"unix://{value}"
    if value.startswith("vsock:"):
        return f"vsock://{value.removeprefix('vsock:')}"
    return f"tcp://[::]:{value}" if _PORT(value) else f"tcp://{value}"
