"""What a container has of its own: its ``Config`` without what it has from its image.

An engine merges the image's configuration into a container's when it makes it, and tells only the sum. What is the
same in both is taken for the image's, so that a new image's own value counts; what differs was asked for. The rules
of the merge are those of ``merge`` in https://github.com/moby/moby/blob/v20.10.24/daemon/commit.go and of
``mergeAndVerifyConfig`` in daemon/create.go beside it, which later versions keep.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from policyengine.remediation.docker.answers import mapping, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

Config = dict[str, object]

NO_CHECK = {"Test": ["NONE"]}
"""The only health check that switches the image's off: an empty one takes it."""

_SINGLE = ("User", "WorkingDir", "StopSignal")


def own(config: Mapping[str, object], of_image: Mapping[str, object], published: frozenset[str]) -> Config:
    """A container's ``Config`` without what its image's gives; ``published`` are the ports it is to publish.

    A published port stays exposed whatever the images say: an engine publishes none that is not.
    """
    found = dict(config)
    for key in _SINGLE:
        if text(found, key) == text(of_image, key):
            found.pop(key, None)
    _keep(found, "Env", _own_environment(texts(config, "Env"), texts(of_image, "Env")))
    _keep(found, "Labels", _own_labels(mapping(config, "Labels"), mapping(of_image, "Labels")))
    _keep(found, "Volumes", _own_keys(config, of_image, "Volumes"))
    _keep(found, "ExposedPorts", _own_keys(config, of_image, "ExposedPorts", published))
    return _own_check(_own_command(found, of_image), of_image)


def _keep(config: Config, key: str, value: object) -> None:
    """Put what is left of a value; null is not the same as empty where an image has none either."""
    if config.get(key) is not None:
        config[key] = value


def name_of(variable: str) -> str:
    """The name in ``NAME=value``, and in ``NAME``, which unsets it."""
    return variable.partition("=")[0]


def _own_environment(env: list[str], of_image: list[str]) -> list[str]:
    """The variables that the image does not set so. Of one that is given twice both stay: the last one counts."""
    given = Counter(map(name_of, env))
    return [item for item in env if item not in of_image or given[name_of(item)] > 1]


def _own_labels(labels: Mapping[str, object], of_image: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in labels.items() if key not in of_image or of_image[key] != value}


def _own_keys(
    config: Mapping[str, object], of_image: Mapping[str, object], key: str, kept: frozenset[str] = frozenset()
) -> dict[str, object]:
    there = mapping(of_image, key)
    return {name: value for name, value in mapping(config, key).items() if name not in there or name in kept}


def _own_command(config: Config, of_image: Mapping[str, object]) -> Config:
    """An entry point that was asked for keeps the image's command away; no other does.

    Null and empty differ: ``[]`` takes the entry point away and the image's command counts, ``[""]`` (which is told
    as null) takes away both.
    """
    entrypoint, command = config.get("Entrypoint"), config.get("Cmd")
    same_command = (command or None) == (of_image.get("Cmd") or None)
    if entrypoint == of_image.get("Entrypoint") and (same_command or command):
        config.pop("Entrypoint", None)
        return _without_command(config) if same_command else config
    if entrypoint is None:
        config["Entrypoint"] = [""]
    elif not entrypoint and same_command:
        return _without_command(config)
    return config


def _without_command(config: Config) -> Config:
    return {key: value for key, value in config.items() if key not in ("Cmd", "ArgsEscaped")}


def _own_check(config: Config, of_image: Mapping[str, object]) -> Config:
    """The parts of the health check that differ from the image's: an engine takes each of the others from there."""
    check, theirs = config.get("Healthcheck"), of_image.get("Healthcheck")
    if not isinstance(check, dict) or not isinstance(theirs, dict):
        return config
    if check == theirs:
        return {key: value for key, value in config.items() if key != "Healthcheck"}
    return {**config, "Healthcheck": {key: value for key, value in check.items() if theirs.get(key) != value}}
