"""A directory in which the command line is run, and containers on a real engine that it is run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.running import Ended, cli

if TYPE_CHECKING:
    from pathlib import Path

    from tests.live.conftest import Workbench

SETTINGS = "version: 1\nselect: [host-pid, caps-added]\nremediate: {stable: 0.2, gate: 20}\n"

FAST: Any = {"network_mode": "none", "stop_signal": "SIGKILL"}
"""Nobody waits for the first process of a container, which heeds no other signal that it does not know."""


class Here:
    """A directory with settings and a journal of its own, and containers on the engine that violate policies."""

    def __init__(self, bench: Workbench, base: str, directory: Path) -> None:
        self.bench, self.base, self.directory = bench, base, directory
        self.settings(SETTINGS)

    def settings(self, text: str) -> None:
        (self.directory / "policyengine.yaml").write_text(text)

    def container(self, short: str, **options: Any) -> str:
        return self.bench.create(self.base, short, start=True, **{**FAST, "pid_mode": "host", **options})

    def run(self, *arguments: str, **more: str) -> Ended:
        return cli(*arguments, cwd=self.directory, XDG_STATE_HOME=str(self.directory / "state"), **more)

    def ids(self, *names: str) -> list[str | None]:
        return [self.bench.client.containers.get(name).id for name in names]


def urls(*names: str) -> list[str]:
    return [f"docker:///container/{name}" for name in names]
