"""What is asked of the health gate before anything is planned, and long before anything is stopped for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.settings import Settings


def check_gate(settings: Settings) -> None:
    """Raise :class:`UsageError` for a gate that closes before a container without a healthcheck could pass it.

    It would be stopped, and put back, for nothing.
    """
    gate, stable = settings.remediate.gate, settings.remediate.stable
    if gate >= stable:
        return
    message = (
        f"a replacement may take {gate:g} s to be healthy, and must run {stable:g} s where it has no healthcheck: "
        "none could pass"
    )
    hint = f"set --gate-seconds or remediate.gate to at least {stable:g}, or remediate.stable to at most {gate:g}"
    raise settings.error(("remediate", "gate"), message, hint)
