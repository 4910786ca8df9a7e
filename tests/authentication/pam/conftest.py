"""The real libraries for the tests of this directory."""

from __future__ import annotations

import os

import pytest

from tests.authentication.pam import libpam, libpwquality


@pytest.fixture(scope="session")
def real_libpam() -> None:
    """There is a libpam to ask."""
    _required(libpam.lacking())


@pytest.fixture(scope="session")
def real_libpwquality() -> None:
    """There is a libpwquality to ask."""
    _required(libpwquality.lacking())


def _required(lacking: str | None) -> None:
    if lacking and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {lacking}", pytrace=False)
    if lacking:
        pytest.skip(lacking)
