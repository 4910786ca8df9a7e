"""A container that is made anew of an unchanged image is the same, but for a table of what may differ.

``python -m tests.soak.round_trip SECONDS`` tries many more combinations.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyengine.errors import SourceError
from tests.live.configurations import MATRIX, combined
from tests.live.remaking import Maker
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker import DockerClient

pytestmark = [pytest.mark.live, ONCE]

AT_ONCE = 4


@pytest.fixture(scope="module")
def maker(engine: DockerClient, base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    made = Maker(engine, base, tmp_path_factory.mktemp("files"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def trips(maker: Maker) -> Iterator[Mapping[str, Future[list[str]]]]:
    """The round trips of all configurations, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(maker.round_trip, made) for name, made in MATRIX.items()}


@pytest.mark.parametrize("name", MATRIX)
def test_round_trip(name: str, trips: Mapping[str, Future[list[str]]]) -> None:
    assert trips[name].result() == []


def test_there_are_many() -> None:
    assert len(MATRIX) > 120


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(MATRIX)), min_size=2, max_size=6, unique=True))
def test_combinations(maker: Maker, names: list[str]) -> None:
    made = combined(names)
    try:
        maker.remove(maker.make(made))
    except SourceError:
        return  # an engine does not have these together
    assert maker.round_trip(made) == []
