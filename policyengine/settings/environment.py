"""Settings from the environment."""

from __future__ import annotations

import os
from math import inf
from typing import TYPE_CHECKING, Any

from policyengine.errors import UsageError, nearest
from policyengine.settings.layer import Layer
from policyengine.settings.settings import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "POLICYENGINE_"
_NOT_SETTINGS = ("SERVICE_", "PORT", "VERSION", "HOOK_")
"""Of others: what Kubernetes tells every Pod of a Service called policyengine, what CI pins a version with, and what
hooks are told."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _paths(text: str) -> tuple[str, ...]:
    return tuple(path for path in text.split(os.pathsep) if path)


def _switch(text: str) -> bool:
    value = _SWITCHES.get(text.lower())
    if value is None:
        raise ValueError("takes true or false")
    return value


_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _jobs(text: str) -> int:
    if text == "auto":
        return 0
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise ValueError("takes a number of processes, or auto")
    return int(text)


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found < inf:
        raise ValueError("takes a number of seconds")
    return found


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise ValueError("takes a number, at least 1")
    return int(text)


VARIABLES: Mapping[str, tuple[str, Callable[[str], Any], str]] = {
    "PACKS": ("packs", _names, "packs, with commas"),
    "SELECT": ("select", _names, "policies to judge by, with commas"),
    "IGNORE": ("ignore", _names, "policies to leave out, with commas"),
    "POLICIES": ("policies", _paths, f"policy files and directories, with {os.pathsep}"),
    "RESOLVE": ("resolve", _names, "where to ask for facts, with commas"),
    "INSECURE_REGISTRIES": ("insecure_registries", _names, "registries that may be asked over plain HTTP, with commas"),
    "REGISTRY_MIRRORS": ("registry_mirrors", _names, "mirrors of Docker Hub, with commas"),
    "FORMAT": ("format", _names, "output formats, with commas"),
    "FAIL_ON": ("fail_on", str, "the least severity that fails the run"),
    "UNKNOWN": ("unknown", str, "what judgements that lack a fact do"),
    "REQUIRE_MATCH": ("require_match", _switch, "true: fail when no policy applied to anything"),
    "WAIVERS": ("waivers", str, "the waivers file"),
    "BASELINE": ("baseline", str, "the baseline"),
    "NO_EXCEPTIONS": ("exceptions", lambda text: not _switch(text), "true: no exception counts"),
    "NEW_SINCE": ("new_since", str, "a git revision: only what is new since then blocks"),
    "JOBS": ("jobs", _jobs, "a number of processes, or auto"),
    "NO_CACHE": ("cache", lambda text: not _switch(text), "true: judge everything anew"),
    "CACHE_DIR": ("cache_directory", str, "where checked policies and results are kept"),
    "COLOR": ("color", str, "auto, always or never"),
    "SOAK": ("remediate.soak", _seconds, "how many seconds what was replaced is kept"),
    "GATE": ("remediate.gate", _seconds, "how many seconds a replacement may take to be healthy"),
    "MAX_UNAVAILABLE": ("remediate.max_unavailable", _number, "how many targets are replaced at once"),
    "PROTECTED": ("remediate.protected", _names, "what is never touched, with commas"),
    "STATE_DIR": ("remediate.state_dir", str, "where the journal of what was replaced is kept"),
}
"""By name without ``POLICYENGINE_``: the setting (``SECTION.KEY`` in a section), how its text is read, what it is."""

OTHERS = {
    "CONFIG": "the settings file",
    "TRUST_CONFIG_FROM": "a git revision that settings and exceptions are taken from",
}
"""Variables that are read elsewhere."""


def layer(environ: Mapping[str, str]) -> tuple[Layer, list[str]]:
    """What the environment says, and warnings of variables that look like settings and are none.

    An empty variable counts as unset. Raises :class:`UsageError` for a misspelt setting, and for a value that makes
    no sense.
    """
    values: dict[str, Any] = {}
    origins: dict[tuple[str, ...], Origin] = {}
    for name, (setting, read, _) in {**_COLOURS, **{f"{PREFIX}{key}": item for key, item in VARIABLES.items()}}.items():
        text = environ.get(name)
        if text:
            _put(values, origins, setting, _value(name, text, read), Origin(name))
    return Layer(values, origins), list(_strangers(environ))


def _put(
    values: dict[str, Any], origins: dict[tuple[str, ...], Origin], setting: str, value: object, said: Origin
) -> None:
    """Add a setting, or a key of a section of the settings, to what the environment says."""
    section, _, key = setting.partition(".")
    origins[(section,)] = said
    if key:
        values.setdefault(section, {})[key] = value
        origins[(section, key)] = said
        return
    values[setting] = value
    if isinstance(value, tuple):
        origins |= {(setting, item): said for item in value}


_COLOURS: Mapping[str, tuple[str, Callable[[str], Any], str]] = {
    "FORCE_COLOR": ("color", lambda _: "always", ""),
    "NO_COLOR": ("color", lambda _: "never", ""),
}
"""https://force-color.org and https://no-color.org; the latter counts more, and POLICYENGINE_COLOR most."""


def _value(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise UsageError(f"{name} {error}") from None


def _strangers(environ: Mapping[str, str]) -> list[str]:
    known = [*VARIABLES, *OTHERS]
    warnings = []
    for name in sorted(environ):
        own = name.removeprefix(PREFIX)
        if own == name or own in known or own.startswith(_NOT_SETTINGS):
            continue
        near = nearest(own, known, _NEAR)
        if near:
            raise UsageError(f"{name} is no setting", hint=f"did you mean {PREFIX}{near}?")
        warnings.append(f"warning: {name} is no setting, and is not heeded")
    return warnings


_NEAR = 0.75
"""Variables of others may be alike, too: they are no errors."""
