"""A remediation that is killed: ``python -m tests.live.killing WORD STATE SOURCE``.

It dies by SIGKILL before the journal is told a step that begins with the word, or ``ended``; with ``+SECONDS`` after
the word that long after it was told.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from policyengine.commands.apply import apply, remediated
from policyengine.model.care import Care
from policyengine.remediation.journal import Journal
from policyengine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def settings(state: str, policies: Sequence[str], **care: object) -> Settings:
    """What both the one that is killed and the one that recovers are asked for."""
    known: dict[str, object] = {"state_dir": state, "gate": 60, "stable": 0.3, "unsafe_fixes": True}
    return Settings(select=tuple(policies), jobs=1, remediate=Care(**{**known, **care}))  # type: ignore[arg-type]


def killed(where: str, state: str, source: str, policies: Sequence[str]) -> None:
    """Remediate in a process of its own, which dies there."""
    command = [sys.executable, "-m", "tests.live.killing", where, state, source, ",".join(policies)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _deadly(word: str, seconds: float | None) -> Callable[..., None]:
    step = Journal.step

    def patched(self: Journal, run: str, target: str, what: str) -> None:
        if not what.startswith(word):
            step(self, run, target, what)
        elif seconds is None:
            _die()
        else:
            step(self, run, target, what)
            threading.Timer(seconds, _die).start()

    return patched


def main(where: str, state: str, source: str, policies: str) -> None:
    """Remediate, and die."""
    word, _, seconds = where.partition("+")
    if word == "ended":
        Journal.ended = lambda *_: _die()  # type: ignore[method-assign]
    else:
        Journal.step = _deadly(word, float(seconds) if seconds else None)  # type: ignore[method-assign]
    asked = settings(state, policies.split(","))
    with remediated([source], asked, print, act=True) as (planned, circumstances):
        apply(planned.plan, asked, circumstances, retry=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
