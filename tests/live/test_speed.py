"""Reading an engine takes little more time than asking it: with a wide margin, for busy machines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.live import measure
from tests.live.conftest import missing

if TYPE_CHECKING:
    from docker import DockerClient

pytestmark = pytest.mark.live

CONTAINERS = 100
AT_MOST = 12
"""What is asked once (about the engine, its images and networks) weighs more with 100 containers than with 300."""


def test_reading_an_engine(engine: DockerClient) -> None:
    if os.environ.get("DOCKER_HOST"):
        missing("the engine is not at the usual socket")
    measured = measure(engine, CONTAINERS, rounds=5)
    # Other tests work beside this one: what it takes when it is left in peace. Their containers are asked for, too.
    assert min(measured.ours) < AT_MOST * min(measured.raw), measured.lines
    assert len(measured.raw) == len(measured.ours) == 5
