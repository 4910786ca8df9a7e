"""What a Compose file defines beside services and what services refer to: networks, volumes, secrets, configs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.interpolation import Interpolation

_KEYS = {
    "networks": ("name", "external"),
    "volumes": ("driver", "driver_opts"),
    "secrets": ("file",),
    "configs": ("file",),
}
"""The sections, and what of a definition bears on the services that refer to it."""


class Definitions:
    """The definitions of one file: ``top`` is the file's mapping, which stands ``at``."""

    def __init__(self, top: dict[str, object], at: DocPath, reading: Interpolation) -> None:
        self._top = top
        self._at = at
        self._reading = reading
        self._read: dict[tuple[str, str], dict[str, object]] = {}

    def get(self, section: str, name: str) -> dict[str, object]:
        """A definition's keys that bear on services, interpolated; none of what is not defined here."""
        key = (section, name)
        if key not in self._read:
            definitions = self._top.get(section)
            written = definitions.get(name) if isinstance(definitions, dict) else None
            self._read[key] = {
                part: self._reading.values(written[part], (*self.place(section, name), part))
                for part in _KEYS[section]
                if isinstance(written, dict) and part in written
            }
        return self._read[key]

    def place(self, section: str, name: str) -> DocPath:
        """Where a definition is written."""
        return (*self._at, section, name)
