from __future__ import annotations

import pytest

from policyengine.model.location import Location


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (Location("compose.yaml", 4, 17, 4, 21), "compose.yaml:4:17"),
        (Location("compose.yaml", 4), "compose.yaml:4"),
        (Location("compose.yaml"), "compose.yaml"),
        (Location("docker://local/container/web"), "docker://local/container/web"),
    ],
)
def test_locations_as_editors_take_them(location: Location, text: str) -> None:
    assert str(location) == text
