"""The input of a policy's example, as the text of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policyengine.policy.schema import EXAMPLE_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {
    "accounts": "passwd",
    "compose": "compose.yaml",
    "docker": "snapshot.yaml",
    "docker_config": "daemon.json",
    "dockerfile": "Dockerfile",
    "ssh": "ssh_config",
    "sshd": "sshd_config",
    "sudoers": "sudoers",
}


def origin_of(example: Mapping[str, Any]) -> str:
    """The input kind that an example is of."""
    return next(key for key in example if key not in EXAMPLE_OPTIONS)


def name_of(origin: str) -> str:
    """The name of the file that an example is read as."""
    return _NAMES.get(origin, "manifest.yaml")


def text_of(origin: str, example: Mapping[str, Any]) -> str:
    """What that file holds; of a host that is given by its files, their snapshot."""
    given = example[origin]
    if isinstance(given, str):
        return given
    import json

    return json.dumps({"host_snapshot": 1, "name": "host", "files": given})


def shown(origin: str, example: Mapping[str, Any]) -> str:
    """An example's input as its author wrote it, or nearly so."""
    given = example[origin]
    if isinstance(given, str):
        return given
    return "\n".join(line for path, value in given.items() for line in _shown_file(path, value))


def _shown_file(path: str, value: object) -> list[str]:
    """A file of a host: its path, what is said of it, and its lines."""
    said = dict(value) if isinstance(value, dict) else {"text": value}
    text = str(said.pop("text", ""))
    about = f" ({', '.join(f'{key}: {one}' for key, one in said.items())})" if said else ""
    return [f"{path}{about}", *(f"    {line}".rstrip() for line in text.rstrip().splitlines())]
