"""The settings of a run from all places: the defaults, then a file, then the environment, then flags."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine.errors import UsageError, did_you_mean
from policyengine.settings import environment
from policyengine.settings.discovery import found, shown
from policyengine.settings.layer import Layer, merged
from policyengine.settings.settings import COLOR, Color, Origin, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FLAGS = {
    "packs": "--pack",
    "parameters": "--param",
    "unknown": "--unknown",
    "sources": "SOURCE",
    "enforcement": "--warn",
    "built_in": "--no-built-in",
    "cache": "--no-cache",
}
"""The flags that are not called as their settings are."""


class Effective(Struct, frozen=True):
    """What a command goes by: the ``settings`` of a run, and what is only the command line's business.

    ``sources`` are what is checked, ``format`` what is written where (nothing: the terminal decides), ``file`` the
    settings file. ``said`` tells the places that had a part in a setting; a default has none.
    """

    settings: Settings
    sources: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    color: Color = "auto"
    file: str | None = None
    said: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def effective(flags: Mapping[str, Any], *, config: str | None = None, no_config: bool = False) -> Effective:
    """The settings from the file, the environment and flags, each over the one before.

    ``flags`` are values of the types of :class:`Settings`, and ``sources``, ``format`` and ``color``; a flag that was
    not given is None. ``config`` names the file, ``no_config`` wants none. Raises :class:`UsageError` for what makes
    no sense.
    """
    path = _file(config, no_config=no_config)
    variables, warnings = environment.layer(os.environ)
    layers = [_layer(path), variables, _flags(flags)]
    values, origins, parts = merged(layers)
    own = {name: values.pop(name) for name in ("sources", "format", "color") if name in values}
    _check_color(own.get("color", "auto"), origins)
    return Effective(
        Settings(**values, origins=origins),
        **own,
        file=shown(path) if path else None,
        said={name: tuple(places) for name, places in parts.items()},
        warnings=tuple(warnings),
    )


def _file(config: str | None, *, no_config: bool) -> Path | None:
    if config is not None and no_config:
        raise UsageError("--config and --no-config contradict each other", hint="give one of them")
    if no_config:
        return None
    named = config if config is not None else os.environ.get(f"{environment.PREFIX}CONFIG")
    if config == "":
        raise UsageError("--config takes a file", hint="--no-config reads none")
    return Path(named) if named else found(Path.cwd())


def _layer(path: Path | None) -> Layer:
    if path is None:
        return Layer()
    from policyengine.settings.file import layer  # what a run without a settings file needs not

    return layer(path)


def _flags(given: Mapping[str, Any]) -> Layer:
    values = {name: value for name, value in given.items() if value is not None}
    return Layer(values, {at: Origin(FLAGS.get(at[0], _flag(at[0]))) for at in _said(values)})


def _said(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Each setting that flags give, and each name or key in it."""
    for name, value in values.items():
        yield (name,)
        if isinstance(value, tuple):
            yield from ((name, item) for item in value if isinstance(item, str))
        elif name == "parameters":
            yield from ((name, policy) for policy in value)
            yield from ((name, policy, one) for policy, given in value.items() for one in given)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _check_color(color: str, origins: Mapping[tuple[str, ...], Origin]) -> None:
    if color not in COLOR:
        hint = did_you_mean(color, COLOR)
        raise origins[("color",)].error(f'color takes auto, always or never, not "{color}"', hint)
