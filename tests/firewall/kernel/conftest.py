"""Every test here wants a lab."""

from __future__ import annotations

import pytest

from tests.firewall.kernel.running import lacking
from tests.live.conftest import missing


@pytest.fixture(autouse=True)
def lab() -> None:
    """Skip with the reason where there can be none; fail where live tests are required."""
    if reason := lacking():
        missing(reason)
