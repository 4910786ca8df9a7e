"""The engine's disk is full, from before a redeploy or from its worst moment on: the old container serves."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import PolicyengineError
from policyengine.remediation.docker.inspected import looked_up
from policyengine.remediation.docker.recovering import recover
from policyengine.remediation.docker.redeploying import redeploy
from policyengine.remediation.journal import Journal
from tests.live.conftest import missing
from tests.once import ONCE
from tests.remediation.docker.services import Maker, check, order
from tests.soak.own import IMAGE, own_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.steps import Step

pytestmark = [pytest.mark.live, ONCE]

_SIZE = 32 * 2**20


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small file system of its own on a loop device, or in memory where there are none."""
    if os.geteuid() or shutil.which("dockerd") is None:
        missing("an engine of one's own takes root and dockerd")
    place, image = tmp_path_factory.mktemp("disk"), tmp_path_factory.mktemp("image") / "ext4"
    with image.open("wb") as file:
        file.truncate(_SIZE)
    made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=False, capture_output=True)
    if made.returncode or subprocess.run(["mount", "-o", "loop", image, place], check=False).returncode:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture(scope="module")
def engine(disk: Path) -> Iterator[Acting]:
    with own_engine(disk / "data") as (_, acting):
        yield acting


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.parametrize("moment", ["create", "stop", "start", "gate", "name old", "retire"])
def test_a_full_disk(moment: str, engine: Acting, disk: Path, tmp_path: Path) -> None:
    maker, journal = Maker(engine, IMAGE), Journal(tmp_path / "journal.jsonl")
    try:
        service = maker.stop_first()
        old = looked_up(engine.engine, service.name).id
        ballast = disk / "ballast"

        def fills(step: Step) -> None:
            if step.name == moment:
                fill(ballast)

        with suppress(PolicyengineError):
            redeploy(engine, order(engine.engine, service), journal, fills)
        assert ballast.exists()
        with suppress(PolicyengineError):
            recover(engine, journal)
        serving = looked_up(engine.engine, service.name)
        assert serving.state.running, "somebody must serve while the disk is still full"
        if moment == "create":
            assert serving.id == old
        ballast.unlink()
        recover(engine, journal)
        assert check(engine.engine, service) == []
    finally:
        (disk / "ballast").unlink(missing_ok=True)
        maker.clear()
