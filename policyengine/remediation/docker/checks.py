"""When the healthcheck of a container first says something: none is healthy before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.errors import RemedyError
from policyengine.remediation.docker.answers import mapping, mappings, number, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.connections.docker import Engine
    from policyengine.remediation.docker.body import Body
    from policyengine.remediation.docker.order import Gate

_NANOSECOND = 1e-9
_INTERVAL = 30.0
_START_INTERVAL = 5.0
"""What counts where nothing is stated: https://docs.docker.com/reference/dockerfile/#healthcheck"""

_START_INTERVAL_SINCE = (1, 44)


def in_time(engine: Engine, name: str, check: Mapping[str, object], gate: Gate) -> None:
    """Raise :class:`RemedyError` where a healthcheck first runs when the gate is closed: none could pass.

    It would be stopped, and put back, for nothing. When Podman runs one first is not known.
    """
    if any(text(one, "Name").startswith("Podman") for one in mappings(engine.version, "Components")):
        return
    seconds = first(check, _newest(engine))
    if seconds is not None and seconds >= gate.seconds:
        raise RemedyError(
            f"the healthcheck of {name} first runs after {seconds:g} s, and it is to be healthy in {gate.seconds:g} s",
            hint=f"set --gate-seconds or remediate.gate to more than {seconds:g}",
        )


def _newest(engine: Engine) -> tuple[int, int]:
    """The newest version of the API that an engine knows, whichever is spoken: it tells how old the engine is."""
    major, _, minor = text(engine.version, "ApiVersion").partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else engine.api


def first(check: Mapping[str, object], api: tuple[int, int]) -> float | None:
    """The seconds from a start to the first run of a healthcheck; None where there is none.

    An engine waits an interval before the first, too: ``monitor`` in
    https://github.com/moby/moby/blob/v20.10.24/daemon/health.go. From API 1.44 on, the start period has one of its own.
    """
    if texts(check, "Test")[:1] in ([], ["NONE"]):
        return None
    interval = number(check, "Interval") * _NANOSECOND or _INTERVAL
    if api < _START_INTERVAL_SINCE or not number(check, "StartPeriod"):
        return interval
    return min(interval, number(check, "StartInterval") * _NANOSECOND or _START_INTERVAL)


def check_of(body: Body) -> dict[str, object]:
    """The healthcheck of a container that is made from a body: of the parts that it does not say the image's count."""
    own = {key: value for key, value in mapping(body.config, "Healthcheck").items() if value}
    return {**mapping(body.defaults, "Healthcheck"), **own}
