"""What is hidden where a line of a Compose file is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.documents.document import Document

_OF_SERVICES = (("environment",), ("build", "args"), ("logging", "options"))
_OF_OTHERS = {"secrets": ("content",), "configs": ("content",), "volumes": ("driver_opts",)}


def hide_secrets(document: Document) -> None:
    """Hide what may hold a secret: environments, build arguments, contents of secrets and configs, options of drivers.

    Whatever is written there is hidden, also what has the wrong type.
    """
    for index, value in enumerate(document.values):
        if not isinstance(value, dict):
            continue
        for name in _names(value, "services"):
            for steps in _OF_SERVICES:
                document.hide((index, "services", name, *steps))
        for section, steps in _OF_OTHERS.items():
            for name in _names(value, section):
                document.hide((index, section, name, *steps))


def _names(value: dict[str, object], section: str) -> list[str]:
    entries = value.get(section)
    return list(entries) if isinstance(entries, dict) else []
