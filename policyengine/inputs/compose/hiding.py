"""What is hidden where a line of a Compose file is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document

_OF_SERVICES = (("environment",), ("build", "args"), ("logging", "options"), ("provider", "options"))
_HOOKS = ("post_start", "pre_stop")
_OF_OTHERS = {"secrets": ("content",), "configs": ("content",), "volumes": ("driver_opts",)}


def hide_secrets(document: Document) -> None:
    """Hide what may hold a secret: environments, build arguments, contents of secrets and configs, options of drivers.

    Whatever is written there is hidden, also what has the wrong type.
    """
    for index, value in enumerate(document.values):
        if not isinstance(value, dict):
            continue
        for name, service in _entries(value, "services"):
            for steps in (*_OF_SERVICES, *_of_hooks(service)):
                document.hide((index, "services", name, *steps))
        for section, steps in _OF_OTHERS.items():
            for name, _ in _entries(value, section):
                document.hide((index, section, name, *steps))


def _entries(value: dict[str, object], section: str) -> list[tuple[str, object]]:
    entries = value.get(section)
    return list(entries.items()) if isinstance(entries, dict) else []


def _of_hooks(service: object) -> Iterator[tuple[str | int, ...]]:
    for event in _HOOKS:
        hooks = service.get(event) if isinstance(service, dict) else None
        for index in range(len(hooks) if isinstance(hooks, list) else 0):
            yield event, index, "environment"
