"""The settings of a run from all places: the defaults, then a file, then the environment, then flags."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from policyengine.errors import UsageError, did_you_mean
from policyengine.settings import environment, remediating
from policyengine.settings.discovery import USUAL, found, nearest, shown
from policyengine.settings.layer import Layer, merged
from policyengine.settings.settings import COLOR, Color, Origin, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from policyengine.settings.trusted import Trusted

FLAGS = {
    "packs": "--pack",
    "parameters": "--param",
    "unknown": "--unknown",
    "sources": "SOURCE",
    "enforcement": "--warn",
    "built_in": "--no-built-in",
    "cache": "--no-cache",
    "exceptions": "--no-exceptions",
    "remediate.gate": "--gate-seconds",
    "remediate.protected": "--protect",
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


def effective(
    flags: Mapping[str, Any], *, config: str | None = None, no_config: bool = False, trusted: Trusted | None = None
) -> Effective:
    """The settings from the file, the environment and flags, each over the one before.

    ``flags`` are values of the types of :class:`Settings`, and ``sources``, ``format`` and ``color``; a flag that was
    not given is None. ``config`` names the file, ``no_config`` wants none. With a ``trusted`` revision the file, and
    the policies, packs and exceptions that are named, are those that it holds. Raises :class:`UsageError` for what
    makes no sense.
    """
    path = _file(config, trusted, no_config=no_config)
    variables, warnings = environment.layer(os.environ)
    given = [variables, _flags(flags)]
    layers = [_layer(path, trusted), *(given if trusted is None else _trusted(given, trusted))]
    values, origins, parts = merged(layers)
    own = {name: values.pop(name) for name in ("sources", "format", "color") if name in values}
    _check_color(own.get("color", "auto"), origins)
    for name in ("waivers", "baseline"):
        values.setdefault(name, _beside(name, trusted))
    if remediating.NAME in values:
        values[remediating.NAME] = remediating.care(values[remediating.NAME], partial(_error, origins))
    return Effective(
        Settings(**values, origins=origins, trusted=trusted),
        **own,
        file=_name(path, trusted) if path else None,
        said={name: tuple(places) for name, places in parts.items()},
        warnings=tuple(warnings),
    )


def _file(config: str | None, trusted: Trusted | None, *, no_config: bool) -> Path | None:
    if config is not None and no_config:
        raise UsageError("--config and --no-config contradict each other", hint="give one of them")
    if no_config:
        return None
    named = config if config is not None else os.environ.get(f"{environment.PREFIX}CONFIG")
    if config == "":
        raise UsageError("--config takes a file", hint="--no-config reads none")
    if trusted is not None:
        return trusted.mapped(Path(named)) if named else found(trusted.directory, trusted.top)
    return Path(named) if named else found(Path.cwd())


def _trusted(given: Iterable[Layer], trusted: Trusted) -> list[Layer]:
    from policyengine.settings.trusted import there  # what few runs need

    return [there(one, trusted) for one in given]


def _beside(name: str, trusted: Trusted | None) -> str:
    """The waivers file or the baseline that lies here or above, by its usual name; empty where there is none."""
    here, top = (Path.cwd(), None) if trusted is None else (trusted.directory, trusted.top)
    path = nearest(here, USUAL[name], top)
    return shown(path) if path else ""


def _layer(path: Path | None, trusted: Trusted | None) -> Layer:
    if path is None:
        return Layer()
    from policyengine.settings.file import layer  # what a run without a settings file needs not

    home = trusted.unmapped(path.parent) if trusted else None
    return layer(path, _name(path, trusted), home)


def _name(path: Path, trusted: Trusted | None) -> str:
    """What reports call the settings file."""
    return shown(path) if trusted is None else f"{shown(trusted.unmapped(path))}@{trusted.commit[:12]}"


def _flags(given: Mapping[str, Any]) -> Layer:
    values = {name: value for name, value in given.items() if value is not None}
    return Layer(values, {at: Origin(_flag_of(at)) for at in _said(values)})


def _flag_of(at: tuple[str, ...]) -> str:
    return FLAGS.get(".".join(at)) or (_flag(at[-1]) if at[0] == remediating.NAME else FLAGS.get(at[0], _flag(at[0])))


def _said(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Each setting that flags give, and each name or key in it."""
    for name, value in values.items():
        yield (name,)
        if isinstance(value, tuple):
            yield from ((name, item) for item in value if isinstance(item, str))
        elif name == remediating.NAME:
            yield from ((name, one) for one in value)
        elif name == "parameters":
            yield from ((name, policy) for policy in value)
            yield from ((name, policy, one) for policy, given in value.items() for one in given)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _error(origins: Mapping[tuple[str, ...], Origin], at: tuple[str, ...], message: str) -> UsageError:
    return origins[at].error(message) if at in origins else UsageError(message)


def _check_color(color: str, origins: Mapping[tuple[str, ...], Origin]) -> None:
    if color not in COLOR:
        hint = did_you_mean(color, COLOR)
        raise origins[("color",)].error(f'color takes auto, always or never, not "{color}"', hint)
