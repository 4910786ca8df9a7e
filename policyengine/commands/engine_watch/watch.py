"""The watch itself: connect, look at everything, judge what changes, connect again when the engine is gone."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from policyengine.commands.engine_watch.changes import Batch, Changes
from policyengine.commands.engine_watch.enforcing import Enforcer
from policyengine.commands.engine_watch.judging import Judge
from policyengine.commands.engine_watch.listening import listening
from policyengine.commands.engine_watch.rounds import Rounds
from policyengine.commands.engine_watch.settings_files import SettingsFiles
from policyengine.commands.engine_watch.stopping import Stop
from policyengine.commands.gating import check_gate
from policyengine.connections.docker import Limits, connected
from policyengine.connections.docker_context import endpoint
from policyengine.connections.docker_events import QUIET
from policyengine.errors import PolicyengineError, SourceError, UsageError
from policyengine.inputs.docker.following import Following
from policyengine.inputs.docker.url import SCHEME, parse
from policyengine.model.happening import Found, Noted
from policyengine.outputs.summary import plural
from policyengine.sources import is_special

if TYPE_CHECKING:
    from collections.abc import Callable

    from policyengine.commands.engine_watch.stopping import Stopping
    from policyengine.connections.docker_context import Endpoint
    from policyengine.model.happening import Happening
    from policyengine.settings.effective import Effective

LIMITS = Limits(connect=5, read=10)
"""An answer that takes long keeps others waiting."""

PING = 30
"""After so many seconds without an event the engine is asked whether it still answers."""

RENEWED = QUIET
"""So often everything is looked at anew: the way to the engine may have died in silence, a waiver may be over."""

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
"""Seconds between attempts to reach an engine that is gone: each pause is twice as long as the one before."""

STEADY = 10
"""What worked for so many seconds was a connection, and what ends it is a new misfortune."""


def engine_of(source: str) -> Endpoint:
    """The engine that a source is. Raises :class:`UsageError` for what is none, or a part of one."""
    if not source.startswith(f"{SCHEME}://"):
        hint = "docker://[CONTEXT]" if is_special(source) else f"for files: policyengine check --watch {source}"
        raise UsageError("only engines are watched", path=source, hint=hint)
    found = parse(source)
    if found.kind is not None:
        raise UsageError("an engine is watched as a whole", path=source, hint=f"docker://{found.context}")
    return endpoint(found.context)


class Watch:
    """Watches one engine.

    ``load`` gives what it goes by as that is now, ``tell`` is told what happens. The first connection has to come
    about: an engine that is gone later is waited for. With ``enforce`` what violates policies is mended.
    """

    def __init__(
        self,
        source: str,
        load: Callable[[], Effective],
        tell: Callable[[Happening], None],
        stopping: Stopping,
        *,
        enforce: bool = False,
    ) -> None:
        self.changes = Changes()
        self._endpoint = engine_of(source)
        self._load = load
        self._stopping = stopping
        effective = load()
        if enforce:
            check_gate(effective.settings)
        self._files = SettingsFiles(self.changes)
        self._files.follow(effective)
        self._tell = self._told(tell)
        self._rounds = Rounds(Judge(effective.settings), self._found if enforce else self._tell)
        self._enforcer = Enforcer(effective.settings, self.changes) if enforce else None
        self._rounds.replacing = self._replacing
        self._at = 0
        self._connected = 0.0
        self._lost = 0.0
        self._pause = FIRST_PAUSE

    def run(self) -> int:
        """Watch until somebody stops it; gives the exit code.

        It is that of a check of what runs at that moment: 0, 1 where something violates policies, 2 where the engine
        is gone or something could not be judged. Raises :class:`SourceError` for an engine that does not answer.
        """
        try:
            self._tell_errors()
            while True:
                self._go_on()
        except Stop:
            with suppress(Stop):
                self._finish()
            return self._end()
        finally:
            with suppress(Stop):
                self._files.end()

    def _go_on(self) -> None:
        """Watch until the connection ends, or is to be renewed."""
        try:
            self._session()
        except SourceError as error:
            if not self._connected:
                raise
            self._lose(error)

    def _session(self) -> None:
        with connected(self._endpoint, LIMITS) as engine, listening(engine, self.changes, self._at):
            self._rounds.begin(Following(engine, self._rounds.judge.wants))
            self._come()
            while time.monotonic() < self._connected + RENEWED:
                batch = self.changes.take(PING)
                if batch.is_empty():
                    engine.ping()
                self._handle(batch)

    def _handle(self, batch: Batch) -> None:
        self._at = max(self._at, batch.at)
        for note in batch.notes:
            self._tell(note)
        if batch.crashed:
            raise batch.crashed
        if batch.settings:
            self._reload()
        if batch.lost:
            raise batch.lost
        self._rounds.turn(batch)

    def _reload(self) -> None:
        """Judge by other settings from now on; where they are wrong, by those that there were."""
        try:
            effective = self._load()
            judge = Judge(effective.settings)
        except PolicyengineError as error:
            message = f"error: {error}; what was read before still counts"
            self._tell(Noted(time.time(), "error", message, failed=True))
            return
        self._files.follow(effective)
        if self._enforcer:
            self._enforcer.settings = effective.settings
        self._rounds.replace(judge)
        self._tell(Noted(time.time(), "settings", "settings, policies and exceptions were read again", detail=True))
        self._tell_errors()

    def _tell_errors(self) -> None:
        for error in self._rounds.judge.errors:
            self._tell(Noted(time.time(), "error", f"error: {error}", failed=True))

    def _come(self) -> None:
        """Tell that the engine is there, unless that is known."""
        again = bool(self._connected)
        self._connected = time.monotonic()
        if again and not self._lost:
            return
        data: dict[str, object] = {"running": self._rounds.running, "violating": self._rounds.violating}
        message = f"watching {self._rounds.source}: {self._state()}"
        if self._lost:
            data["after"] = round(self._connected - self._lost, 3)
            message = f"{self._rounds.source} is back after {data['after']:.1f} s: {self._state()}"
        self._lost = 0.0
        self._tell(Noted(time.time(), "watching", message, data))

    def _lose(self, error: SourceError) -> None:
        """Tell that the engine is gone, once, and wait a while."""
        now = time.monotonic()
        if not self._lost:
            if now - self._connected > STEADY:
                self._pause = FIRST_PAUSE
            self._lost = now
            data = {"error": error.message}
            self._tell(Noted(time.time(), "lost", f"lost the engine, trying again: {error}", data, failed=True))
        time.sleep(self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _found(self, happening: Happening) -> None:
        """Tell what was found, and have it mended."""
        self._tell(happening)
        if self._enforcer and isinstance(happening, Found):
            self._enforcer.consider(happening)

    def _replacing(self) -> str:
        return self._enforcer.busy if self._enforcer else ""

    def _finish(self) -> None:
        """Let what is being replaced come to its end; at a second signal `policyengine recover` brings it there."""
        if self._enforcer is None:
            return
        if name := self._enforcer.busy:
            message = f"waiting until {name} is replaced; a second signal leaves it to policyengine recover"
            self._tell(Noted(time.time(), "remedy", message, {"container": {"name": name}, "result": "waiting"}))
        self._enforcer.finish()
        for note in self.changes.take(0).notes:
            self._tell(note)

    def _end(self) -> int:
        code = 2 if self._lost or not self._connected else self._rounds.exit_code
        message = f"stopped: {self._state()}"
        self._tell(Noted(time.time(), "stopped", message, {"exit_code": code}))
        return code

    def _state(self) -> str:
        violating = self._rounds.violating
        return f"{plural(self._rounds.running, 'container')} running, {violating or 'none'} with violations"

    def _told(self, tell: Callable[[Happening], None]) -> Callable[[Happening], None]:
        """Told whole, even when a signal comes; after the second one nothing matters any more."""

        def whole(happening: Happening) -> None:
            with self._stopping.held():
                tell(happening)

        return whole
