"""What is hidden where a line of a Compose file is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.model.command_secrets import among

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.document import Document

_OF_SERVICES = (("environment",), ("build", "args"), ("logging", "options"), ("provider", "options"))
_HOOKS = ("post_start", "pre_stop")
_OF_OTHERS = {"secrets": ("content",), "configs": ("content",), "volumes": ("driver_opts",)}


def hide_secrets(document: Document) -> None:
    """Hide what may hold a secret: environments, build arguments, contents of secrets and configs, options of drivers.

    And what the program of a service is given, which may be written below its arguments.

    Whatever is written there is hidden, also what has the wrong type.
    """
    for index, value in enumerate(document.values):
        if not isinstance(value, dict):
            continue
        for name, service in _entries(value, "services"):
            for steps in (*_OF_SERVICES, *_of_hooks(service), *_arguments(service)):
                document.hide((index, "services", name, *steps))
        for section, steps in _OF_OTHERS.items():
            for name, _ in _entries(value, section):
                document.hide((index, section, name, *steps))


def _entries(value: dict[str, object], section: str) -> list[tuple[str, object]]:
    entries = value.get(section)
    return list(entries.items()) if isinstance(entries, dict) else []


def _arguments(service: object) -> Iterator[tuple[str | int, ...]]:
    """The secrets that an entry point is given. Those of a command that names its program itself show by their text."""
    words = service.get("command") if isinstance(service, dict) else None
    program = _words(service.get("entrypoint")) if isinstance(service, dict) else []
    for number, _, _ in among(_words(words), program) if program else ():
        yield ("command", number) if isinstance(words, list) else ("command",)


def _words(written: object) -> list[object]:
    """What is written as a list, or as a text, whose words are parted well enough to find which hold a secret."""
    return written if isinstance(written, list) else list(written.split()) if isinstance(written, str) else []


def _of_hooks(service: object) -> Iterator[tuple[str | int, ...]]:
    for event in _HOOKS:
        hooks = service.get(event) if isinstance(service, dict) else None
        for index in range(len(hooks) if isinstance(hooks, list) else 0):
            yield event, index, "environment"
