"""Settings of which a trusted revision has the say: what they name is what it holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from policyengine.errors import UsageError

if TYPE_CHECKING:
    from policyengine.settings.layer import Layer


class Trusted(Protocol):
    """A revision on disk. ``directory`` is what the working directory is in it, ``top`` its highest one."""

    @property
    def commit(self) -> str:
        """The id of its commit."""

    @property
    def directory(self) -> Path:
        """Where a run in it stands."""

    @property
    def here(self) -> Path:
        """The working directory."""

    @property
    def original(self) -> Path:
        """The top of the working tree."""

    @property
    def top(self) -> Path:
        """The highest directory."""

    def mapped(self, path: Path) -> Path:
        """Where a path of the working tree is in it. Raises :class:`UsageError` for one outside the repository."""

    def unmapped(self, path: Path) -> Path:
        """Where a path in it is in the working tree."""


_EXCEPTIONS = ("waivers", "baseline")


def there(layer: Layer, trusted: Trusted) -> Layer:
    """A layer of variables or flags whose policies, packs and files of exceptions are those of a revision.

    Policies and packs from outside the repository are taken as they are: no change of the repository is one of theirs.
    """
    values: dict[str, Any] = dict(layer.values)
    if "policies" in values:
        values["policies"] = tuple(_mapped(path, trusted) for path in values["policies"])
    if "packs" in values:
        from policyengine.policy.packs import is_carried

        values["packs"] = tuple(name if is_carried(name) else _pack(name, trusted) for name in values["packs"])
    for name in _EXCEPTIONS:
        if values.get(name):
            path = _mapped(values[name], trusted)
            values[name] = path if os.path.isfile(path) else ""  # noqa: PTH113 - a text
    return replace(layer, values=values)


def _pack(name: str, trusted: Trusted) -> str:
    """The path of a pack, which has a ``/``: without one it could be a built-in pack's name."""
    path = _mapped(name, trusted)
    return path if "/" in path else f"./{path}"


def _mapped(path: str, trusted: Trusted) -> str:
    try:
        return os.path.relpath(trusted.mapped(Path(path)))
    except UsageError:
        return path
