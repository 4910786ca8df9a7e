"""What the journal tells of earlier runs: which plans were applied, what failed, what replaced what."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from policyengine.remediation.backoff import Attempt
from policyengine.remediation.journal import NAME, Journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from policyengine.remediation.plan import Target


def journal_in(directory: Path, engine: str = "") -> Journal:
    """The journal of a state directory, as far as it is about an engine."""
    return Journal(directory / NAME, engine)


def told(target: Target, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the journal keeps of a target beside its steps: what replaces what, why, and by whom."""
    image = {"before": target.image.before, "after": target.image.after} if target.image else {}
    return {**image, "policies": ", ".join(target.satisfies), "by": by(environ)}


def by(environ: Mapping[str, str] = os.environ) -> str:
    """Who does it, and where."""
    user = environ.get("SUDO_USER") or environ.get("USER") or environ.get("LOGNAME") or str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def was_applied(journal: Journal, plan: str) -> bool:
    """Whether anything was begun by the plan of that id."""
    return any(entry.run == plan for entry in journal.history())


def attempts(journal: Journal) -> Iterator[Attempt]:
    """What was tried, the oldest first; that somebody rolled back means that what was done before did not work.

    A run that broke off, and was brought to an end, is none: it tells nothing of what was to be done.
    """
    last: dict[str, str] = {}
    for entry in journal.history():
        at = entry.ended or entry.began
        if entry.outcome == "replaced":
            last[entry.target] = entry.what
            yield Attempt(entry.target, entry.what, at, worked=True)
        elif entry.outcome in ("put back", "failed"):
            yield Attempt(entry.target, entry.what, at, worked=False)
        elif entry.outcome == "rolled back" and entry.target in last:
            yield Attempt(entry.target, last[entry.target], at, worked=False)
