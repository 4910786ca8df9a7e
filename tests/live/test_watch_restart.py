"""``policyengine watch`` while its engine is restarted, hangs, or is cut off: it goes on, and nothing is missed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker_context import DEFAULT_HOST
from tests.connections.engines import between
from tests.live.conftest import missing
from tests.live.watching import AT_ONCE, Daemon, daemon, named, policies, watching
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.live.conftest import Workbench

pytestmark = [pytest.mark.live, ONCE]


@pytest.fixture(scope="module")
def own(busybox: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with daemon(tmp_path_factory.mktemp("engine")) as started:
        started.load(busybox)
        yield started


def test_an_engine_that_is_restarted(own: Daemon, tmp_path: Path) -> None:
    """A container that runs on meanwhile is not told again; one that nobody told of is."""
    own.run("stays")
    with watching(tmp_path, DOCKER_HOST=own.host) as run:
        assert named(run.seen[0]) is not None
        own.stop()
        assert "trying again" in run.event("lost")["message"]
        assert run.rest(0.5) == []  # however often it tries
        own.start()
        own.run("comes", "--env", "DB_PASSWORD=correct-horse")
        told = run.judged("comes")
        assert "secret-literal-env" in policies(told["findings"])
        # What came meanwhile is told in the look at everything, or when it starts after that.
        told_back = [one for one in run.seen if one.get("after")]
        back = told_back[0] if told_back else run.event("watching")
        assert back["after"] > 0.5
        own.run("later")
        assert run.judged("later")["why"] == ["start"]
        names = [named(one) for one in run.seen]
        assert names.count("stays") == 1
        assert names.count("comes") == 1
        code, took = run.stop()
        assert (code, run.err) == (1, "")
        assert took < AT_ONCE


def test_a_signal_ends_it_while_the_engine_is_gone(own: Daemon, tmp_path: Path) -> None:
    with watching(tmp_path, DOCKER_HOST=own.host) as run:
        own.stop()
        try:
            run.event("lost")
            time.sleep(0.5)
            code, took = run.stop()
        finally:
            own.start()
        assert code == 2
        assert took < AT_ONCE


def test_a_stream_that_is_cut_or_garbled(bench: Workbench, base: str, tmp_path: Path) -> None:
    """By something between: what starts meanwhile is found when everything is looked at again."""
    if os.environ.get("DOCKER_HOST"):
        missing(f"the engine is not at {DEFAULT_HOST}")
    with (
        between(tmp_path / "p", DEFAULT_HOST.removeprefix("unix://")) as proxy,
        watching(tmp_path, DOCKER_HOST=proxy.host) as run,
    ):
        for number, spoil in enumerate((proxy.cut, proxy.garble, proxy.flood)):
            spoil()
            name = bench.create(base, f"c{number}", start=True, network_mode="none")
            run.judged(name)
        events = [one["event"] for one in run.seen]
        assert events.count("lost") == 2  # a line that is too long is no reason to part
        told = [named(one) for one in run.seen]
        assert [told.count(bench.name(f"c{number}")) for number in range(3)] == [1, 1, 1]
        assert run.stop()[0] == 1
