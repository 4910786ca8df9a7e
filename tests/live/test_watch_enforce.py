"""``policyengine watch --enforce`` on an engine of its own: it would replace what other tests make."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.watching import AT_ONCE, Daemon, daemon, named, policies, watching
from tests.once import ONCE
from tests.running import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.live, ONCE]

SETTINGS = """\
version: 1
select: [host-uts, run-as-uid-0]
enforcement: [{policy: run-as-uid-0, enforce: warn}]
remediate: {gate: 30, stable: 0.5, protected: [kept], state_dir: state}
"""
ONLY_AS_IT_WAS = f'[ "$(/busybox hostname)" = {os.uname().nodename} ] && exec /busybox sleep 600'
"""Runs where it shares the host's name only: what mends it breaks it."""


@pytest.fixture(scope="module")
def own(busybox: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with daemon(tmp_path_factory.mktemp("engine")) as started:
        started.load(busybox)
        yield started


@pytest.fixture
def place(tmp_path: Path, own: Daemon) -> Iterator[Path]:
    (tmp_path / "policyengine.yaml").write_text(SETTINGS)
    yield tmp_path
    own.clear()


def ledger(place: Path, own: Daemon) -> list[tuple[str, str]]:
    """The targets that were acted on, and the outcomes."""
    told = cli("history", "--state-dir", "state", "-f", "json", cwd=place, DOCKER_HOST=own.host)
    assert told.code == 0, told
    return [(one["target"], one["outcome"]) for one in json.loads(told.out)]


def results(events: list[dict[str, Any]], name: str) -> list[str]:
    """What became of a container that was to be mended."""
    mine = [one for one in events if one["event"] == "remedy" and one.get("container", {}).get("name") == name]
    return [one["result"] for one in mine]


def test_one_violation_is_one_redeploy(own: Daemon, place: Path) -> None:
    with watching(place, "--enforce", DOCKER_HOST=own.host) as run:
        own.run("web", "--uts", "host", "--env", "MODE=production")
        before = own.inspect("web")
        assert policies(run.judged("web")["findings"]) == {"host-uts", "run-as-uid-0"}
        assert "replaced: " in run.event("remedy")["message"]
        after = run.judged("web")
        assert policies(after["gone"]) == {"host-uts"}
        assert after["exit_code"] == 0
        run.rest(3)
        now = own.inspect("web")
        assert (now["Id"] != before["Id"], now["HostConfig"]["UTSMode"]) == (True, "")
        assert "MODE=production" in now["Config"]["Env"]
        assert results(run.seen, "web") == ["replaced"]
        assert {named(one) for one in run.seen} == {"web", None}
        assert run.stop()[0] == 0
    assert ledger(place, own) == [("container web", "replaced")]


def test_what_cannot_be_made_healthy_is_tried_with_pauses(own: Daemon, place: Path) -> None:
    with watching(place, "--enforce", DOCKER_HOST=own.host) as run:
        own.run("web", "--uts", "host", "--restart", "always", command=("/busybox", "sh", "-c", ONLY_AS_IT_WAS))
        told = run.event("remedy")
        assert told["result"] == "failed"
        assert told["message"].endswith("not again within 60 s")
        for _ in range(3):  # each is a start that is judged, and no reason to try again
            own.docker("restart", "--time", "0", "web")
            run.judged("web")
        assert own.inspect("web")["HostConfig"]["UTSMode"] == "host"
        run.rest(2)
        assert results(run.seen, "web") == ["failed"]
        code, took = run.stop()
        assert (code, run.err) == (1, "")
        assert took < AT_ONCE
    assert ledger(place, own) == [("container web", "put back")]


def test_what_was_rolled_back_is_left_alone(own: Daemon, place: Path) -> None:
    with watching(place, "--enforce", DOCKER_HOST=own.host) as run:
        own.run("web", "--uts", "host")
        run.until(lambda one: one.get("result") == "replaced")
        undone = cli("rollback", "web", "--yes", "--state-dir", "state", cwd=place, DOCKER_HOST=own.host)
        assert undone.code in (0, 1), undone
        own.docker("restart", "--time", "0", "web")
        assert "the same was rolled back" in run.until(lambda one: one.get("result") == "left")["message"]
        run.rest(3)
        assert own.inspect("web")["HostConfig"]["UTSMode"] == "host"
        told = results(run.seen, "web")
        assert (told.count("replaced"), told[-1]) == (1, "left")


def test_what_the_settings_do_not_allow_is_only_told(own: Daemon, place: Path) -> None:
    with watching(place, "--enforce", DOCKER_HOST=own.host) as run:
        own.run("kept", "--uts", "host")
        told = run.event("remedy")
        assert told["message"] == "kept: nothing is done: the settings protect it: kept (host-uts)"
        own.run("once", "--uts", "host", "--rm")
        assert "it was made with --rm" in run.event("remedy")["message"]
        run.rest(1)
        assert results(run.seen, "kept") == ["left"]
    assert ledger(place, own) == []


def test_a_signal_waits_for_what_is_being_replaced(own: Daemon, place: Path) -> None:
    (place / "policyengine.yaml").write_text(SETTINGS.replace("stable: 0.5", "stable: 5"))
    with watching(place, "--enforce", "-v", DOCKER_HOST=own.host) as run:
        own.run("web", "--uts", "host")
        run.until(lambda one: one["event"] == "remedy" and "start the new" in one["message"])
        code, took = run.stop()
        assert took < AT_ONCE
        assert "waiting until web is replaced" in str(run.rest(0.1))
        assert code in (0, 1)
    assert ledger(place, own) == [("container web", "replaced")]
    assert own.inspect("web")["HostConfig"]["UTSMode"] == ""
