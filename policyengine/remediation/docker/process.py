"""Changes of what runs in a container, where the image's configuration counts for what is not said."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from policyengine.remediation.docker.answers import mapping, texts
from policyengine.remediation.docker.draft import Draft, refuse
from policyengine.remediation.docker.own import NO_CHECK, name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_NANO = 1_000_000_000
_PARTS = {
    "test": "Test",
    "retries": "Retries",
    "interval": "Interval",
    "timeout": "Timeout",
    "start_period": "StartPeriod",
    "start_interval": "StartInterval",
}
_COUNTED = ("retries",)


def command(draft: Draft, value: object) -> None:
    """What replaces the image's command."""
    if value is None:
        draft.config.pop("Cmd", None)
    else:
        draft.config["Cmd"] = value


def entrypoint(draft: Draft, value: object) -> None:
    """What replaces the image's entry point. The command stays what it is: the image's does not come by itself then."""
    if value is None:
        draft.config.pop("Entrypoint", None)
        return
    if not draft.config.get("Entrypoint") and not draft.config.get("Cmd"):
        draft.config["Cmd"] = draft.defaults.get("Cmd")
    draft.config["Entrypoint"] = value or [""]


def environment(draft: Draft, value: object) -> None:
    """The variables: the name alone takes away one that the image sets."""
    before, wanted = _map(draft.facts.get("environment")), _map(value)
    touched = {name for name in {*before, *wanted} if name not in wanted or before.get(name, ...) != wanted[name]}
    of_image = {name_of(item) for item in texts(draft.defaults, "Env")}
    kept = [item for item in texts(draft.config, "Env") if name_of(item) not in touched]
    gone = [name for name in before if name not in wanted and name in of_image]
    given = [_variable(name, item) for name, item in wanted.items() if name in touched]
    draft.config["Env"] = [*kept, *given, *gone]


def _variable(name: str, value: object) -> str:
    return name if value is None else f"{name}={value}"


def labels(draft: Draft, value: object) -> None:
    """The labels; those of the image cannot be taken away."""
    before, wanted = _map(draft.facts.get("labels")), _map(value)
    own = dict(mapping(draft.config, "Labels"))
    for name in before:
        if name not in wanted:
            if name in mapping(draft.defaults, "Labels"):
                raise refuse(f"{name} is the image's, and an engine takes none of those away", "give it another value")
            own.pop(name, None)
    own.update({name: item for name, item in wanted.items() if before.get(name) != item})
    draft.config["Labels"] = own


def healthcheck(draft: Draft, value: object) -> None:
    """The check; of the parts that are not said the image's count."""
    before, wanted = _map(draft.facts.get("healthcheck")), _map(value)
    off = before.get("disable") is True
    if off:
        _switch_on(before, wanted)
    if wanted.get("disable") is True or wanted.get("test") == ["NONE"]:
        draft.config["Healthcheck"] = dict(NO_CHECK)
        return
    own = {} if off else dict(mapping(draft.config, "Healthcheck"))
    of_image = mapping(draft.defaults, "Healthcheck")
    for part, key in _PARTS.items():
        if not wanted.get(part):
            own.pop(key, None)
            if before.get(part) and key in of_image and not off:
                raise refuse("that is the image's, and comes again", "set it, or set healthcheck.disable: true")
        elif off or wanted[part] != before.get(part):
            own[key] = _asked(part, wanted[part])
    if own:
        draft.config["Healthcheck"] = own
    else:
        draft.config.pop("Healthcheck", None)


def _switch_on(before: Mapping[str, object], wanted: dict[str, object]) -> None:
    """Of a check that is off: a test of its own switches it on, and without ``disable`` there is no test ``NONE``."""
    if wanted.get("test") != before.get("test"):
        wanted.pop("disable", None)
    elif wanted.get("disable") is not True:
        wanted.pop("test", None)


def _asked(part: str, value: object) -> object:
    """Durations in nanoseconds."""
    return round(value * _NANO) if isinstance(value, int | float) and part not in _COUNTED else value


def grace_period(draft: Draft, value: object) -> None:
    """The seconds from the stop signal to the kill, of which an engine takes whole ones."""
    if isinstance(value, float) and not value.is_integer():
        raise refuse(f"an engine waits whole seconds, not {value}")
    draft.config["StopTimeout"] = int(value) if isinstance(value, int | float) else None


def expose(draft: Draft, value: object) -> None:
    """The ports that are exposed beside those that are published."""
    before, wanted = ({_port(str(item)) for item in _listed(one)} for one in (draft.facts.get("expose"), value))
    own = dict(mapping(draft.config, "ExposedPorts"))
    for port in sorted(before - wanted):
        if port in mapping(draft.defaults, "ExposedPorts"):
            raise refuse(f"the image exposes {port}, and an engine takes none of those away")
        own.pop(port, None)
    draft.config["ExposedPorts"] = {**own, **{port: {} for port in sorted(wanted - before)}}


def _port(text: str) -> str:
    return text if "/" in text else f"{text}/tcp"


def _map(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
